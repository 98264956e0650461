package io.carechat.demo;

import io.carechat.bootstrap.InvalidSettings;
import io.carechat.domain.chat.Unavailable;
import io.carechat.local.LocalElasticsearch;
import io.carechat.local.LocalPostgres;
import io.carechat.local.LocalServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.logging.LogManager;

/** The command {@code ./carechat run}: runs everything on this machine. */
public final class Demo {
  private final int port;
  private final Path folder;
  private final Optional<URI> partnersReceiver;
  private final int requestsPerMinute;
  private final Closeables parts = new Closeables();

  private Demo(int port, Path folder, Optional<URI> partnersReceiver, int requestsPerMinute) {
    this.port = port;
    this.folder = folder;
    this.partnersReceiver = partnersReceiver;
    this.requestsPerMinute = requestsPerMinute;
  }

  /**
   * Runs until it is stopped. The exit status is 0 after Ctrl-C, 1 if it could not start, and 2 if
   * it did not understand its arguments.
   */
  public static void main(String[] args) {
    configureLog();
    int port = 8080;
    Path folder = Path.of("data");
    Optional<URI> partnersReceiver = Optional.empty();
    int requestsPerMinute = 60_000;
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        misunderstood(args[i] + " needs a value");
      }
      switch (args[i]) {
        case "--port" -> port = number("--port", args[i + 1], 65_535);
        case "--data" -> folder = Path.of(args[i + 1]);
        case "--webhook" -> partnersReceiver = Optional.of(receiverUrl(args[i + 1]));
        case "--requests-per-minute" ->
            requestsPerMinute = number("--requests-per-minute", args[i + 1], 1_000_000);
        default -> misunderstood("unknown option '" + args[i] + "'");
      }
    }
    var demo =
        new Demo(port, folder.toAbsolutePath().normalize(), partnersReceiver, requestsPerMinute);
    try {
      demo.run();
    } catch (LocalServiceException | InvalidSettings | Unavailable | IllegalStateException fault) {
      System.err.println("carechat: " + fault.getMessage());
      demo.parts.close();
      System.exit(1);
    }
  }

  /** Makes the log readable for people, unless the JVM was started with another configuration. */
  private static void configureLog() {
    if (System.getProperty("java.util.logging.config.file") != null) {
      return;
    }
    try (InputStream in = Demo.class.getResourceAsStream("logging.properties")) {
      LogManager.getLogManager().readConfiguration(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int number(String option, String text, int most) {
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    misunderstood(option + " must be a number from 1 to " + most);
    return 0;
  }

  private static URI receiverUrl(String text) {
    try {
      URI url = URI.create(text);
      if ("http".equals(url.getScheme())
          && "127.0.0.1".equals(url.getHost())
          && url.getPort() > 0) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // Reported below.
    }
    misunderstood("--webhook must be a URL on this machine, such as http://127.0.0.1:9000/");
    return URI.create("");
  }

  private static void misunderstood(String fault) {
    System.err.println(
        "carechat: "
            + fault
            + "\n"
            + "Usage: ./carechat run [--port 8080] [--data ./data] [--webhook URL]"
            + " [--requests-per-minute 60000]");
    System.exit(2);
  }

  private static void say(String line) {
    System.out.println(line);
  }

  private void run() {
    long begun = System.nanoTime();
    var stopped = new CountDownLatch(1);
    Thread main = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stopped.countDown();
                  parts.close();
                  joinQuietly(main);
                },
                "stop"));
    requireFree(port);
    createPrivately(folder);
    var search =
        CompletableFuture.supplyAsync(
            () -> LocalElasticsearch.start(folder.resolve("elasticsearch"), Demo::say));
    LocalPostgres postgres;
    try {
      postgres = parts.add(LocalPostgres.start(folder.resolve("postgresql"), Demo::say));
    } finally {
      // Elasticsearch must be stopped in either case, so it must be registered.
      partOf(search);
    }
    Installation installation =
        Installation.start(
            new Installation.Options(port, folder, partnersReceiver, requestsPerMinute),
            postgres,
            search.join().url(),
            System.out,
            parts);
    greet(installation, Duration.ofNanos(System.nanoTime() - begun));
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void partOf(CompletableFuture<LocalElasticsearch> starting) {
    try {
      var _ = parts.add(starting.join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException fault) {
        throw fault;
      }
      throw e;
    }
  }

  private static void joinQuietly(Thread thread) {
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void requireFree(int port) {
    try (var probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new IllegalStateException("port " + port + " is in use; choose another with --port", e);
    }
  }

  private static void createPrivately(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IllegalStateException(
          "the folder " + folder + " cannot be created: " + e.getMessage(), e);
    }
  }

  private void greet(Installation installation, Duration took) {
    Path here = Path.of("").toAbsolutePath();
    Path environment = installation.environment();
    String shown =
        environment.startsWith(here)
            ? here.relativize(environment).toString()
            : environment.toString();
    String source = shown.startsWith("/") ? shown : "./" + shown;
    say(
        """

        carechat is ready after %d.%d s. Open this in a browser, and choose who you are:

          %s

        The documentation is at http://localhost:%d/docs
        In another terminal, in this folder:

          . %s

          # send a message as the patient
          curl -sS "$CARECHAT_BASE/patients/$CARECHAT_PATIENT_ID/messages" \\
            -H "X-API-KEY: $CARECHAT_API_KEY" -H 'Content-Type: application/json' \\
            -d '{"message": "hello, world!"}'

          # the newest messages of the chat
          curl -sS "$CARECHAT_BASE/patients/$CARECHAT_PATIENT_ID/messages?pageSize=2" -H "X-API-KEY: $CARECHAT_API_KEY"

          # search it, as the patient's own application would
          curl -sS "$CARECHAT_BASE/patients/$CARECHAT_PATIENT_ID/messages/search?query=hello&pageSize=1" \\
            -H "Authorization: Bearer $CARECHAT_PATIENT_TOKEN"

          # a refusal to test your own program against: see docs/sandbox.md
          curl -sS "$CARECHAT_SANDBOX_BASE/patients/%s/messages" -H "X-API-KEY: $CARECHAT_API_KEY"

        For a verified webhook of your own, in Java, TypeScript or Python, see clients/README.md
        The webhooks that a partner would get are printed here. Ctrl-C stops everything. The data stay in %s.
        """
            .formatted(
                took.toSeconds(),
                took.toMillisPart() / 100,
                installation.inboxUrl(),
                installation.port(),
                source,
                Scenario.UNAVAILABLE.trigger(),
                folder));
  }
}
