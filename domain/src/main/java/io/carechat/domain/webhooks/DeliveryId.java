package io.carechat.domain.webhooks;

import java.util.UUID;

/**
 * The id of a delivery, which is one event for one endpoint. It is the same on every attempt. It is
 * sent in the header {@code webhook-id}.
 *
 * @param value a UUID
 */
public record DeliveryId(UUID value) {
  /** Prints {@code WH} and 32 lower-case hexadecimal digits. */
  @Override
  public String toString() {
    return "WH" + value.toString().replace("-", "");
  }
}
