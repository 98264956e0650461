/**
 * Tests of the whole product from outside: its layers, its contracts with others, and the behaviour
 * of the running service, both when all is well and when parts of it are killed.
 */
@NullMarked
package io.carechat.contracttests;

import org.jspecify.annotations.NullMarked;
