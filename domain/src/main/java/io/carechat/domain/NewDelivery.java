package io.carechat.domain;

import java.net.URI;

/**
 * A delivery on its way into the ledger.
 *
 * @param endpointId an endpoint of the message's instance
 * @param position of the event that it tells
 * @param patientUrl where the partner's people find the patient; kept, so that every attempt sends
 *     the same bytes
 */
public record NewDelivery(
    DeliveryId id, String endpointId, LogPosition position, Message message, URI patientUrl) {}
