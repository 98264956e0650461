package io.carechat.bootstrap;

import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A background thread that repeats a step. It goes on at once while the step says that there may be
 * more to do. Then it sleeps until it is woken or the poll interval has passed. Waking only saves
 * time: nothing depends on it. The reason for waking it may become visible a little later, so it
 * can be configured to repeat the step soon after that, with growing pauses. A step that fails is
 * logged and repeated after a growing pause. The thread never gives up. Safe for use by many
 * threads.
 */
final class PollingWorker implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(PollingWorker.class.getName());
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final String name;
  private final Step step;
  private final Duration poll;
  private final Duration again;
  private final Semaphore wakeUps = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean failing;

  /** Does a limited amount of work, and returns whether there may be more. */
  @FunctionalInterface
  interface Step {
    boolean run() throws InterruptedException;
  }

  /**
   * Makes a worker that does nothing until it is started.
   *
   * @param poll the longest sleep between two steps
   */
  PollingWorker(String name, Step step, Duration poll) {
    this(name, step, poll, poll);
  }

  /**
   * Makes a worker that does nothing until it is started.
   *
   * @param poll the longest sleep between two steps
   * @param again the first sleep after it was woken. Each further sleep is twice as long, until it
   *     is as long as {@code poll}
   */
  PollingWorker(String name, Step step, Duration poll, Duration again) {
    this.name = name;
    this.step = step;
    this.poll = poll;
    this.again = again;
    this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
  }

  /**
   * Starts the thread. Whoever made the worker calls this once, when everything that the step needs
   * is there.
   *
   * @return this worker
   */
  PollingWorker start() {
    thread.start();
    return this;
  }

  /** Ends its sleep, or its next one. It does not wait, and may be called by any thread. */
  void wake() {
    if (wakeUps.availablePermits() == 0) {
      wakeUps.release();
    }
  }

  /** Whether its last step succeeded. True before the first one. */
  boolean works() {
    return !failing;
  }

  private void run() {
    Duration pause = SHORTEST_PAUSE;
    Duration sleep = poll;
    while (!closed) {
      try {
        boolean more = step.run();
        if (failing) {
          LOG.log(System.Logger.Level.INFO, "{0}: works again", name);
        }
        failing = false;
        pause = SHORTEST_PAUSE;
        if (!more) {
          sleep = wokenWithin(sleep) ? again : shorter(sleep.multipliedBy(2), poll);
        }
      } catch (InterruptedException stopped) {
        return;
      } catch (RuntimeException | Error fault) {
        // Errors too: without this thread the service would only seem to work.
        if (!failing) {
          log(fault);
        }
        failing = true;
        try {
          TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        } catch (InterruptedException stopped) {
          return;
        }
        pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
      }
    }
  }

  private void log(Throwable fault) {
    if (fault instanceof Unavailable) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}: {1}; will retry until it works",
          name,
          fault.getMessage());
    } else {
      LOG.log(
          System.Logger.Level.ERROR, name + ": unexpected error; will retry until it works", fault);
    }
  }

  private boolean wokenWithin(Duration time) throws InterruptedException {
    boolean woken = wakeUps.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS);
    if (woken) {
      wakeUps.drainPermits();
    }
    return woken;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /**
   * Ends the thread after its current step, which is interrupted after five seconds. Waits at most
   * ten seconds.
   */
  @Override
  public void close() {
    closed = true;
    wake();
    try {
      if (!thread.join(Duration.ofSeconds(5))) {
        thread.interrupt();
        thread.join(Duration.ofSeconds(5));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
