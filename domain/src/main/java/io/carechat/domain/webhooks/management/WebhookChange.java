package io.carechat.domain.webhooks.management;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.domain.webhooks.WebhookSecrets;
import io.carechat.domain.webhooks.WebhookSubscription;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes that a caller wants to make to an endpoint. Nothing has been checked yet. Members that
 * are null stay unchanged.
 *
 * @param url as in {@link WebhookSubscription}
 * @param eventTypes as in {@link WebhookSubscription}
 * @param senders as in {@link WebhookSubscription}
 * @param description as in {@link WebhookSubscription}
 * @param enabled whether the endpoint is called from now on
 * @param apiKey as in {@link WebhookSecrets}
 * @param apiSecret as in {@link WebhookSecrets}
 */
public record WebhookChange(
    @Nullable String url,
    @Nullable Set<WebhookEventType> eventTypes,
    @Nullable Set<ClientType> senders,
    @Nullable String description,
    @Nullable Boolean enabled,
    @Nullable Secret apiKey,
    @Nullable Secret apiSecret) {}
