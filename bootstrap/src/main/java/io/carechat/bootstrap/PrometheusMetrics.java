package io.carechat.bootstrap;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.search.index.IndexFollower;
import io.carechat.domain.search.index.IndexReconciler;
import io.carechat.rest.http.Metrics;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * The service's metrics, in the format of Prometheus. Labels are operations, statuses and kinds of
 * drift only. Nothing about a tenant, a patient or a message is in them. Safe for use by many
 * threads.
 */
final class PrometheusMetrics implements Metrics {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
  private final Counter answers =
      Counter.builder()
          .name("carechat_requests_total")
          .help("Responses by operation of the contract and by status")
          .labelNames("operation", "status")
          .register(registry);

  PrometheusMetrics(
      IndexFollower follower,
      IndexReconciler reconciler,
      Supplier<Duration> oldestTransaction,
      InstantSource clock) {
    GaugeWithCallback.builder()
        .name("carechat_postgresql_oldest_transaction_seconds")
        .help(
            "How long the oldest open transaction of the whole PostgreSQL server has been seen;"
                + " nothing is cleaned up while it is open")
        .callback(gauge -> gauge.call(oldestTransaction.get().toMillis() / 1_000.0))
        .register(registry);
    GaugeWithCallback.builder()
        .name("carechat_index_lag_seconds")
        .help(
            "How long the oldest event that is not indexed has waited; absent while the database is unavailable")
        .callback(gauge -> {
          try {
            gauge.call(lag(follower, clock));
          } catch (Unavailable e) {
            // A missing value is better than a wrong one.
          }
        })
        .register(registry);
    CounterWithCallback.builder()
        .name("carechat_index_drift_found_total")
        .help("Documents of the index that differed from the log")
        .labelNames("kind")
        .callback(counter -> {
          IndexReconciler.Counts counts = reconciler.counts();
          counter.call((double) counts.missing(), "missing");
          counter.call((double) counts.different(), "different");
          counter.call((double) counts.superfluous(), "superfluous");
        })
        .register(registry);
    CounterWithCallback.builder()
        .name("carechat_index_drift_repaired_total")
        .help("How many of these were repaired")
        .callback(counter -> counter.call((double) reconciler.counts().repaired()))
        .register(registry);
    CounterWithCallback.builder()
        .name("carechat_index_compared_total")
        .help("Messages and documents that the reconciler has compared")
        .callback(counter -> counter.call((double) reconciler.counts().compared()))
        .register(registry);
  }

  private static double lag(IndexFollower follower, InstantSource clock) {
    return follower
        .waitingSince()
        .map(since -> Math.max(0, Duration.between(since, clock.instant()).toMillis() / 1_000.0))
        .orElse(0.0);
  }

  @Override
  public void answered(String operation, int status) {
    answers.labelValues(operation, Integer.toString(status)).inc();
  }

  @Override
  public byte[] exposition() {
    var text = new ByteArrayOutputStream();
    try {
      writer.write(text, registry.scrape(), EscapingScheme.DEFAULT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toByteArray();
  }
}
