package io.carechat.bootstrap;

import io.carechat.domain.Unavailable;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Does a step again and again as long as there is something to do, then sleeps until it is woken or
 * a while has passed. Being woken only saves time: nothing depends on it. A fault is logged and
 * followed by a growing pause, never by giving up.
 */
final class Relay implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Relay.class.getName());
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final String name;
  private final Step step;
  private final Duration poll;
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
  Relay(String name, Step step, Duration poll) {
    this.name = name;
    this.step = step;
    this.poll = poll;
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
    while (!closed) {
      try {
        boolean more = step.run();
        if (away) {
          LOG.log(System.Logger.Level.INFO, "{0}: works again", name);
        }
        away = false;
        pause = SHORTEST_PAUSE;
        if (!more) {
          sleep(poll);
        }
      } catch (InterruptedException stopped) {
        return;
      } catch (RuntimeException fault) {
        if (!away) {
          log(fault);
        }
        away = true;
        try {
          TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        } catch (InterruptedException stopped) {
          return;
        }
        Duration longer = pause.multipliedBy(2);
        pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
      }
    }
  }

  private void log(RuntimeException fault) {
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

  private void sleep(Duration time) throws InterruptedException {
    if (wakeUps.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS)) {
      wakeUps.drainPermits();
    }
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
