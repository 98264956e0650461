package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.access.Capacity;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.search.index.InMemoryMessageIndex;
import io.carechat.domain.search.index.IndexFollower;
import io.carechat.domain.search.index.IndexReconciler;
import io.carechat.domain.webhooks.WebhookAnswer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class PrometheusMetricsTest {
  private final ManualClock clock = new ManualClock(Samples.NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final InMemoryMessageIndex index = new InMemoryMessageIndex();
  private final IndexFollower follower = new IndexFollower(log, index, 100);
  private final IndexReconciler reconciler =
      new IndexReconciler(log, log, index, index, new Random(1), 100);
  private final AtomicReference<Duration> oldestTransaction = new AtomicReference<>(Duration.ZERO);
  private final AtomicReference<Duration> sealLag = new AtomicReference<>(Duration.ZERO);
  private final AtomicInteger refused = new AtomicInteger();
  private final PrometheusMetrics metrics =
      new PrometheusMetrics(
          follower, reconciler, oldestTransaction::get, sealLag::get, refused::get, clock);
  private final ChatId chat = Samples.newChat();

  private String exposition() {
    return new String(metrics.exposition(), StandardCharsets.UTF_8);
  }

  @Test
  void countsAnswersByOperationAndStatus() {
    metrics.answered("sendMessage", 201, 3_000_000);
    metrics.answered("sendMessage", 201, 700_000_000);
    metrics.answered("none", 404, 0);

    assertThat(exposition())
        .contains("# TYPE carechat_requests_total counter\n")
        .contains("carechat_requests_total{operation=\"sendMessage\",status=\"201\"} 2.0\n")
        .contains("carechat_requests_total{operation=\"none\",status=\"404\"} 1.0\n");
  }

  @Test
  void measuresHowLongRequestsAndCallsTake() {
    metrics.answered("sendMessage", 201, 3_000_000);
    metrics.answered("sendMessage", 201, 700_000_000);
    metrics.called(new WebhookAnswer.Answered(503, null, "planted", Duration.ofMillis(30)));
    metrics.called(new WebhookAnswer.Failed("planted", Duration.ofSeconds(20)));

    assertThat(exposition())
        .contains("# TYPE carechat_request_seconds histogram\n")
        .contains("carechat_request_seconds_bucket{operation=\"sendMessage\",le=\"0.0025\"} 0\n")
        .contains("carechat_request_seconds_bucket{operation=\"sendMessage\",le=\"0.005\"} 1\n")
        .contains("carechat_request_seconds_bucket{operation=\"sendMessage\",le=\"+Inf\"} 2\n")
        .contains("carechat_request_seconds_sum{operation=\"sendMessage\"} 0.703\n")
        .contains("carechat_webhook_call_seconds_bucket{outcome=\"5xx\",le=\"0.05\"} 1\n")
        .contains("carechat_webhook_call_seconds_bucket{outcome=\"failed\",le=\"10.0\"} 0\n")
        .contains("carechat_webhook_call_seconds_count{outcome=\"failed\"} 1\n")
        .doesNotContain("planted");
  }

  @Test
  void countsProblemsAndTheirCausesFromZero() {
    assertThat(exposition())
        .contains("carechat_problems_total{code=\"internal-error\"} 0.0\n")
        .contains("carechat_unavailable_total{cause=\"database\"} 0.0\n");
    metrics.problem("internal-error");
    metrics.unavailable("database");

    assertThat(exposition())
        .contains("carechat_problems_total{code=\"internal-error\"} 1.0\n")
        .contains("carechat_unavailable_total{cause=\"database\"} 1.0\n");
  }

  @Test
  void tellsHowMuchOfEachLimitIsUsed() {
    var used = new AtomicLong(3);
    metrics.watch(() -> List.of(new Capacity("connections", used.get(), 10, 0)));
    metrics.watch(() -> List.of(new Capacity("searches", 1, 16, 5)));
    assertThat(exposition())
        .contains("carechat_capacity_used{resource=\"connections\"} 3.0\n")
        .contains("carechat_capacity_limit{resource=\"connections\"} 10.0\n")
        .contains("carechat_capacity_waiting{resource=\"searches\"} 5.0\n");

    used.set(10);
    assertThat(exposition()).contains("carechat_capacity_used{resource=\"connections\"} 10.0\n");
  }

  @Test
  void aFigureThatIsNotKnownIsAbsent() {
    var value = new AtomicReference<>(OptionalDouble.empty());
    metrics.gauge("carechat_test", "A test", value::get);
    assertThat(exposition()).doesNotContain("carechat_test");
    value.set(OptionalDouble.of(2));
    assertThat(exposition()).contains("\ncarechat_test 2.0\n");
  }

  @Test
  void tellsOfTheJvm() {
    assertThat(exposition())
        .contains("jvm_memory_used_bytes{area=\"heap\"}")
        .contains("jvm_gc_collection_seconds_sum")
        .contains("jvm_threads_current");
  }

  @Test
  void tellsHowLongATransactionHasBeenOpen() {
    assertThat(exposition()).contains("\ncarechat_postgresql_oldest_transaction_seconds 0.0\n");
    oldestTransaction.set(Duration.ofMillis(90_500));
    assertThat(exposition()).contains("\ncarechat_postgresql_oldest_transaction_seconds 90.5\n");
  }

  @Test
  void tellsHowFarTheAuditIsSealed() {
    assertThat(exposition())
        .contains("\ncarechat_audit_seal_lag_seconds 0.0\n")
        .contains("\ncarechat_audit_refused_instances 0.0\n");
    sealLag.set(Duration.ofMillis(90_500));
    refused.set(2);
    assertThat(exposition())
        .contains("\ncarechat_audit_seal_lag_seconds 90.5\n")
        .contains("\ncarechat_audit_refused_instances 2.0\n");
  }

  @Test
  void tellsHowFarTheIndexIsBehind() {
    follower.step();
    assertThat(exposition()).contains("\ncarechat_index_lag_seconds 0.0\n");
    Samples.stored(log, chat, "one");
    clock.move(Duration.ofMillis(2_500));

    assertThat(exposition()).contains("\ncarechat_index_lag_seconds 2.5\n");

    follower.step();
    assertThat(exposition()).contains("\ncarechat_index_lag_seconds 0.0\n");
  }

  @Test
  void countsTheDriftThatWasFoundAndRepaired() {
    Message message = Samples.stored(log, chat, "one");
    follower.step();
    index.lose(message);
    index.addStray();
    for (int i = 0; i < 3; i++) {
      reconciler.step();
    }

    assertThat(exposition())
        .contains("carechat_index_drift_found_total{kind=\"missing\"} 1.0\n")
        .contains("carechat_index_drift_found_total{kind=\"different\"} 0.0\n")
        .contains("carechat_index_drift_found_total{kind=\"superfluous\"} 1.0\n")
        .contains("carechat_index_drift_repaired_total 2.0\n")
        .contains("carechat_index_compared_total ");
  }
}
