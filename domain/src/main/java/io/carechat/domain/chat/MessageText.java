package io.carechat.domain.chat;

import java.util.Optional;

/**
 * What a message says, exactly as it was sent: 1 to {@value #MAX_CODE_POINTS} code points, not
 * blank, without NUL and without unpaired surrogates (neither of which UTF-8 in PostgreSQL can
 * hold).
 */
public record MessageText(String value) {
  /** The most code points that a message has. */
  public static final int MAX_CODE_POINTS = 10_000;

  /** What keeps a text from being a message. */
  public enum Fault {
    BLANK("must not be empty or blank"),
    TOO_LONG("must have at most " + MAX_CODE_POINTS + " characters (Unicode code points)"),
    NUL("must not contain the character U+0000"),
    UNPAIRED_SURROGATE("must not contain an unpaired surrogate (U+D800 to U+DFFF)");

    private final String rule;

    Fault(String rule) {
      this.rule = rule;
    }

    /** The rule that was broken, as the end of a sentence that begins with the member's name. */
    public String rule() {
      return rule;
    }
  }

  /**
   * @throws IllegalArgumentException if {@link #faultIn} finds a fault
   */
  public MessageText {
    faultIn(value)
        .ifPresent(fault -> {
          throw new IllegalArgumentException("A message " + fault.rule());
        });
  }

  /** The first fault of a text, if it has one; without one it can be a message. */
  public static Optional<Fault> faultIn(String text) {
    if (text.isBlank()) {
      return Optional.of(Fault.BLANK);
    }
    if (text.codePointCount(0, text.length()) > MAX_CODE_POINTS) {
      return Optional.of(Fault.TOO_LONG);
    }
    if (text.indexOf('\0') >= 0) {
      return Optional.of(Fault.NUL);
    }
    return isStorable(text) ? Optional.empty() : Optional.of(Fault.UNPAIRED_SURROGATE);
  }

  /**
   * Whether a text has neither a NUL nor an unpaired surrogate, and so can be stored and read back
   * unchanged.
   */
  public static boolean isStorable(String text) {
    return text.codePoints()
        .noneMatch(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
  }

  /**
   * Says nothing of the text: what people write to each other has no place in a log or an
   * exception.
   */
  @Override
  public String toString() {
    return "MessageText[" + value.length() + " characters]";
  }
}
