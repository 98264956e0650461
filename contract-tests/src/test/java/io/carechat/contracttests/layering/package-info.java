/**
 * Rules about who may use whom. They are lists of what is allowed, so anything that nobody thought
 * of is refused. Below {@code fixtures} is a small tree of modules that breaks every rule. It shows
 * that the rules work.
 */
@NullMarked
package io.carechat.contracttests.layering;

import org.jspecify.annotations.NullMarked;
