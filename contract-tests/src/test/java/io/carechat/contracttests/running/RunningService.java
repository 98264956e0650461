package io.carechat.contracttests.running;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;

import com.github.tomakehurst.wiremock.WireMockServer;
import io.carechat.api.checked.CheckingHttpClient;
import io.carechat.bootstrap.Carechat;
import io.carechat.bootstrap.ConfiguredApiKeys;
import io.carechat.bootstrap.Settings;
import io.carechat.client.ApiClient;
import io.carechat.client.ChatsApi;
import io.carechat.client.DeliveriesApi;
import io.carechat.client.MessagesApi;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.local.LocalPostgres;
import io.carechat.local.SharedServices;
import io.carechat.persistence.PostgresStorage;
import io.carechat.webhook.AllowedNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The whole service in this JVM, on the JVM's PostgreSQL and Elasticsearch, with a receiver of
 * webhooks. All tests share one service, and each test uses its own patients. Every exchange of its
 * clients is checked against the contract. Safe for use by several threads.
 */
public final class RunningService implements AutoCloseable {
  /** The instance that tests use. Its webhooks go to {@link #receiver()}. */
  public static final TenantInstance INSTANCE = new TenantInstance("test-den", "chat2");

  /** All scopes. */
  public static final String ALL_SCOPES =
      "messages:read messages:send messages:send-as-care-team messages:search-instance patients:sign-in webhooks:manage";

  /** The beginning of the addresses of patients' pages in webhooks. */
  public static final URI PUBLIC_URL = URI.create("http://localhost:5000");

  private static final String WEBHOOK_PATH = "/carechat";
  private static final SecureRandom RANDOM = new SecureRandom();

  /** The API keys that the service knows. */
  public enum ApiKey {
    /** Every scope, in {@link #INSTANCE}. */
    PARTNER,
    /** Only the scopes for reading. */
    READER,
    /** Only the scopes for sending. */
    SENDER,
    /** Every scope except the one for sending for the care team. */
    NO_CARE_TEAM,
    /** Every scope, but expired in 2021. */
    EXPIRED,
    /** Every scope, in another instance of the tenant. */
    OTHER_INSTANCE,
    /** Every scope, in the instance of the same name of another tenant. */
    OTHER_TENANT;

    private TenantInstance instance() {
      return switch (this) {
        case OTHER_INSTANCE -> new TenantInstance("test-den", "chat3");
        case OTHER_TENANT -> new TenantInstance("other-den", "chat2");
        default -> INSTANCE;
      };
    }

    private Set<Scope> scopes() {
      return switch (this) {
        case READER -> EnumSet.of(Scope.READ_MESSAGES);
        case SENDER -> EnumSet.of(Scope.SEND_MESSAGES);
        case NO_CARE_TEAM -> EnumSet.complementOf(EnumSet.of(Scope.SEND_AS_CARE_TEAM));
        default -> EnumSet.allOf(Scope.class);
      };
    }

    private @Nullable Instant expires() {
      return this == EXPIRED ? Instant.parse("2021-01-01T00:00:00Z") : null;
    }
  }

  private final Map<ApiKey, Secret> keys = new EnumMap<>(ApiKey.class);
  private final TestIssuer issuer = new TestIssuer();
  private final WireMockServer receiver =
      new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
  private final byte[] signingKey = random(32);
  private final Secret webhookKey = new Secret("partner-key-" + UUID.randomUUID());
  private final Secret webhookSecret = new Secret("partner-secret-" + UUID.randomUUID());
  private final HttpClient http = new CheckingHttpClient(HttpClient.newHttpClient());
  private final Path folder = temporaryFolder();
  private final Settings settings;
  private final Carechat carechat;

