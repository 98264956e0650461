package io.carechat.domain.chat;

import java.util.Optional;

/**
 * The text of a message, exactly as it was sent. It has 1 to {@value #MAX_CODE_POINTS} code points
 * and does not look empty. It contains neither U+0000 nor unpaired surrogates, because PostgreSQL
 * can store neither in UTF-8.
 *
 * @param value the text
 */
public record MessageText(String value) {
  /** The maximum length of a message, in Unicode code points. */
  public static final int MAX_CODE_POINTS = 10_000;

  /** The reasons why a text cannot be a message. */
  public enum Fault {
    /** The text looks empty: {@link VisibleText#isBlank}. */
    BLANK("must contain something that can be seen"),
    /** The text has more than {@value MessageText#MAX_CODE_POINTS} code points. */
    TOO_LONG("must have at most " + MAX_CODE_POINTS + " characters (Unicode code points)"),
    /** The text contains U+0000. */
    NUL("must not contain the character U+0000"),
    /** The text contains a surrogate without its partner. */
    UNPAIRED_SURROGATE("must not contain an unpaired surrogate (U+D800 to U+DFFF)");

    private final String rule;

    Fault(String rule) {
      this.rule = rule;
    }

    /**
     * Returns the rule that was broken, as the end of a sentence that begins with the member's
     * name.
     */
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

  /** Returns the first fault of a text. An empty result means that the text can be a message. */
  public static Optional<Fault> faultIn(String text) {
    if (VisibleText.isBlank(text)) {
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
   * Returns whether a text contains neither U+0000 nor an unpaired surrogate. Only such a text can
   * be stored and read back unchanged.
   */
  public static boolean isStorable(String text) {
    // A plain loop: every message that is read passes here too.
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return false;
      }
      if (Character.isSurrogate(c)) {
        i++;
        if (Character.isLowSurrogate(c)
            || i == text.length()
            || !Character.isLowSurrogate(text.charAt(i))) {
          return false;
        }
      }
    }
    return true;
  }

  /** Returns how many bytes the text has in UTF-8. */
  public int utf8Length() {
    int bytes = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      // The two halves of a surrogate pair have four bytes together.
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  /**
   * Prints the length but not the text. What people write to each other must not appear in logs or
   * exceptions.
   */
  @Override
  public String toString() {
    return "MessageText[" + value.length() + " characters]";
  }
}
