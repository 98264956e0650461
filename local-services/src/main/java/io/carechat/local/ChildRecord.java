package io.carechat.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * The number of the child that runs on a folder, kept for the next start: a JVM that was killed
 * gives its lock back at once, but its child takes a moment to end, and nothing may begin on the
 * folder before.
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
   * Waits until the recorded child has ended, and kills it when it takes longer than {@code
   * patience}.
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
      // Half-written by a JVM that was killed.
      return OptionalLong.empty();
    }
  }

  private boolean isOurs(long pid) {
    return ProcessArguments.of(pid).map(arguments -> arguments.contains(mark)).orElse(false);
  }

  /**
   * Asks again and again: a handle's {@code onExit} would wait for a zombie until somebody asks for
   * its status.
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
