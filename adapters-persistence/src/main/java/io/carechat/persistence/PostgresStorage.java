package io.carechat.persistence;

import static io.carechat.persistence.jdbc.Connections.Purpose.READING;
import static io.carechat.persistence.jdbc.Connections.Purpose.STORING;
import static io.carechat.persistence.jdbc.Connections.Purpose.WORKING;
import static org.jooq.impl.DSL.selectOne;

import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.inbox.ChatDirectory;
import io.carechat.domain.inbox.ReadMarkers;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.messages.UsageCounters;
import io.carechat.domain.sessions.SessionStore;
import io.carechat.domain.webhooks.WebhookRegistry;
import io.carechat.domain.webhooks.delivery.DeliveryPlans;
import io.carechat.domain.webhooks.delivery.DeliveryQueries;
import io.carechat.domain.webhooks.delivery.DeliveryQueue;
import io.carechat.domain.webhooks.delivery.DeliveryRetention;
import io.carechat.domain.webhooks.delivery.EndpointStates;
import io.carechat.domain.webhooks.delivery.Redeliveries;
import io.carechat.persistence.events.LogNotifier;
import io.carechat.persistence.events.PostgresEventLog;
import io.carechat.persistence.inbox.PostgresChatDirectory;
import io.carechat.persistence.inbox.PostgresReadMarkers;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.DatabaseSettings;
import io.carechat.persistence.jdbc.LongTransactions;
import io.carechat.persistence.jdbc.ServerClock;
import io.carechat.persistence.jdbc.SqlStatement;
import io.carechat.persistence.messages.PostgresMessageLog;
import io.carechat.persistence.messages.PostgresUsageCounters;
import io.carechat.persistence.schema.Safety;
import io.carechat.persistence.schema.Schema;
import io.carechat.persistence.sessions.PostgresSessionStore;
import io.carechat.persistence.webhooks.PostgresWebhookRegistry;
import io.carechat.persistence.webhooks.SecretsKeys;
import io.carechat.persistence.webhooks.delivery.PostgresDeliveryPlans;
import io.carechat.persistence.webhooks.delivery.PostgresDeliveryQueries;
import io.carechat.persistence.webhooks.delivery.PostgresDeliveryQueue;
import io.carechat.persistence.webhooks.delivery.PostgresDeliveryRetention;
import io.carechat.persistence.webhooks.delivery.PostgresEndpointStates;
import io.carechat.persistence.webhooks.delivery.PostgresRedeliveries;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Everything that is kept in PostgreSQL. Safe for use by many threads. */
public final class PostgresStorage implements AutoCloseable {
  /** How many connections a node makes besides those of the pool for reads. */
  public static final int MORE_CONNECTIONS = 14;

  /** How many connections plan, claim and follow the log. */
  private static final int WORKERS = 4;

  /** How many connections find and change sessions, for requests of people with a browser. */
  private static final int OF_SESSIONS = 3;

  /** Reports and backups of other databases may take minutes. */
  private static final Duration LONG_TRANSACTION = Duration.ofMinutes(2);

  private static final System.Logger LOG = System.getLogger(PostgresStorage.class.getName());
  private static final SqlStatement PROBE = SqlStatement.of(selectOne());

  private final Connections reading;
  private final Connections storing;
  private final Connections working;
  private final Connections settling;
  private final Connections ofSessions;
  private final PostgresMessageLog messages;
  private final PostgresUsageCounters usage;
  private final PostgresSessionStore sessions;
  private final PostgresEventLog events;
  private final PostgresChatDirectory chats;
  private final PostgresReadMarkers readMarkers;
  private final PostgresDeliveryPlans deliveryPlans;
  private final PostgresDeliveryQueue deliveryQueue;
  private final PostgresEndpointStates endpointStates;
  private final PostgresRedeliveries redeliveries;
  private final PostgresDeliveryRetention deliveryRetention;
  private final PostgresDeliveryQueries deliveryQueries;
  private final LongTransactions longTransactions;
  private final ServerClock serverClock;
  private final @Nullable LogNotifier otherNodes;
  private final InstantSource clock;

  /**
   * Which PostgreSQL, and as whom.
   *
   * @param jdbcUrl {@code jdbc:postgresql://host:port/database}, with the driver's options
   * @param user may log in, and is a member of {@code carechat_app} and {@code carechat_worker}; no
   *     superuser, and not of the owner of the tables
   * @param poolSize how many requests may read at once, 1 or more; twelve connections more are made
   *     for storing, marking as read, following the log, delivering and sessions
   */
  public record Settings(String jdbcUrl, String user, Secret password, int poolSize) {
    /**
     * @throws IllegalArgumentException if the URL is not one of PostgreSQL's, or the pool is empty
     */
    public Settings {
      if (!jdbcUrl.startsWith("jdbc:postgresql:")) {
        throw new IllegalArgumentException("The URL must start with jdbc:postgresql:");
      }
      if (poolSize < 1) {
        throw new IllegalArgumentException("poolSize must be 1 or more");
      }
    }

