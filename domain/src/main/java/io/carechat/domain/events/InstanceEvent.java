package io.carechat.domain.events;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Something that happened in an instance, and in none of its chats. */
public sealed interface InstanceEvent extends Event {
  /** Why an endpoint was disabled. */
  enum Reason {
    /** It answered that it is gone (410). */
    GONE,
    /** It had no success for longer than is borne. */
    FAILING
  }

  /**
   * A webhook endpoint was disabled by the service; its deliveries wait.
   *
   * @param endpointId of the instance
   */
  record EndpointDisabled(TenantInstance instance, EndpointId endpointId, Reason reason, Instant at)
      implements InstanceEvent {
    /**
     * @throws IllegalArgumentException if the time is finer than a millisecond
     */
    public EndpointDisabled {
      if (!at.equals(at.truncatedTo(ChronoUnit.MILLIS))) {
        throw new IllegalArgumentException("at must be in whole milliseconds");
      }
    }
  }
}
