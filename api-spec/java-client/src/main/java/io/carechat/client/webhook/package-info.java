/**
 * Receiving webhooks: {@link io.carechat.client.webhook.WebhookVerifier} says whether a call came
 * from carechat and what it delivers.
 */
@NullMarked
package io.carechat.client.webhook;

import org.jspecify.annotations.NullMarked;