    private DatabaseSettings database() {
      return new DatabaseSettings(jdbcUrl, user, password);
    }
  }

  private PostgresStorage(
      Settings settings, InstantSource clock, Runnable onLogged, @Nullable LogNotifier otherNodes) {
    this.otherNodes = otherNodes;
    this.clock = clock;
    DatabaseSettings database = settings.database();
    reading = new Connections(database, READING, "carechat-read", settings.poolSize());
    // One for each thread that stores messages, one for the thread that moves markers, and one for
    // the check whether they can work.
    storing = new Connections(database, STORING, "carechat-store", PostgresMessageLog.WRITERS + 2);
    working = new Connections(database, WORKING, "carechat-work", WORKERS);
    settling = new Connections(database, WORKING, "carechat-settle", 1);
    ofSessions = new Connections(database, WORKING, "carechat-sessions", OF_SESSIONS);
    messages = new PostgresMessageLog(reading, storing, clock, onLogged);
    usage = new PostgresUsageCounters(working);
    sessions = new PostgresSessionStore(ofSessions);
    events = new PostgresEventLog(reading, working);
    serverClock = new ServerClock(working, System::nanoTime);
    longTransactions = new LongTransactions(working, LONG_TRANSACTION, System::nanoTime);
    chats = new PostgresChatDirectory(reading);
    readMarkers = new PostgresReadMarkers(storing, clock, onLogged);
    deliveryPlans = new PostgresDeliveryPlans(working);
    deliveryQueue = new PostgresDeliveryQueue(working, settling);
    endpointStates = new PostgresEndpointStates(reading, working, clock);
    redeliveries = new PostgresRedeliveries(working);
    deliveryRetention = new PostgresDeliveryRetention(working);
    deliveryQueries = new PostgresDeliveryQueries(reading);
  }