  /**
   * Passes the shared service to constructors and methods of tests that have it as a parameter. The
   * service is started for the first of them.
   */
  public static final class Parameter implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == RunningService.class;
    }

    @Override
    public RunningService resolveParameter(ParameterContext parameter, ExtensionContext context) {
      // The store of the root context closes it after the last test, while its databases still run.
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.create(RunningService.class))
          .computeIfAbsent(RunningService.class, key -> new RunningService(), RunningService.class);
    }
  }

  private RunningService() {
    receiver.start();
    receiver.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(204)));
    LocalPostgres postgres = SharedServices.postgres();
    var database =
        new PostgresStorage.Settings(
            postgres.jdbcUrl("contract_tests"),
            "contract_tests_service",
            new Secret(Base64.getUrlEncoder().encodeToString(random(24))),
            8);
    PostgresStorage.prepare(
        postgres.jdbcUrl("postgres"), postgres.superuser(), postgres.password(), database);
    List<ConfiguredApiKeys.Key> configured =
        EnumSet.allOf(ApiKey.class).stream().map(this::issue).toList();
    settings =
        new Settings(
            PUBLIC_URL,
            new Settings.Http("127.0.0.1", 0),
            new Settings.Database(
                database.jdbcUrl(),
                database.user(),
                database.password(),
                database.poolSize(),
                Optional.empty()),
            new Settings.Search(
                SharedServices.elasticsearch().url(),
                "contract-tests",
                Optional.empty(),
                Optional.empty(),
                1,
                0,
                Duration.ofMillis(200)),
            configured,
            List.of(issuer.settings(folder)),
            new Settings.Webhooks(
                true,
                List.of(AllowedNetwork.open("127.0.0.0/8")),
                List.of(Duration.ofMillis(200), Duration.ofSeconds(1)),
                List.of(
                    new WebhookEndpoint(
                        INSTANCE,
                        new EndpointId("receiver"),
                        URI.create("http://127.0.0.1:" + receiver.port() + WEBHOOK_PATH),
                        webhookKey,
                        webhookSecret,
                        List.of(new Secret(Base64.getEncoder().encodeToString(signingKey))))),
                Settings.DeliveryHistory.DEFAULT),
            new Settings.RateLimit(10_000_000),
            Optional.of(new Secret("tests:" + Base64.getEncoder().encodeToString(random(32)))));
    carechat = Carechat.start(settings);
  }

  private ConfiguredApiKeys.Key issue(ApiKey key) {
    ConfiguredApiKeys.Issued issued =
        ConfiguredApiKeys.issue(
            key.name().toLowerCase(Locale.ROOT).replace('_', '-'),
            key.instance(),
            key.scopes(),
            key.expires(),
            RANDOM);
    keys.put(key, issued.key());
    return issued.configuration();
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("carechat-contract-tests");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /** The address of the service, without a slash at the end. */
  public URI url() {
    return URI.create("http://127.0.0.1:" + carechat.port());
  }

  /** The settings of the service. */
  public Settings settings() {
    return settings;
  }

  /** One of its API keys. */
  public String apiKey(ApiKey key) {
    return Optional.ofNullable(keys.get(key)).orElseThrow().value();
  }

  /** The issuer whose tokens the service trusts. */
  public TestIssuer issuer() {
    return issuer;
  }

  /** The receiver that gets the webhooks of {@link #INSTANCE}. It answers 204. */
  public WireMockServer receiver() {
    return receiver;
  }

  /** The key that signs the webhooks. */
  public byte[] signingKey() {
    return signingKey.clone();
  }

  /** The {@code X-WEBHOOK-API-KEY} of the webhooks to the receiver. */
  public String webhookKey() {
    return webhookKey.value();
  }

  /** The {@code X-WEBHOOK-API-SECRET} of the webhooks to the receiver. */
  public String webhookSecret() {
    return webhookSecret.value();
  }

  /** The generated client, with an API key. */
  public MessagesApi client(ApiKey key) {
    return client("X-API-KEY", apiKey(key));
  }

  /** The generated client, with a header that is a credential. */
  public MessagesApi client(String header, String value) {
    return new MessagesApi(apiClient(header, value));
  }

  /** The generated client of the delivery history, with an API key. */
  public DeliveriesApi deliveriesClient(ApiKey key) {
    return new DeliveriesApi(apiClient(key));
  }

  /** The generated client for chats, with an API key. */
  public ChatsApi chats(ApiKey key) {
    return chats("X-API-KEY", apiKey(key));
  }

  /** The generated client for chats, with a header that is a credential. */
  public ChatsApi chats(String header, String value) {
    return new ChatsApi(apiClient(header, value));
  }

  /** The object that the generated clients of all tags need, with an API key. */
  public ApiClient apiClient(ApiKey key) {
    return apiClient("X-API-KEY", apiKey(key));
  }

  private ApiClient apiClient(String header, String value) {
    var client =
        new ApiClient() {
          @Override
          public HttpClient getHttpClient() {
            return http;
          }
        };
    client.updateBaseUri(url().toString());
    client.setRequestInterceptor(request -> request.header(header, value));
    return client;
  }

  /** The path of the chats of {@link #INSTANCE}. */
  public static String chats() {
    return "/api/v1/" + INSTANCE + "/patients";
  }

  /** The path of a patient's messages. */
  public static String messagesOf(UUID patient) {
    return "/api/v1/" + INSTANCE + "/patients/" + patient + "/messages";
  }

  /** A request to a path, which may have a query, without a credential. */
  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url() + path)).timeout(Duration.ofSeconds(60));
  }

  /** A request to a path with the key of the partner. */
  public HttpRequest.Builder partnerRequest(String path) {
    return request(path).header("X-API-KEY", apiKey(ApiKey.PARTNER));
  }

  /** Sends a request without any change. */
  public HttpResponse<String> exchange(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    carechat.close();
    receiver.stop();
    http.close();
    try {
      Files.delete(folder.resolve(TestIssuer.KEYS_FILE));
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
