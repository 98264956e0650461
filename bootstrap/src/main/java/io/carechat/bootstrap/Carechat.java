package io.carechat.bootstrap;

import io.carechat.domain.ChatId;
import io.carechat.domain.ChatSearch;
import io.carechat.domain.Inbox;
import io.carechat.domain.IndexFollower;
import io.carechat.domain.PatientChats;
import io.carechat.domain.RetrySchedule;
import io.carechat.domain.TimeOrderedIds;
import io.carechat.domain.WebhookDispatch;
import io.carechat.persistence.PostgresStorage;
import io.carechat.rest.ChatApi;
import io.carechat.rest.RateLimits;
import io.carechat.rest.Readiness;
import io.carechat.rest.ServerLimits;
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

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final ChatApi api;

  /**
   * Starts the service; it serves when this returns. A search engine that is away does not keep it
   * from starting.
   *
   * @throws SettingsFault if the settings are of no use
   * @throws io.carechat.domain.Unavailable if the database is away
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
      PostgresStorage storage = part(openStorage(settings.database(), clock, followers));
      ElasticsearchIndex index = part(openIndex(settings.search(), ids));
      HttpWebhookSender sender = part(sender(settings.webhooks(), clock));
      var dispatch =
          new WebhookDispatch(
              storage.events(),
              storage.webhookLedger(),
              new ConfiguredWebhooks(settings.webhooks().endpoints()),
              sender,
              new RetrySchedule(settings.webhooks().retryWaits(), random),
              chat -> patientUrl(settings.publicUrl(), chat),
              ids,
              clock);
      followers.webhooks = part(new WebhookWorkers(dispatch));
      var follower = new IndexFollower(storage.events(), index, INDEX_LOT);
      Relay indexing = part(new Relay("search index", () -> follower.step() > 0, INDEX_POLL));
      followers.index = indexing;
      var credentials =
          new ConfiguredCredentials(
              new ConfiguredApiKeys(settings.apiKeys(), clock),
              new BearerTokens(settings.issuers(), clock));
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
                      ServerLimits.DEFAULT),
                  new PatientChats(storage.messages(), ids),
                  new ChatSearch(storage.messages(), index),
                  new Inbox(storage.chats(), storage.readMarkers()),
                  credentials,
                  () -> readiness(storage, indexing),
                  clock));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static URI patientUrl(URI publicUrl, ChatId chat) {
    return URI.create(publicUrl + "/" + chat.place() + "/patients/" + chat.patient());
  }

  /**
   * Who is woken when something was logged. They are set once they exist; before that, their first
   * look finds it.
   */
  private static final class Followers implements Runnable {
    private volatile @Nullable WebhookWorkers webhooks;
    private volatile @Nullable Relay index;

    @Override
    public void run() {
      WebhookWorkers toDeliver = webhooks;
      if (toDeliver != null) {
        toDeliver.wake();
      }
      Relay toIndex = index;
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
    return PostgresStorage.open(
        new PostgresStorage.Settings(
            database.url(), database.user(), database.password(), database.poolSize()),
        clock,
        onAppended);
  }

  private static ElasticsearchIndex openIndex(Settings.Search search, TimeOrderedIds ids) {
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

  private static HttpWebhookSender sender(Settings.Webhooks webhooks, InstantSource clock) {
    try {
      return new HttpWebhookSender(
          HttpWebhookSender.Settings.of(
              new AddressPolicy(webhooks.allowHttp(), webhooks.allowedNetworks())),
          SSLContext.getDefault(),
          clock);
    } catch (IllegalArgumentException notANetwork) {
      throw new SettingsFault(List.of("webhooks.allowed-networks: " + notANetwork.getMessage()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no TLS", e);
    }
  }

  /** Ready as soon as the database is: without the index searches are slower, but right. */
  private static Readiness.State readiness(PostgresStorage storage, Relay index) {
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
