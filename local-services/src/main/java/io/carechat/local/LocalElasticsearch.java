package io.carechat.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * An Elasticsearch of one node that keeps its data. The node is a separate JVM. It has its own
 * folder and listens on loopback only. One process at a time can run it on a folder. It asks for no
 * credentials.
 *
 * <p>The node ends when this object is closed, or when the JVM ends in any way, because it closes
 * when its standard input closes. It ignores the signals of the terminal. So on Ctrl-C, a service
 * that is still shutting down can use it to the end.
 *
 * <p>The folder contains {@code data}, {@code elasticsearch.log}, {@code logs}, and a lock.
 *
 * <p>Safe for use by several threads.
 */
public final class LocalElasticsearch implements AutoCloseable {
  private static final String PROGRAM_PROPERTY = "carechat.elasticsearch.node";

  /** Makes the shell ignore the terminal's signals; a JVM keeps ignoring them. Needs no setsid. */
  private static final String DEAF_TO_THE_TERMINAL = "trap '' HUP INT; exec \"$@\"";

  private static final Duration START = Duration.ofMinutes(2);

  /** Longer than the node's own limit. */
  private static final Duration STOP = Duration.ofSeconds(40);

  private final FolderLock lock;
  private final Process node;
  private final URI url;

  private LocalElasticsearch(FolderLock lock, Process node, URI url) {
    this.lock = lock;
    this.node = node;
    this.url = url;
  }

  /**
   * How a node runs.
   *
   * @param port the HTTP port on loopback; 0 for a free one
   * @param heapMegabytes the heap of the node's JVM, at least 128
   */
  public record Settings(int port, int heapMegabytes) {
    /** A free port, and a heap that is large enough for local runs and tests. */
    public static final Settings DEFAULT = new Settings(0, 256);

    /**
     * @throws IllegalArgumentException if the port is not valid, or the heap is too small
     */
    public Settings {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("not a TCP port: " + port);
      }
      if (heapMegabytes < 128) {
        throw new IllegalArgumentException("heap too small: " + heapMegabytes + " MB");
      }
    }
  }

  /**
   * Starts the node on a free port.
   *
   * @see #start(Path, Settings, Consumer)
   */
  public static LocalElasticsearch start(Path folder, Consumer<String> progress) {
    return start(folder, Settings.DEFAULT, progress);
  }

  /**
   * Starts a node on the data in a folder. Returns when the cluster's health is at least yellow:
   * then every existing index can be searched and written.
   *
   * <p>The node's program is in the folder that the system property {@code
   * carechat.elasticsearch.node} names. Without that property, it is where the build puts it, below
   * {@code carechat.root}.
   *
   * @param folder is created if it does not exist
   * @param progress gets a line for each step that takes time
   * @throws LocalServiceException if another process runs on the folder, the program is missing, or
   *     the node does not start
   */
  public static LocalElasticsearch start(
      Path folder, Settings settings, Consumer<String> progress) {
    Path program = program();
    try {
      FolderLock lock = FolderLock.take(folder);
      try {
        return start(lock, program, settings, progress);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new LocalServiceException("Elasticsearch did not start in " + folder, e);
    }
  }

  private static LocalElasticsearch start(
      FolderLock lock, Path program, Settings settings, Consumer<String> progress)
      throws IOException {
    Path folder = lock.folder();
    ChildRecord record = new ChildRecord(folder.resolve("node.pid"), folder.toString());
    record.awaitEnd(STOP);
    Path address = folder.resolve("logs").resolve("http.ports");
    Files.deleteIfExists(address);
    ServerLog log = new ServerLog(folder.resolve("elasticsearch.log"));
    log.begin();
    progress.accept("starting Elasticsearch in " + folder);
    Process node =
        new ProcessBuilder(command(program, folder, settings))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()))
            .start();
    try {
      record.write(node);
      long deadline = System.nanoTime() + START.toNanos();
      while (!Files.exists(address)) {
        pauseWhileStarting(node, deadline, log);
      }
      URI url = URI.create("http://" + Files.readAllLines(address).getFirst());
      awaitHealth(url, node, deadline, log);
      progress.accept("Elasticsearch is ready on port " + url.getPort());
      return new LocalElasticsearch(lock, node, url);
    } catch (IOException | RuntimeException e) {
      node.destroyForcibly().onExit().join();
      throw e;
    }
  }

  /** The address of the node, without a path. */
  public URI url() {
    return url;
  }

  /** The id of the node's process. */
  public long pid() {
    return node.pid();
  }

  /**
   * Closes the node in order, and waits for that. Kills the node if it takes too long; no
   * acknowledged data are lost. A second call does nothing. A node that has already died is no
   * problem.
   */
  @Override
  public synchronized void close() {
    try {
      node.getOutputStream().close();
      if (!node.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        node.destroyForcibly().waitFor();
      }
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalServiceException("interrupted while Elasticsearch stopped", e);
    }
  }

  private static Path program() {
    String named = System.getProperty(PROGRAM_PROPERTY);
    String root = System.getProperty("carechat.root");
    if (named == null && root == null) {
      throw new LocalServiceException(
          "the Elasticsearch node's program is missing: set its folder with -D"
              + PROGRAM_PROPERTY
              + ", or the checkout with -Dcarechat.root");
    }
    Path program =
        named == null
            ? Path.of(root, "local-services", "elasticsearch-node", "target", "node")
            : Path.of(named);
    if (!Files.exists(jar(program))) {
      throw new LocalServiceException(
          "no Elasticsearch node in "
              + program
              + ": build it with 'mvn -pl local-services/elasticsearch-node -am package"
              + " -DskipTests'");
    }
    return program.toAbsolutePath();
  }

  private static Path jar(Path program) {
    return program.resolve("lib").resolve("carechat-elasticsearch-node.jar");
  }

  private static List<String> command(Path program, Path folder, Settings settings) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("sh", "-c", DEAF_TO_THE_TERMINAL, "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + program.resolve("java.args"));
    command.add("-Xms" + settings.heapMegabytes() + "m");
    command.add("-Xmx" + settings.heapMegabytes() + "m");
    // This halves the time to start. A node writes the archive when it first closes. The JVM checks
    // the archive, and does without it if it does not fit.
    command.add("-XX:+AutoCreateSharedArchive");
    command.add("-XX:SharedArchiveFile=" + program.resolve("classes.jsa"));
    command.add("-jar");
    command.add(jar(program).toString());
    command.add(folder.toString());
    command.add(program.toString());
    command.add(Integer.toString(settings.port()));
    return command;
  }

  private static void awaitHealth(URI url, Process node, long deadline, ServerLog log) {
    HttpRequest health =
        HttpRequest.newBuilder(url.resolve("/_cluster/health?wait_for_status=yellow&timeout=5s"))
            .timeout(Duration.ofSeconds(10))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (!isOk(client, health)) {
        pauseWhileStarting(node, deadline, log);
      }
    }
  }

  private static boolean isOk(HttpClient client, HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static void pauseWhileStarting(Process node, long deadline, ServerLog log) {
    try {
      if (node.waitFor(20, TimeUnit.MILLISECONDS)) {
        throw new LocalServiceException(
            "Elasticsearch ended with status " + node.exitValue() + ". " + log.tail());
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    if (System.nanoTime() > deadline) {
      throw new LocalServiceException(
          "Elasticsearch was not ready in " + START.toSeconds() + " s. " + log.tail());
    }
  }

  private static LocalServiceException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new LocalServiceException("interrupted while Elasticsearch started", e);
  }
}
