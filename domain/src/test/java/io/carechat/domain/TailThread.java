package io.carechat.domain;

import java.time.Duration;

/** Has a {@link LogTail} look at the log again and again. */
public final class TailThread implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(2);

  private final LogTail tail;
  private final Thread thread;

  /** Begins. */
  public TailThread(LogTail tail) {
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
