package io.carechat.bootstrap;
import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Does a step again and again as long as there is something to do, then sleeps until it is woken or
 * a while has passed. Being woken only saves time: nothing depends on it. What it was woken for may
 * be a little late to be seen, so that it may look again soon, less and less often. A fault is
 * logged and followed by a growing pause, never by giving up.
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
  private volatile boolean away;

  /** Does a lot of work, and says whether there may be more. */
  @FunctionalInterface
  interface Step {
    boolean run() throws InterruptedException;
  }

  /**
   * Starts it.
   *
   * @param poll how long it sleeps without being woken
   */
  PollingWorker(String name, Step step, Duration poll) {
    this(name, step, poll, poll);
  }

  /**
   * Starts it.
   *
   * @param poll how long it sleeps without being woken
   * @param again how soon it looks again after it was woken; then after twice as long, and so on
   *     until that is as long as the poll
   */
  PollingWorker(String name, Step step, Duration poll, Duration again) {
    this.name = name;
    this.step = step;
    this.poll = poll;
    this.again = again;
    this.thread = Thread.ofPlatform().name(name).start(this::run);
  }

  /** Tells it that there is something to do. Cheap, and safe to call from anywhere. */
  void wake() {
    if (wakeUps.availablePermits() == 0) {
      wakeUps.release();
    }
  }

  /** Whether its last step ended well, or it has taken none yet. */
  boolean works() {
    return !away;
  }

  private void run() {
    Duration pause = SHORTEST_PAUSE;
    Duration sleep = poll;
    while (!closed) {
      try {
        boolean more = step.run();
        if (away) {
          LOG.log(System.Logger.Level.INFO, "{0}: works again", name);
        }
        away = false;
        pause = SHORTEST_PAUSE;
        if (!more) {
          sleep = wokenWithin(sleep) ? again : shorter(sleep.multipliedBy(2), poll);
        }
      } catch (InterruptedException stopped) {
        return;
      } catch (RuntimeException | Error fault) {
        // Whatever it is: without this thread the service would only seem to work.
        if (!away) {
          log(fault);
        }
        away = true;
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
          "{0}: {1}; tries again until it works",
          name,
          fault.getMessage());
    } else {
      LOG.log(System.Logger.Level.ERROR, name + ": unexpected; tries again until it works", fault);
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

  /** Ends it after the step that it is at; waits for that. */
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
