package io.carechat.domain.feeds;

import java.time.Duration;

/** Has a {@link LogFollower} look at the log again and again. */
public final class LogFollowerThread implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(2);

  private final LogFollower tail;
  private final Thread thread;

  /** Begins. */
  public LogFollowerThread(LogFollower tail) {
    this.tail = tail;
    this.thread = Thread.ofVirtual().start(this::look);
  }

  private void look() {
    try {
      while (true) {
        if (!tail.step()) {
          Thread.sleep(PAUSE);
        }
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
