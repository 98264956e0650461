package io.carechat.bootstrap;

import io.carechat.domain.access.Credentials;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.feeds.EventFeeds;
import io.carechat.domain.feeds.LogFollower;
import io.carechat.domain.inbox.Inbox;
import io.carechat.domain.messages.PatientChats;
import io.carechat.domain.messages.SendQuotas;
import io.carechat.domain.search.ChatSearch;
import io.carechat.domain.search.InstanceSearch;
import io.carechat.domain.sessions.IdentityProviders;
import io.carechat.domain.sessions.Sessions;
import io.carechat.persistence.PostgresStorage;
import io.carechat.rest.ChatApi;
import io.carechat.rest.UseCases;
import io.carechat.rest.connections.AddressRange;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.console.ConsoleSettings;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.CrossOrigin;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.messages.SearchLimits;
import io.carechat.rest.meta.Readiness;
import io.carechat.search.ElasticsearchIndex;
import io.carechat.search.RecentChatWords;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * The running service. Its parts are made by plain constructors, each from complete other parts,
 * and are closed in the reverse order. This package is the only one that knows all of them.
 */
public final class Carechat implements AutoCloseable {
  /** The memory for the words of long chats that were searched a short time ago, in bytes. */
  private static final long CHAT_WORDS = 32_000_000;

  private static final Duration STREAMS_POLL = Duration.ofSeconds(1);
  private static final Duration QUOTAS_STEP = Duration.ofSeconds(1);

  /** Nothing depends on how soon what has ended is deleted. */
  private static final Duration SESSIONS_STEP = Duration.ofMinutes(1);

  private static final int SESSIONS_PER_STEP = 1_000;

  /**
   * What was just committed is not readable for as long as an older write is under way, so the log
   * is read again soon after a signal.
   */
  private static final Duration STREAMS_READ_AGAIN = Duration.ofMillis(2);

  private final Closeables parts = new Closeables();
  private final UseCases useCases;
  private final ChatApi api;

  /**
   * Starts the service. It serves requests when this returns. It also starts while the search
   * engine is unavailable.
   *
   * @throws InvalidSettings if the settings cannot be used
   * @throws io.carechat.domain.chat.Unavailable if the database is unavailable
   * @throws IllegalStateException if it cannot listen on its host and port, or may open too few
   *     files
   */
  public static Carechat start(Settings settings) {
    return new Carechat(settings);
  }

