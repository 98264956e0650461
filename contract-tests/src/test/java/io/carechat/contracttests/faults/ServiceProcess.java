package io.carechat.contracttests.faults;
import io.carechat.api.checked.CheckingHttpClient;
import io.carechat.contracttests.running.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The service as an operator runs it: {@code serve} in a JVM of its own, with a file of
 * configuration.
 */
final class ServiceProcess implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(3);

  /** None outlives the tests, however those end. */
  private static final Set<Process> LAUNCHED = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  for (Process launched : LAUNCHED) {
                    Process _ = launched.destroyForcibly();
                  }
                },
                "end-services"));
  }

  private final Path config;
  private final Path log;
  private final URI url;
  private final int heapMegabytes;
  private final HttpClient http = new CheckingHttpClient(HttpClient.newHttpClient());
  private Process process;

  /** Starts it; returns when it is ready. */
  ServiceProcess(Path config, Path log, URI url, int heapMegabytes) {
    this.config = config;
    this.log = log;
    this.url = url;
    this.heapMegabytes = heapMegabytes;
    this.process = launch();
  }

  private Process launch() {
    try {
      Process launched =
          new ProcessBuilder(
                  List.of(
                      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                      "-Xmx" + heapMegabytes + "m",
                      "-XX:+UseSerialGC",
                      "-XX:TieredStopAtLevel=1",
                      "-cp",
                      Objects.requireNonNull(System.getProperty("java.class.path")),
                      "io.carechat.bootstrap.Main",
                      "serve",
                      "--config",
                      config.toString()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      LAUNCHED.add(launched);
      int _ =
          Eventually.get(
              START,
              () -> {
                if (!launched.isAlive()) {
                  throw new AssertionError("The service ended at its start: " + log());
                }
                return status("/health/ready");
              },
              status -> status == 200);
      return launched;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it again after it has ended. */
  void restart() {
    process = launch();
  }

  /** Where it listens. */
  URI url() {
    return url;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** {@code SIGSTOP}: it stands still, and does not know it. */
  void pause() {
    Processes.signal("STOP", process.pid());
  }

  /** {@code SIGCONT}. */
  void resume() {
    Processes.signal("CONT", process.pid());
  }

  /** {@code kill -9}; returns when it is gone. */
  void kill() {
    Process _ = process.destroyForcibly();
    join(Duration.ofSeconds(10));
  }

  /** {@code SIGTERM}. */
  void terminate() {
    process.destroy();
  }

  /** Whether it ended within a time. */
  boolean join(Duration within) {
    try {
      boolean ended = process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
      if (ended) {
        LAUNCHED.remove(process);
      }
      return ended;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The status of a GET without a credential; 0 if there was no answer. */
  int status(String path) {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(5)).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  /** Everything that it printed, over all its lives. */
  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    terminate();
    if (!join(Duration.ofSeconds(20))) {
      kill();
    }
    http.close();
  }
}
