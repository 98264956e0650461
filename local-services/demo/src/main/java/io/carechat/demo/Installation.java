package io.carechat.demo;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.carechat.bootstrap.Carechat;
import io.carechat.bootstrap.ConfiguredApiKeys;
import io.carechat.bootstrap.Settings;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.messages.NewMessage;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.domain.webhooks.WebhookPayload;
import io.carechat.domain.webhooks.WebhookSecrets;
import io.carechat.domain.webhooks.WebhookSubscription;
import io.carechat.domain.webhooks.delivery.ClaimLimits;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.DeliveryOutcome;
import io.carechat.domain.webhooks.delivery.DeliveryPlans;
import io.carechat.domain.webhooks.delivery.DeliveryQueue;
import io.carechat.domain.webhooks.delivery.NewDelivery;
import io.carechat.domain.webhooks.delivery.RetryPolicy;
import io.carechat.local.LocalPostgres;
import io.carechat.persistence.PostgresStorage;
import io.carechat.webhook.AllowedNetwork;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The demonstration, on databases that are running already. It consists of its secrets, its
 * conversations, the service, an issuer at which people sign in, the sandbox beside it, and a
 * receiver of webhooks.
 */
final class Installation {
  private static final TenantInstance INSTANCE = new TenantInstance("test-den", "chat2");

  /** That of the contract's examples. */
  private static final EndpointId EXAMPLE_ENDPOINT =
      new EndpointId("we01a205fc201575578fae54cb009e666a");

  private static final PatientId PATIENT = PatientId.parse(DemoPerson.PATIENT.id()).orElseThrow();
  private static final String AUDIENCE = "carechat";
  private static final String DATABASE = "carechat";
  private static final String SERVICE_USER = "carechat_service";
  private static final int POOL_SIZE = 16;
  private static final Duration TOKEN_LIFETIME = Duration.ofDays(30);
  private static final int BATCH = 1_000;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** The issuer's port is that of the service plus this, after those of {@link Sandbox}. */
  private static final int ISSUER_PORT = 3;

  /**
   * Short, so that a user can watch {@link Scenario#WEBHOOK_RETRIES} to the end. Later waits are as
   * usual.
   */
  private static final List<Duration> FIRST_WAITS =
      List.of(Duration.ofSeconds(2), Duration.ofSeconds(4));

  private final Options options;
  private final DemoSecrets secrets;
  private final Secret apiKey;
  private final Secret expiredKey;
  private final Secret readOnlyKey;
  private final DemoIssuer issuer;
  private final Settings settings;
  private final Carechat carechat;
  private final Map<String, String> variables;

  /**
   * How the demonstration is run.
   *
   * @param port the port of the service; 0 for a free one
   * @param folder the folder for its secrets and {@code demo.env}
   * @param partnersReceiver also gets the webhooks
   */
  record Options(int port, Path folder, Optional<URI> partnersReceiver, int requestsPerMinute) {}

  /**
   * Starts the demonstration, and writes {@code demo.env}. The service accepts requests when this
   * returns.
   *
   * @param out gets a line for each step that takes a while, and for each webhook
   * @param parts gets everything that is started, so that the caller can close it; also if this
   *     fails
   */
  static Installation start(
      Options options, LocalPostgres postgres, URI search, PrintStream out, Closeables parts) {
    return new Installation(options, postgres, search, out, parts);
  }

  private Installation(
      Options options, LocalPostgres postgres, URI search, PrintStream out, Closeables parts) {
    this.options = options;
    secrets = new DemoSecrets(options.folder());
    String password = secrets.get("database.password", Installation::randomText);
    PostgresStorage.prepare(
        postgres.jdbcUrl("postgres"),
        postgres.superuser(),
        postgres.password(),
        new PostgresStorage.Settings(
            postgres.jdbcUrl(DATABASE), SERVICE_USER, new Secret(password), POOL_SIZE));
    apiKey = apiKey("api-key");
    expiredKey = apiKey("api-key.expired");
    readOnlyKey = apiKey("api-key.read-only");
    issuer =
        parts.add(
            new DemoIssuer(
                Sandbox.portAfter(options.port(), ISSUER_PORT),
                INSTANCE,
                issuerKey(),
                URI.create(url(options.port()) + "/session/callback"),
                InstantSource.system()));
    String signingKey = secrets.get("webhook.signing-key", () -> randomBase64(32));
    Receiver receiver = parts.add(new Receiver(signingKey, out));
    settings = settings(postgres.jdbcUrl(DATABASE), password, search, receiver, signingKey);
    seed(settings, out);
    carechat = parts.add(Carechat.start(settings));
    Sandbox sandbox = parts.add(Sandbox.start(settings, carechat.useCases()));
    variables = variables(sandbox, settings.webhooks());
    DemoSecrets.writePrivately(environment(), DemoSecrets.shellLines(variables));
  }

