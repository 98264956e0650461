package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import java.time.Instant;
import java.util.List;

/**
 * Which events have been turned into deliveries. Safe for use by many threads and by several nodes.
 * Every method may throw {@link Unavailable}.
 */
public interface DeliveryPlans {
  /** Up to where the event log has been turned into deliveries. */
  LogPosition plannedUpTo();

  /**
   * Records deliveries, due at once, and moves the cursor, both or neither. They are created at
   * {@code now}, or when the last ones were, if that is later.
   *
   * @param from where the cursor must still stand
   * @param deliveries in the order of the log, of events between {@code from} and {@code to}, at
   *     most one of each event for each endpoint
   * @return false if the cursor stands elsewhere, because another node was faster; nothing was
   *     recorded then
   */
  boolean plan(LogPosition from, LogPosition to, List<NewDelivery> deliveries, Instant now);
}
