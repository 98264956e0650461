package io.carechat.bootstrap;

import io.carechat.domain.events.LogPosition;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.figures.Backlog;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Regularly reads the clock of PostgreSQL's machine, the age of the server's oldest open
 * transaction, and how much waits in the database. Safe for use by many threads.
 */
final class DatabaseMonitor implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final PostgresStorage storage;
  private final PollingWorker worker;
  private final Supplier<LogPosition> indexedUpTo;
  private volatile Duration oldestTransaction = Duration.ZERO;
  private volatile @Nullable Backlog backlog;

  private DatabaseMonitor(PostgresStorage storage, Supplier<LogPosition> indexedUpTo) {
    this.storage = storage;
    this.indexedUpTo = indexedUpTo;
    this.worker = new PollingWorker("database monitor", this::check, INTERVAL);
  }

  /**
   * Starts it.
   *
   * @param indexedUpTo how far the search index has come
   */
  static DatabaseMonitor start(PostgresStorage storage, Supplier<LogPosition> indexedUpTo) {
    var monitor = new DatabaseMonitor(storage, indexedUpTo);
    PollingWorker _ = monitor.worker.start();
    return monitor;
  }

  private boolean check() {
    // What is not known must not be shown.
    backlog = null;
    storage.refreshSharedClock();
    oldestTransaction = storage.checkLongTransactions();
    backlog = storage.backlog(indexedUpTo.get());
    return false;
  }

  /** Adds what waits in the database to the metrics. */
  void addTo(PrometheusMetrics metrics) {
    metrics.gauge(
        "carechat_index_backlog_events",
        "Events that are not in the search index; counted up to " + Backlog.MOST,
        () -> of(Backlog::eventsToIndex));
    metrics.gauge(
        "carechat_webhook_unplanned_events",
        "Events of which no webhook deliveries were planned; counted up to " + Backlog.MOST,
        () -> of(Backlog::eventsToPlan));
    metrics.gauge(
        "carechat_webhook_backlog_lanes",
        "Chats and endpoints with deliveries that wait, without those of disabled endpoints;"
            + " counted up to "
            + Backlog.MOST,
        () -> of(Backlog::lanes));
    metrics.gauge(
        "carechat_webhook_overdue_seconds",
        "For how long the most overdue delivery has been due",
        () -> of(backlog -> backlog.overdueMillis() / 1_000.0));
    metrics.gauge(
        "carechat_webhook_disabled_endpoints",
        "Webhook endpoints that are disabled",
        () -> of(Backlog::disabledEndpoints));
    metrics.gauge(
        "carechat_webhook_failing_endpoints",
        "Webhook endpoints whose last attempt failed",
        () -> of(Backlog::failingEndpoints));
    metrics.gauge(
        "carechat_log_epoch",
        "The number of the event log's epoch; it rises when the database is restored",
        () -> of(Backlog::epoch));
    metrics.gauge(
        "carechat_database_up",
        "1 if the database could be read at the last check, otherwise 0",
        () -> OptionalDouble.of(backlog == null ? 0 : 1));
  }

  private OptionalDouble of(ToDoubleFunction<Backlog> figure) {
    Backlog read = backlog;
    return read == null ? OptionalDouble.empty() : OptionalDouble.of(figure.applyAsDouble(read));
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