  /** The port that the service listens on. */
  int port() {
    return carechat.port();
  }

  /** The page for the care team. */
  String inboxUrl() {
    return url(port()) + "/" + INSTANCE;
  }

  /** How the service is configured. */
  Settings settings() {
    return settings;
  }

  /** The file {@code demo.env}. */
  Path environment() {
    return options.folder().resolve("demo.env");
  }

  /** The variables in {@code demo.env}. */
  Map<String, String> variables() {
    return variables;
  }

  // --- the demonstration's secrets

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

  private Secret apiKey(String name) {
    return new Secret(
        secrets.get(
            name,
            () ->
                ConfiguredApiKeys.issue(
                        "demo-partner", INSTANCE, EnumSet.allOf(Scope.class), null, RANDOM)
                    .key()
                    .value()));
  }

  /**
   * The key of the issuer. Its public half is in a file too, so that its tokens are valid before
   * anybody asks it.
   */
  private ECKey issuerKey() {
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
    return options.folder().resolve("issuer.jwks.json");
  }

  private String patientToken(Instant expires) {
    return issuer.bearerToken(DemoPerson.PATIENT, AUDIENCE, expires);
  }

  // --- the service

  private Settings settings(
      String databaseUrl, String password, URI searchUrl, Receiver receiver, String signingKey) {
    Secret webhookKey = new Secret(secrets.get("webhook.api-key", Installation::randomText));
    Secret webhookSecret = new Secret(secrets.get("webhook.api-secret", Installation::randomText));
    List<WebhookEndpoint> endpoints = new ArrayList<>();
    endpoints.add(
        endpoint(
            // A new id at each start. Otherwise the endpoint would still be disabled from the last
            // run.
            "sandbox-gone-" + Instant.now().toEpochMilli(),
            receiver.goneUrl(),
            webhookKey,
            webhookSecret,
            signingKey));
    endpoints.add(
        endpoint(
            Scenario.DEAD_DELIVERY.trigger(),
            receiver.url(),
            webhookKey,
            webhookSecret,
            signingKey));
    options
        .partnersReceiver()
        .ifPresent(url ->
            endpoints.add(endpoint("demo-partner", url, webhookKey, webhookSecret, signingKey)));
    List<Duration> waits = new ArrayList<>(RetryPolicy.DEFAULT_WAITS);
    for (int i = 0; i < FIRST_WAITS.size(); i++) {
      waits.set(i, FIRST_WAITS.get(i));
    }
    return new Settings(
        URI.create(url(options.port())),
        new Settings.Http("127.0.0.1", options.port()),
        new Settings.Database(
            databaseUrl, SERVICE_USER, new Secret(password), POOL_SIZE, Optional.empty()),
        new Settings.Search(
            searchUrl, "carechat", Optional.empty(), Optional.empty(), 1, 0, Duration.ofSeconds(5)),
        List.of(
            configured("demo-partner", apiKey, EnumSet.allOf(Scope.class), null),
            configured("demo-expired", expiredKey, EnumSet.allOf(Scope.class), Instant.EPOCH),
            configured("demo-read-only", readOnlyKey, EnumSet.of(Scope.READ_MESSAGES), null)),
        List.of(
            new Settings.Issuer(
                issuer.url(),
                AUDIENCE,
                Optional.of(jwksFile()),
                Optional.empty(),
                List.of(),
                TOKEN_LIFETIME,
                Optional.of(
                    new Settings.OpenIdLogin(
                        DemoIssuer.CLIENT_ID,
                        Optional.empty(),
                        Settings.OpenIdLogin.DEFAULT_SCOPES)))),
        new Settings.Webhooks(
            true,
            List.of(AllowedNetwork.open("127.0.0.0/8")),
            waits,
            endpoints,
            Settings.DeliveryHistory.DEFAULT),
        new Settings.RateLimit(options.requestsPerMinute()),
        Optional.of(new Secret("demo:" + secrets.get("secrets.key", () -> randomBase64(32)))));
  }

