package io.carechat.persistence.events;

import io.carechat.persistence.jdbc.DatabaseSettings;
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
 * Notifies the other nodes on the same database when events were appended to the log, and hears
 * their notifications, by NOTIFY and LISTEN. A notification only saves time: whoever follows the
 * log also polls it, so nothing is lost while the connections for this are unavailable.
 *
 * <p>A notification says that there is something, and which node appended it. It has no other
 * content, so it tells nothing about tenants or patients, and one notification stands for any
 * number of events. Each node then reads the log as far as it is readable.
 *
 * <p>It has two connections of its own, because LISTEN belongs to a session: a pooler in between
 * must pool by session. A notification is never sent by a transaction that writes, because
 * transactions that notify commit one after the other. Safe for use by many threads.
 */
public final class LogNotifier implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LogNotifier.class.getName());
  private static final String LISTEN = "listen carechat_events";
  private static final String NOTIFY = "select pg_notify('carechat_events', ?)";

  /**
   * A commit that notifies has a transaction id, so it would wait for the disk. It has no data that
   * could be lost, so it need not wait.
   */
  private static final String NOTHING_TO_KEEP = "set synchronous_commit = off";

  /** The time between two notifications. The next one covers what was appended meanwhile. */
  private static final Duration GAP = Duration.ofMillis(15);

  /** After this long without a notification, a query checks that the connection still works. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final DatabaseSettings settings;
  private final Runnable woken;
  private final String self;
  private final Semaphore asked = new Semaphore(0);
  private final Thread listener;
  private final Thread teller;
  private volatile @Nullable Connection listening;
  private volatile @Nullable Connection telling;
  private volatile boolean closed;

  private LogNotifier(DatabaseSettings settings, String self, Runnable woken) {
    this.settings = settings;
    this.self = self;
    this.woken = woken;
    this.listener = Thread.ofPlatform().daemon().name("carechat-listen").unstarted(this::listen);
    this.teller = Thread.ofPlatform().daemon().name("carechat-notify").unstarted(this::tellOthers);
  }

  /**
   * Begins to notify and to listen. It returns at once, and connects in the background.
   *
   * @param self distinguishes this node from all others
   * @param woken run when another node has notified, and after each time that notifications could
   *     not be heard. It runs on a thread of its own, and must be quick and throw nothing
   */
  public static LogNotifier start(DatabaseSettings settings, String self, Runnable woken) {
    var wakeups = new LogNotifier(settings, self, woken);
    wakeups.listener.start();
    wakeups.teller.start();
    return wakeups;
  }

  /** Notifies the other nodes soon. It does not wait, and may be called by any thread. */
  public void wake() {
    if (asked.availablePermits() == 0) {
      asked.release();
    }
  }

  private void listen() {
    boolean unavailable = false;
    while (!closed) {
      try (Connection connection = connect("carechat-listen")) {
        listening = connection;
        execute(connection, LISTEN);
        unavailable = false;
        // Notifications sent before this were not heard.
        woken.run();
        listen(connection);
      } catch (SQLException e) {
        unavailable = complain("listens to other nodes", e, unavailable);
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
    boolean unavailable = false;
    try {
      while (!closed) {
        asked.acquire();
        try (Connection connection = connect("carechat-notify")) {
          telling = connection;
          execute(connection, NOTHING_TO_KEEP);
          try (PreparedStatement statement = connection.prepareStatement(NOTIFY)) {
            statement.setString(1, self);
            while (!closed) {
              // This notification covers every request until now.
              asked.drainPermits();
              boolean _ = statement.execute();
              unavailable = false;
              Thread.sleep(GAP);
              asked.acquire();
            }
          }
        } catch (SQLException e) {
          unavailable = complain("tells other nodes", e, unavailable);
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

  /** Logs the first failure of each outage only. */
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
      // Closed: the loop checks that.
    }
  }

  /** Stops notifying and listening. */
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

  /** Ends a connection, and with it any call that waits for it. */
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
