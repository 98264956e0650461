package io.carechat.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The secrets of the demonstration. They are made once and kept in the data folder, where only its
 * owner can read them.
 */
final class DemoSecrets {
  private final Path file;
  private final Properties values = new Properties();

  DemoSecrets(Path folder) {
    file = folder.resolve("demo-secrets.properties");
    if (Files.exists(file)) {
      try (var in = Files.newBufferedReader(file)) {
        values.load(in);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The value that is kept under a name. It is made if there is none yet. */
  String get(String name, Supplier<String> made) {
    String kept = values.getProperty(name);
    if (kept != null) {
      return kept;
    }
    String value = made.get();
    values.setProperty(name, value);
    var text = new StringBuilder();
    new TreeMap<>(values).forEach((n, v) -> text.append(n).append('=').append(v).append('\n'));
    writePrivately(file, text.toString());
    return value;
  }

  /** Writes a file that only its owner may read. The file is written completely or not at all. */
  static void writePrivately(Path file, String text) {
    try {
      Path fresh = file.resolveSibling(file.getFileName() + ".new");
      Files.deleteIfExists(fresh);
      Files.createFile(
          fresh,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(fresh, text);
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lines that a shell can source. */
  static String shellLines(Map<String, String> variables) {
    var text = new StringBuilder();
    variables.forEach((name, value) ->
        text.append("export ").append(name).append("='").append(value).append("'\n"));
    return text.toString();
  }
}
