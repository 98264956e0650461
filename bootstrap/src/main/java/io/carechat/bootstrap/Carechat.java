package io.carechat.bootstrap;
import io.carechat.domain.access.Credentials;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.feeds.EventFeeds;
import io.carechat.domain.feeds.LogFollower;
import io.carechat.domain.inbox.Inbox;
import io.carechat.domain.messages.PatientChats;
import io.carechat.domain.search.ChatSearch;
import io.carechat.domain.search.InstanceSearch;
import io.carechat.domain.search.index.IndexFollower;
import io.carechat.domain.search.index.IndexReconciler;
import io.carechat.domain.webhooks.CachedWebhookEndpoints;
import io.carechat.domain.webhooks.WebhookRegistry;
import io.carechat.domain.webhooks.delivery.DeliveryHistory;
import io.carechat.domain.webhooks.delivery.RetrySchedule;
import io.carechat.domain.webhooks.delivery.WebhookDispatcher;
import io.carechat.domain.webhooks.management.WebhookManagement;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.events.LogNotifier;
import io.carechat.rest.ChatApi;
import io.carechat.rest.UseCases;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.http.ServerLimits;
import io.carechat.rest.meta.Readiness;
import io.carechat.search.ElasticsearchIndex;
import io.carechat.webhook.AddressPolicy;
import io.carechat.webhook.HttpWebhookSender;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The running service: every part made with its constructor, and ended in the reverse order. This
 * is the one place that knows them all.
 */
