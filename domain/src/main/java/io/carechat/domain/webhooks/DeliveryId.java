package io.carechat.domain.webhooks;

import java.util.UUID;

/**
 * The id of a delivery: one event to one endpoint, the same on every attempt. Sent as {@code
 * webhook-id}.
 */
public record DeliveryId(UUID value) {
  /** {@code WH} and 32 hexadecimal digits. */
  @Override
  public String toString() {
    return "WH" + value.toString().replace("-", "");
  }
}
