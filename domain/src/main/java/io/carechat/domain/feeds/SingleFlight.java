package io.carechat.domain.feeds;

import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A look at something that one thread takes for all who want the same meanwhile. They share what it
 * gives, and its failure as well: what is away is found to be away once, and not by each in turn.
 * Safe for use by many threads.
 */
final class SingleFlight<T> {
  /** About as long as a look may take before it fails by itself. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final CompletableFuture<T> outcome = new CompletableFuture<>();

  /** Takes the look, and gives what comes of it to those who wait. To be called once. */
  T take(Supplier<T> look) {
    try {
      T seen = look.get();
      outcome.complete(seen);
      return seen;
    } catch (RuntimeException | Error e) {
      outcome.completeExceptionally(e);
      throw e;
    }
  }

  /**
   * Waits for what comes of it.
   *
   * @throws Unavailable if it failed so, or takes too long, or the thread is interrupted, which it
   *     then still is
   */
  T await() {
    try {
      return outcome.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof Unavailable away) {
        throw new Unavailable("What another waited for is away", away.retryAfter(), away);
      }
      throw new IllegalStateException("What another looked for failed", failed.getCause());
    } catch (TimeoutException slow) {
      throw new Unavailable("What another waits for takes too long", RETRY_AFTER, slow);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("The wait for another was interrupted", RETRY_AFTER, e);
    }
  }
}
