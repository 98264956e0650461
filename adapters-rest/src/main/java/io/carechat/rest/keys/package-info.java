/** The contract's operations on API keys. */
@NullMarked
package io.carechat.rest.keys;

import org.jspecify.annotations.NullMarked;
