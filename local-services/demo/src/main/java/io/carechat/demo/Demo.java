package io.carechat.demo;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.carechat.bootstrap.Carechat;
import io.carechat.bootstrap.ConfiguredApiKeys;
import io.carechat.bootstrap.Settings;
import io.carechat.bootstrap.SettingsFault;
import io.carechat.domain.ChatId;
import io.carechat.domain.ExternalId;
import io.carechat.domain.LogPosition;
import io.carechat.domain.MessageText;
import io.carechat.domain.NewMessage;
import io.carechat.domain.PatientId;
import io.carechat.domain.RetrySchedule;
import io.carechat.domain.Scope;
import io.carechat.domain.Secret;
import io.carechat.domain.TenantInstance;
import io.carechat.domain.TimeOrderedIds;
import io.carechat.domain.Unavailable;
import io.carechat.domain.WebhookEndpoint;
import io.carechat.local.LocalElasticsearch;
import io.carechat.local.LocalPostgres;
import io.carechat.local.LocalServiceException;
import io.carechat.persistence.PostgresStorage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.Date;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.LogManager;

/** {@code ./carechat run}: everything on this machine. */
public final class Demo {
  private static final TenantInstance PLACE = new TenantInstance("test-den", "chat2");
  private static final PatientId PATIENT =
      PatientId.parse("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab").orElseThrow();
  private static final String ISSUER = "https://id.carechat.example";
  private static final String AUDIENCE = "carechat";
  private static final String DATABASE = "carechat";
  private static final String SERVICE_USER = "carechat_service";
  private static final int POOL_SIZE = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final int port;
  private final Path folder;
  private final Optional<URI> partnersReceiver;
  private final int requestsPerMinute;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private Demo(int port, Path folder, Optional<URI> partnersReceiver, int requestsPerMinute) {
    this.port = port;
    this.folder = folder;
    this.partnersReceiver = partnersReceiver;
    this.requestsPerMinute = requestsPerMinute;
  }

