package io.carechat.domain.feeds;

import java.time.Duration;

/** A thread in which a {@link LogFollower} reads the log again and again. */
public final class LogFollowerThread implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(2);

  private final LogFollower follower;
  private final Thread thread;

  /** Starts the thread. */
  public LogFollowerThread(LogFollower follower) {
    this.follower = follower;
    this.thread = Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try {
      while (true) {
        if (!follower.step()) {
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
