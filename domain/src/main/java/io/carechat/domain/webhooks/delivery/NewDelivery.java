package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.webhooks.DeliveryId;
import java.net.URI;

/**
 * A delivery on its way into the ledger.
 *
 * @param endpointId an endpoint of the event's instance
 * @param position of the event
 * @param patientUrl where the partner's people find the patient; kept, so that every attempt sends
 *     the same bytes
 */
public record NewDelivery(
    DeliveryId id, EndpointId endpointId, LogPosition position, ChatEvent event, URI patientUrl) {
  /** The message that the event is about. */
  public Message message() {
    return event.message();
  }
}