  /**
   * Makes a listener that throws nothing. The events are stored, so its failure must not become a
   * failure of whoever sent them, and must not end the thread that runs it.
   */
  private static Runnable guarded(Runnable listener) {
    return () -> {
      try {
        listener.run();
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "A listener to logged events failed", e);
      }
    };
  }

  /**
   * Connects, and checks that the promises can be kept. This is for a program that does not follow
   * the log: other nodes are not notified of what it stores, and it hears nothing from them. They
   * find its events when they poll.
   *
   * @param clock gives messages their times; it may step back
   * @param onAppended run after events were appended to the log by this storage, on a thread that
   *     stores them. It must be quick. If it throws, that is logged and has no other effect
   * @throws IllegalStateException if the user could see other tenants' rows or change policies, if
   *     PostgreSQL would lose what it has acknowledged, or if tables are missing; the message says
   *     what to do
   * @throws Unavailable if PostgreSQL cannot be reached
   */
  public static PostgresStorage open(Settings settings, InstantSource clock, Runnable onAppended) {
    Safety.check(settings.database());
    return new PostgresStorage(settings, clock, guarded(onAppended), null);
  }

  /**
   * Does the same for a node of the service, which follows the log. Nodes on one database notify
   * each other when they append events. This needs two more connections, which are made in the
   * background.
   *
   * @param clock gives messages their times; it may step back
   * @param node distinguishes this node from all others, such as a random UUID
   * @param onLogged run after events were appended to the log, by this node or by another one, and
   *     after each time that other nodes could not be heard. It must be quick, and safe for use by
   *     many threads. It may run although there is nothing new. If it throws, that is logged and
   *     has no other effect
   * @throws IllegalStateException as {@link #open} does
   * @throws Unavailable if PostgreSQL cannot be reached
   */
  public static PostgresStorage openNode(
      Settings settings, InstantSource clock, String node, Runnable onLogged) {
    Safety.check(settings.database());
    Runnable here = guarded(onLogged);
    LogNotifier otherNodes = LogNotifier.start(settings.database(), node, here);
    Runnable everywhere =
        () -> {
          here.run();
          otherNodes.wake();
        };
    try {
      return new PostgresStorage(settings, clock, everywhere, otherNodes);
    } catch (RuntimeException e) {
      otherNodes.close();
      throw e;
    }
  }

  /**
   * Makes the tables, or brings them up to date. Several may do it at once. A new database is
   * closed to all users but the service's, if the user may do that.
   *
   * @param user a superuser, or one who may make roles and, in the database, schemas
   * @param serviceUser what the service will be opened with
   * @throws IllegalStateException if another installation on the server is open to every role, so
   *     that the service's user could read its messages; the message says what to do
   * @throws Unavailable if PostgreSQL cannot be reached
   */
  public static void migrate(String jdbcUrl, String user, String password, String serviceUser) {
    Schema.migrate(jdbcUrl, user, password, serviceUser);
  }

  /**
   * Makes what is missing for the service: its database, its user with that password and the roles
   * that it needs, and the tables. Several may do it at once.
   *
   * @param adminUrl any other database of the same server, such as {@code postgres}
   * @param admin a superuser
   * @param service what the service will be opened with
   * @throws Unavailable if PostgreSQL cannot be reached
   */
  public static void prepare(
      String adminUrl, String admin, String adminPassword, Settings service) {
    Schema.prepare(adminUrl, admin, adminPassword, service.database());
  }

  /** The messages of all chats. */
  public MessageLog messages() {
    return messages;
  }

  /** What instances have sent and stored. */
  public UsageCounters usage() {
    return usage;
  }

  /** The people who are signed in with a browser. */
  public SessionStore sessions() {
    return sessions;
  }

  /** What happened in all chats. */
  public EventLog events() {
    return events;
  }

  /** What happened, for those who may see an instance or a chat. */
  public InstanceEvents instanceEvents() {
    return events;
  }

  /** Which chats there are, and how they stand. */
  public ChatDirectory chats() {
    return chats;
  }

  /** How far the sides of chats have read. */
  public ReadMarkers readMarkers() {
    return readMarkers;
  }

  /** Which events have been turned into deliveries. */
  public DeliveryPlans deliveryPlans() {
    return deliveryPlans;
  }

  /** The deliveries that are due. */
  public DeliveryQueue deliveryQueue() {
    return deliveryQueue;
  }

  /** Which endpoints fail, and which are disabled. */
  public EndpointStates endpointStates() {
    return endpointStates;
  }

  /** Deliveries that are made again. */
  public Redeliveries redeliveries() {
    return redeliveries;
  }

  /** Removes old deliveries. */
  public DeliveryRetention deliveryRetention() {
    return deliveryRetention;
  }

  /** The deliveries, for those who manage an instance's endpoints. */
  public DeliveryQueries deliveryQueries() {
    return deliveryQueries;
  }

  /**
   * The webhook endpoints that are made by the API.
   *
   * @param keys encrypt their secrets, in the form of {@link #checkSecretsKeys}; without any, no
   *     endpoint can be made
   * @param random for their encryption; it must be cryptographically strong
   * @throws IllegalArgumentException if the keys do not have that form
   * @throws IllegalStateException if there are secrets of a key that is not among these
   * @throws Unavailable if PostgreSQL cannot be reached
   */
  public WebhookRegistry webhookRegistry(Optional<Secret> keys, RandomGenerator random) {
    return new PostgresWebhookRegistry(
        reading, working, keys.map(SecretsKeys::parse).orElseGet(SecretsKeys::none), random, clock);
  }

  /**
   * Checks the keys that partners' secrets are encrypted with: each is {@code ID:BASE64}, with
   * white space or commas between them. The first one encrypts. Each decrypts what it has
   * encrypted.
   *
   * @throws IllegalArgumentException if there is no key, or one does not have that form, or an id
   *     is used twice; the message repeats no key
   */
  public static void checkSecretsKeys(Secret keys) {
    SecretsKeys _ = SecretsKeys.parse(keys);
  }

  /**
   * Whether messages can be read and stored. Answers within four seconds. After an outage it may
   * become true a few seconds later than PostgreSQL is available, because a pool waits up to five
   * seconds between its attempts to connect.
   */
  public boolean isReady() {
    return answers(reading) && answers(storing);
  }

  /**
   * The time of PostgreSQL's machine, for what several nodes must agree on: when something is due,
   * and when a lease ends. It counts on from the last {@link #refreshSharedClock}, and does not
   * follow changes of this node's clock.
   */
  public InstantSource sharedClock() {
    return serverClock;
  }

  /**
   * Reads the clock of PostgreSQL's machine. To be called every few seconds.
   *
   * @throws Unavailable if PostgreSQL is unavailable
   */
  public void refreshSharedClock() {
    serverClock.refresh();
  }

  /**
   * Finds transactions that stay open on the server, in whichever database. While one is open,
   * PostgreSQL cleans nothing up, and deliveries become slower. One that has been open for two
   * minutes is logged. Their age is counted from the first call that has seen them, so this is to
   * be called again and again.
   *
   * @return how long the oldest has been seen; zero if there is none
   * @throws Unavailable if PostgreSQL is unavailable
   */
  public Duration checkLongTransactions() {
    return longTransactions.check();
  }

  private static boolean answers(Connections connections) {
    try {
      return connections.readFirst(PROBE.bind(), row -> true).isPresent();
    } catch (Unavailable e) {
      return false;
    }
  }

  /** Stores and settles what waits, for sixteen seconds at most, and disconnects. */
  @Override
  public void close() {
    messages.close();
    readMarkers.close();
    deliveryQueue.close();
    if (otherNodes != null) {
      otherNodes.close();
    }
    storing.close();
    settling.close();
    ofSessions.close();
    working.close();
    reading.close();
  }
}