  /**
   * Runs until it is told to stop. Ends with 0 after Ctrl-C, 1 if it could not start, 2 if it was
   * not understood.
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
        default -> misunderstood("there is no option '" + args[i] + "'");
      }
    }
    var demo =
        new Demo(port, folder.toAbsolutePath().normalize(), partnersReceiver, requestsPerMinute);
    try {
      demo.run();
    } catch (LocalServiceException | SettingsFault | Unavailable | IllegalStateException fault) {
      System.err.println("carechat: " + fault.getMessage());
      demo.stop();
      System.exit(1);
    }
  }

  /** The log of a demonstration is for people, unless the JVM was given another configuration. */
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
      // Said below.
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
      // Said below.
    }
    misunderstood("--webhook must be an address on this machine, like http://127.0.0.1:9000/");
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
                  stop();
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
      postgres = part(LocalPostgres.start(folder.resolve("postgresql"), Demo::say));
    } finally {
      // Either way it has to be ended, so it has to be known.
      partOf(search);
    }
    var secrets = new Keepsakes(folder);
    String password = secrets.get("database.password", Demo::randomText);
    PostgresStorage.prepare(
        postgres.jdbcUrl("postgres"),
        postgres.superuser(),
        postgres.password(),
        new PostgresStorage.Settings(
            postgres.jdbcUrl(DATABASE), SERVICE_USER, new Secret(password), POOL_SIZE));
    Secret apiKey = new Secret(secrets.get("api-key", Demo::randomApiKey));
    String signingKey = secrets.get("webhook.signing-key", () -> randomBase64(32));
    ECKey issuerKey = issuerKey(secrets);
    Receiver receiver = part(new Receiver(signingKey, System.out));
    Settings settings =
        settings(
            postgres.jdbcUrl(DATABASE),
            password,
            search.join().url(),
            apiKey,
            receiver,
            signingKey,
            secrets);
    seed(settings);
    Carechat carechat = part(Carechat.start(settings));
    writeEnvironment(carechat.port(), apiKey, issuerKey, settings.webhooks());
    greet(carechat.port(), Duration.ofNanos(System.nanoTime() - begun));
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private <T extends AutoCloseable> T part(T part) {
    synchronized (parts) {
      parts.push(part);
    }
    return part;
  }

  private void partOf(CompletableFuture<LocalElasticsearch> starting) {
    try {
      part(starting.join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException fault) {
        throw fault;
      }
      throw e;
    }
  }

  /** Ends the parts, the newest first. */
  private void stop() {
    while (true) {
      AutoCloseable part;
      synchronized (parts) {
        part = parts.poll();
      }
      if (part == null) {
        return;
      }
      try {
        part.close();
      } catch (Exception e) {
        System.err.println("carechat: a part did not end well: " + e.getMessage());
      }
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
      throw new IllegalStateException("port " + port + " is taken; choose another with --port", e);
    }
  }

  private static void createPrivately(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IllegalStateException(
          "the folder " + folder + " cannot be made: " + e.getMessage(), e);
    }
  }

  // --- secrets of the demonstration

  private static String randomBase64(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return Base64.getEncoder().encodeToString(random);
  }

  private static String randomText() {
    byte[] random = new byte[24];
    RANDOM.nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  private static String randomApiKey() {
    return ConfiguredApiKeys.issue("demo-partner", PLACE, EnumSet.allOf(Scope.class), null, RANDOM)
        .key()
        .value();
  }

  /**
   * The key of an issuer of patients' tokens, its public half in a file, as a real issuer would
   * publish it.
   */
  private ECKey issuerKey(Keepsakes secrets) {
    try {
      ECKey key =
          ECKey.parse(
              secrets.get(
                  "issuer.key",
                  () -> {
                    try {
                      return new ECKeyGenerator(Curve.P_256)
                          .keyID("demo")
                          .generate()
                          .toJSONString();
                    } catch (JOSEException e) {
                      throw new IllegalStateException("Every Java has P-256", e);
                    }
                  }));
      Files.writeString(jwksFile(), new JWKSet(key.toPublicJWK()).toString());
      return key;
    } catch (ParseException | IOException e) {
      throw new IllegalStateException(
          "the key of the demonstration's issuer cannot be used: " + e.getMessage(), e);
    }
  }

  private Path jwksFile() {
    return folder.resolve("issuer.jwks.json");
  }

  private static String patientToken(ECKey key) {
    try {
      var jwt =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
              new JWTClaimsSet.Builder()
                  .issuer(ISSUER)
                  .audience(AUDIENCE)
                  .subject(PATIENT.toString())
                  .expirationTime(Date.from(Instant.now().plus(Duration.ofDays(30))))
                  .claim("tenant", PLACE.tenantName())
                  .claim("instance", PLACE.instanceName())
                  .claim("scope", "messages:read messages:send")
                  .claim("client_type", "PATIENT")
                  .build());
      jwt.sign(new ECDSASigner(key));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException("Every Java has ES256", e);
    }
  }

  // --- the service

  private Settings settings(
      String databaseUrl,
      String password,
      URI searchUrl,
      Secret apiKey,
      Receiver receiver,
      String signingKey,
      Keepsakes secrets) {
    Secret webhookKey = new Secret(secrets.get("webhook.api-key", Demo::randomText));
    Secret webhookSecret = new Secret(secrets.get("webhook.api-secret", Demo::randomText));
    List<WebhookEndpoint> endpoints = new ArrayList<>();
    endpoints.add(endpoint("demo-receiver", receiver.url(), webhookKey, webhookSecret, signingKey));
    partnersReceiver.ifPresent(
        url -> endpoints.add(endpoint("demo-partner", url, webhookKey, webhookSecret, signingKey)));
    return new Settings(
        URI.create("http://localhost:" + port),
        new Settings.Http("127.0.0.1", port),
        new Settings.Database(
            databaseUrl, SERVICE_USER, new Secret(password), POOL_SIZE, Optional.empty()),
        new Settings.Search(searchUrl, "carechat", Optional.empty(), Optional.empty(), 1, 0),
        List.of(
            new ConfiguredApiKeys.Key(
                "demo-partner",
                PLACE,
                ConfiguredApiKeys.hash(apiKey),
                EnumSet.allOf(Scope.class),
                null)),
        List.of(new Settings.Issuer(ISSUER, AUDIENCE, Optional.of(jwksFile()), Optional.empty())),
        new Settings.Webhooks(
            true,
            List.of("127.0.0.0/8"),
            RetrySchedule.DEFAULT_WAITS,
            endpoints,
            Settings.Ledger.DEFAULT),
        new Settings.RateLimit(requestsPerMinute));
  }

  private static WebhookEndpoint endpoint(
      String id, URI url, Secret apiKey, Secret apiSecret, String signingKey) {
    return new WebhookEndpoint(PLACE, id, url, apiKey, apiSecret, List.of(new Secret(signingKey)));
  }

  /**
   * Fills an empty database with conversations of the last weeks, sent when they say. They are
   * history: nobody is told of them.
   */
  private static void seed(Settings settings) {
    var clock = new AtomicReference<>(Instant.now());
    try (PostgresStorage storage =
        Carechat.openStorage(settings.database(), clock::get, () -> {})) {
      if (!storage.events().read(LogPosition.START, 1).isEmpty()) {
        return;
      }
      say("Writing the demonstration's conversations");
      var ids = new TimeOrderedIds(clock::get, RANDOM);
      record Sent(ChatId chat, Conversation.Line line) {}
      Conversation.all(clock.get()).stream()
          .flatMap(conversation ->
              conversation.lines().stream()
                  .map(line -> new Sent(new ChatId(PLACE, conversation.patient()), line)))
          .sorted(Comparator.comparing(sent -> sent.line().at()))
          .forEach(sent -> {
            clock.set(sent.line().at());
            storage
                .messages()
                .append(
                    new NewMessage(
                        sent.chat(),
                        new ExternalId(ids.next()),
                        sent.line().sender(),
                        new MessageText(sent.line().text()),
                        null));
          });
      clock.set(Instant.now());
      skipDeliveries(storage);
    }
  }

  private static void skipDeliveries(PostgresStorage storage) {
    while (true) {
      var from = storage.webhookLedger().plannedUpTo();
      var events = storage.events().read(from, 1_000);
      if (events.isEmpty()) {
        return;
      }
      boolean _ =
          storage.webhookLedger().plan(from, events.getLast().position(), List.of(), Instant.now());
    }
  }

  private void writeEnvironment(
      int actualPort, Secret apiKey, ECKey issuerKey, Settings.Webhooks webhooks) {
    Map<String, String> variables = new LinkedHashMap<>();
    String url = "http://localhost:" + actualPort;
    variables.put("CARECHAT_URL", url);
    variables.put("CARECHAT_BASE", url + "/api/v1/" + PLACE);
    variables.put("CARECHAT_TENANT", PLACE.tenantName());
    variables.put("CARECHAT_INSTANCE", PLACE.instanceName());
    variables.put("CARECHAT_API_KEY", apiKey.value());
    variables.put("CARECHAT_PATIENT_ID", PATIENT.toString());
    variables.put("CARECHAT_PATIENT_TOKEN", patientToken(issuerKey));
    WebhookEndpoint endpoint = webhooks.endpoints().getLast();
    variables.put(
        "CARECHAT_WEBHOOK_SIGNING_KEY", "whsec_" + endpoint.signingKeys().getFirst().value());
    variables.put("CARECHAT_WEBHOOK_API_KEY", endpoint.apiKey().value());
    variables.put("CARECHAT_WEBHOOK_API_SECRET", endpoint.apiSecret().value());
    partnersReceiver.ifPresent(
        receiver -> variables.put("CARECHAT_WEBHOOK_URL", receiver.toString()));
    Keepsakes.writePrivately(folder.resolve("demo.env"), Keepsakes.shellLines(variables));
  }

  private void greet(int actualPort, Duration took) {
    Path here = Path.of("").toAbsolutePath();
    Path environment = folder.resolve("demo.env");
    String shown =
        environment.startsWith(here)
            ? here.relativize(environment).toString()
            : environment.toString();
    String source = shown.startsWith("/") ? shown : "./" + shown;
    say(
        """

        carechat is ready after %d.%d s. Its documentation is at http://localhost:%d/docs
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

        The webhooks that a partner would get are printed here. Ctrl-C stops everything; the data stay in %s.
        """
            .formatted(took.toSeconds(), took.toMillisPart() / 100, actualPort, source, folder));
  }
}
