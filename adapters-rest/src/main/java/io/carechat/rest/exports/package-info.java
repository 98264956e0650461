/** The contract's operations on exports, and the formats of their files. */
@NullMarked
package io.carechat.rest.exports;

import org.jspecify.annotations.NullMarked;
