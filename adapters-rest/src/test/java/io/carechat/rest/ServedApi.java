package io.carechat.rest;

import io.carechat.api.checked.CheckingHttpClient;
import io.carechat.domain.Caller;
import io.carechat.domain.ChatId;
import io.carechat.domain.ChatSearch;
import io.carechat.domain.Credentials;
import io.carechat.domain.EventFeeds;
import io.carechat.domain.ExternalId;
import io.carechat.domain.InMemoryMessageIndex;
import io.carechat.domain.InMemoryMessageLog;
import io.carechat.domain.InMemoryWebhookLedger;
import io.carechat.domain.InMemoryWebhookRegistry;
import io.carechat.domain.Inbox;
import io.carechat.domain.InstanceEvents;
import io.carechat.domain.InstanceSearch;
import io.carechat.domain.InstanceWindow;
import io.carechat.domain.KnownEndpoints;
import io.carechat.domain.LogPosition;
import io.carechat.domain.LogTail;
import io.carechat.domain.LoggedEvent;
import io.carechat.domain.ManualClock;
import io.carechat.domain.Message;
import io.carechat.domain.MessageIndex;
import io.carechat.domain.MessageLog;
import io.carechat.domain.MessageRef;
import io.carechat.domain.NewMessage;
import io.carechat.domain.PartnerLedger;
import io.carechat.domain.PatientChats;
import io.carechat.domain.PatientId;
import io.carechat.domain.Samples;
import io.carechat.domain.Scope;
import io.carechat.domain.SearchFilter;
import io.carechat.domain.SearchQuery;
import io.carechat.domain.Secret;
import io.carechat.domain.Sender;
import io.carechat.domain.Slice;
import io.carechat.domain.TailThread;
import io.carechat.domain.TenantInstance;
import io.carechat.domain.TimeOrderedIds;
import io.carechat.domain.Unavailable;
import io.carechat.domain.WebhookAnswer;
import io.carechat.domain.WebhookEndpoint;
import io.carechat.domain.Webhooks;
import io.carechat.domain.Window;
import io.github.bucket4j.TimeMeter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
final class ServedApi implements AutoCloseable {
  static final UUID PATIENT = UUID.fromString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab");
  static final UUID NURSE = UUID.fromString("0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10");

  /** A partner's key for the samples' place, with every scope. */
  static final String KEY = "key-of-all-scopes";

  static final String READ_ONLY = "key-of-reading";
  static final String SEND_ONLY = "key-of-sending";
  static final String OTHER_INSTANCE = "key-of-another-instance";
  static final String OTHER_TENANT = "key-of-another-tenant";
  static final String PATIENTS_TOKEN = "token.of.the-patient";
  static final String NURSES_TOKEN = "token.of.the-nurse";
  static final RateLimits GENEROUS =
      new RateLimits(
          new RateLimits.Limit(1_000_000, Duration.ofMinutes(1)),
          new RateLimits.Limit(1_000_000, Duration.ofMinutes(1)));

  final ManualClock clock = new ManualClock(Samples.NOON);
  final AtomicLong rateTime = new AtomicLong();

