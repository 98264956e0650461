package io.carechat.contracttests.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.bootstrap.ConfiguredApiKeys;
import io.carechat.client.ApiClient;
import io.carechat.client.MessagesApi;
import io.carechat.client.model.Message;
import io.carechat.client.model.MessageItem;
import io.carechat.client.model.MessagePage;
import io.carechat.client.model.MessageSearch;
import io.carechat.domain.Scope;
import io.carechat.domain.Secret;
import io.carechat.domain.TenantInstance;
import io.carechat.local.LocalElasticsearch;
import io.carechat.local.LocalPostgres;
import io.carechat.persistence.PostgresStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL, an Elasticsearch, a service and a receiver, each a process that may be killed, but
 * for the receiver.
 */
final class Installation implements AutoCloseable {
  private static final TenantInstance PLACE = new TenantInstance("test-den", "chat2");
  private static final String INDEX = "faults";
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path folder;
  private final ConfiguredApiKeys.Issued key =
      ConfiguredApiKeys.issue("partner", PLACE, EnumSet.allOf(Scope.class), null, RANDOM);
  private final Secret password = new Secret(base64(24));
  private final Inbox inbox;
  private final URI url;
  private final HttpClient http = HttpClient.newHttpClient();
  private final MessagesApi messages;
  private final ServiceProcess service;
  private LocalPostgres postgres;
  private LocalElasticsearch elasticsearch;

  Installation() {
    folder = temporaryFolder();
    byte[] signingKey = new byte[32];
    RANDOM.nextBytes(signingKey);
    inbox = new Inbox(signingKey);
    postgres = LocalPostgres.start(folder.resolve("postgresql"), line -> {});
    elasticsearch = LocalElasticsearch.start(folder.resolve("elasticsearch"), line -> {});
    PostgresStorage.prepare(
        postgres.jdbcUrl("postgres"),
        postgres.superuser(),
        postgres.password(),
        new PostgresStorage.Settings(postgres.jdbcUrl("faults"), "faults_service", password, 8));
    url = URI.create("http://127.0.0.1:" + freePort());
    Path config = folder.resolve("carechat.yaml");
    write(config, configuration(Base64.getEncoder().encodeToString(signingKey)));
    service = new ServiceProcess(config, folder.resolve("service.log"), url);
    var client = new ApiClient();
    client.updateBaseUri(url.toString());
    client.setRequestInterceptor(request -> request.header("X-API-KEY", key.key().value()));
    messages = new MessagesApi(client);
  }

  private String configuration(String signingKey) {
    return """
    public-url: %s
    http:
      host: 127.0.0.1
      port: %d
    database:
      url: "%s"
      user: faults_service
      password: "%s"
      pool-size: 8
    search:
      url: %s
      index: %s
    api-keys:
      - id: %s
        tenant: %s
        instance: %s
        sha256: %s
        scopes: [messages:read, messages:send, messages:send-as-care-team]
    webhooks:
      allow-http: true
      allowed-networks: [127.0.0.0/8]
      retry-waits: [PT0.2S, PT1S, PT2S, PT5S]
      endpoints:
        - id: inbox
          tenant: %s
          instance: %s
          url: %s
          api-key: partner-key
          api-secret: "%s"
          signing-key: "%s"
    rate-limit:
      requests-per-minute: 10000000
    """
        .formatted(
            url,
            url.getPort(),
            postgres.jdbcUrl("faults"),
            password.value(),
            elasticsearch.url(),
            INDEX,
            key.configuration().id(),
            PLACE.tenantName(),
            PLACE.instanceName(),
            key.configuration().sha256(),
            PLACE.tenantName(),
            PLACE.instanceName(),
            inbox.url(),
            base64(24),
            signingKey);
  }

