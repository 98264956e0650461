/**
 * Who may use whom, as lists of what is allowed: what nobody thought of is refused. Below {@code
 * fixtures} is a small tree of modules that breaks every rule, which shows that the rules bite.
 */
@NullMarked
package io.carechat.contracttests.layering;

import org.jspecify.annotations.NullMarked;
