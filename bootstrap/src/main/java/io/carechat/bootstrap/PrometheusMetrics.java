package io.carechat.bootstrap;

import io.carechat.domain.access.Capacity;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.search.index.IndexFollower;
import io.carechat.domain.search.index.IndexReconciler;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.rest.http.Metrics;
import io.carechat.rest.http.ProblemKind;
import io.carechat.rest.http.UnavailableCause;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The service's metrics, in the format of Prometheus. Labels are operations, statuses, codes, parts
 * of the service and kinds of drift only. Nothing about a tenant, a patient or a message is in
 * them. Safe for use by many threads.
 */
final class PrometheusMetrics implements Metrics {
  /** The bounds of histograms, in seconds. */
  private static final double[] BUCKETS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30
  };

  /** What may come of calls to webhook endpoints. */
  private static final List<String> OUTCOMES = List.of("2xx", "3xx", "4xx", "5xx", "failed");

  private static final double NANOSECONDS = 1e9;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
  private final Counter answers =
      Counter.builder()
          .name("carechat_requests_total")
          .help("Responses by operation of the contract and by status")
          .labelNames("operation", "status")
          .register(registry);
  private final Histogram seconds =
      Histogram.builder()
          .name("carechat_request_seconds")
          .help("Time from the headers of a request to the end of its response, by operation")
          .labelNames("operation")
          .classicOnly()
          .classicUpperBounds(BUCKETS)
          .register(registry);
  private final Counter problems =
      Counter.builder()
          .name("carechat_problems_total")
          .help("Problems by the contract's code")
          .labelNames("code")
          .register(registry);
  private final Counter unavailable =
      Counter.builder()
          .name("carechat_unavailable_total")
          .help("Responses with status 503, by the part that could not serve the request")
          .labelNames("cause")
          .register(registry);
  private final Histogram calls =
      Histogram.builder()
          .name("carechat_webhook_call_seconds")
          .help("Time of calls to webhook endpoints, by what came of them")
          .labelNames("outcome")
          .classicOnly()
          .classicUpperBounds(BUCKETS)
          .register(registry);
  private final List<Supplier<List<Capacity>>> capacities = new CopyOnWriteArrayList<>();

  PrometheusMetrics(
      IndexFollower follower,
      IndexReconciler reconciler,
      Supplier<Duration> oldestTransaction,
      Supplier<Duration> sealLag,
      IntSupplier refusedInstances,
      InstantSource clock) {
    GaugeWithCallback.builder()
        .name("carechat_audit_seal_lag_seconds")
        .help(
            "For how long the oldest row of the audit that is not sealed may have waited; it grows"
                + " without a signing key")
        .callback(gauge -> gauge.call(sealLag.get().toMillis() / 1_000.0))
        .register(registry);
    GaugeWithCallback.builder()
        .name("carechat_audit_refused_instances")
        .help("Instances whose audit is not sealed, because its checkpoints were tampered with")
        .callback(gauge -> gauge.call(refusedInstances.getAsInt()))
        .register(registry);
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
    capacity("used", "How much of what is limited is in use", Capacity::used);
    capacity("limit", "How much of it there is at most", Capacity::limit);
    capacity("waiting", "How many wait for it", Capacity::waiting);
    JvmMetrics.builder().register(registry);
    // An alert on a rise needs the value before the rise.
    for (ProblemKind kind : ProblemKind.values()) {
      problems.initLabelValues(kind.code());
    }
    UnavailableCause.ALL.forEach(unavailable::initLabelValues);
    OUTCOMES.forEach(calls::initLabelValues);
  }

  private void capacity(String name, String help, ToLongFunction<Capacity> value) {
    GaugeWithCallback.builder()
        .name("carechat_capacity_" + name)
        .help(help)
        .labelNames("resource")
        .callback(gauge ->
            capacities.stream()
                .flatMap(watched -> watched.get().stream())
                .forEach(each -> gauge.call((double) value.applyAsLong(each), each.name())))
        .register(registry);
  }

  /**
   * Adds a figure that may rise and fall. It is absent while its value is not known.
   *
   * @param value reads it; empty if it is not known
   */
  void gauge(String name, String help, Supplier<OptionalDouble> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(gauge -> value.get().ifPresent(gauge::call))
        .register(registry);
  }

  /** Adds a figure that only rises. */
  void counter(String name, String help, LongSupplier value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(counter -> counter.call((double) value.getAsLong()))
        .register(registry);
  }

  /** Measures a call to a webhook endpoint. */
  void called(WebhookAnswer answer) {
    String outcome =
        switch (answer) {
          case WebhookAnswer.Answered answered -> answered.status() / 100 + "xx";
          case WebhookAnswer.Failed _ -> "failed";
        };
    calls.labelValues(outcome).observe(answer.took().toNanos() / NANOSECONDS);
  }

  private static double lag(IndexFollower follower, InstantSource clock) {
    return follower
        .waitingSince()
        .map(since -> Math.max(0, Duration.between(since, clock.instant()).toMillis() / 1_000.0))
        .orElse(0.0);
  }

  @Override
  public void answered(String operation, int status, long nanoseconds) {
    answers.labelValues(operation, Integer.toString(status)).inc();
    seconds.labelValues(operation).observe(nanoseconds / NANOSECONDS);
  }

  @Override
  public void problem(String code) {
    problems.labelValues(code).inc();
  }

  @Override
  public void unavailable(String cause) {
    unavailable.labelValues(cause).inc();
  }

  @Override
  public void watch(Supplier<List<Capacity>> watched) {
    capacities.add(watched);
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
