package io.carechat.domain.events;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** An event in an instance that belongs to none of its chats. */
public sealed interface InstanceEvent extends Event {
  /** Why the service disabled an endpoint. */
  enum Reason {
    /** The endpoint answered that it is gone (HTTP status 410). */
    GONE,
    /** The endpoint had no success for longer than is tolerated. */
    FAILING
  }

  /**
   * The service disabled a webhook endpoint. Its deliveries wait.
   *
   * @param instance the instance of the endpoint
   * @param endpointId the id of the endpoint
   * @param reason why the endpoint was disabled
   * @param at when it was disabled, in whole milliseconds
   */
  record EndpointDisabled(TenantInstance instance, EndpointId endpointId, Reason reason, Instant at)
      implements InstanceEvent {
    /**
     * @throws IllegalArgumentException if the time is not in whole milliseconds
     */
    public EndpointDisabled {
      if (!at.equals(at.truncatedTo(ChronoUnit.MILLIS))) {
        throw new IllegalArgumentException("at must be in whole milliseconds");
      }
    }
  }
}
