package io.carechat.domain.webhooks.management;

import io.carechat.domain.chat.Secret;

/** What changing endpoints gives; the interfaces within say what each operation may give. */
public sealed interface WebhookResult {
  /** What creating one gives. */
  sealed interface OfCreate extends WebhookResult permits Created, TooMany, NoKeyForSecrets {}

  /** What changing one gives. */
  sealed interface OfChange extends WebhookResult
      permits Changed, NoSuchWebhook, IsConfigured, OtherVersion {}

  /** What deleting one gives. */
  sealed interface OfDelete extends WebhookResult permits Deleted, NoSuchWebhook, IsConfigured {}

  /** What giving one a new signing key gives. */
  sealed interface OfRotate extends WebhookResult permits Rotated, NoSuchWebhook, IsConfigured {}

  /**
   * It was made. Whatever is committed from now on is delivered to it.
   *
   * @param signingSecret the key that signs, with its prefix; never shown again
   */
  record Created(ManagedWebhook webhook, Secret signingSecret) implements OfCreate {}

  /** It was changed, and is like this now. */
  record Changed(ManagedWebhook webhook) implements OfChange {}

  /** It was deleted. What waited for it is given up, not sent. */
  record Deleted() implements OfDelete {}

  /**
   * It has a new signing key.
   *
   * @param signingSecret the new key, with its prefix; never shown again
   */
  record Rotated(ManagedWebhook webhook, Secret signingSecret) implements OfRotate {}

  /**
   * Nothing was made, because the instance has as many as it may.
   *
   * @param max how many
   */
  record TooMany(int max) implements OfCreate {}

  /** Nothing was made, because the installation has no key to encrypt secrets with. */
  record NoKeyForSecrets() implements OfCreate {}

  /** The instance has no such endpoint. */
  record NoSuchWebhook() implements OfChange, OfDelete, OfRotate {}

  /** Nothing was done: the endpoint is in the configuration, which only the operator changes. */
  record IsConfigured() implements OfChange, OfDelete, OfRotate {}

  /** Nothing was done: it has been changed since the version that was meant. */
  record OtherVersion() implements OfChange {}
}
