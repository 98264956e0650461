/**
 * The ports' contracts, which fakes and adapters alike must pass, the fakes, and the tests of the
 * domain.
 */
@NullMarked
package io.carechat.domain;

import org.jspecify.annotations.NullMarked;
