/**
 * What partners and patients are promised, seen from outside through the generated client and plain
 * HTTP.
 */
@NullMarked
package io.carechat.contracttests.endtoend;

import org.jspecify.annotations.NullMarked;