  private Carechat(Settings configured) {
    Settings settings = FileHandles.fit(configured, FileHandles.max());
    InstantSource clock = InstantSource.system();
    var random = new SecureRandom();
    var ids = new TimeOrderedIds(clock, random);
    var logSignal = new LogSignal();
    List<TrustedIssuer> issuers = TrustedIssuer.all(settings, clock);
    try {
      PostgresStorage storage = parts.add(openNode(settings.database(), clock, ids, logSignal));
      ElasticsearchIndex index = parts.add(openIndex(settings.search(), ids));
      LogFollower streams = followForStreams(storage, settings.database(), logSignal);
      WebhookParts webhooks =
          parts.add(WebhookParts.start(settings, storage, logSignal, ids, random, clock));
      Indexing indexing =
          parts.add(
              Indexing.start(
                  storage, index, random, settings.search().reconcileEvery(), logSignal));
      DatabaseMonitor database = parts.add(DatabaseMonitor.start(storage));
      Executor judging = parts.add(SearchThreads.start());
      Sessions sessions = openSessions(settings, storage, random);
      useCases =
          new UseCases(
              new PatientChats(storage.messages(), ids, quotas(settings, storage, clock)),
              new ChatSearch(storage.messages(), index, new RecentChatWords(CHAT_WORDS), judging),
              new InstanceSearch(storage.messages(), index, judging),
              new Inbox(storage.chats(), storage.readMarkers()),
              new EventFeeds(streams),
              webhooks.management(),
              webhooks.history(),
              sessions,
              identityProviders(settings, issuers));
      api =
          parts.add(
              ChatApi.start(
                  apiSettings(settings),
                  useCases,
                  credentials(settings, issuers, clock),
                  () -> readiness(storage, indexing),
                  new PrometheusMetrics(
                      indexing.follower(),
                      indexing.reconciler(),
                      database::oldestTransaction,
                      clock),
                  clock));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Opens the database for a program that does not follow the log: it is not notified of what other
   * nodes store, and does not notify them. Where an owner is configured, the schema is migrated
   * first.
   *
   * @param onAppended runs after something was stored by this storage
   */
  public static PostgresStorage openStorage(
      Settings.Database database, InstantSource clock, Runnable onAppended) {
    migrateIfOwned(database);
    return PostgresStorage.open(storageSettings(database), clock, onAppended);
  }

  private static PostgresStorage openNode(
      Settings.Database database, InstantSource clock, TimeOrderedIds ids, LogSignal logSignal) {
    migrateIfOwned(database);
    return PostgresStorage.openNode(
        storageSettings(database), clock, ids.next().toString(), logSignal::raise);
  }

  private static void migrateIfOwned(Settings.Database database) {
    database
        .owner()
        .ifPresent(owner ->
            PostgresStorage.migrate(
                database.url(), owner.user(), owner.password().value(), database.user()));
  }

  private static PostgresStorage.Settings storageSettings(Settings.Database database) {
    return new PostgresStorage.Settings(
        database.url(), database.user(), database.password(), database.poolSize());
  }

  /** Starts the thread that counts what instances with a quota send, if there are any. */
  private SendQuotas quotas(Settings settings, PostgresStorage storage, InstantSource clock) {
    if (settings.quotas().isEmpty()) {
      return SendQuotas.none();
    }
    var quotas = new SendQuotas(settings::quotaOf, storage.usage(), clock);
    // Also at the end, so that what was sent last is counted.
    parts.add(quotas::step);
    parts.add(new PollingWorker("quotas", quotas::step, QUOTAS_STEP).start());
    return quotas;
  }

  /** Starts the thread that deletes sessions and links that have ended. */
  private Sessions openSessions(Settings settings, PostgresStorage storage, SecureRandom random) {
    var userIds = new UserIds(settings.userIdKey());
    var sessions = new Sessions(storage.sessions(), userIds::ofLink, random, storage.sharedClock());
    parts.add(
        new PollingWorker(
                "ended sessions", () -> sessions.deleteEnded(SESSIONS_PER_STEP), SESSIONS_STEP)
            .start());
    return sessions;
  }

  /** Starts the thread that reads the log for all streams. */
  private LogFollower followForStreams(
      PostgresStorage storage, Settings.Database database, LogSignal logSignal) {
    // Streams read with the connections of requests, and may use only a part of them.
    int readers = Math.max(1, database.poolSize() / 4);
    var tail = new LogFollower(storage.events(), storage.instanceEvents(), readers);
    PollingWorker following =
        parts.add(
            new PollingWorker("event streams", tail::step, STREAMS_POLL, STREAMS_READ_AGAIN)
                .start());
    logSignal.subscribe(following::wake);
    return tail;
  }

  /** The credentials of the settings alone. */
  public static Credentials credentials(Settings settings, InstantSource clock) {
    return credentials(settings, TrustedIssuer.all(settings, clock), clock);
  }

  private static Credentials credentials(
      Settings settings, List<TrustedIssuer> issuers, InstantSource clock) {
    return new ConfiguredCredentials(
        new ConfiguredApiKeys(settings.apiKeys(), clock), new BearerTokens(issuers));
  }

  /** The identity providers of the settings alone: the issuers that have a login. */
  public static IdentityProviders identityProviders(Settings settings, InstantSource clock) {
    return identityProviders(settings, TrustedIssuer.all(settings, clock));
  }

  private static IdentityProviders identityProviders(
      Settings settings, List<TrustedIssuer> issuers) {
    return new OpenIdProviders(issuers, settings.publicUrl(), System::nanoTime, new SecureRandom());
  }

  /**
   * Opens the index alone. It can be opened while the search engine is unavailable.
   *
   * @param ids for the names of indices
   */
  public static ElasticsearchIndex openIndex(Settings.Search search, TimeOrderedIds ids) {
    ElasticsearchIndex.Login login =
        search
            .apiKey()
            .<ElasticsearchIndex.Login>map(ElasticsearchIndex.Login.ApiKey::new)
            .or(() ->
                search
                    .login()
                    .map(user ->
                        new ElasticsearchIndex.Login.Password(user.user(), user.password())))
            .orElse(null);
    return ElasticsearchIndex.open(
        new ElasticsearchIndex.Settings(
            search.url(),
            search.index(),
            login,
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            FileHandles.SEARCH,
            search.shards(),
            search.replicas()),
        ids);
  }

  private static ChatApi.Settings apiSettings(Settings settings) {
    Settings.Http http = settings.http();
    var minute = Duration.ofMinutes(1);
    return new ChatApi.Settings(
        http.host(),
        http.port(),
        new RateLimits(
            new RateLimits.Limit(settings.rateLimit().requestsPerMinute(), minute),
            RateLimits.DEFAULT.failures(),
            new RateLimits.Limit(settings.rateLimit().withoutCredentialPerMinute(), minute)),
        ServerLimits.DEFAULT.withConnections(http.connections(), http.connectionsPerAddress()),
        new StreamLimits(
            settings.streams().open(),
            settings.streams().perInstance(),
            settings.streams().perCredential(),
            settings.streams().perPatient(),
            settings.streams().heartbeat(),
            StreamLimits.DEFAULT.stalled(),
            StreamLimits.DEFAULT.recheck()),
        searchLimits(settings.search().concurrency()),
        http.trustedProxies().stream().map(AddressRange::parse).toList(),
        http.management().map(listener -> new ChatApi.Listener(listener.host(), listener.port())),
        settings.publicUrl(),
        new CrossOrigin(Set.copyOf(http.allowedOrigins())),
        new ConsoleSettings(settings.console().enabled(), settings.console()::frameOriginsOf));
  }

  private static SearchLimits searchLimits(Settings.SearchConcurrency concurrency) {
    return new SearchLimits(
        concurrency.total(),
        concurrency.perInstance(),
        concurrency.perCredential(),
        concurrency.perPatient(),
        SearchLimits.DEFAULT.maxWait());
  }

  /** Ready as soon as the database is: without the index, searches are slower but correct. */
  private static Readiness.State readiness(PostgresStorage storage, Indexing indexing) {
    boolean database = storage.isReady();
    return new Readiness.State(
        database,
        List.of(
            new Readiness.Check("database", database),
            new Readiness.Check("search", indexing.works())));
  }

  /** What it serves, for a program that also serves it elsewhere. Usable until this is closed. */
  public UseCases useCases() {
    return useCases;
  }

  /** The port that it listens on. */
  public int port() {
    return api.port();
  }

  /** Whether it still accepts connections. Once it does not, it never does again. */
  public boolean isListening() {
    return api.isListening();
  }

  /**
   * Stops the service: first requests under way are finished, then deliveries, then the database is
   * disconnected. What was not delivered or indexed will be after the next start.
   */
  @Override
  public void close() {
    parts.close();
  }
}
