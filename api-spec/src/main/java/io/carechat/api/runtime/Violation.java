package io.carechat.api.runtime;

import org.jspecify.annotations.Nullable;

/**
 * One part of a request that violates the contract. Exactly one of {@code parameter} and {@code
 * pointer} is not null. A violation never repeats what a caller sent, except the names of
 * parameters and members.
 *
 * @param parameter the name of the path, query or header parameter
 * @param pointer the JSON Pointer (RFC 6901) of the part of the body; empty for the whole body
 * @param detail what is wrong or what would be right, as the end of a sentence that begins with the
 *     name of the part, such as "must be at most 200"
 */
public record Violation(@Nullable String parameter, @Nullable String pointer, String detail) {

  /**
   * @throws IllegalArgumentException unless exactly one of {@code parameter} and {@code pointer} is
   *     null
   */
  public Violation {
    if ((parameter == null) == (pointer == null)) {
      throw new IllegalArgumentException("either a parameter or a pointer");
    }
  }

  /** Makes a violation of a parameter. */
  public static Violation ofParameter(String name, String detail) {
    return new Violation(name, null, detail);
  }

  /** Makes a violation of a part of the body. */
  public static Violation ofBody(String pointer, String detail) {
    return new Violation(null, pointer, detail);
  }
}
