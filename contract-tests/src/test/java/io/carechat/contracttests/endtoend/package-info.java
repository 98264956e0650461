/**
 * What partners and patients are promised. The tests check it from outside, by the generated client
 * and by plain HTTP.
 */
@NullMarked
package io.carechat.contracttests.endtoend;

import org.jspecify.annotations.NullMarked;
