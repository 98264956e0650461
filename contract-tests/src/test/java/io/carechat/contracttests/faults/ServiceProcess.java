package io.carechat.contracttests.faults;

import io.carechat.api.checked.CheckingHttpClient;
import io.carechat.contracttests.running.Eventually;
import io.carechat.local.ProcessLogs;
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
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The service as an operator runs it: {@code serve} in a separate JVM, with a configuration file.
 */
final class ServiceProcess implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(3);
  private static final String SERVES = "carechat serves ";

  /** All processes that were started. None may outlive the tests, however the tests end. */
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
  private final List<String> javaOptions;
  private final HttpClient http = new CheckingHttpClient(HttpClient.newHttpClient());
  private Process process;

  /** The service ended at its start because it could not listen on its port. */
  static final class CannotListen extends AssertionError {
    private static final long serialVersionUID = 1L;

    private CannotListen(String message) {
      super(message);
    }
  }

  /**
   * Starts the service. Returns when it is ready.
   *
   * @param name the name of the file with its output, in the folder of {@link ProcessLogs}
   * @param javaOptions the options of its virtual machine
   * @throws CannotListen if its port is taken
   * @throws AssertionError if it ends for another reason, or is not ready in time
   */
  ServiceProcess(Path config, String name, URI url, List<String> javaOptions) {
    this.config = config;
    this.log = ProcessLogs.begin(name);
    this.url = url;
    this.javaOptions = List.copyOf(javaOptions);
    this.process = launch();
  }

  private Process launch() {
    int before = log().length();
    try {
      Process launched =
          new ProcessBuilder(command())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      LAUNCHED.add(launched);
      int _ =
          Eventually.get(
              START,
              () -> {
                if (!launched.isAlive()) {
                  throw ended(log().substring(before));
                }
                // Before the service logs that it listens, an answer would come from another
                // program.
                return log().indexOf(SERVES, before) < 0 ? 0 : status("/health/ready");
              },
              status -> status == 200);
      return launched;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> command() {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(javaOptions);
    command.addAll(
        List.of(
            "-cp",
            Objects.requireNonNull(System.getProperty("java.class.path")),
            "io.carechat.bootstrap.Main",
            "serve",
            "--config",
            config.toString()));
    return command;
  }

  private AssertionError ended(String printed) {
    String message = "The service ended at its start. " + ProcessLogs.tail(log);
    return printed.contains("cannot listen on ")
        ? new CannotListen(message)
        : new AssertionError(message);
  }

  /** Starts the service again after it has ended. */
  void restart() {
    process = launch();
  }

  /** The address that it listens on. */
  URI url() {
    return url;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** {@code SIGSTOP}: the process stands still and cannot notice it. */
  void pause() {
    Processes.signal("STOP", process.pid());
  }

  /** {@code SIGCONT}: the process continues. */
  void resume() {
    Processes.signal("CONT", process.pid());
  }

  /** {@code kill -9}. Returns when the process has ended. */
  void kill() {
    Process _ = process.destroyForcibly();
    join(Duration.ofSeconds(60));
  }

  /** {@code SIGTERM}: the service ends in order. */
  void terminate() {
    process.destroy();
  }

  /** Waits until the process has ended. Returns whether it did so in time. */
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

  /** Everything that the service has printed, over all its starts. */
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
