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
 * The file that a server's output goes to: begun anew at each start, with the one before kept
 * beside it as {@code .1}.
 */
record ServerLog(Path file) {
  private static final int TAIL_LINES = 30;

  /** A Java stack trace is longer than the tail, and its causes say enough. */
  private static final Pattern STACK_FRAME = Pattern.compile("\\s+(at |\\.\\.\\. )");

  /** Bytes that are not UTF-8 are no reason to show nothing. */
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
   * The last lines without the frames of stack traces, indented, after the file's name, for a
   * message.
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
