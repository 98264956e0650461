package io.carechat.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The command line of another process. It shows whether a process is ours, or an unrelated one that
 * later got the same id.
 */
final class ProcessArguments {
  private ProcessArguments() {}

  /**
   * The program and its arguments, in order. An empty list if the process has ended, whether or not
   * its parent has read its status yet. An empty {@code Optional} if the operating system does not
   * say.
   */
  static Optional<List<String>> of(long pid) {
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    if (process.isEmpty() || !process.get().isAlive()) {
      return Optional.of(List.of());
    }
    // If there is a /proc, it says more than ProcessHandle does: it also has the processes of other
    // users, and zombies.
    if (Files.isDirectory(Path.of("/proc/self"))) {
      return ofProc(Path.of("/proc", Long.toString(pid), "cmdline"));
    }
    ProcessHandle.Info info = process.get().info();
    return info.command()
        .map(command ->
            Stream.concat(Stream.of(command), Stream.of(info.arguments().orElse(new String[0])))
                .toList());
  }

  private static Optional<List<String>> ofProc(Path file) {
    try {
      String line = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      return Optional.of(line.isEmpty() ? List.of() : List.of(line.split("\0")));
    } catch (IOException e) {
      return Files.exists(file) ? Optional.empty() : Optional.of(List.of());
    }
  }
}
