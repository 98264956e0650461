package io.carechat.bootstrap;

import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.search.index.IndexRebuild;
import io.carechat.domain.search.index.Reindexing;
import io.carechat.persistence.PostgresStorage;
import io.carechat.search.ElasticsearchIndex;
import io.helidon.logging.common.LogConfig;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The command line. */
public final class Main {
  /** The names of all scopes. */
  static final String SCOPES =
      EnumSet.allOf(Scope.class).stream().map(Scope::wireName).collect(Collectors.joining(", "));

  static final String USAGE =
      """
      carechat serve      [--config FILE]  run the service on your PostgreSQL and your Elasticsearch
      carechat migrate    [--config FILE]  bring the database's schema up to date, and end
      carechat reindex    [--config FILE]  fill a new search index from the log, with the shards and replicas of the
                                           settings, and replace the one in use; the service may run meanwhile
      carechat issue-key  --id ID --tenant NAME --instance NAME --scopes SCOPE[,SCOPE…] [--expires TIME]
                                           make an API key, and print it and the lines to configure it
      carechat enable-webhook --tenant NAME --instance NAME --id ID [--config FILE]
                                           deliver again to an endpoint that was disabled, because it answered 410 or failed for too long

      FILE is YAML. Without --config, the variable CARECHAT_CONFIG names it. Most settings can also be environment variables:
      see docs/configuration.md.
      Scopes: %s
      """
          .formatted(SCOPES);

  private static final System.Logger LOG = System.getLogger(Main.class.getName());
  private static final int EVENTS_PER_STEP = 1_000;
  private static final Duration LISTENING_CHECK = Duration.ofMillis(500);

  private Main() {}

  /**
   * Runs a command. The process ends with 0 if it was done, 1 if it failed, 2 if it was not
   * understood.
   */
  public static void main(String[] args) {
    LogConfig.configureRuntime();
    int code = run(args, System.getenv(), System.out, System.err);
    // Not after success: a service that is being stopped runs its shutdown hook, which waits for
    // this thread. An exit here would wait for that hook, so both would wait for each other.
    if (code != 0) {
      System.exit(code);
    }
  }

  static int run(String[] args, Map<String, String> environment, PrintStream out, PrintStream err) {
    try {
      String command = args.length == 0 ? "help" : args[0];
      Map<String, String> options =
          options(List.of(args).subList(Math.min(1, args.length), args.length));
      switch (command) {
        case "serve" -> serve(settings(options, environment), out);
        case "migrate" -> migrate(settings(options, environment), out);
        case "reindex" -> reindex(settings(options, environment), out);
        case "issue-key" -> issueKey(options, out);
        case "enable-webhook" -> enableWebhook(settings(options, environment), options, out);
        case "help", "--help", "-h" -> out.print(USAGE);
        default -> throw new UsageFault("unknown command '" + command + "'");
      }
      return 0;
    } catch (UsageFault fault) {
      err.println("carechat: " + fault.getMessage());
      err.print(USAGE);
      return 2;
    } catch (InvalidSettings | Unavailable | IllegalStateException fault) {
      err.println("carechat: " + fault.getMessage());
      return 1;
    } catch (RuntimeException | Error fault) {
      // Threads that were started would keep the process alive, and it would serve nothing.
      LOG.log(System.Logger.Level.DEBUG, "The command failed", fault);
      err.println("carechat: " + oneLine(fault));
      return 1;
    }
  }

  /** What kind of fault it is and what it says, without the line breaks that some messages have. */
  private static String oneLine(Throwable fault) {
    return (fault.getClass().getSimpleName() + ": " + fault.getMessage())
        .strip()
        .replaceAll("\\s*\\R\\s*", " ");
  }

