package io.carechat.domain.webhooks.delivery;

/** How a delivery stands. */
public enum DeliveryState {
  /** It is due or will be, or it waits for another. */
  PENDING,
  /** The endpoint has it. */
  DELIVERED,
  /** Every attempt failed, or its endpoint no longer exists. */
  DEAD
}
