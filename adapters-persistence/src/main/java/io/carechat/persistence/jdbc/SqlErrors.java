package io.carechat.persistence.jdbc;

import io.carechat.domain.chat.Unavailable;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;

/** What an error of the database means for a caller. */
public final class SqlErrors {
  /** When a caller should try again. A restart of PostgreSQL takes about as long. */
  static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private SqlErrors() {}

  /**
   * Whether PostgreSQL is unavailable, is shutting down, or cannot work. Then the next statement
   * will most likely fail too, and it is not always known whether this one took effect. Decided by
   * the classes of SQLSTATE (PostgreSQL documentation, appendix A).
   */
  static boolean isUnavailable(SQLException e) {
    String state = e.getSQLState();
    if (state == null
        || e instanceof SQLTransientConnectionException
        || e instanceof SQLTimeoutException) {
      return true;
    }
    return switch (state.substring(0, Math.min(2, state.length()))) {
      // Connection lost; session ended for an open transaction, or read-only after a failover;
      // disk, memory or connections exhausted; cancelled or shutting down; I/O; internal.
      case "08", "25", "53", "57", "58", "XX" -> true;
      default -> false;
    };
  }

  /** The exception for the caller: {@link Unavailable} if it may help to try again. */
  public static RuntimeException of(SQLException e) {
    String state = e.getSQLState();
    if (isUnavailable(e)) {
      return new Unavailable(
          "PostgreSQL is unavailable or overloaded (" + state + ")", RETRY_AFTER, e);
    }
    // Deadlock or serialization failure; a lock was not granted in time.
    if (state.startsWith("40") || state.startsWith("55")) {
      return new Unavailable("PostgreSQL gave up waiting (" + state + ")", RETRY_AFTER, e);
    }
    return new IllegalStateException("PostgreSQL refused a statement (" + state + ")", e);
  }
}
