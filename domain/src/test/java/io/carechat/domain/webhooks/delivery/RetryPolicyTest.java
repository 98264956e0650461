package io.carechat.domain.webhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Samples;
import io.carechat.domain.webhooks.WebhookAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RetryPolicyTest {
  private static final Instant NOW = Samples.NOON;
  private static final List<Duration> WAITS = RetryPolicy.DEFAULT_WAITS;
  private static final WebhookAnswer FAILED = new WebhookAnswer.Failed("reset", Duration.ZERO);

  private final RetryPolicy schedule = new RetryPolicy(WAITS, new Random(1));

  private static WebhookAnswer answered(int status) {
    return new WebhookAnswer.Answered(status, null, "", Duration.ZERO);
  }

  private static WebhookAnswer asking(Duration retryAfter) {
    return new WebhookAnswer.Answered(429, retryAfter, "", Duration.ZERO);
  }

  private Duration waitAfter(int attempt, WebhookAnswer answer) {
    DeliveryOutcome outcome = schedule.after(attempt, answer, NOW);
    assertThat(outcome).isInstanceOf(DeliveryOutcome.RetryAt.class);
    return Duration.between(NOW, ((DeliveryOutcome.RetryAt) outcome).time());
  }

  /** A schedule that spreads every wait by the same, not randomly. */
  private static RetryPolicy spreadAt(double random) {
    return new RetryPolicy(
        WAITS,
        new RandomGenerator() {
          @Override
          public long nextLong() {
            throw new AssertionError("not asked for");
          }

          @Override
          public double nextDouble() {
            return random;
          }
        });
  }

  @Test
  void makesTenAttemptsOverThreeDaysAndThreeHours() {
    assertThat(WAITS).hasSize(9).isSorted();
    assertThat(WAITS.stream().reduce(Duration.ZERO, Duration::plus))
        .isEqualTo(Duration.ofHours(75).plusMinutes(35).plusSeconds(5));
  }

  @Test
  void spreadsEveryWaitByTenPercentAtMostAndUsesThatRange() {
    for (int attempt = 1; attempt <= WAITS.size(); attempt++) {
      double wait = WAITS.get(attempt - 1).toNanos();
      double least = Double.MAX_VALUE;
      double most = 0;
      for (int i = 0; i < 2_000; i++) {
        double share = waitAfter(attempt, i % 2 == 0 ? FAILED : answered(500)).toNanos() / wait;
        least = Math.min(least, share);
        most = Math.max(most, share);
      }
      assertThat(least).isBetween(0.9, 0.91);
      assertThat(most).isBetween(1.09, 1.1);
    }
  }

  @Test
  void givesUpAfterTheLastAttempt() {
    assertThat(schedule.after(WAITS.size(), FAILED, NOW))
        .isInstanceOf(DeliveryOutcome.RetryAt.class);
    assertThat(schedule.after(WAITS.size() + 1, FAILED, NOW))
        .isEqualTo(new DeliveryOutcome.GaveUp());
    assertThat(schedule.after(WAITS.size() + 1, asking(Duration.ofDays(9)), NOW))
        .isEqualTo(new DeliveryOutcome.GaveUp());
    assertThat(schedule.after(WAITS.size() + 7, answered(500), NOW))
        .isEqualTo(new DeliveryOutcome.GaveUp());
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 202, 204, 299})
  void acceptsEverySuccessOnEveryAttempt(int status) {
    assertThat(schedule.after(1, answered(status), NOW)).isEqualTo(new DeliveryOutcome.Delivered());
    assertThat(schedule.after(WAITS.size() + 1, answered(status), NOW))
        .isEqualTo(new DeliveryOutcome.Delivered());
  }

  @Test
  void treats410AsTheEndOfTheEndpointOnEveryAttempt() {
    assertThat(schedule.after(1, answered(410), NOW)).isEqualTo(new DeliveryOutcome.EndpointGone());
    assertThat(schedule.after(WAITS.size() + 1, answered(410), NOW))
        .isEqualTo(new DeliveryOutcome.EndpointGone());
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 101, 199, 300, 301, 302, 307, 308, 400, 401, 404, 409, 411, 429, 503})
  void triesAgainAfterEveryOtherStatus(int status) {
    assertThat(schedule.after(1, answered(status), NOW))
        .isInstanceOf(DeliveryOutcome.RetryAt.class);
  }

  @Test
  void honoursRetryAfterUpToTwiceTheNextWait() {
    assertThat(waitAfter(2, asking(Duration.ofMinutes(7)))).isEqualTo(Duration.ofMinutes(7));
    assertThat(waitAfter(2, asking(Duration.ofMinutes(10)))).isEqualTo(Duration.ofMinutes(10));
    assertThat(waitAfter(2, asking(Duration.ofMinutes(11)))).isEqualTo(Duration.ofMinutes(10));
    assertThat(waitAfter(2, asking(Duration.ofDays(100_000)))).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void neverWaitsShorterThanItsOwnScheduleForAShortRetryAfter() {
    assertThat(waitAfter(2, asking(Duration.ofSeconds(1)))).isGreaterThan(Duration.ofSeconds(269));
    assertThat(spreadAt(0.5).after(2, asking(Duration.ZERO), NOW))
        .isEqualTo(new DeliveryOutcome.RetryAt(NOW.plus(Duration.ofMinutes(5))));
  }

  @Test
  void spreadsFromTheLowestToTheHighest() {
    assertThat(spreadAt(0).after(4, FAILED, NOW))
        .isEqualTo(new DeliveryOutcome.RetryAt(NOW.plus(Duration.ofMinutes(108))));
    assertThat(spreadAt(0.5).after(4, FAILED, NOW))
        .isEqualTo(new DeliveryOutcome.RetryAt(NOW.plus(Duration.ofHours(2))));
  }
}
