package io.carechat.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where tests leave the output of the processes that they start, so that it can be read after a
 * failure: the folder that the system property {@code carechat.process-logs} names, {@code
 * target/process-logs} without it. Safe for use by several threads.
 */
public final class ProcessLogs {
  private static final String PROPERTY = "carechat.process-logs";

  /** Of the two servers, as they are called in the folders of their data. */
  private static final List<String> SERVERS = List.of("server.log", "elasticsearch.log");

  private ProcessLogs() {}

  /**
   * An empty file for the output of a process.
   *
   * @param name of the process, without an ending; a file of the same name is replaced
   */
  public static Path begin(String name) {
    try {
      Path file = folder().resolve(name + ".log");
      Files.write(file, new byte[0]);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last lines of a file, after its name, for a message. */
  public static String tail(Path file) {
    return new ServerLog(file).tail();
  }

  /**
   * Copies the output of servers whose folders are deleted: a server may run as a user who has no
   * access to where the files are to stay. Servers of earlier starts have theirs in {@code .1}.
   *
   * @param prefix of the files' names
   * @param below the folder of the servers' folders
   */
  public static void keep(String prefix, Path below) {
    try (Stream<Path> files = Files.walk(below, 2)) {
      for (Path file : files.toList()) {
        String name = String.valueOf(file.getFileName());
        if (SERVERS.contains(name.endsWith(".1") ? name.substring(0, name.length() - 2) : name)) {
          String kept = prefix + "-" + below.relativize(file).toString().replace('/', '-');
          Files.copy(file, folder().resolve(kept), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folder() throws IOException {
    return Files.createDirectories(
        Path.of(System.getProperty(PROPERTY, "target/process-logs")).toAbsolutePath());
  }
}
