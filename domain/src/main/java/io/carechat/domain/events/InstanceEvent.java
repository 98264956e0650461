package io.carechat.domain.events;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.KeyId;
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

  /**
   * Somebody created an API key for an emergency.
   *
   * @param instance the instance of the key
   * @param keyId the id of the key
   * @param expiresAt from when on the key is not valid, in whole milliseconds
   * @param at when it was created, in whole milliseconds
   */
  record BreakGlassKeyCreated(TenantInstance instance, KeyId keyId, Instant expiresAt, Instant at)
      implements InstanceEvent {
    /**
     * @throws IllegalArgumentException if a time is not in whole milliseconds
     */
    public BreakGlassKeyCreated {
      if (!at.equals(at.truncatedTo(ChronoUnit.MILLIS))
          || !expiresAt.equals(expiresAt.truncatedTo(ChronoUnit.MILLIS))) {
        throw new IllegalArgumentException("times must be in whole milliseconds");
      }
    }
  }

  /**
   * The audit of the instance was sealed by a new checkpoint.
   *
   * @param instance the instance
   * @param rows how many rows the checkpoint seals, 1 or more
   * @param note the checkpoint with its signature, as text
   * @param at when it was signed, in whole milliseconds
   */
  record AuditCheckpoint(TenantInstance instance, long rows, String note, Instant at)
      implements InstanceEvent {
    /**
     * @throws IllegalArgumentException if the time is not in whole milliseconds
     */
    public AuditCheckpoint {
      if (!at.equals(at.truncatedTo(ChronoUnit.MILLIS))) {
        throw new IllegalArgumentException("at must be in whole milliseconds");
      }
    }
  }
}
