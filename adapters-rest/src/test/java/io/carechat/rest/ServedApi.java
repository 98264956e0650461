package io.carechat.rest;

import io.carechat.api.checked.CheckingHttpClient;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Credentials;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.feeds.EventFeeds;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.feeds.LogFollower;
import io.carechat.domain.feeds.LogFollowerThread;
import io.carechat.domain.inbox.Inbox;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.messages.InMemoryUsageCounters;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.messages.NewMessage;
import io.carechat.domain.messages.PatientChats;
import io.carechat.domain.messages.Quota;
import io.carechat.domain.messages.SendQuotas;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.ChatSearch;
import io.carechat.domain.search.InstanceSearch;
import io.carechat.domain.search.index.InMemoryMessageIndex;
import io.carechat.domain.search.index.MessageIndex;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import io.carechat.domain.sessions.IdentityProviders;
import io.carechat.domain.sessions.InMemorySessionStore;
import io.carechat.domain.sessions.Sessions;
import io.carechat.domain.webhooks.CachedWebhookEndpoints;
import io.carechat.domain.webhooks.InMemoryWebhookRegistry;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.delivery.DeliveryHistory;
import io.carechat.domain.webhooks.delivery.InMemoryDeliveryStore;
import io.carechat.domain.webhooks.management.WebhookManagement;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.events.StreamClient;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.Described;
import io.carechat.rest.http.Metrics;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.http.Received;
import io.carechat.rest.messages.SearchLimits;
import io.carechat.rest.meta.Readiness;
import io.github.bucket4j.TimeMeter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The API, listening on a free port, with a message log in memory and no index. Each answer that is
 * got through it is held against the contract.
 */
public final class ServedApi implements AutoCloseable {
  public static final UUID PATIENT = UUID.fromString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab");
  public static final UUID NURSE = UUID.fromString("0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10");

  /** A partner's key for the samples' instance, with every scope. */
  public static final String KEY = "key-of-all-scopes";

  public static final String READ_ONLY = "key-of-reading";
  public static final String SEND_ONLY = "key-of-sending";
  public static final String OTHER_INSTANCE = "key-of-another-instance";
  public static final String OTHER_TENANT = "key-of-another-tenant";
  public static final String PATIENTS_TOKEN = "token.of.the-patient";
  public static final String NURSES_TOKEN = "token.of.the-nurse";
  public static final RateLimits GENEROUS =
      new RateLimits(
          new RateLimits.Limit(1_000_000, Duration.ofMinutes(1)),
          new RateLimits.Limit(1_000_000, Duration.ofMinutes(1)),
          new RateLimits.Limit(1_000_000, Duration.ofMinutes(1)));

  public final ManualClock clock = new ManualClock(Samples.NOON);
  public final AtomicLong rateTime = new AtomicLong();

