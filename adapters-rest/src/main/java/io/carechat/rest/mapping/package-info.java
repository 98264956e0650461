/** Converts values between the domain and the contract. */
@NullMarked
package io.carechat.rest.mapping;

import org.jspecify.annotations.NullMarked;
