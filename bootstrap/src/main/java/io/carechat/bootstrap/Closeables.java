package io.carechat.bootstrap;

import java.util.ArrayDeque;
import java.util.Deque;

/** What was started, to be closed in the reverse order. For use by one thread. */
final class Closeables implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Closeables.class.getName());

  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  /** Adds what {@link #close} closes, and returns it. */
  <T extends AutoCloseable> T add(T closeable) {
    started.push(closeable);
    return closeable;
  }

  /** Closes all, the newest first. A failure is logged, and the others are closed nevertheless. */
  @Override
  public void close() {
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        LOG.log(System.Logger.Level.WARNING, "A part of the service failed to close", e);
      }
    }
  }
}
