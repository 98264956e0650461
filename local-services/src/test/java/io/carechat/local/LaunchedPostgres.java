package io.carechat.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A JVM apart that runs {@link PostgresLauncher}; a test may kill it. */
record LaunchedPostgres(Process jvm, int port, long postmaster) {

  static LaunchedPostgres on(Path folder) throws IOException {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-Dcarechat.root=" + System.getProperty("carechat.root"),
                "-cp",
                System.getProperty("java.class.path"),
                PostgresLauncher.class.getName(),
                folder.toString())
            .redirectError(ProcessLogs.begin("postgres-launcher").toFile())
            .start();
    String line = jvm.inputReader(StandardCharsets.UTF_8).readLine();
    if (line == null) {
      throw new IllegalStateException("the launcher ended without a word");
    }
    List<String> words = List.of(line.split(" "));
    return new LaunchedPostgres(
        jvm, Integer.parseInt(words.getFirst()), Long.parseLong(words.getLast()));
  }

  void kill() throws InterruptedException {
    jvm.destroyForcibly().waitFor();
  }
}
