package io.carechat.domain.webhooks.management;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.domain.webhooks.WebhookPayload;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint that somebody wants; nothing of it is checked yet.
 *
 * @param signingSecret the key that signs, with {@code whsec_} in front; null for a new one
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
