package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.webhooks.DeliveryId;
import java.net.URI;
import java.util.UUID;

/**
 * A delivery that one worker is about to attempt.
 *
 * @param attempt which attempt it is since the delivery was planned, or redelivered, from 1
 * @param claim proves the claim when it is settled
 */
public record ClaimedDelivery(
    DeliveryId id,
    EndpointId endpointId,
    ChatEvent event,
    URI patientUrl,
    int attempt,
    UUID claim) {
  /** The message that the event is about. */
  public Message message() {
    return event.message();
  }
}
