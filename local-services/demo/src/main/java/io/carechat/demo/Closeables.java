package io.carechat.demo;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Everything that was started. It is closed in reverse order. Safe for use by several threads. */
final class Closeables implements AutoCloseable {
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  synchronized <T extends AutoCloseable> T add(T part) {
    parts.push(part);
    return part;
  }

  private synchronized @Nullable AutoCloseable next() {
    return parts.poll();
  }

  /** Closes everything. If closing one of them fails, that is printed on standard error. */
  @Override
  public void close() {
    for (AutoCloseable part = next(); part != null; part = next()) {
      try {
        part.close();
      } catch (Exception e) {
        System.err.println("carechat: a component did not close properly: " + e.getMessage());
      }
    }
  }
}
