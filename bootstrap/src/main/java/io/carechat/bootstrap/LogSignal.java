package io.carechat.bootstrap;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Says that events were appended to the log. It is made before the storage, which raises it, and
 * before those that follow the log, which subscribe to it. So none of them needs to know another.
 *
 * <p>The signal only saves time. Whoever follows the log also polls it, so a signal that is raised
 * before somebody has subscribed is not a loss. Safe for use by many threads.
 */
final class LogSignal {
  private final List<Runnable> subscribers = new CopyOnWriteArrayList<>();

  /**
   * Subscribes to the signal, until the service ends.
   *
   * @param onRaised runs on the thread that raises the signal, so it must be quick
   */
  void subscribe(Runnable onRaised) {
    subscribers.add(onRaised);
  }

  /** Runs the subscribers one after the other, the earliest first. */
  void raise() {
    subscribers.forEach(Runnable::run);
  }
}
