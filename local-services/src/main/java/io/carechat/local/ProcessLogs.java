package io.carechat.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder for the output of the processes that tests start, so that it can be read after a
 * failure. The system property {@code carechat.process-logs} names the folder. The default is
 * {@code target/process-logs}. Safe for use by several threads.
 */
public final class ProcessLogs {
  private static final String PROPERTY = "carechat.process-logs";

  /** The log files of the two servers, as they are named in the folders of their data. */
  private static final List<String> SERVERS = List.of("server.log", "elasticsearch.log");

  private ProcessLogs() {}

  /**
   * Creates an empty file for the output of a process.
   *
   * @param name the name of the process, without an ending; a file of the same name is replaced
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

  /** The name of a file and its last lines, for an error message. */
  public static String tail(Path file) {
    return new ServerLog(file).tail();
  }

  /**
   * Copies the output of servers before their folders are deleted. It is copied and not written
   * here directly, because a server may run as a user who has no access to this folder. The output
   * of a server's previous start is in {@code .1}.
   *
   * @param prefix the beginning of the files' names
   * @param below the folder that contains the servers' folders
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
