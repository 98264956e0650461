package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.webhooks.WebhookAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Decides what follows from an attempt of a delivery: it is delivered, attempted again, or given
 * up, or its endpoint is gone. It has a list of waits between attempts. Each wait is varied
 * randomly by up to 10 % either way, so that deliveries that failed together are not retried
 * together. An endpoint's {@code Retry-After} is respected up to twice the next wait. The default
 * is the example schedule of Standard Webhooks: 10 attempts in 75 h 35 min. Safe for use by many
 * threads if the source of randomness is.
 */
public final class RetryPolicy {
  /** The waits after the first attempt, the second attempt, and so on. */
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

  private static final double JITTER = 0.1;

  private final List<Duration> waits;
  private final RandomGenerator random;

  /**
   * @param waits the waits after the first attempt, the second attempt, and so on; after the last
   *     wait one more attempt is made
   * @param random varies the waits
   */
  public RetryPolicy(List<Duration> waits, RandomGenerator random) {
    this.waits = List.copyOf(waits);
    this.random = random;
  }

  /**
   * Returns what follows from an attempt.
   *
   * @param attempt the number of the attempt since the delivery was planned or redelivered, from 1
   * @param answer what the endpoint answered
   * @param now when the attempt ended
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

  private DeliveryOutcome retry(int attempt, Duration requested, Instant now) {
    if (attempt > waits.size()) {
      return new DeliveryOutcome.GaveUp();
    }
    Duration next = waits.get(attempt - 1);
    double factor = 1 - JITTER + 2 * JITTER * random.nextDouble();
    Duration wait = Duration.ofNanos((long) (next.toNanos() * factor));
    Duration max = next.multipliedBy(2);
    Duration bounded = requested.compareTo(max) > 0 ? max : requested;
    return new DeliveryOutcome.RetryAt(now.plus(bounded.compareTo(wait) > 0 ? bounded : wait));
  }
}
