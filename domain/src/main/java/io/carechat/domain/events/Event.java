package io.carechat.domain.events;

import io.carechat.domain.chat.TenantInstance;
import java.time.Instant;

/** Something that happened in an instance, as the event log tells it. */
public sealed interface Event permits ChatEvent, InstanceEvent {
  /** The instance that it happened in. */
  TenantInstance instance();

  /** When it happened, to the millisecond. Not the log's order, which is {@link LogPosition}. */
  Instant at();
}
