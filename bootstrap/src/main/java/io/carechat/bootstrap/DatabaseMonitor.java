package io.carechat.bootstrap;

import io.carechat.persistence.PostgresStorage;
import java.time.Duration;

/**
 * Regularly reads the clock of PostgreSQL's machine, and the age of the server's oldest open
 * transaction. Safe for use by many threads.
 */
final class DatabaseMonitor implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final PostgresStorage storage;
  private final PollingWorker worker;
  private volatile Duration oldestTransaction = Duration.ZERO;

  private DatabaseMonitor(PostgresStorage storage) {
    this.storage = storage;
    this.worker = new PollingWorker("database monitor", this::check, INTERVAL);
  }

  /** Starts it. */
  static DatabaseMonitor start(PostgresStorage storage) {
    var monitor = new DatabaseMonitor(storage);
    PollingWorker _ = monitor.worker.start();
    return monitor;
  }

  private boolean check() {
    storage.refreshSharedClock();
    oldestTransaction = storage.checkLongTransactions();
    return false;
  }

  /**
   * For how long the oldest open transaction of the PostgreSQL server has been seen, as of the last
   * check; zero if there was none.
   */
  Duration oldestTransaction() {
    return oldestTransaction;
  }

  @Override
  public void close() {
    worker.close();
  }
}
