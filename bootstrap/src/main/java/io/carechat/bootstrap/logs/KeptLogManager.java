package io.carechat.bootstrap.logs;

import java.util.logging.LogManager;

/**
 * The log manager of the process. The one of Java removes all handlers as soon as the process is
 * told to end, so that nothing is logged of how it ends. This one keeps them until {@link
 * #release}.
 */
public final class KeptLogManager extends LogManager {
  private static volatile boolean kept;

  /** To be called by Java. */
  public KeptLogManager() {}

  /** Makes this the log manager of the process, if nothing was logged yet. */
  static void install() {
    System.setProperty("java.util.logging.manager", KeptLogManager.class.getName());
  }

  /** Keeps all handlers from now on. */
  static void keep() {
    kept = true;
  }

  /** Removes and closes all handlers. */
  static void release() {
    kept = false;
    LogManager.getLogManager().reset();
  }

  @Override
  public void reset() {
    if (!kept) {
      super.reset();
    }
  }
}
