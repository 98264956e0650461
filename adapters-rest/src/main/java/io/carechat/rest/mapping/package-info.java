/** The domain's values as the contract writes them, and the reverse. */
@NullMarked
package io.carechat.rest.mapping;

import org.jspecify.annotations.NullMarked;
