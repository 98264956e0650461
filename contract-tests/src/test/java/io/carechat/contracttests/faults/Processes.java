package io.carechat.contracttests.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Kills processes, sends them signals, and reads their figures. */
final class Processes {
  private Processes() {}

  /** {@code kill -9}. Returns when the process has ended. */
  static void kill(long pid) {
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    if (!process.destroyForcibly()) {
      throw new AssertionError("Process " + pid + " could not be killed");
    }
    try {
      ProcessHandle _ = process.onExit().get(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("Process " + pid + " did not end", e);
    }
  }

  /** Sends a signal that Java has no method for. */
  static void signal(String name, long pid) {
    run(List.of("kill", "-s", name, Long.toString(pid)));
  }

  /** Runs a command that must succeed. */
  static void run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).inheritIO().start();
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError("Did not succeed: " + command);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A figure that Linux reports about a process; -1 on other systems. */
  static int fromProc(long pid, String name) {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    if (!Files.exists(status)) {
      return -1;
    }
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith(name + ":"))
          .map(line -> line.replaceAll("[^0-9]", ""))
          .mapToInt(Integer::parseInt)
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      return -1;
    }
  }
}
