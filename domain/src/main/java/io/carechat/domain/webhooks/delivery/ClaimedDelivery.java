package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.webhooks.DeliveryId;
import java.net.URI;
import java.util.UUID;

/**
 * A delivery that one worker has claimed and will attempt.
 *
 * @param id the id of the delivery
 * @param endpointId an endpoint of the event's instance
 * @param event the event to deliver
 * @param patientUrl the web page of the patient's chat
 * @param attempt the number of this attempt, counted from 1 since the delivery was planned or
 *     redelivered
 * @param claim proves the claim when the delivery is settled
 */
public record ClaimedDelivery(
    DeliveryId id,
    EndpointId endpointId,
    ChatEvent event,
    URI patientUrl,
    int attempt,
    UUID claim) {
  /** Returns the message that the event is about. */
  public Message message() {
    return event.message();
  }
}
