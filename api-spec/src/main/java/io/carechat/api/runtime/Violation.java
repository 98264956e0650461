package io.carechat.api.runtime;
import org.jspecify.annotations.Nullable;

/**
 * One thing in a request that breaks the contract. Exactly one of {@code parameter} and {@code
 * pointer} is there. A fault never repeats what a caller sent, except the names of parameters and
 * members.
 *
 * @param parameter the name of the path, query or header parameter
 * @param pointer the JSON Pointer (RFC 6901) of the place in the body; empty for the whole body
 * @param detail what is wrong and what would be right, to be read after the name of the place:
 *     "must be at most 200"
 */
public record Violation(@Nullable String parameter, @Nullable String pointer, String detail) {

  /** Refuses a fault with both places, or none. */
  public Violation {
    if ((parameter == null) == (pointer == null)) {
      throw new IllegalArgumentException("either a parameter or a pointer");
    }
  }

  /** A fault in a parameter. */
  public static Violation ofParameter(String name, String detail) {
    return new Violation(name, null, detail);
  }

  /** A fault in the body. */
  public static Violation ofBody(String pointer, String detail) {
    return new Violation(null, pointer, detail);
  }
}
