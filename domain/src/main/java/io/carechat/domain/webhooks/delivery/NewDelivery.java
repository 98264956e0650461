package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.webhooks.DeliveryId;
import java.net.URI;

/**
 * A delivery that is to be recorded.
 *
 * @param id the id of the delivery
 * @param endpointId an endpoint of the event's instance
 * @param position the position of the event in the log
 * @param event the event
 * @param patientUrl the web page of the patient's chat. It is stored, so that every attempt sends
 *     the same bytes.
 */
public record NewDelivery(
    DeliveryId id, EndpointId endpointId, LogPosition position, ChatEvent event, URI patientUrl) {
  /** Returns the message that the event is about. */
  public Message message() {
    return event.message();
  }
}
