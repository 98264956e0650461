package io.carechat.domain;

/**
 * An endpoint as those see it who manage it.
 *
 * @param endpoint with the signing keys that sign now
 * @param enabled whether it is called; if not, what is for it waits
 */
public record ManagedWebhook(WebhookEndpoint endpoint, boolean enabled) {}
