package io.carechat.domain.feeds;

import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * One call whose result is shared by all threads that want the same result at the same time. They
 * share its failure too, so that the call is not repeated by each of them in turn. Safe for use by
 * many threads.
 */
final class SingleFlight<T> {
  /** About the time after which the call itself would fail. */
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final CompletableFuture<T> outcome = new CompletableFuture<>();

  /**
   * Makes the call, and shares the result with the threads that wait. It must be called only once.
   */
  T run(Supplier<T> call) {
    try {
      T result = call.get();
      outcome.complete(result);
      return result;
    } catch (RuntimeException | Error e) {
      outcome.completeExceptionally(e);
      throw e;
    }
  }

  /**
   * Waits for the result of the call.
   *
   * @throws Unavailable if the call throws it or takes too long, or if this thread is interrupted;
   *     the thread then stays interrupted
   */
  T await() {
    try {
      return outcome.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof Unavailable unavailable) {
        throw new Unavailable(
            "The shared read failed because its source is unavailable",
            unavailable.retryAfter(),
            unavailable);
      }
      throw new IllegalStateException("The shared read failed", failed.getCause());
    } catch (TimeoutException slow) {
      throw new Unavailable("The shared read takes too long", RETRY_AFTER, slow);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("The wait for the shared read was interrupted", RETRY_AFTER, e);
    }
  }
}
