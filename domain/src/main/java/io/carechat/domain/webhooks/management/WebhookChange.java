package io.carechat.domain.webhooks.management;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.webhooks.WebhookEventType;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to change of an endpoint; nothing is checked yet, and null stays as it is.
 */
public record WebhookChange(
    @Nullable String url,
    @Nullable Set<WebhookEventType> eventTypes,
    @Nullable Set<ClientType> senders,
    @Nullable String description,
    @Nullable Boolean enabled,
    @Nullable Secret apiKey,
    @Nullable Secret apiSecret) {}
