package io.carechat.bootstrap;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.DeliveryMaintenance;
import io.carechat.domain.webhooks.delivery.DeliveryPlanner;
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
 * Delivers webhooks. One thread plans deliveries, another one claims them, and each delivery has a
 * virtual thread of its own. Further threads plan redeliveries, and delete old deliveries.
 *
 * <p>Endpoints that are slow, or never answer, must not use up the permits of the quick ones. So a
 * delivery that takes longer than half a second exchanges its permit for one of the slow
 * deliveries, as long as there is one. Safe for use by many threads.
 */
final class WebhookDeliveryService implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(WebhookDeliveryService.class.getName());

  /** The largest number of deliveries under way that have just begun. */
  private static final int QUICK = 256;

  /** The largest number of deliveries under way that take longer than {@link #SLOW_AFTER}. */
  private static final int SLOW = 1_024;

  private static final Duration SLOW_AFTER = Duration.ofMillis(500);
  private static final int CLAIMED_AT_ONCE = 64;
  private static final Duration POLL = Duration.ofSeconds(1);

  /**
   * What was just committed is not readable for as long as an older write is under way, so the log
   * is read again soon after a signal.
   */
  private static final Duration PLAN_AGAIN = Duration.ofMillis(5);

  private static final Duration CLEAN_UP_INTERVAL = Duration.ofMinutes(1);

  private final DeliveryPlanner planner;
  private final WebhookDispatcher dispatcher;
  private final DeliveryMaintenance maintenance;
  private final Settings.DeliveryHistory deliveryHistory;
  private final Semaphore quick = new Semaphore(QUICK);
  private final Semaphore slow = new Semaphore(SLOW);
  private final ScheduledThreadPoolExecutor timer;
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("webhook-", 0).factory());
  private final PollingWorker claiming;
  private final PollingWorker planning;
  private final PollingWorker redelivering;
  private final PollingWorker cleaningUp;

  WebhookDeliveryService(
      DeliveryPlanner planner,
      WebhookDispatcher dispatcher,
      DeliveryMaintenance maintenance,
      Settings.DeliveryHistory deliveryHistory) {
    this.planner = planner;
    this.dispatcher = dispatcher;
    this.maintenance = maintenance;
    this.deliveryHistory = deliveryHistory;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("webhook timer").factory());
    this.timer.setRemoveOnCancelPolicy(true);
    this.claiming = new PollingWorker("webhook deliveries", this::claim, POLL);
    this.planning = new PollingWorker("webhook planning", this::plan, POLL, PLAN_AGAIN);
    this.redelivering = new PollingWorker("webhook redeliveries", this::redeliver, POLL);
    this.cleaningUp = new PollingWorker("webhook clean-up", this::cleanUp, CLEAN_UP_INTERVAL);
  }

  /**
   * Starts to deliver.
   *
   * @return this service
   */
  WebhookDeliveryService start() {
    for (PollingWorker worker : List.of(claiming, planning, redelivering, cleaningUp)) {
      PollingWorker _ = worker.start();
    }
    return this;
  }

  /** Says that there may be events to deliver. */
  void wake() {
    planning.wake();
  }

  /** Says that a redelivery was requested. */
  void wakeForRedelivery() {
    redelivering.wake();
    claiming.wake();
  }

  private boolean plan() {
    boolean planned = planner.plan() > 0;
    if (planned) {
      claiming.wake();
    }
    return planned;
  }

  private boolean redeliver() {
    boolean redelivered = maintenance.continueRedeliveries();
    if (redelivered) {
      claiming.wake();
    }
    return redelivered;
  }

  private boolean cleanUp() {
    boolean more = maintenance.forgetDelivered(deliveryHistory.keepDelivered());
    maintenance.disableFailing(deliveryHistory.disableAfter());
    return more;
  }

  private boolean claim() throws InterruptedException {
    quick.acquire();
    int permits = 1;
    while (permits < CLAIMED_AT_ONCE && quick.tryAcquire()) {
      permits++;
    }
    List<ClaimedDelivery> claimed = List.of();
    try {
      claimed = dispatcher.claim(permits);
    } finally {
      quick.release(permits - claimed.size());
    }
    for (ClaimedDelivery delivery : claimed) {
      var permit = new Permit();
      executor.execute(() -> deliver(delivery, permit));
    }
    return claimed.size() == permits;
  }

  /**
   * What a delivery holds while it is under way: a permit of the quick ones, or of the slow ones.
   */
  private final class Permit {
    private final AtomicReference<@Nullable Semaphore> source = new AtomicReference<>(quick);
    private final Future<?> moving =
        timer.scheduleAtFixedRate(
            this::move, SLOW_AFTER.toMillis(), SLOW_AFTER.toMillis(), TimeUnit.MILLISECONDS);

    private void move() {
      if (quick.equals(source.get()) && slow.tryAcquire()) {
        if (source.compareAndSet(quick, slow)) {
          quick.release();
        } else {
          slow.release();
        }
      }
    }

    void release() {
      moving.cancel(false);
      Semaphore held = source.getAndSet(null);
      if (held != null) {
        held.release();
      }
    }
  }

  private void deliver(ClaimedDelivery delivery, Permit permit) {
    try {
      dispatcher.deliver(delivery);
    } catch (Unavailable e) {
      // Its result is not recorded. When its claim has expired, it is made again.
      LOG.log(System.Logger.Level.WARNING, "A delivery could not be settled: {0}", e.getMessage());
    } catch (RuntimeException fault) {
      LOG.log(System.Logger.Level.ERROR, "A delivery failed unexpectedly", fault);
    } finally {
      permit.release();
      // The next delivery of its chat may be due.
      claiming.wake();
    }
  }

  /** Stops planning and claiming, and waits up to ten seconds for what is under way. */
  @Override
  public void close() {
    cleaningUp.close();
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
    timer.shutdownNow();
  }
}
