/**
 * What holds for the whole product, tested from outside: its layers, its contracts with others, and
 * what it does as a running service when all is well and when parts of it are killed.
 */
@NullMarked
package io.carechat.contracttests;

import org.jspecify.annotations.NullMarked;
