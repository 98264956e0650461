package io.carechat.persistence.events;
import io.carechat.persistence.PostgresStorage;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Tells the other nodes on the same database that there is something new in the log, and is told by
 * them, by NOTIFY and LISTEN. Being told only saves time: whoever follows the log looks now and
 * then anyway, and nothing is lost while the connections for this are away.
 *
 * <p>What is told is only that there is something, and by whom: each then looks at the log, as far
 * as it is readable by then. So nobody's names are in it, and any number of events are told by one
 * notification.
 *
 * <p>It has two connections of its own, in sessions of their own: a pooler in between must pool by
 * session. A notification is never sent by a transaction that writes, because those that notify
 * commit one after the other. Safe for use by many threads.
 */
public final class LogNotifier implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LogNotifier.class.getName());
  private static final String LISTEN = "listen carechat_events";
  private static final String NOTIFY = "select pg_notify('carechat_events', ?)";

  /**
   * A commit that notifies has a transaction id, and would wait for the disk. There is nothing in
   * it that could be lost.
   */
  private static final String NOTHING_TO_KEEP = "set synchronous_commit = off";

  /** At most one notification in this time: what happens meanwhile is told by the next one. */
  private static final Duration GAP = Duration.ofMillis(15);

  /** After this long without a notification the connection must show that it is alive. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final PostgresStorage.Settings settings;
  private final Runnable woken;
  private final String self;
  private final Semaphore asked = new Semaphore(0);
  private final Thread listener;
  private final Thread teller;
  private volatile @Nullable Connection listening;
  private volatile @Nullable Connection telling;
  private volatile boolean closed;

  private LogNotifier(PostgresStorage.Settings settings, String self, Runnable woken) {
    this.settings = settings;
    this.self = self;
    this.woken = woken;
    this.listener = Thread.ofPlatform().daemon().name("carechat-listen").unstarted(this::listen);
    this.teller = Thread.ofPlatform().daemon().name("carechat-notify").unstarted(this::tellOthers);
  }

  /**
   * Begins to tell and to listen. It returns at once, and connects when it can.
   *
   * @param self tells this node from all others
   * @param woken run when another node has told that there is something, and after each time that
   *     this could not be heard; on a thread of its own. It must be quick
   */
  public static LogNotifier start(PostgresStorage.Settings settings, String self, Runnable woken) {
    var wakeups = new LogNotifier(settings, self, woken);
    wakeups.listener.start();
    wakeups.teller.start();
    return wakeups;
  }

  /**
   * Tells the other nodes, soon, that there is something. Cheap, and safe to call from anywhere.
   */
  public void tell() {
    if (asked.availablePermits() == 0) {
      asked.release();
    }
  }

  private void listen() {
    boolean away = false;
    while (!closed) {
      try (Connection connection = connect("carechat-listen")) {
        listening = connection;
        execute(connection, LISTEN);
        away = false;
        // What was told before this was not heard.
        woken.run();
        listen(connection);
      } catch (SQLException e) {
        away = complain("listens to other nodes", e, away);
        pause();
      }
    }
  }

  private void listen(Connection connection) throws SQLException {
    PGConnection notifications = connection.unwrap(PGConnection.class);
    while (!closed) {
      PGNotification[] heard = notifications.getNotifications((int) SILENCE.toMillis());
      if (heard == null || heard.length == 0) {
        execute(connection, "select 1");
      } else if (isOfOthers(heard)) {
        woken.run();
      }
    }
  }

  private boolean isOfOthers(PGNotification[] heard) {
    for (PGNotification each : heard) {
      if (!self.equals(each.getParameter())) {
        return true;
      }
    }
    return false;
  }

  private void tellOthers() {
    boolean away = false;
    try {
      while (!closed) {
        asked.acquire();
        try (Connection connection = connect("carechat-notify")) {
          telling = connection;
          execute(connection, NOTHING_TO_KEEP);
          try (PreparedStatement statement = connection.prepareStatement(NOTIFY)) {
            statement.setString(1, self);
            while (!closed) {
              // What was asked for until now is told by this.
              asked.drainPermits();
              boolean _ = statement.execute();
              away = false;
              Thread.sleep(GAP);
              asked.acquire();
            }
          }
        } catch (SQLException e) {
          away = complain("tells other nodes", e, away);
          asked.release();
          pause();
        }
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private Connection connect(String name) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", settings.user());
    properties.setProperty("password", settings.password().value());
    properties.setProperty("ApplicationName", name);
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "5");
    return DriverManager.getConnection(settings.jdbcUrl(), properties);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }

  /** Once for each outage. */
  private boolean complain(String what, SQLException e, boolean complained) {
    if (!complained && !closed) {
      LOG.log(
          System.Logger.Level.WARNING,
          "What {0} has no connection to PostgreSQL ({1}); tries again until it works",
          what,
          e.getSQLState());
    }
    return true;
  }

  private void pause() {
    if (closed) {
      return;
    }
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      // Closed: its loop looks.
    }
  }

  /** Neither tells nor listens any more. */
  @Override
  public void close() {
    closed = true;
    abort(listening);
    abort(telling);
    listener.interrupt();
    teller.interrupt();
    try {
      boolean _ = listener.join(PAUSE);
      boolean _ = teller.join(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends a connection under whoever waits on it. */
  private static void abort(@Nullable Connection connection) {
    if (connection != null) {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException e) {
        LOG.log(System.Logger.Level.DEBUG, "A connection was gone already", e);
      }
    }
  }
}
