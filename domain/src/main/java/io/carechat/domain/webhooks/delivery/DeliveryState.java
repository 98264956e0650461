package io.carechat.domain.webhooks.delivery;

/** The state of a delivery. */
public enum DeliveryState {
  /**
   * An attempt is due now or later, or the delivery waits for another one or for its endpoint to be
   * enabled.
   */
  PENDING,
  /** The endpoint has accepted the delivery. */
  DELIVERED,
  /** Every attempt failed, or the endpoint no longer exists. */
  DEAD
}
