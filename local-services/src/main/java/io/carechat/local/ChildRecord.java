package io.carechat.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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
    Optional<ProcessHandle> child = living();
    if (child.isEmpty()) {
      return;
    }
    if (!ended(child.get(), patience)) {
      child.get().destroyForcibly();
      if (!ended(child.get(), Duration.ofSeconds(10))) {
        throw new LocalServiceException(
            "process " + child.get().pid() + " of an earlier run still runs on " + mark);
      }
    }
  }

  private Optional<ProcessHandle> living() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      long pid = Long.parseLong(Files.readString(file).strip());
      return isOurs(pid) ? ProcessHandle.of(pid) : Optional.empty();
    } catch (NumberFormatException e) {
      // Half-written by a JVM that was killed.
      return Optional.empty();
    }
  }

  private boolean isOurs(long pid) {
    return ProcessArguments.of(pid).map(arguments -> arguments.contains(mark)).orElse(false);
  }

  private static boolean ended(ProcessHandle process, Duration patience) {
    try {
      process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalServiceException("interrupted while an earlier run ended", e);
    }
  }
}