  private static ConfiguredApiKeys.Key configured(
      String id, Secret key, Set<Scope> scopes, @Nullable Instant expires) {
    return new ConfiguredApiKeys.Key(id, INSTANCE, ConfiguredApiKeys.hash(key), scopes, expires);
  }

  private static WebhookEndpoint endpoint(
      String id, URI url, Secret apiKey, Secret apiSecret, String signingKey) {
    return new WebhookEndpoint(
        INSTANCE, new EndpointId(id), url, apiKey, apiSecret, List.of(new Secret(signingKey)));
  }

  /**
   * Fills an empty database with conversations of the last weeks, with the times in their files.
   * The messages are history: no webhook is sent for them. The last message is an exception. Its
   * delivery has failed for good.
   */
  private static void seed(Settings settings, PrintStream out) {
    var clock = new AtomicReference<>(Instant.now());
    try (PostgresStorage storage =
        Carechat.openStorage(settings.database(), clock::get, () -> {})) {
      // An endpoint that was disabled in an earlier run gets another chance.
      for (WebhookEndpoint endpoint : settings.webhooks().endpoints()) {
        boolean _ = storage.endpointStates().enable(INSTANCE, endpoint.id());
      }
      if (!storage.events().read(LogPosition.START, 1).isEmpty()) {
        return;
      }
      out.println("Storing the demonstration's conversations");
      var ids = new TimeOrderedIds(clock::get, RANDOM);
      record Sent(ChatId chat, Conversation.Line line) {}
      seedExamples(storage, clock);
      Conversation.all(clock.get()).stream()
          .flatMap(conversation ->
              conversation.lines().stream()
                  .map(line -> new Sent(new ChatId(INSTANCE, conversation.patient()), line)))
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
      seedExampleEndpoint(storage, settings);
      giveUpLast(storage, settings.publicUrl(), ids);
    }
  }

  /** The messages of the contract's examples, for tools that send the examples as they are. */
  private static void seedExamples(PostgresStorage storage, AtomicReference<Instant> clock) {
    var patient = PatientId.parse("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab").orElseThrow();
    var chat = new ChatId(INSTANCE, patient);
    var nurse = UUID.fromString("0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10");
    Instant now = clock.get();
    clock.set(Instant.parse("2021-02-08T17:17:29.000Z"));
    var _ =
        storage
            .messages()
            .append(
                new NewMessage(
                    chat,
                    new ExternalId(UUID.fromString("6f03096c-7909-4f9b-9466-c7d009073ca1")),
                    new Sender.Patient(patient),
                    new MessageText("hello, world!"),
                    null));
    clock.set(Instant.parse("2021-02-09T07:30:02.604Z"));
    var _ =
        storage
            .messages()
            .append(
                new NewMessage(
                    chat,
                    new ExternalId(UUID.fromString("0177834d-6b2c-7c5e-9a1f-3b5d7e9f1a2b")),
                    new Sender.CareTeamMember(nurse, "Nurse"),
                    new MessageText("Good morning. How did you sleep?"),
                    null));
    clock.set(now);
  }

