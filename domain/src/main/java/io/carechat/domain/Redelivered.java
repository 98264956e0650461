package io.carechat.domain;

/** What became of a redelivery that was asked for. */
public sealed interface Redelivered {
  /** Its next attempt is due at once, or is being made. If its endpoint is disabled, it waits. */
  record Due() implements Redelivered {}

  /** It is pending, and an earlier delivery of its chat comes first. Nothing was changed. */
  record WaitsFor(DeliveryId first) implements Redelivered {}

  /** The endpoint has no delivery of that id. */
  record NoSuchDelivery() implements Redelivered {}
}
