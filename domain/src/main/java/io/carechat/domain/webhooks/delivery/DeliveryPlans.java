package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import java.time.Instant;
import java.util.List;

/**
 * Records which events have been turned into deliveries. Safe for use by many threads and by
 * several nodes. Every method may throw {@link Unavailable}.
 */
public interface DeliveryPlans {
  /** Returns the cursor: the position up to which the log has been turned into deliveries. */
  LogPosition plannedUpTo();

  /**
   * Records deliveries, which are due at once, and moves the cursor, in one transaction. The
   * deliveries are created at {@code now}, or at the time of the last ones that were planned if
   * that is later.
   *
   * @param from where the cursor must be now
   * @param to where the cursor is moved
   * @param deliveries the deliveries of the events after {@code from} and up to {@code to}, in the
   *     order of the log; at most one for each event and endpoint
   * @param now the current time
   * @return false if the cursor is at another position because another node was faster; then
   *     nothing was recorded
   */
  boolean plan(LogPosition from, LogPosition to, List<NewDelivery> deliveries, Instant now);
}
