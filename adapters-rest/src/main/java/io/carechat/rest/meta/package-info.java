/** What is served besides the API itself: the contract, its documentation, health and metrics. */
@NullMarked
package io.carechat.rest.meta;

import org.jspecify.annotations.NullMarked;
