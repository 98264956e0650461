package io.carechat.contracttests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.bootstrap.ConfiguredApiKeys;
import io.carechat.client.ApiClient;
import io.carechat.client.EventsApi;
import io.carechat.client.MessagesApi;
import io.carechat.client.model.Event;
import io.carechat.client.model.EventList;
import io.carechat.client.model.Message;
import io.carechat.client.model.MessageItem;
import io.carechat.client.model.MessagePage;
import io.carechat.client.model.MessageSearch;
import io.carechat.contracttests.running.TestIssuer;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.delivery.RetryPolicy;
import io.carechat.local.FreePorts;
import io.carechat.persistence.PostgresStorage;
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
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The service as one scenario needs it. It has one or several nodes, each a separate process, its
 * own database and index, and an inbox for the webhooks.
 */
final class TestCluster implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int HITS_AT_ONCE = 5_000;
  private static final int EVENTS_AT_ONCE = 500;
  private static final int MOST_FOLLOWERS = 2;
  private static final int ATTEMPTS_AT_A_PORT = 3;

  /** The claim {@code iss} of the tokens of {@link #secondIssuer}. */
  static final String SECOND_ISSUER = "https://second.carechat.test";

  private final Machine machine;
  private final Shape shape;
  private final String database;
  private final String index;
  private final Secret password = new Secret(base64(24));
  private final String signingKey;
  private final Inbox inbox;
  private final TestIssuer issuer;
  private final TestIssuer secondIssuer = new TestIssuer();
  private final ConfiguredApiKeys.Issued manager;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<TenantInstance, ConfiguredApiKeys.Issued> keys = new LinkedHashMap<>();
  private final List<ServiceProcess> nodes = new ArrayList<>();
  private final Map<TenantInstance, Follower> followers = new LinkedHashMap<>();

  /**
   * An endpoint that does not lead to the inbox.
   *
   * @param id unique in the instance
   */
  record BadEndpoint(TenantInstance instance, String id, URI url) {}

  /** What a scenario needs. Each method changes this shape and returns it. For one thread. */
  static final class Shape {
    private static final TenantInstance INSTANCE = new TenantInstance("test-den", "chat2");

    private final Cluster cluster;
    private int databasePort;
    private String tablespace = "pg_default";
    private int nodes = 1;
    private List<TenantInstance> instances = List.of(INSTANCE);
    private int inboxEndpoints = 1;
    private List<BadEndpoint> badEndpoints = List.of();
    private List<String> retryWaits = List.of("0.2", "1", "2", "5", "5", "5", "5", "5", "5");
    private int poolSize = 4;
    private int heapMegabytes = 256;

    /** Most nodes of tests live for seconds, and start faster without the optimizing compiler. */
    private List<String> compilation = List.of("-XX:TieredStopAtLevel=1");

    private int requestsPerMinute = 10_000_000;
    private String streams = "streams: {open: 16384, per-instance: 8192, per-credential: 8192}\n";

    private Shape(Cluster cluster) {
      this.cluster = cluster;
      this.databasePort = cluster.server().port();
    }

    /**
     * One node, one instance, and one endpoint that leads to the inbox.
     *
     * @param cluster the PostgreSQL that has the database
     */
    static Shape on(Cluster cluster) {
      return new Shape(cluster);
    }

    /** The nodes reach the database by a link. */
    Shape through(TcpLink link) {
      databasePort = link.port();
      return this;
    }

    /** The database is in this tablespace. */
    Shape in(String space) {
      tablespace = space;
      return this;
    }

    Shape nodes(int number) {
      nodes = number;
      return this;
    }

    Shape of(List<TenantInstance> others) {
      instances = List.copyOf(others);
      return this;
    }

    /**
     * Each instance has this number of good endpoints, which lead to the inbox. There are bad ones
     * too, and the service's default waits between attempts.
     */
    Shape endpoints(List<TenantInstance> of, int good, List<BadEndpoint> bad) {
      instances = List.copyOf(of);
      inboxEndpoints = good;
      badEndpoints = List.copyOf(bad);
      retryWaits =
          RetryPolicy.DEFAULT_WAITS.stream().map(wait -> Long.toString(wait.toSeconds())).toList();
      return this;
    }

    Shape retryingForever() {
      retryWaits = IntStream.range(0, 1_000).mapToObj(i -> i < 2 ? "0.5" : "5").toList();
      return this;
    }

    /**
     * The pool, the rate limit and the limits of streams are the defaults, and the virtual machine
     * may use its optimizing compiler.
     */
    Shape usual() {
      compilation = List.of();
      poolSize = 16;
      requestsPerMinute = 6_000;
      streams = "";
      return this;
    }

    /** The largest heap of a node. */
    Shape heap(int megabytes) {
      heapMegabytes = megabytes;
      return this;
    }

    private List<String> javaOptions() {
      return Stream.concat(
              Stream.of("-Xmx" + heapMegabytes + "m", "-XX:+UseSerialGC"), compilation.stream())
          .toList();
    }
  }

  /** Starts the cluster. Returns when every node is ready. */
  TestCluster(Machine machine, Shape shape) {
    this.machine = machine;
    this.shape = shape;
    database = machine.newName();
    index = database;
    byte[] key = new byte[32];
    RANDOM.nextBytes(key);
    signingKey = Base64.getEncoder().encodeToString(key);
    inbox = new Inbox(key);
    issuer = machine.issuer();
    for (TenantInstance instance : shape.instances) {
      keys.put(
          instance,
          ConfiguredApiKeys.issue(
              "partner-" + keys.size(), instance, EnumSet.allOf(Scope.class), null, RANDOM));
    }
    manager =
        ConfiguredApiKeys.issue(
            "manager", shape.instances.getFirst(), EnumSet.of(Scope.MANAGE_WEBHOOKS), null, RANDOM);
    Cluster cluster = shape.cluster;
    cluster.run("postgres", "create database " + database + " tablespace " + shape.tablespace);
    PostgresStorage.prepare(
        cluster.server().jdbcUrl("postgres"),
        cluster.server().superuser(),
        cluster.server().password(),
        storage());
    for (int i = 0; i < shape.nodes; i++) {
      nodes.add(start(i));
    }
    List<URI> urls = nodes.stream().map(ServiceProcess::url).toList();
    shape.instances.stream()
        .limit(MOST_FOLLOWERS)
        .forEach(instance -> followers.put(instance, new Follower(urls, instance, key(instance))));
  }

  /**
   * Starts a node. The node keeps its port when it starts again, so the system cannot choose it.
   */
  private ServiceProcess start(int node) {
    String name = database + "-" + node;
    Path config = machine.folder().resolve(name + ".yaml");
    for (int attempt = 1; ; attempt++) {
      URI url = URI.create("http://127.0.0.1:" + FreePorts.one());
      write(config, configuration(url, node));
      try {
        return new ServiceProcess(config, name, url, shape.javaOptions());
      } catch (ServiceProcess.CannotListen taken) {
        if (attempt == ATTEMPTS_AT_A_PORT) {
          throw taken;
        }
      }
    }
  }

  /** The settings to open a storage of this cluster, in addition to its nodes. */
  PostgresStorage.Settings storage() {
    return new PostgresStorage.Settings(
        shape.cluster.server().jdbcUrl(database), database + "_service", password, 4);
  }

  private String configuration(URI url, int node) {
    var text =
        new StringBuilder(
            """
            public-url: http://chat.example.org
            http:
              host: 127.0.0.1
              port: %d
            database:
              url: "jdbc:postgresql://127.0.0.1:%d/%s"
              user: %s_service
              password: "%s"
              pool-size: %d
            search:
              url: %s
              index: %s
            rate-limit:
              requests-per-minute: %d
            %sissuers:
              - issuer: %s
                audience: %s
                jwks-file: %s
                instances: ["*/*"]
              - issuer: %s
                audience: %s
                jwks-file: %s
                instances: ["%s"]
            api-keys:
              - {id: manager, tenant: %s, instance: %s, sha256: %s, scopes: ["webhooks:manage"]}
            """
                .formatted(
                    url.getPort(),
                    shape.databasePort,
                    database,
                    database,
                    password.value(),
                    shape.poolSize,
                    machine.elasticsearch().url(),
                    index,
                    shape.requestsPerMinute,
                    shape.streams,
                    TestIssuer.ISSUER,
                    TestIssuer.AUDIENCE,
                    issuer.settings(machine.folder()).jwksFile().orElseThrow(),
                    SECOND_ISSUER,
                    TestIssuer.AUDIENCE,
                    secondIssuer.settings(secondIssuersFolder()).jwksFile().orElseThrow(),
                    manager.configuration().instance(),
                    manager.configuration().instance().tenantName(),
                    manager.configuration().instance().instanceName(),
                    manager.configuration().sha256()));
    keys.forEach((instance, key) ->
        text.append(
            """
            - id: %s
              tenant: %s
              instance: %s
              sha256: %s
              scopes: [messages:read, messages:send, messages:send-as-care-team, webhooks:manage]
            """
                .formatted(
                    key.configuration().id(),
                    instance.tenantName(),
                    instance.instanceName(),
                    key.configuration().sha256())
                .indent(2)));
    text.append(
        """
        webhooks:
          allow-http: true
          allowed-networks: [{network: 127.0.0.0/8, ports: all, instances: all, show-answers: true}]
          retry-waits: [%s]
          endpoints:
        """
            .formatted(
                shape.retryWaits.stream()
                    .map(seconds -> "PT" + seconds + "S")
                    .collect(Collectors.joining(", "))));
    for (TenantInstance instance : shape.instances) {
      for (String id : inboxEndpoints()) {
        endpoint(text, instance, id, inbox.url(id), node);
      }
    }
    for (BadEndpoint bad : shape.badEndpoints) {
      endpoint(text, bad.instance(), bad.id(), bad.url(), node);
    }
    return text.toString();
  }

  private void endpoint(StringBuilder text, TenantInstance instance, String id, URI url, int node) {
    text.append(
        """
        - id: %s
          tenant: %s
          instance: %s
          url: %s
          api-key: node-%d
          api-secret: "%s"
          signing-key: "%s"
        """
            .formatted(
                id,
                instance.tenantName(),
                instance.instanceName(),
                url,
                node,
                password.value(),
                signingKey)
            .indent(4));
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

  /** Makes new chats, and spreads them over the instances in turn. */
  List<Chat> newChats(int count) {
    List<TenantInstance> instances = shape.instances;
    return IntStream.range(0, count)
        .mapToObj(i -> instances.get(i % instances.size()))
        .map(instance -> new Chat(instance, key(instance), UUID.randomUUID()))
        .toList();
  }

  private String key(TenantInstance instance) {
    ConfiguredApiKeys.Issued issued = keys.get(instance);
    if (issued == null) {
      throw new AssertionError("No instance of this testCluster: " + instance);
    }
    return issued.key().value();
  }

  /** Sixteen clients in sixteen chats. They do not pause, and they know all nodes. */
  Load.Plan plan() {
    return plan(16);
  }

  /** Like {@link #plan()}, with this number of chats. */
  Load.Plan plan(int chats) {
    return Load.Plan.of(nodes.stream().map(ServiceProcess::url).toList(), newChats(chats));
  }

  /** The first node. */
  ServiceProcess node() {
    return nodes.getFirst();
  }

  ServiceProcess node(int number) {
    return nodes.get(number);
  }

  /** Makes the tokens of people, for every instance. */
  TestIssuer issuer() {
    return issuer;
  }

  /** Another issuer, which is trusted for the first instance only. */
  TestIssuer secondIssuer() {
    return secondIssuer;
  }

  /** A key of the first instance that may only manage webhooks. */
  String managersKey() {
    return manager.key().value();
  }

  private Path secondIssuersFolder() {
    try {
      return Files.createDirectories(machine.folder().resolve(database + "-issuer"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Inbox inbox() {
    return inbox;
  }

  Cluster cluster() {
    return shape.cluster;
  }

  String database() {
    return database;
  }

  /** The endpoints of every instance that lead to the inbox. */
  List<String> inboxEndpoints() {
    return IntStream.range(0, shape.inboxEndpoints).mapToObj(i -> "inbox-" + i).toList();
  }

  /** The ids of the messages of loads that are in the index. Elasticsearch itself is asked. */
  Set<String> indexed() throws IOException {
    var ids = new HashSet<String>();
    JsonNode refreshed = ask("/" + index + "-*/_refresh", "");
    JsonNode page =
        ask(
            "/" + index + "-*/_search?scroll=1m",
            "{\"size\":%d,\"_source\":false,\"query\":{\"match\":{\"words\":\"%s\"}}}"
                .formatted(HITS_AT_ONCE, Load.WORD));
    if (refreshed.path("_shards").path("failed").asInt(-1) != 0) {
      throw new IOException("The index could not be refreshed");
    }
    while (!page.path("hits").path("hits").isEmpty()) {
      page.path("hits").path("hits").forEach(hit -> ids.add(hit.path("_id").asText()));
      page =
          ask(
              "/_search/scroll",
              "{\"scroll\":\"1m\",\"scroll_id\":\"%s\"}"
                  .formatted(page.path("_scroll_id").asText()));
    }
    return ids;
  }

  private JsonNode ask(String path, String body) throws IOException {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(machine.elasticsearch().url() + path))
                  .timeout(Duration.ofSeconds(20))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException(
            "Elasticsearch responded with " + answer.statusCode() + " to " + path);
      }
      return MAPPER.readTree(answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private MessagesApi api(Chat chat) {
    return new MessagesApi(client(chat.apiKey()));
  }

  private ApiClient client(String apiKey) {
    ServiceProcess alive = nodes.stream().filter(ServiceProcess::isAlive).findFirst().orElseThrow();
    var client = new ApiClient();
    client.updateBaseUri(alive.url().toString());
    client.setReadTimeout(Duration.ofSeconds(60));
    client.setRequestInterceptor(request -> request.header("X-API-KEY", apiKey));
    return client;
  }

  /**
   * The followers of the streams of instances. If there are many instances, only the first have
   * one.
   */
  Map<TenantInstance, Follower> followers() {
    return followers;
  }

  /** The ids of each chat's messages, in the order of their events in an instance. */
  Map<UUID, List<String>> pulled(TenantInstance instance) {
    var events = new EventsApi(client(key(instance)));
    var pulled = new HashMap<UUID, List<String>>();
    String after = "0-0";
    EventList batch;
    do {
      batch =
          events.listEvents(
              instance.tenantName(), instance.instanceName(), after, EVENTS_AT_ONCE, null);
      for (Event event : batch.getEvents()) {
        Message message = event.getMessage();
        if (event.getType().equals("message.sent") && message != null) {
          pulled
              .computeIfAbsent(event.getPatientId(), _ -> new ArrayList<>())
              .add(message.getExternalId());
        }
      }
      after = batch.getAfter();
    } while (!batch.getEvents().isEmpty());
    return pulled;
  }

  /** All messages of a chat, newest first, read page by page with find. */
  List<Message> found(Chat chat) {
    MessagesApi api = api(chat);
    var all = new ArrayList<Message>();
    @Nullable String token = null;
    do {
      MessagePage page =
          api.findMessages(
              MessagesApi.APIFindMessagesRequest.newBuilder()
                  .tenantName(chat.instance().tenantName())
                  .instanceName(chat.instance().instanceName())
                  .patientId(chat.patient())
                  .pageSize(200)
                  .pageToken(token)
                  .build());
      page.getContent().stream().map(MessageItem::getMessage).forEach(all::add);
      token = page.getMeta().getNextPageToken();
    } while (token != null);
    return all;
  }

  /** All messages of a chat that match a query, newest first, read page by page with search. */
  List<Message> searched(Chat chat, String query) {
    MessagesApi api = api(chat);
    var all = new ArrayList<Message>();
    var search = new MessageSearch().query(query).pageSize(200);
    while (true) {
      MessagePage page =
          api.searchMessagesByBody(
              chat.instance().tenantName(), chat.instance().instanceName(), chat.patient(), search);
      page.getContent().stream().map(MessageItem::getMessage).forEach(all::add);
      if (page.getMeta().getNextPageToken() == null) {
        return all;
      }
      search = new MessageSearch().pageToken(page.getMeta().getNextPageToken());
    }
  }

  /** Asserts that the nodes' logs contain nothing that people wrote, and no secret. */
  void assertLogsKeepSecrets() {
    for (ServiceProcess node : nodes) {
      assertThat(node.log())
          .contains("carechat serves")
          .doesNotContainIgnoringCase(Load.WORD)
          .doesNotContain(password.value())
          .doesNotContain(keys.values().stream().map(key -> key.key().value()).toList());
    }
    assertThat(inbox.refused()).isEmpty();
  }

  @Override
  public void close() {
    followers.values().forEach(Follower::close);
    nodes.forEach(ServiceProcess::close);
    inbox.close();
    http.close();
  }
}
