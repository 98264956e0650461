package io.carechat.persistence.jdbc;
import io.carechat.domain.chat.Unavailable;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;

/** What a database error means for whoever asked. */
final class SqlErrors {
  /** When a caller should try again: a restart of PostgreSQL takes about as long. */
  static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private SqlErrors() {}

  /**
   * Whether PostgreSQL is away, going, or cannot work: the next statement will fare no better, and
   * whether this one was done is not always known. By the classes of SQLSTATE (PostgreSQL
   * documentation, appendix A).
   */
  static boolean isAway(SQLException e) {
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

  /** What the caller is told: {@link Unavailable} if trying again may help. */
  static RuntimeException of(SQLException e) {
    String state = e.getSQLState();
    if (isAway(e)) {
      return new Unavailable(
          "PostgreSQL is unavailable or overloaded (" + state + ")", RETRY_AFTER, e);
    }
    // Deadlock or serialization failure; a lock that was waited for too long.
    if (state.startsWith("40") || state.startsWith("55")) {
      return new Unavailable("PostgreSQL gave up waiting (" + state + ")", RETRY_AFTER, e);
    }
    return new IllegalStateException("PostgreSQL refused a statement (" + state + ")", e);
  }
}