  /** An endpoint of the operator's. */
  public static final WebhookEndpoint CONFIGURED =
      new WebhookEndpoint(
          Samples.THIS_INSTANCE,
          new EndpointId("configured"),
          URI.create("https://partner.example/configured"),
          new Secret("planted-api-key"),
          new Secret("planted-api-secret"),
          List.of(new Secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")));

  public final InMemoryMessageLog events = new InMemoryMessageLog(clock);
  public final FaultyLog log = new FaultyLog(events);
  public final InMemoryMessageIndex index = new InMemoryMessageIndex();
  public final CountedAnswers metrics = new CountedAnswers();
  public final InMemoryWebhookRegistry registry;
  public final InMemoryDeliveryStore deliveries = new InMemoryDeliveryStore();
  public final AtomicInteger redeliveries = new AtomicInteger();

  public final InMemorySessionStore sessionStore = new InMemorySessionStore();

  /** The sessions of people. */
  public final Sessions sessions =
      new Sessions(sessionStore, chat -> "patient-by-link", new Random(2), clock);

  /** Where people prove who they are. */
  public volatile IdentityProviders identityProviders = IdentityProviders.none();

  /** What endpoints answer tests with. */
  public volatile Function<WebhookEndpoint, WebhookAnswer> pinged =
      endpoint -> new WebhookAnswer.Answered(204, null, "", Duration.ofMillis(41));

  /** Read instead of the log's feeds of chats, with the position to read on from and a limit. */
  public volatile @Nullable BiFunction<LogPosition, Integer, List<LoggedEvent>> feedOfChats;

  private final LogFollower tail =
      new LogFollower(
          events,
          new InstanceEvents() {
            @Override
            public List<LoggedEvent> read(TenantInstance instance, LogPosition after, int limit) {
              return events.read(instance, after, limit);
            }

            @Override
            public List<LoggedEvent> read(ChatId chat, LogPosition after, int limit) {
              var instead = feedOfChats;
              return instead == null
                  ? events.read(chat, after, limit)
                  : instead.apply(after, limit);
            }

            @Override
            public LogPosition end() {
              return events.end();
            }

            @Override
            public LogPosition bound() {
              return events.bound();
            }
          },
          4);

  private final LogFollowerThread tailing = new LogFollowerThread(tail);
  public final Map<String, Caller> keys = new ConcurrentHashMap<>();
  public final Map<TenantInstance, Quota> quotas = new ConcurrentHashMap<>();
  public final Map<String, Caller> tokens = new ConcurrentHashMap<>();

  /** Run before a credential is looked up. */
  public volatile @Nullable Runnable beforeCredentials;

  public volatile Readiness.State readiness =
      new Readiness.State(true, List.of(new Readiness.Check("database", true)));
  public final ChatApi api;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(30))
          .build();

  public ServedApi() {
    this(GENEROUS, ServerLimits.DEFAULT);
  }

  public ServedApi(RateLimits rateLimits, ServerLimits limits) {
    this(rateLimits, limits, StreamLimits.DEFAULT);
  }

  public ServedApi(RateLimits rateLimits, ServerLimits limits, StreamLimits streams) {
    this(new ChatApi.Settings("127.0.0.1", 0, rateLimits, limits, streams));
  }

  public ServedApi(
      RateLimits rateLimits, ServerLimits limits, StreamLimits streams, SearchLimits searches) {
    this(
        new ChatApi.Settings(
            "127.0.0.1", 0, rateLimits, limits, streams, searches, List.of(), Optional.empty()));
  }

  public ServedApi(RateLimits rateLimits, ServerLimits limits, InMemoryWebhookRegistry registry) {
    this(new ChatApi.Settings("127.0.0.1", 0, rateLimits, limits, StreamLimits.DEFAULT), registry);
  }

  public ServedApi(ChatApi.Settings settings) {
    this(settings, null);
  }

  private ServedApi(ChatApi.Settings settings, @Nullable InMemoryWebhookRegistry registry) {
    this.registry = registry == null ? deliveries.registry() : registry;
    Set<Scope> all = Set.of(Scope.values());
    keys.put(KEY, new Caller.Partner("partner-1", Samples.THIS_INSTANCE, all));
    keys.put(
        READ_ONLY,
        new Caller.Partner("partner-2", Samples.THIS_INSTANCE, Set.of(Scope.READ_MESSAGES)));
    keys.put(
        SEND_ONLY,
        new Caller.Partner("partner-3", Samples.THIS_INSTANCE, Set.of(Scope.SEND_MESSAGES)));
    keys.put(OTHER_INSTANCE, new Caller.Partner("partner-4", Samples.OTHER_INSTANCE, all));
    keys.put(OTHER_TENANT, new Caller.Partner("partner-5", Samples.OTHER_TENANT, all));
    tokens.put(
        PATIENTS_TOKEN,
        new Caller.PatientUser("patient-1", Samples.THIS_INSTANCE, all, new PatientId(PATIENT)));
    tokens.put(
        NURSES_TOKEN,
        new Caller.CareTeamUser(
            "nurse-1", Samples.THIS_INSTANCE, all, new Sender.CareTeamMember(NURSE, "Nurse")));
    var endpoints =
        new CachedWebhookEndpoints(List.of(CONFIGURED), this.registry, System::nanoTime);
    api =
        ChatApi.start(
            settings,
            new UseCases(
                new PatientChats(
                    log,
                    new TimeOrderedIds(clock, new Random(1)),
                    new SendQuotas(
                        instance -> Optional.ofNullable(quotas.get(instance)),
                        new InMemoryUsageCounters(),
                        clock)),
                new ChatSearch(log, new NoIndex()),
                new InstanceSearch(log, index),
                new Inbox(events, events),
                new EventFeeds(tail),
                new WebhookManagement(
                    endpoints,
                    this.registry,
                    deliveries,
                    events,
                    (endpoint, id, patientUrl, at) -> pinged.apply(endpoint),
                    (instance, url) ->
                        url.getHost().equals("10.0.0.1")
                            ? Optional.of("cannot be called: the address 10.0.0.1 is not allowed")
                            : Optional.empty(),
                    chat -> URI.create("https://chat.example/" + chat),
                    new TimeOrderedIds(clock, new Random(1)),
                    new Random(1),
                    clock),
                new DeliveryHistory(
                    deliveries, deliveries, endpoints, clock, redeliveries::incrementAndGet),
                sessions,
                new IdentityProviders() {
                  @Override
                  public Optional<Begun> begin(TenantInstance instance) {
                    return identityProviders.begin(instance);
                  }

                  @Override
                  public Optional<Caller> finish(Secret pending, String answer) {
                    return identityProviders.finish(pending, answer);
                  }
                }),
            new Credentials() {
              @Override
              public Optional<Caller> ofApiKey(Secret key) {
                run(beforeCredentials);
                return Optional.ofNullable(keys.get(key.value()));
              }

              @Override
              public Optional<Caller> ofBearerToken(Secret token) {
                run(beforeCredentials);
                return Optional.ofNullable(tokens.get(token.value()));
              }
            },
            () -> readiness,
            metrics,
            clock,
            new TimeMeter() {
              @Override
              public long currentTimeNanos() {
                return rateTime.get();
              }

              @Override
              public boolean isWallClockBased() {
                return false;
              }
            });
  }

  private static void run(@Nullable Runnable first) {
    if (first != null) {
      first.run();
    }
  }

  /** The path of the messages of the samples' patient. */
  public static String messages() {
    return messages(Samples.THIS_INSTANCE, PATIENT);
  }

  public static String messages(TenantInstance instance, UUID patient) {
    return "/api/v1/" + instance + "/patients/" + patient + "/messages";
  }

  /** A path of messages that no other test has. */
  public static String newMessages() {
    return messages(Samples.THIS_INSTANCE, UUID.randomUUID());
  }

  public int port() {
    return api.port();
  }

  public HttpRequest.Builder request(String path, @Nullable String key) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .timeout(Duration.ofSeconds(60));
    return key == null
        ? request
        : tokens.containsKey(key)
            ? request.header("Authorization", "Bearer " + key)
            : request.header("X-API-KEY", key);
  }

