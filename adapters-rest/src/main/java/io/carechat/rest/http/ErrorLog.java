package io.carechat.rest.http;
import io.carechat.domain.chat.Unavailable;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;

/**
 * What went wrong on our side. An exception's message may repeat what somebody wrote to a patient:
 * of exceptions only the classes and our own frames are written.
 */
public final class ErrorLog {
  private static final Logger LOG = System.getLogger("io.carechat.rest");
  private static final String OURS = "io.carechat.";
  private static final int CAUSES = 8;

  private ErrorLog() {}

  /** A fault that nothing foresaw. */
  public static void unexpected(Throwable fault, String requestId) {
    LOG.log(Level.ERROR, () -> "request " + requestId + " failed: " + trace(fault));
  }

  /** Something is away, or there is too much to do. Its own message is meant for logs. */
  static void unavailable(Unavailable fault, String requestId) {
    LOG.log(
        Level.WARNING,
        () -> "request " + requestId + " got 503: " + fault.getMessage() + causes(fault));
  }

  private static String causes(Throwable fault) {
    Throwable cause = fault.getCause();
    return cause == null ? "" : " (" + cause.getClass().getName() + ")";
  }

  private static String trace(Throwable fault) {
    StringBuilder text = new StringBuilder();
    Throwable each = fault;
    for (int i = 0; i < CAUSES && each != null; i++) {
      text.append(i == 0 ? "" : "\ncaused by ").append(each.getClass().getName());
      StackTraceElement[] frames = each.getStackTrace();
      for (int at = 0; at < frames.length; at++) {
        // The first frame says where, whoever's it is.
        if (at == 0 || frames[at].getClassName().startsWith(OURS)) {
          text.append("\n  at ").append(frames[at]);
        }
      }
      each = each.getCause();
    }
    return text.toString();
  }
}
