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
 * An Elasticsearch of one node whose data last: a JVM of its own on a folder of its own, on
 * loopback only, run by one process at a time. It asks for no credentials.
 *
 * <p>The node lives no longer than this object, and no longer than the JVM, however that ends: it
 * closes when its standard input does. It ignores the signals of the terminal, so that Ctrl-C does
 * not take it from under a service that is still shutting down.
 *
 * <p>In the folder: {@code data}, {@code elasticsearch.log}, {@code logs}, and a lock.
 *
 * <p>Safe for use by several threads.
 */
public final class LocalElasticsearch implements AutoCloseable {
  private static final String PROGRAM_PROPERTY = "carechat.elasticsearch.node";

  /** A JVM leaves alone the signals that it finds ignored; works where there is no setsid, too. */
  private static final String DEAF_TO_THE_TERMINAL = "trap '' HUP INT; exec \"$@\"";

  private static final Duration START = Duration.ofMinutes(2);

  /** Longer than the node gives itself. */
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
   * @param port the HTTP port on loopback, 0 for one that is free
   * @param heapMegabytes the heap of the node's JVM, at least 128
   */
  public record Settings(int port, int heapMegabytes) {
    /** A free port, and a heap that is enough for local runs and tests. */
    public static final Settings DEFAULT = new Settings(0, 256);

    /**
     * @throws IllegalArgumentException for a port that cannot be, or a heap that is too small
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
   * Starts the node whose data live in the folder. Returns when the cluster's health is at least
   * yellow: every index that was there can be searched and written.
   *
   * <p>The node's program is found through the system property {@code carechat.elasticsearch.node},
   * else below {@code carechat.root}, where the build lays it out.
   *
   * @param folder need not exist
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

  /** The number of the node's process. */
  public long pid() {
    return node.pid();
  }

  /**
   * Closes the node in order and waits for that; kills it when it takes too long, which loses
   * nothing that was acknowledged. Harmless when done twice, or when the node has died by itself.
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
    // Halves the time to start. Written when a node first closes; the JVM checks it, and does
    // without if it does not fit.
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
