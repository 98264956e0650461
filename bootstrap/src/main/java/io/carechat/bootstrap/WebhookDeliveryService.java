package io.carechat.bootstrap;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.WebhookDispatcher;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Plans deliveries in one thread, claims them in another, and makes each in a virtual thread of its
 * own. Further threads go on with redeliveries, and keep the ledger tidy.
 *
 * <p>Endpoints that are slow, or never answer, must not use up the room of the quick ones: a
 * delivery that takes longer than a moment goes on in a room of its own, as long as there is any.
 */
final class WebhookDeliveryService implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(WebhookDeliveryService.class.getName());

  /** How many deliveries are under way at most that have just begun. */
  private static final int QUICK = 256;

  /** And how many that take longer than {@link #MOMENT}. */
  private static final int SLOW = 1_024;

  private static final Duration MOMENT = Duration.ofMillis(500);
  private static final int CLAIM_LOT = 64;
  private static final Duration POLL = Duration.ofSeconds(1);

  /** What is committed is withheld from the log's readers while an older write is under way. */
  private static final Duration PLAN_AGAIN = Duration.ofMillis(5);

  private static final Duration TIDY = Duration.ofMinutes(1);

  private final WebhookDispatcher dispatch;
  private final Settings.Ledger ledger;
  private final Semaphore quick = new Semaphore(QUICK);
  private final Semaphore slow = new Semaphore(SLOW);
  private final ScheduledThreadPoolExecutor moments;
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("webhook-", 0).factory());
  private final PollingWorker claiming;
  private final PollingWorker planning;
  private final PollingWorker redelivering;
  private final PollingWorker tidying;

  WebhookDeliveryService(WebhookDispatcher dispatch, Settings.Ledger ledger) {
    this.dispatch = dispatch;
    this.ledger = ledger;
    this.moments =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("webhook moments").factory());
    this.moments.setRemoveOnCancelPolicy(true);
    this.claiming = new PollingWorker("webhook deliveries", this::claim, POLL);
    this.planning = new PollingWorker("webhook planning", this::plan, POLL, PLAN_AGAIN);
    this.redelivering = new PollingWorker("webhook redeliveries", this::redeliver, POLL);
    this.tidying = new PollingWorker("webhook ledger", this::tidy, TIDY);
  }

  /** Tells that something was sent. */
  void wake() {
    planning.wake();
  }

  /** Tells that something is to be delivered again. */
  void wakeForRedelivery() {
    redelivering.wake();
    claiming.wake();
  }

  private boolean plan() {
    boolean planned = dispatch.plan() > 0;
    if (planned) {
      claiming.wake();
    }
    return planned;
  }

  private boolean redeliver() {
    boolean redelivered = dispatch.redeliver();
    if (redelivered) {
      claiming.wake();
    }
    return redelivered;
  }

  private boolean tidy() {
    boolean more = dispatch.forgetDelivered(ledger.keepDelivered());
    dispatch.disableFailing(ledger.disableAfter());
    return more;
  }

  private boolean claim() throws InterruptedException {
    quick.acquire();
    int permits = 1;
    while (permits < CLAIM_LOT && quick.tryAcquire()) {
      permits++;
    }
    List<ClaimedDelivery> claimed = List.of();
    try {
      claimed = dispatch.claim(permits);
    } finally {
      quick.release(permits - claimed.size());
    }
    for (ClaimedDelivery delivery : claimed) {
      var permit = new Permit();
      executor.execute(() -> deliver(delivery, permit));
    }
    return claimed.size() == permits;
  }

  /** What a delivery takes up while it is under way: room among the quick, or among the slow. */
  private final class Permit {
    private final AtomicReference<@Nullable Semaphore> room = new AtomicReference<>(quick);
    private final Future<?> moving =
        moments.scheduleAtFixedRate(
            this::move, MOMENT.toMillis(), MOMENT.toMillis(), TimeUnit.MILLISECONDS);

    private void move() {
      if (quick.equals(room.get()) && slow.tryAcquire()) {
        if (room.compareAndSet(quick, slow)) {
          quick.release();
        } else {
          slow.release();
        }
      }
    }

    void leave() {
      moving.cancel(false);
      Semaphore left = room.getAndSet(null);
      if (left != null) {
        left.release();
      }
    }
  }

  private void deliver(ClaimedDelivery delivery, Permit permit) {
    try {
      dispatch.deliver(delivery);
    } catch (Unavailable away) {
      // Unsettled: its lease runs out, and it is made again.
      LOG.log(
          System.Logger.Level.WARNING, "A delivery could not be settled: {0}", away.getMessage());
    } catch (RuntimeException fault) {
      LOG.log(System.Logger.Level.ERROR, "A delivery failed unexpectedly", fault);
    } finally {
      permit.leave();
      // The next of its chat may be due.
      claiming.wake();
    }
  }

  /** Stops planning and claiming, and waits for what is under way. */
  @Override
  public void close() {
    tidying.close();
    redelivering.close();
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
    moments.shutdownNow();
  }
}
