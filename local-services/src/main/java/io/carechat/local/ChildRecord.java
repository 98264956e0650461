package io.carechat.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * A file with the process id of the child that runs on a folder. It is kept for the next start.
 * When a JVM is killed, its lock is released at once, but its child takes a moment to end. Nothing
 * may start on the folder before that.
 */
final class ChildRecord {
  private final Path file;
  private final String mark;

  /**
   * @param mark an argument in the child's command line that no unrelated process has, such as the
   *     folder's path
   */
  ChildRecord(Path file, String mark) {
    this.file = file;
    this.mark = mark;
  }

  void write(Process child) throws IOException {
    Files.writeString(file, Long.toString(child.pid()));
  }

  /**
   * Waits until the recorded child has ended. Kills it if that takes longer than {@code patience}.
   */
  void awaitEnd(Duration patience) throws IOException {
    OptionalLong child = recorded();
    if (child.isEmpty() || ended(child.getAsLong(), patience)) {
      return;
    }
    ProcessHandle.of(child.getAsLong()).ifPresent(ProcessHandle::destroyForcibly);
    if (!ended(child.getAsLong(), Duration.ofSeconds(10))) {
      throw new LocalServiceException(
          "process " + child.getAsLong() + " of an earlier run is still running on " + mark);
    }
  }

  private OptionalLong recorded() throws IOException {
    if (!Files.exists(file)) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(Files.readString(file).strip()));
    } catch (NumberFormatException e) {
      // The file was half-written by a JVM that was killed.
      return OptionalLong.empty();
    }
  }

  private boolean isOurs(long pid) {
    return ProcessArguments.of(pid).map(arguments -> arguments.contains(mark)).orElse(false);
  }

  /**
   * Checks again and again. The {@code onExit} of a handle does not help here: for a zombie it
   * waits until the zombie's parent reads its status.
   */
  private boolean ended(long pid, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (isOurs(pid)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      try {
        Thread.sleep(Duration.ofMillis(20));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LocalServiceException("interrupted while an earlier run ended", e);
      }
    }
    return true;
  }
}
