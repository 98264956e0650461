package io.carechat.bootstrap;

import io.carechat.domain.ClaimedDelivery;
import io.carechat.domain.Unavailable;
import io.carechat.domain.WebhookDispatch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Plans deliveries in one thread, claims them in another, and makes each in a virtual thread of its
 * own.
 */
final class WebhookWorkers implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(WebhookWorkers.class.getName());

  /** How many deliveries are under way at most. */
  private static final int AT_ONCE = 256;

  private static final int CLAIM_LOT = 64;
  private static final Duration POLL = Duration.ofSeconds(1);

  private final WebhookDispatch dispatch;
  private final Semaphore free = new Semaphore(AT_ONCE);
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("webhook-", 0).factory());
  private final Relay claiming;
  private final Relay planning;

  WebhookWorkers(WebhookDispatch dispatch) {
    this.dispatch = dispatch;
    this.claiming = new Relay("webhook deliveries", this::claim, POLL);
    this.planning = new Relay("webhook planning", this::plan, POLL);
  }

  /** Tells that something was sent. */
  void wake() {
    planning.wake();
  }

  private boolean plan() {
    boolean planned = dispatch.plan() > 0;
    if (planned) {
      claiming.wake();
    }
    return planned;
  }

  private boolean claim() throws InterruptedException {
    free.acquire();
    int permits = 1;
    while (permits < CLAIM_LOT && free.tryAcquire()) {
      permits++;
    }
    List<ClaimedDelivery> claimed = List.of();
    try {
      claimed = dispatch.claim(permits);
    } finally {
      free.release(permits - claimed.size());
    }
    for (ClaimedDelivery delivery : claimed) {
      executor.execute(() -> deliver(delivery));
    }
    return claimed.size() == permits;
  }

  private void deliver(ClaimedDelivery delivery) {
    try {
      dispatch.deliver(delivery);
    } catch (Unavailable away) {
      // Unsettled: its lease runs out, and it is made again.
      LOG.log(
          System.Logger.Level.WARNING, "A delivery could not be settled: {0}", away.getMessage());
    } catch (RuntimeException fault) {
      LOG.log(System.Logger.Level.ERROR, "A delivery failed unexpectedly", fault);
    } finally {
      free.release();
      // The next of its chat may be due.
      claiming.wake();
    }
  }

  /** Stops planning and claiming, and waits for what is under way. */
  @Override
  public void close() {
    planning.close();
    claiming.close();
    executor.shutdown();
    try {
      if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
