package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.webhooks.WebhookAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * When a delivery is attempted again: the waits between attempts, each spread by 10 % to either
 * side so that what failed together does not come back together. An endpoint's {@code Retry-After}
 * is honoured up to twice the wait that comes next. The default is the example schedule of Standard
 * Webhooks: 10 attempts over 75 h 35 min.
 */
public final class RetrySchedule {
  /** The waits after the first attempt, the second, and so on. */
  public static final List<Duration> DEFAULT_WAITS =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(30),
          Duration.ofHours(2),
          Duration.ofHours(5),
          Duration.ofHours(10),
          Duration.ofHours(14),
          Duration.ofHours(20),
          Duration.ofHours(24));

  private static final double SPREAD = 0.1;

  private final List<Duration> waits;
  private final RandomGenerator random;

  public RetrySchedule(List<Duration> waits, RandomGenerator random) {
    this.waits = List.copyOf(waits);
    this.random = random;
  }

  /**
   * What follows from an attempt.
   *
   * @param attempt which one it was since the delivery was last asked for, from 1
   * @param now when it ended
   */
  public DeliveryOutcome after(int attempt, WebhookAnswer answer, Instant now) {
    return switch (answer) {
      case WebhookAnswer.Answered(int status, var retryAfter, var body, var took) -> {
        if (status >= 200 && status < 300) {
          yield new DeliveryOutcome.Delivered();
        }
        if (status == 410) {
          yield new DeliveryOutcome.EndpointGone();
        }
        yield retry(attempt, retryAfter == null ? Duration.ZERO : retryAfter, now);
      }
      case WebhookAnswer.Failed failed -> retry(attempt, Duration.ZERO, now);
    };
  }

  private DeliveryOutcome retry(int attempt, Duration asked, Instant now) {
    if (attempt > waits.size()) {
      return new DeliveryOutcome.GaveUp();
    }
    Duration next = waits.get(attempt - 1);
    double factor = 1 - SPREAD + 2 * SPREAD * random.nextDouble();
    Duration wait = Duration.ofNanos((long) (next.toNanos() * factor));
    Duration most = next.multipliedBy(2);
    Duration honoured = asked.compareTo(most) > 0 ? most : asked;
    return new DeliveryOutcome.RetryAt(now.plus(honoured.compareTo(wait) > 0 ? honoured : wait));
  }
}
