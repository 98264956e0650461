package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.search.index.InMemoryMessageIndex;
import io.carechat.domain.search.index.IndexFollower;
import io.carechat.domain.search.index.IndexReconciler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
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
  private final PrometheusMetrics metrics =
      new PrometheusMetrics(follower, reconciler, oldestTransaction::get, clock);
  private final ChatId chat = Samples.newChat();

  private String exposition() {
    return new String(metrics.exposition(), StandardCharsets.UTF_8);
  }

  @Test
  void countsAnswersByOperationAndStatus() {
    metrics.answered("sendMessage", 201);
    metrics.answered("sendMessage", 201);
    metrics.answered("none", 404);

    assertThat(exposition())
        .contains("# TYPE carechat_requests_total counter\n")
        .contains("carechat_requests_total{operation=\"sendMessage\",status=\"201\"} 2.0\n")
        .contains("carechat_requests_total{operation=\"none\",status=\"404\"} 1.0\n");
  }

  @Test
  void tellsHowLongATransactionHasBeenOpen() {
    assertThat(exposition()).contains("\ncarechat_postgresql_oldest_transaction_seconds 0.0\n");
    oldestTransaction.set(Duration.ofMillis(90_500));
    assertThat(exposition()).contains("\ncarechat_postgresql_oldest_transaction_seconds 90.5\n");
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