  private static Path temporaryFolder() {
    try {
      Path made = Files.createTempDirectory("carechat-faults");
      // The database may run as another user, who must get at its own folder in there.
      return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx--x--x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String base64(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return Base64.getUrlEncoder().encodeToString(random);
  }

  /** One that is free now; the service must keep its port over its lives, so it cannot take any. */
  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sixteen clients that send from now on. */
  Load load(Duration pause) {
    return new Load(URI.create(url + "/api/v1/" + PLACE), key.key().value(), pause);
  }

  ServiceProcess service() {
    return service;
  }

  Inbox inbox() {
    return inbox;
  }

  /** What must not be in any log. */
  List<String> secrets() {
    return List.of(key.key().value(), password.value());
  }

  /** {@code kill -9} of the first process of PostgreSQL; returns when it is gone. */
  void killPostgres() {
    killProcess(postgres.pid());
  }

  /** Starts PostgreSQL again, on its data and its port. */
  void restartPostgres() {
    postgres.close();
    postgres =
        LocalPostgres.start(
            folder.resolve("postgresql"),
            new LocalPostgres.Settings(
                postgres.port(), LocalPostgres.Settings.DEFAULT.serverSettings()),
            line -> {});
  }

  /** {@code kill -9} of Elasticsearch; returns when it is gone. */
  void killElasticsearch() {
    killProcess(elasticsearch.pid());
    elasticsearch.close();
  }

  /** Deletes what Elasticsearch, which has ended, had stored. */
  void deleteIndexData() {
    delete(folder.resolve("elasticsearch").resolve("data"));
  }

  /** Starts Elasticsearch again, on what it has of its data, and its port. */
  void restartElasticsearch() {
    elasticsearch =
        LocalElasticsearch.start(
            folder.resolve("elasticsearch"),
            new LocalElasticsearch.Settings(
                elasticsearch.url().getPort(), LocalElasticsearch.Settings.DEFAULT.heapMegabytes()),
            line -> {});
  }

  private static void killProcess(long pid) {
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    if (!process.destroyForcibly()) {
      throw new AssertionError("Process " + pid + " could not be killed");
    }
    try {
      ProcessHandle _ = process.onExit().get(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("Process " + pid + " did not end", e);
    }
  }

  /**
   * How many messages of loads are in the index, as Elasticsearch itself says; -1 if it does not.
   */
  long indexed() {
    try {
      HttpResponse<String> refreshed = ask("/" + INDEX + "-*/_refresh");
      HttpResponse<String> counted = ask("/" + INDEX + "-*/_count?q=words:" + Load.WORD);
      if (refreshed.statusCode() != 200 || counted.statusCode() != 200) {
        return -1;
      }
      JsonNode count = MAPPER.readTree(counted.body());
      return count.path("count").asLong(-1);
    } catch (IOException e) {
      return -1;
    }
  }

  private HttpResponse<String> ask(String path) throws IOException {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create(elasticsearch.url() + path))
              .timeout(Duration.ofSeconds(10))
              .GET()
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** All messages of a chat, as finding pages through them, the newest first. */
  List<Message> found(UUID patient) {
    var all = new ArrayList<Message>();
    @Nullable String token = null;
    do {
      MessagePage page =
          messages.findMessages(
              MessagesApi.APIFindMessagesRequest.newBuilder()
                  .tenantName(PLACE.tenantName())
                  .instanceName(PLACE.instanceName())
                  .patientId(patient)
                  .pageSize(200)
                  .pageToken(token)
                  .build());
      page.getContent().stream().map(MessageItem::getMessage).forEach(all::add);
      token = page.getMeta().getNextPageToken();
    } while (token != null);
    return all;
  }

  /**
   * All messages of a chat that match a query, as searching pages through them, the newest first.
   */
  List<Message> searched(UUID patient, String query) {
    var all = new ArrayList<Message>();
    var search = new MessageSearch().query(query).pageSize(200);
    while (true) {
      MessagePage page =
          messages.searchMessagesByBody(PLACE.tenantName(), PLACE.instanceName(), patient, search);
      page.getContent().stream().map(MessageItem::getMessage).forEach(all::add);
      if (page.getMeta().getNextPageToken() == null) {
        return all;
      }
      search = new MessageSearch().pageToken(page.getMeta().getNextPageToken());
    }
  }

  @Override
  public void close() {
    service.close();
    elasticsearch.close();
    postgres.close();
    inbox.close();
    http.close();
    delete(folder);
  }

  private static void delete(Path tree) {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        boolean _ = Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
