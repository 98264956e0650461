package io.carechat.rest.http;

import io.carechat.domain.chat.Unavailable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Logs failures of the service. The message of an exception may contain text that somebody wrote to
 * a patient. So only the classes of exceptions and the stack frames of this service are logged.
 */
public final class ErrorLog {
  private static final Logger LOG = System.getLogger("io.carechat.rest");
  private static final String OWN_PACKAGE = "io.carechat.";
  private static final int MAX_CAUSES = 8;

  private ErrorLog() {}

  /** Logs a failure that was not expected. */
  public static void unexpected(Throwable failure, String requestId) {
    LOG.log(Level.ERROR, () -> "request " + requestId + " failed: " + trace(failure));
  }

  /**
   * Logs that something is unavailable or overloaded. The message of the exception is meant for
   * logs.
   */
  static void unavailable(Unavailable failure, String requestId) {
    LOG.log(
        Level.WARNING,
        () -> "request " + requestId + " got 503: " + failure.getMessage() + causes(failure));
  }

  private static String causes(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? "" : " (" + cause.getClass().getName() + ")";
  }

  private static String trace(Throwable failure) {
    StringBuilder text = new StringBuilder();
    Throwable each = failure;
    for (int i = 0; i < MAX_CAUSES && each != null; i++) {
      text.append(i == 0 ? "" : "\ncaused by ").append(each.getClass().getName());
      StackTraceElement[] frames = each.getStackTrace();
      for (int j = 0; j < frames.length; j++) {
        // The first frame shows where the exception was thrown, even outside of this service.
        if (j == 0 || frames[j].getClassName().startsWith(OWN_PACKAGE)) {
          text.append("\n  at ").append(frames[j]);
        }
      }
      each = each.getCause();
    }
    return text.toString();
  }
}
