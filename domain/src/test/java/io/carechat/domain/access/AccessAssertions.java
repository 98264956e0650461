package io.carechat.domain.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Assertions about what callers may do. */
public final class AccessAssertions {
  private AccessAssertions() {}

  /** Asserts that a call is denied because the caller lacks a scope there. */
  public static void assertDenied(Scope scope, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            AccessDenied.class, denied -> assertThat(denied.scope()).isEqualTo(scope));
  }
}
