package io.carechat.domain.webhooks.management;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.domain.webhooks.WebhookPayload;
import io.carechat.domain.webhooks.WebhookSecrets;
import io.carechat.domain.webhooks.WebhookSubscription;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint that a caller wants to create. Nothing has been checked yet.
 *
 * @param url as in {@link WebhookSubscription}
 * @param payload as in {@link WebhookSubscription}
 * @param eventTypes as in {@link WebhookSubscription}
 * @param senders as in {@link WebhookSubscription}
 * @param description as in {@link WebhookSubscription}
 * @param enabled whether the endpoint is called; if not, its deliveries wait until it is enabled
 * @param apiKey as in {@link WebhookSecrets}
 * @param apiSecret as in {@link WebhookSecrets}
 * @param signingSecret the signing key with the prefix {@code whsec_}; null to make a new key
 */
public record NewWebhook(
    String url,
    WebhookPayload payload,
    Set<WebhookEventType> eventTypes,
    Set<ClientType> senders,
    String description,
    boolean enabled,
    @Nullable Secret apiKey,
    @Nullable Secret apiSecret,
    @Nullable Secret signingSecret) {}
