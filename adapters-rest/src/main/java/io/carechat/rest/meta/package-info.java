/** What is served beside the API: the contract, its documentation, health and metrics. */
@NullMarked
package io.carechat.rest.meta;

import org.jspecify.annotations.NullMarked;