public final class Carechat implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Carechat.class.getName());
  private static final Duration INDEX_POLL = Duration.ofSeconds(1);
  private static final int INDEX_LOT = 1_000;
  private static final int RECONCILER_LOT = 500;

  private static final Duration LOOK_AT_DATABASE = Duration.ofSeconds(10);

  /** What is committed is withheld from the log's readers while an older write is under way. */
  private static final Duration TAIL_AGAIN = Duration.ofMillis(2);

  private static final Duration TAIL_POLL = Duration.ofSeconds(1);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final UseCases useCases;
  private final ChatApi api;

  /**
   * Starts the service; it serves when this returns. A search engine that is away does not keep it
   * from starting.
   *
   * @throws InvalidSettings if the settings are of no use
   * @throws io.carechat.domain.chat.Unavailable if the database is away
   */
  public static Carechat start(Settings settings) {
    return new Carechat(settings);
  }

  private Carechat(Settings settings) {
    InstantSource clock = InstantSource.system();
    var random = new SecureRandom();
    var ids = new TimeOrderedIds(clock, random);
    try {
      // What follows the log is made after it, and woken by it.
      var followers = new Followers();
      var appended = new Appended(followers);
      PostgresStorage storage = part(openStorage(settings.database(), clock, appended));
      LogNotifier wakeups =
          part(
              LogNotifier.start(
                  storageSettings(settings.database()), ids.next().toString(), followers));
      appended.others = wakeups;
      ElasticsearchIndex index = part(openIndex(settings.search(), ids));
      AddressPolicy addresses = addresses(settings.webhooks());
      HttpWebhookSender sender = part(sender(addresses, clock));
      WebhookRegistry registry = storage.webhookRegistry(settings.secretsKeys(), random);
      var endpoints =
          new CachedWebhookEndpoints(settings.webhooks().endpoints(), registry, System::nanoTime);
      WebhookDispatcher.PatientUrls patientUrls = chat -> patientUrl(settings.publicUrl(), chat);
      var dispatch =
          new WebhookDispatcher(
              storage.events(),
              storage.webhookLedger(),
              endpoints,
              sender,
              new RetrySchedule(settings.webhooks().retryWaits(), random),
              patientUrls,
              ids,
              storage.sharedClock());
      var workers = part(new WebhookDeliveryService(dispatch, settings.webhooks().ledger()));
      followers.webhooks = workers;
      var follower = new IndexFollower(storage.events(), index, INDEX_LOT);
      var reconciler =
          new IndexReconciler(
              storage.events(),
              storage.messages(),
              index,
              index.documents(),
              random,
              RECONCILER_LOT);
      PollingWorker indexing = part(new PollingWorker("search index", () -> follower.step() > 0, INDEX_POLL));
      followers.index = indexing;
      part(
          new PollingWorker(
              "index reconciler",
              () -> {
                reconciler.step();
                return false;
              },
              settings.search().reconcileEvery()));
      var oldestTransaction = new AtomicReference<>(Duration.ZERO);
      part(
          new PollingWorker(
              "look at the database",
              () -> {
                storage.lookAtClock();
                oldestTransaction.set(storage.lookForLongTransactions());
                return false;
              },
              LOOK_AT_DATABASE));
      // Of the connections that requests read with, streams may not take more than a part.
      var tail =
          new LogFollower(
              storage.events(),
              storage.instanceEvents(),
              Math.max(1, settings.database().poolSize() / 4));
      followers.streams = part(new PollingWorker("event streams", tail::step, TAIL_POLL, TAIL_AGAIN));
      useCases =
          new UseCases(
              new PatientChats(storage.messages(), ids),
              new ChatSearch(storage.messages(), index),
              new InstanceSearch(storage.messages(), index),
              new Inbox(storage.chats(), storage.readMarkers()),
              new EventFeeds(tail),
              new WebhookManagement(
                  endpoints,
                  registry,
                  storage.webhookLedger(),
                  storage.instanceEvents(),
                  sender,
                  addresses,
                  patientUrls,
                  ids,
                  random,
                  clock),
              new DeliveryHistory(
                  storage.deliveries(),
                  storage.webhookLedger(),
                  endpoints,
                  storage.sharedClock(),
                  workers::wakeForRedelivery));
      api =
          part(
              ChatApi.start(
                  new ChatApi.Settings(
                      settings.http().host(),
                      settings.http().port(),
                      new RateLimits(
                          new RateLimits.Limit(
                              settings.rateLimit().requestsPerMinute(), Duration.ofMinutes(1)),
                          RateLimits.DEFAULT.failures()),
                      ServerLimits.DEFAULT,
                      new StreamLimits(
                          settings.streams().open(),
                          settings.streams().perCredential(),
                          settings.streams().heartbeat(),
                          StreamLimits.DEFAULT.stalled(),
                          StreamLimits.DEFAULT.recheck())),
                  useCases,
                  credentials(settings, clock),
                  () -> readiness(storage, indexing),
                  new PrometheusMetrics(follower, reconciler, oldestTransaction::get, clock),
                  clock));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static URI patientUrl(URI publicUrl, ChatId chat) {
    return URI.create(publicUrl + "/" + chat.instance() + "/patients/" + chat.patient());
  }

  /** What is done when something was logged here: the others are told as well. */
  private static final class Appended implements Runnable {
    private final Followers followers;
    private volatile @Nullable LogNotifier others;

    Appended(Followers followers) {
      this.followers = followers;
    }

    @Override
    public void run() {
      followers.run();
      LogNotifier toTell = others;
      if (toTell != null) {
        toTell.tell();
      }
    }
  }

  /**
   * Who is woken when something was logged, here or by another node. They are set once they exist;
   * before that, their first look finds it.
   */
  private static final class Followers implements Runnable {
    private volatile @Nullable WebhookDeliveryService webhooks;
    private volatile @Nullable PollingWorker index;
    private volatile @Nullable PollingWorker streams;

    @Override
    public void run() {
      PollingWorker toTell = streams;
      if (toTell != null) {
        toTell.wake();
      }
      WebhookDeliveryService toDeliver = webhooks;
      if (toDeliver != null) {
        toDeliver.wake();
      }
      PollingWorker toIndex = index;
      if (toIndex != null) {
        toIndex.wake();
      }
    }
  }

  /**
   * Opens the database alone, migrating it first where an owner is configured.
   *
   * @param onAppended told of every message that was stored
   */
  public static PostgresStorage openStorage(
      Settings.Database database, InstantSource clock, Runnable onAppended) {
    database
        .owner()
        .ifPresent(owner ->
            PostgresStorage.migrate(database.url(), owner.user(), owner.password().value()));
    return PostgresStorage.open(storageSettings(database), clock, onAppended);
  }

  private static PostgresStorage.Settings storageSettings(Settings.Database database) {
    return new PostgresStorage.Settings(
        database.url(), database.user(), database.password(), database.poolSize());
  }

  /** The credentials of the settings alone. */
  public static Credentials credentials(Settings settings, InstantSource clock) {
    return new ConfiguredCredentials(
        new ConfiguredApiKeys(settings.apiKeys(), clock),
        new BearerTokens(settings.issuers(), clock));
  }

  /**
   * Opens the index alone. A search engine that is away does not keep it from being opened.
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
            64,
            search.shards(),
            search.replicas()),
        ids);
  }

  private static AddressPolicy addresses(Settings.Webhooks webhooks) {
    try {
      return new AddressPolicy(webhooks.allowHttp(), webhooks.allowedNetworks());
    } catch (IllegalArgumentException notANetwork) {
      throw new InvalidSettings(List.of("webhooks.allowed-networks: " + notANetwork.getMessage()));
    }
  }

  private static HttpWebhookSender sender(AddressPolicy addresses, InstantSource clock) {
    try {
      return new HttpWebhookSender(
          HttpWebhookSender.Settings.of(addresses), SSLContext.getDefault(), clock);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no TLS", e);
    }
  }

  /** Ready as soon as the database is: without the index searches are slower, but right. */
  private static Readiness.State readiness(PostgresStorage storage, PollingWorker index) {
    boolean database = storage.isReady();
    return new Readiness.State(
        database,
        List.of(
            new Readiness.Check("database", database),
            new Readiness.Check("search", index.works())));
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.push(part);
    return part;
  }

  /** What it serves, for whoever serves it elsewhere too; of use until this is closed. */
  public UseCases useCases() {
    return useCases;
  }

  /** The port that it listens on. */
  public int port() {
    return api.port();
  }

  /**
   * Stops: requests under way are finished, then deliveries, then the database is left. What was
   * not delivered or indexed is, when it starts again.
   */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        LOG.log(System.Logger.Level.WARNING, "A part did not end well", e);
      }
    }
  }
}
