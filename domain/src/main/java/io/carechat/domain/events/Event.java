package io.carechat.domain.events;

import io.carechat.domain.chat.TenantInstance;
import java.time.Instant;

/** An event in an instance, as it is recorded in the event log. */
public sealed interface Event permits ChatEvent, InstanceEvent {
  /** Returns the instance in which the event happened. */
  TenantInstance instance();

  /**
   * Returns when the event happened, in whole milliseconds. The log is not ordered by this time but
   * by {@link LogPosition}.
   */
  Instant at();
}
