package io.carechat.domain.chat;

/** Tells what a reader can see of a text. */
public final class VisibleText {
  private VisibleText() {}

  /**
   * Returns whether a text looks empty. This is so if it consists of white space, of characters
   * that are not shown, and of combining marks without a letter that could carry them. Control
   * characters do not look empty: many programs show them as a box.
   */
  public static boolean isBlank(String text) {
    for (int at = 0; at < text.length(); ) {
      int c = text.codePointAt(at);
      if (!isSpace(c) && !isInvisible(c) && !isMark(c)) {
        return false;
      }
      at += Character.charCount(c);
    }
    return true;
  }

  /**
   * Returns whether a character is not shown: format characters such as the soft hyphen and the
   * zero-width space, variation selectors, fillers, and tags. White space is not among them.
   */
  public static boolean isInvisible(int c) {
    return switch (c) {
      // The combining grapheme joiner, and fillers of Hangul and Khmer.
      case 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0 -> true;
      // Signs that are written around a number. Unicode counts them as format characters.
      case 0x0600, 0x0601, 0x0602, 0x0603, 0x0604, 0x0605, 0x06DD, 0x070F -> false;
      case 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD -> false;
      default ->
          Character.getType(c) == Character.FORMAT
              || (c >= 0x180B && c <= 0x180F)
              || c == 0x2065
              || (c >= 0xFE00 && c <= 0xFE0F)
              || (c >= 0xFFF0 && c <= 0xFFF8)
              || (c >= 0xE0000 && c <= 0xE0FFF);
    };
  }

  /** Returns whether a character is white space in any script, or Braille without a dot. */
  public static boolean isSpace(int c) {
    return Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || c == 0x85 // the "next line" of old terminals
        || c == 0x2800;
  }

  private static boolean isMark(int c) {
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK
        || type == Character.COMBINING_SPACING_MARK
        || type == Character.ENCLOSING_MARK;
  }
}
