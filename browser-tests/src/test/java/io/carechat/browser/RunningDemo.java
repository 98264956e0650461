package io.carechat.browser;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code ./carechat run} starts, as it was packaged. There is one for all tests of this JVM.
 * It ends with the JVM.
 */
final class RunningDemo {
  private static final Pattern VARIABLE = Pattern.compile("export ([A-Z_]+)='?([^']*)'?");
  private static final int PORTS = 4;

  private final Path folder;
  private final Map<String, String> variables;

  private static final class Holder {
    private static final RunningDemo DEMO = start();
  }

  private RunningDemo(Path folder, Map<String, String> variables) {
    this.folder = folder;
    this.variables = variables;
  }

  static RunningDemo get() {
    return Holder.DEMO;
  }

  private static RunningDemo start() {
    try {
      Path root = Path.of(Objects.requireNonNull(System.getProperty("carechat.root")));
      Path folder = Files.createTempDirectory("carechat-browser");
      Process demo =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx512m",
                  "-Dcarechat.root=" + root,
                  "-cp",
                  root.resolve("local-services/demo/target/demo") + "/*",
                  "io.carechat.demo.Demo",
                  "--port",
                  Integer.toString(firstOfFreePorts()),
                  "--data",
                  folder.toString(),
                  "--requests-per-minute",
                  "1000000")
              .redirectErrorStream(true)
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(demo, folder)));
      awaitReady(demo);
      return new RunningDemo(folder, variables(folder.resolve("demo.env")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The demonstration uses its port and the next ones. */
  private static int firstOfFreePorts() throws IOException {
    for (int first = 20_000 + (int) (ProcessHandle.current().pid() % 10_000); ; first += PORTS) {
      if (areFree(first)) {
        return first;
      }
    }
  }

  private static boolean areFree(int first) {
    for (int port = first; port < first + PORTS; port++) {
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        // Free.
      } catch (IOException taken) {
        return false;
      }
    }
    return true;
  }

  private static void awaitReady(Process demo) throws IOException {
    var seen = new ArrayList<String>();
    BufferedReader lines = demo.inputReader();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      seen.add(line);
      if (line.contains("carechat is ready after ")) {
        // What it prints later must be read, too.
        Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
        return;
      }
    }
    throw new IllegalStateException("The demonstration did not start:\n" + String.join("\n", seen));
  }

  private static void end(Process demo, Path folder) {
    demo.destroy();
    try {
      if (!demo.waitFor(60, TimeUnit.SECONDS)) {
        Process _ = demo.destroyForcibly();
      }
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | InterruptedException e) {
      System.err.println("The data are left in " + folder + ": " + e);
    }
  }

  private static Map<String, String> variables(Path file) throws IOException {
    var variables = new TreeMap<String, String>();
    for (String line : Files.readAllLines(file)) {
      Matcher variable = VARIABLE.matcher(line);
      if (variable.matches()) {
        variables.put(variable.group(1), variable.group(2));
      }
    }
    return variables;
  }

  /** Returns a variable of {@code demo.env}. */
  String variable(String name) {
    return Objects.requireNonNull(variables.get(name), name);
  }

  /** Connects to the database as its superuser. */
  Connection database() throws IOException, SQLException {
    Path cluster = folder.resolve("postgresql");
    List<String> pid = Files.readAllLines(cluster.resolve("cluster/postmaster.pid"));
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + pid.get(3) + "/carechat",
        "postgres",
        Files.readString(cluster.resolve("password")).strip());
  }
}
