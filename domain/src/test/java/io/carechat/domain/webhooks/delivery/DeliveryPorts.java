package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.webhooks.WebhookRegistry;

/**
 * The ports of one store of deliveries. All of them read and change the same deliveries and
 * endpoints.
 */
public record DeliveryPorts(
    DeliveryPlans plans,
    DeliveryQueue queue,
    EndpointStates states,
    Redeliveries redeliveries,
    DeliveryRetention retention,
    DeliveryQueries queries,
    WebhookRegistry registry) {}