  private static final class UsageFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageFault(String message) {
      super(message);
    }
  }

  private static final Set<String> OPTIONS =
      Set.of("config", "id", "tenant", "instance", "scopes", "expires");

  private static Map<String, String> options(List<String> args) {
    var options = new HashMap<String, String>();
    for (int i = 0; i < args.size(); i += 2) {
      String option = args.get(i);
      if (!option.startsWith("--") || !OPTIONS.contains(option.substring(2))) {
        throw new UsageFault("unknown option '" + option + "'");
      }
      if (i + 1 == args.size()) {
        throw new UsageFault(option + " needs a value");
      }
      options.put(option.substring(2), args.get(i + 1));
    }
    return options;
  }

  private static String needed(Map<String, String> options, String name) {
    return Optional.ofNullable(options.get(name))
        .orElseThrow(() -> new UsageFault("--" + name + " is missing"));
  }

  private static Settings settings(Map<String, String> options, Map<String, String> environment) {
    String file =
        Optional.ofNullable(options.get("config")).orElse(environment.get("CARECHAT_CONFIG"));
    return SettingsReader.read(file == null ? null : Path.of(file), environment);
  }

  private static void serve(Settings settings, PrintStream out) {
    var stopped = new CountDownLatch(1);
    try (Carechat carechat = Carechat.start(settings)) {
      Thread main = Thread.currentThread();
      var hook =
          new Thread(
              () -> {
                stopped.countDown();
                // The process must not end before the service has stopped.
                joinQuietly(main);
              },
              "stop");
      Runtime.getRuntime().addShutdownHook(hook);
      out.println("carechat serves " + settings.publicUrl() + " on port " + carechat.port());
      while (!stopped.await(LISTENING_CHECK.toMillis(), TimeUnit.MILLISECONDS)) {
        if (!carechat.isListening() && remove(hook)) {
          throw new IllegalStateException(
              "The service cannot accept connections any more, and ends so that it can be started"
                  + " again. The log says why; perhaps it may open too few files (ulimit -n).");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Removes a shutdown hook. Returns false if the process is ending already. */
  private static boolean remove(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      return false;
    }
  }

  private static void joinQuietly(Thread thread) {
    try {
      thread.join(15_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void migrate(Settings settings, PrintStream out) {
    Settings.Login owner =
        settings
            .database()
            .owner()
            .orElseThrow(() -> new InvalidSettings(List.of("database.owner: is missing")));
    PostgresStorage.migrate(
        settings.database().url(),
        owner.user(),
        owner.password().value(),
        settings.database().user());
    out.println("The schema is up to date.");
  }

  private static void reindex(Settings settings, PrintStream out) {
    InstantSource clock = InstantSource.system();
    try (PostgresStorage storage = Carechat.openStorage(settings.database(), clock, () -> {});
        ElasticsearchIndex index =
            Carechat.openIndex(settings.search(), new TimeOrderedIds(clock, new SecureRandom()))) {
      out.println("Filling a new index. If you stop this, the index in use stays as it is.");
      IndexRebuild.Outcome outcome =
          new Reindexing(storage.events(), EVENTS_PER_STEP)
              .run(index.beginRebuild(), new Progress(out));
      switch (outcome) {
        case IndexRebuild.Outcome.TookOver() -> out.println("The new index is in use.");
        case IndexRebuild.Outcome.Superseded() ->
            throw new IllegalStateException(
                "another reindex was started after this one; it has removed this one's index and"
                    + " continues");
      }
    }
  }

  /** Prints the progress, at most once a second. */
  private static final class Progress implements LongConsumer {
    private static final long PAUSE = 1_000_000_000L;

    private final PrintStream out;
    private long next = System.nanoTime() + PAUSE;

    Progress(PrintStream out) {
      this.out = out;
    }

    @Override
    public void accept(long events) {
      if (System.nanoTime() - next >= 0) {
        out.println(events + " events of the log are indexed");
        next = System.nanoTime() + PAUSE;
      }
    }
  }

  private static void issueKey(Map<String, String> options, PrintStream out) {
    var scopes = EnumSet.noneOf(Scope.class);
    for (String name : needed(options, "scopes").split(",", -1)) {
      scopes.add(
          Scope.ofWireName(name.strip())
              .orElseThrow(() -> new UsageFault("unknown scope '" + name + "'")));
    }
    ConfiguredApiKeys.Issued issued;
    try {
      issued =
          ConfiguredApiKeys.issue(
              needed(options, "id"),
              new TenantInstance(needed(options, "tenant"), needed(options, "instance")),
              scopes,
              expires(options),
              new SecureRandom());
    } catch (IllegalArgumentException e) {
      throw new UsageFault(String.valueOf(e.getMessage()));
    }
    ConfiguredApiKeys.Key key = issued.configuration();
    out.println("The key, shown only this once:");
    out.println();
    out.println("  " + issued.key().value());
    out.println();
    out.println("Add this to api-keys in the configuration:");
    out.println();
    out.println("  - id: " + key.id());
    out.println("    tenant: " + key.instance().tenantName());
    out.println("    instance: " + key.instance().instanceName());
    out.println("    sha256: " + key.sha256());
    out.println(
        "    scopes: ["
            + key.scopes().stream().sorted().map(Scope::wireName).collect(Collectors.joining(", "))
            + "]");
    if (key.expires() != null) {
      out.println("    expires: \"" + key.expires() + "\"");
    }
  }

  private static @Nullable Instant expires(Map<String, String> options) {
    String time = options.get("expires");
    try {
      return time == null ? null : Instant.parse(time);
    } catch (DateTimeParseException e) {
      throw new UsageFault("--expires must be a time such as 2027-01-31T00:00:00Z");
    }
  }

  private static void enableWebhook(
      Settings settings, Map<String, String> options, PrintStream out) {
    TenantInstance instance;
    EndpointId id;
    try {
      instance = new TenantInstance(needed(options, "tenant"), needed(options, "instance"));
      id = new EndpointId(needed(options, "id"));
    } catch (IllegalArgumentException e) {
      throw new UsageFault(String.valueOf(e.getMessage()));
    }
    try (PostgresStorage storage =
        Carechat.openStorage(settings.database(), InstantSource.system(), () -> {})) {
      out.println(
          storage.endpointStates().enable(instance, id)
              ? "The endpoint " + id + " is enabled."
              : "The endpoint " + id + " of " + instance + " is not disabled.");
    }
  }
}