  /**
   * The endpoint of the contract's examples. It is disabled, because nobody is there. Its URL is
   * not that of the examples, so that the example of creating one can be sent.
   */
  private static void seedExampleEndpoint(PostgresStorage storage, Settings settings) {
    Instant createdAt = Instant.parse("2021-03-05T16:07:31.298Z");
    boolean _ =
        storage
            .webhookRegistry(settings.secretsKeys(), RANDOM)
            .add(
                new WebhookEndpoint(
                    INSTANCE,
                    EXAMPLE_ENDPOINT,
                    new WebhookSubscription(
                        URI.create("https://crm.partner.example/carechat"),
                        WebhookPayload.STANDARD,
                        Set.of(WebhookEventType.MESSAGE_SENT, WebhookEventType.CHAT_READ),
                        Set.of(ClientType.PATIENT),
                        "CRM, production"),
                    new WebhookSecrets(
                        null, null, new Secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), null, null),
                    new WebhookEndpoint.Origin.Api(
                        storage.deliveryPlans().plannedUpTo(), 1, createdAt, createdAt)),
                false,
                100);
  }

  /** Plans no delivery for the existing events, except for the last one. */
  private static void skipDeliveries(PostgresStorage storage) {
    while (true) {
      var from = storage.deliveryPlans().plannedUpTo();
      var events = storage.events().read(from, BATCH);
      if (events.size() < 2) {
        return;
      }
      boolean _ =
          storage
              .deliveryPlans()
              .plan(from, events.get(events.size() - 2).position(), List.of(), Instant.now());
    }
  }

  /** For {@link Scenario#DEAD_DELIVERY}, because a real delivery is dead only after three days. */
  private static void giveUpLast(PostgresStorage storage, URI publicUrl, TimeOrderedIds ids) {
    DeliveryPlans plans = storage.deliveryPlans();
    DeliveryQueue queue = storage.deliveryQueue();
    LogPosition from = plans.plannedUpTo();
    LoggedEvent last = storage.events().read(from, BATCH).getLast();
    if (!(last.event() instanceof ChatEvent event)) {
      throw new IllegalStateException("a conversation ends with a message, not " + last);
    }
    var delivery =
        new NewDelivery(
            new DeliveryId(ids.next()),
            new EndpointId(Scenario.DEAD_DELIVERY.trigger()),
            last.position(),
            event,
            URI.create(publicUrl + "/" + INSTANCE + "/patients/" + event.chat().patient()));
    // That of the contract's examples waits, because its endpoint is disabled.
    var example =
        new NewDelivery(
            new DeliveryId(UUID.fromString("01a205fc-2024-7ee0-b293-5dff50fe5af7")),
            EXAMPLE_ENDPOINT,
            last.position(),
            event,
            delivery.patientUrl());
    Instant now = Instant.now();
    boolean _ = plans.plan(from, last.position(), List.of(delivery, example), now);
    for (ClaimedDelivery claimed :
        queue.claim(1, now, Duration.ofMinutes(1), new ClaimLimits(1, Duration.ZERO, List.of()))) {
      boolean _ =
          queue.settle(
              claimed,
              new WebhookAnswer.Answered(503, null, "not now", Duration.ofMillis(3)),
              new DeliveryOutcome.GaveUp(),
              now);
    }
  }

  private Map<String, String> variables(Sandbox sandbox, Settings.Webhooks webhooks) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("CARECHAT_URL", url(port()));
    all.put("CARECHAT_BASE", base(port()));
    all.put("CARECHAT_INBOX_URL", inboxUrl());
    all.put("CARECHAT_TENANT", INSTANCE.tenantName());
    all.put("CARECHAT_INSTANCE", INSTANCE.instanceName());
    all.put("CARECHAT_API_KEY", apiKey.value());
    all.put("CARECHAT_PATIENT_ID", PATIENT.toString());
    all.put("CARECHAT_PATIENT_TOKEN", patientToken(Instant.now().plus(TOKEN_LIFETIME)));
    WebhookEndpoint endpoint = webhooks.endpoints().getLast();
    all.put("CARECHAT_WEBHOOK_SIGNING_KEY", "whsec_" + endpoint.secrets().signingKey().value());
    all.put(
        "CARECHAT_WEBHOOK_API_KEY", Objects.requireNonNull(endpoint.secrets().apiKey()).value());
    all.put(
        "CARECHAT_WEBHOOK_API_SECRET",
        Objects.requireNonNull(endpoint.secrets().apiSecret()).value());
    options
        .partnersReceiver()
        .ifPresent(receiver -> all.put("CARECHAT_WEBHOOK_URL", receiver.toString()));
    all.put(Variables.SANDBOX_BASE, base(sandbox.port()));
    all.put(Variables.LIMITED_BASE, base(sandbox.limitedPort()));
    all.put(Variables.EXPIRED_API_KEY, expiredKey.value());
    all.put(Variables.READ_ONLY_API_KEY, readOnlyKey.value());
    all.put(Variables.EXPIRED_PATIENT_TOKEN, patientToken(Instant.EPOCH));
    return all;
  }

  private static String url(int port) {
    return "http://localhost:" + port;
  }

  private static String base(int port) {
    return url(port) + "/api/v1/" + INSTANCE;
  }
}