  /** An endpoint of the operator's. */
  static final WebhookEndpoint CONFIGURED =
      new WebhookEndpoint(
          Samples.PLACE,
          "configured",
          URI.create("https://partner.example/configured"),
          new Secret("planted-api-key"),
          new Secret("planted-api-secret"),
          List.of(new Secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")));

  final InMemoryMessageLog events = new InMemoryMessageLog(clock);
  final FaultyLog log = new FaultyLog(events);
  final InMemoryMessageIndex index = new InMemoryMessageIndex();
  final CountedAnswers metrics = new CountedAnswers();
  final InMemoryWebhookRegistry registry;
  final InMemoryWebhookLedger ledger = new InMemoryWebhookLedger();
  final AtomicInteger redeliveries = new AtomicInteger();

  /** What endpoints answer tests with. */
  volatile Function<WebhookEndpoint, WebhookAnswer> pinged =
      endpoint -> new WebhookAnswer.Answered(204, null, "", Duration.ofMillis(41));

  /** Read instead of the log's feeds of chats, with the place to read on from and a limit. */
  volatile @Nullable BiFunction<LogPosition, Integer, List<LoggedEvent>> feedOfChats;

  private final LogTail tail =
      new LogTail(
          events,
          new InstanceEvents() {
            @Override
            public List<LoggedEvent> read(TenantInstance place, LogPosition after, int limit) {
              return events.read(place, after, limit);
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
          },
          4);

  private final TailThread tailing = new TailThread(tail);
  final Map<String, Caller> keys = new ConcurrentHashMap<>();
  final Map<String, Caller> tokens = new ConcurrentHashMap<>();

  /** Run before a credential is looked up. */
  volatile @Nullable Runnable beforeCredentials;

  volatile Readiness.State readiness =
      new Readiness.State(true, List.of(new Readiness.Check("database", true)));
  final ChatApi api;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  ServedApi() {
    this(GENEROUS, ServerLimits.DEFAULT);
  }

  ServedApi(RateLimits rateLimits, ServerLimits limits) {
    this(rateLimits, limits, StreamLimits.DEFAULT);
  }

  ServedApi(RateLimits rateLimits, ServerLimits limits, StreamLimits streams) {
    this(rateLimits, limits, streams, new InMemoryWebhookRegistry());
  }

  ServedApi(RateLimits rateLimits, ServerLimits limits, InMemoryWebhookRegistry registry) {
    this(rateLimits, limits, StreamLimits.DEFAULT, registry);
  }

  private ServedApi(
      RateLimits rateLimits,
      ServerLimits limits,
      StreamLimits streams,
      InMemoryWebhookRegistry registry) {
    this.registry = registry;
    Set<Scope> all = Set.of(Scope.values());
    keys.put(KEY, new Caller.Partner("partner-1", Samples.PLACE, all));
    keys.put(
        READ_ONLY, new Caller.Partner("partner-2", Samples.PLACE, Set.of(Scope.READ_MESSAGES)));
    keys.put(
        SEND_ONLY, new Caller.Partner("partner-3", Samples.PLACE, Set.of(Scope.SEND_MESSAGES)));
    keys.put(OTHER_INSTANCE, new Caller.Partner("partner-4", Samples.OTHER_INSTANCE, all));
    keys.put(OTHER_TENANT, new Caller.Partner("partner-5", Samples.OTHER_TENANT, all));
    tokens.put(
        PATIENTS_TOKEN,
        new Caller.PatientUser("patient-1", Samples.PLACE, all, new PatientId(PATIENT)));
    tokens.put(
        NURSES_TOKEN,
        new Caller.CareTeamUser(
            "nurse-1", Samples.PLACE, all, new Sender.CareTeamMember(NURSE, "Nurse")));
    var endpoints = new KnownEndpoints(List.of(CONFIGURED), registry, System::nanoTime);
    api =
        ChatApi.start(
            new ChatApi.Settings("127.0.0.1", 0, rateLimits, limits, streams),
            new UseCases(
                new PatientChats(log, new TimeOrderedIds(clock, new Random())),
                new ChatSearch(log, new NoIndex()),
                new InstanceSearch(log, index),
                new Inbox(events, events),
                new EventFeeds(tail),
                new Webhooks(
                    endpoints,
                    registry,
                    ledger,
                    events,
                    (endpoint, id, patientUrl, at) -> pinged.apply(endpoint),
                    url ->
                        url.getHost().equals("10.0.0.1")
                            ? Optional.of("cannot be called: the address 10.0.0.1 is not allowed")
                            : Optional.empty(),
                    chat -> URI.create("https://chat.example/" + chat),
                    new TimeOrderedIds(clock, new Random()),
                    new Random(),
                    clock),
                new PartnerLedger(ledger, ledger, endpoints, clock, redeliveries::incrementAndGet)),
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
  static String messages() {
    return messages(Samples.PLACE, PATIENT);
  }

  static String messages(TenantInstance place, UUID patient) {
    return "/api/v1/" + place + "/patients/" + patient + "/messages";
  }

  /** A path of messages that no other test has. */
  static String newMessages() {
    return messages(Samples.PLACE, UUID.randomUUID());
  }

  int port() {
    return api.port();
  }

  HttpRequest.Builder request(String path, @Nullable String key) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .timeout(Duration.ofSeconds(20));
    return key == null
        ? request
        : tokens.containsKey(key)
            ? request.header("Authorization", "Bearer " + key)
            : request.header("X-API-KEY", key);
  }

  Answer send(HttpRequest request) {
    return send(client, request);
  }

  Answer send(HttpClient by, HttpRequest request) {
    try {
      Answer answer =
          Answer.of(
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
  StreamClient stream(String path, String key) {
    return stream(request(path, key).GET().build());
  }

  StreamClient stream(HttpRequest request) {
    return new StreamClient(client, request);
  }

  Answer get(String path) {
    return get(path, KEY);
  }

  Answer get(String path, @Nullable String key) {
    return send(request(path, key).GET().build());
  }

  Answer post(String path, String json) {
    return post(path, KEY, json);
  }

  Answer post(String path, @Nullable String key, String json) {
    return send(
        request(path, key)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json))
            .build());
  }

  /** Sends a message, and gives it as it was answered. */
  Answer sent(String path, String text) {
    return post(path, "{\"message\":\"" + text + "\"}");
  }

  @Override
  public void close() {
    api.close();
    tailing.close();
    client.close();
  }

  /** An index that is always away: the log has the truth. */
  private static final class NoIndex implements MessageIndex {
    @Override
    public Proposals propose(
        ChatId chat, SearchQuery query, SearchFilter filter, Window window, int limit) {
      throw away();
    }

    @Override
    public InstanceProposals proposeInInstance(
        TenantInstance place,
        SearchQuery query,
        SearchFilter filter,
        InstanceWindow window,
        int limit) {
      throw away();
    }

    @Override
    public LogPosition indexedUpTo() {
      throw away();
    }

    @Override
    public void index(LogPosition after, List<Message> messages, LogPosition upTo) {
      throw away();
    }

    private static Unavailable away() {
      return new Unavailable("there is no index", Duration.ofSeconds(1));
    }
  }

  /** Keeps what it is told of. */
  static final class CountedAnswers implements Metrics {
    final List<String> answers = new CopyOnWriteArrayList<>();

    @Override
    public void answered(String operation, int status) {
      answers.add(operation + " " + status);
    }

    @Override
    public byte[] exposition() {
      return "a_figure 1.0\n".getBytes(StandardCharsets.UTF_8);
    }
  }

  /** A message log that fails, or takes its time, when it is told to. */
  static final class FaultyLog implements MessageLog {
    private final MessageLog log;
    volatile @Nullable Runnable before;

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
    public Slice read(ChatId chat, Window window, int limit) {
      return log().read(chat, window, limit);
    }

    @Override
    public Slice readLoggedAfter(LogPosition position, ChatId chat, Window window, int limit) {
      return log().readLoggedAfter(position, chat, window, limit);
    }

    @Override
    public List<LoggedEvent> readLoggedAfter(
        LogPosition position, TenantInstance place, int limit) {
      return log().readLoggedAfter(position, place, limit);
    }

    @Override
    public List<Message> findAll(TenantInstance place, Collection<MessageRef> messages) {
      return log().findAll(place, messages);
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
