package io.carechat.bootstrap.logs;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.logging.Handler;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The log of the process, on standard error. Whatever is logged by {@link System.Logger}, SLF4J or
 * {@code java.util.logging} is in it. Safe for use by many threads.
 */
public final class Logs {
  /** An operator's own configuration of {@code java.util.logging}. */
  private static final String OWN_CONFIGURATION = "java.util.logging.config.file";

  private static final Duration LAST_LINES = Duration.ofSeconds(2);

  private static volatile @Nullable AsyncHandler handler;

  private Logs() {}

  /** Prepares the log. To be called before anything is logged. */
  public static void prepare() {
    KeptLogManager.install();
  }

  /**
   * Writes the log in a format from now on, on a thread of its own. If the process was started with
   * a configuration of {@code java.util.logging} of its own, this does nothing.
   */
  public static synchronized void start(LogFormat format) {
    if (System.getProperty(OWN_CONFIGURATION) == null) {
      start(format, new FileOutputStream(FileDescriptor.err), LAST_LINES);
    }
  }

  static synchronized void start(LogFormat format, OutputStream out, Duration lastLines) {
    stop();
    Logger root = Logger.getLogger("");
    for (Handler each : root.getHandlers()) {
      root.removeHandler(each);
    }
    var started = new AsyncHandler(out, new LineFormatter(format), lastLines);
    root.addHandler(started);
    handler = started;
    KeptLogManager.keep();
  }

  /**
   * Writes what waits to be written, for two seconds at most, and logs nothing any more. Does
   * nothing if it was not started.
   */
  public static synchronized void stop() {
    AsyncHandler started = handler;
    if (started != null) {
      Logger.getLogger("").removeHandler(started);
      started.close();
      KeptLogManager.release();
    }
  }

  /** How many lines were dropped since the start, because standard error did not take them. */
  public static long dropped() {
    AsyncHandler started = handler;
    return started == null ? 0 : started.dropped();
  }
}
