package io.carechat.domain;

import java.net.URI;
import java.util.UUID;

/**
 * A delivery that one worker is about to attempt.
 *
 * @param attempt which attempt it is since the delivery was planned, or redelivered, from 1
 * @param claim proves the claim when it is settled
 */
public record ClaimedDelivery(
    DeliveryId id, String endpointId, ChatEvent event, URI patientUrl, int attempt, UUID claim) {
  /** The message that the event is about. */
  public Message message() {
    return event.message();
  }
}