  public Received send(HttpRequest request) {
    return send(client, request);
  }

  public Received send(HttpClient by, HttpRequest request) {
    try {
      Received answer =
          Received.of(
              new CheckingHttpClient(by).send(request, HttpResponse.BodyHandlers.ofByteArray()));
      Described.problem(answer);
      return answer;
    } catch (IOException e) {
      throw new AssertionError("no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Opens a stream. */
  public StreamClient stream(String path, String key) {
    return stream(request(path, key).GET().build());
  }

  public StreamClient stream(HttpRequest request) {
    return new StreamClient(client, request);
  }

  public Received get(String path) {
    return get(path, KEY);
  }

  public Received get(String path, @Nullable String key) {
    return send(request(path, key).GET().build());
  }

  public Received post(String path, String json) {
    return post(path, KEY, json);
  }

  public Received post(String path, @Nullable String key, String json) {
    return send(
        request(path, key)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json))
            .build());
  }

  /** Sends a message, and gives it as it was answered. */
  public Received sent(String path, String text) {
    return post(path, "{\"message\":\"" + text + "\"}");
  }

  @Override
  public void close() {
    api.close();
    tailing.close();
    client.close();
  }

  /** An index that is always unavailable: the log is asked instead. */
  private static final class NoIndex implements MessageIndex {
    @Override
    public Proposals propose(
        ChatId chat, SearchQuery query, SearchFilter filter, Window<Instant> window, int limit) {
      throw unavailable();
    }

    @Override
    public InstanceProposals proposeInInstance(
        TenantInstance instance,
        SearchQuery query,
        SearchFilter filter,
        Window<MessageKey> window,
        int limit) {
      throw unavailable();
    }

    @Override
    public LogPosition searchedUpTo() {
      throw unavailable();
    }

    @Override
    public LogPosition indexedUpTo() {
      throw unavailable();
    }

    @Override
    public void index(LogPosition after, List<Message> messages, LogPosition upTo) {
      throw unavailable();
    }

    private static Unavailable unavailable() {
      return new Unavailable("there is no index", Duration.ofSeconds(1));
    }
  }

  /** Keeps what it is notified of. */
  public static final class CountedAnswers implements Metrics {
    public final List<String> answers = new CopyOnWriteArrayList<>();

    @Override
    public void answered(String operation, int status) {
      answers.add(operation + " " + status);
    }

    @Override
    public byte[] exposition() {
      return "a_figure 1.0\n".getBytes(StandardCharsets.UTF_8);
    }
  }

  /** A message log that fails, or takes its time, when a test wants it. */
  public static final class FaultyLog implements MessageLog {
    private final MessageLog log;
    public volatile @Nullable Runnable before;

    FaultyLog(MessageLog log) {
      this.log = log;
    }

    private MessageLog log() {
      run(before);
      return log;
    }

    @Override
    public Appended append(NewMessage message) {
      return log().append(message);
    }

    @Override
    public Optional<Appended> findEarlier(NewMessage message) {
      return log().findEarlier(message);
    }

    @Override
    public Slice<Message> read(ChatId chat, Window<Instant> window, int limit) {
      return log().read(chat, window, limit);
    }

    @Override
    public Slice<Message> readLoggedAfter(
        LogPosition position, ChatId chat, Window<Instant> window, int limit) {
      return log().readLoggedAfter(position, chat, window, limit);
    }

    @Override
    public List<LoggedEvent> readLoggedAfter(
        LogPosition position, TenantInstance instance, int limit) {
      return log().readLoggedAfter(position, instance, limit);
    }

    @Override
    public List<Message> findAll(TenantInstance instance, Collection<MessageRef> messages) {
      return log().findAll(instance, messages);
    }

    @Override
    public Optional<Message> find(ChatId chat, ExternalId id) {
      return log().find(chat, id);
    }

    @Override
    public List<Message> findAll(ChatId chat, Collection<ExternalId> ids) {
      return log().findAll(chat, ids);
    }
  }
}
