/** Webhook deliveries in PostgreSQL: plans, claims, settlements, redeliveries. */
@NullMarked
package io.carechat.persistence.webhooks.delivery;

import org.jspecify.annotations.NullMarked;
