package io.carechat.local;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The file for a server's output. Each start begins a new file, and keeps the previous one beside
 * it as {@code .1}.
 */
record ServerLog(Path file) {
  private static final int TAIL_LINES = 30;

  /**
   * Frames of stack traces are left out: a Java stack trace is longer than the tail, and its causes
   * say enough.
   */
  private static final Pattern STACK_FRAME = Pattern.compile("\\s+(at |\\.\\.\\. )");

  /** Reads any bytes, so that the lines can be shown even if they are not valid UTF-8. */
  private static final Charset ANY_BYTES = StandardCharsets.ISO_8859_1;

  void begin() throws IOException {
    if (Files.exists(file)) {
      Files.move(
          file,
          file.resolveSibling(file.getFileName() + ".1"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  /**
   * The file's name and its last lines, for an error message. The lines are indented, and frames of
   * stack traces are left out.
   */
  String tail() {
    try {
      List<String> lines =
          Files.readAllLines(file, ANY_BYTES).stream()
              .filter(line -> !STACK_FRAME.matcher(line).lookingAt())
              .toList();
      List<String> last = lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
      return "The end of " + file + ":\n  " + String.join("\n  ", last);
    } catch (IOException e) {
      return "(" + file + " cannot be read: " + e.getMessage() + ")";
    }
  }

  boolean contains(String text) throws IOException {
    return Files.readString(file, ANY_BYTES).contains(text);
  }
}
