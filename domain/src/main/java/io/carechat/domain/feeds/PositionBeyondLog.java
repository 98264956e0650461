package io.carechat.domain.feeds;

/**
 * Thrown when somebody asks for the events after a position that the log has not reached. The log
 * gives no such position to anybody. It comes from another installation, or from a log that was
 * replaced by an older copy. Waiting for the log to reach it would be silence for a long time, and
 * would then miss events. It has no stack trace, because it describes a fault of the request.
 */
public final class PositionBeyondLog extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PositionBeyondLog() {
    super("the log has not reached this position", null, false, false);
  }
}
