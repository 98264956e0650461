package io.carechat.domain.webhooks.management;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Secret;

/**
 * The result of an operation on endpoints. The nested interfaces say which results each operation
 * can have.
 */
public sealed interface WebhookResult {
  /** The results of creating an endpoint. */
  sealed interface OfCreate extends WebhookResult
      permits Created, TooMany, UrlInUse, TooManyOnServer, NoKeyForSecrets {}

  /** The results of changing an endpoint. */
  sealed interface OfChange extends WebhookResult
      permits Changed, NoSuchWebhook, IsConfigured, OtherVersion, UrlInUse, TooManyOnServer {}

  /** The results of deleting an endpoint. */
  sealed interface OfDelete extends WebhookResult permits Deleted, NoSuchWebhook, IsConfigured {}

  /** The results of giving an endpoint a new signing key. */
  sealed interface OfRotate extends WebhookResult permits Rotated, NoSuchWebhook, IsConfigured {}

  /**
   * The endpoint was created. Everything that is committed from now on is delivered to it.
   *
   * @param webhook the new endpoint
   * @param signingSecret the signing key with its prefix; it is never shown again
   */
  record Created(ManagedWebhook webhook, Secret signingSecret) implements OfCreate {}

  /**
   * The endpoint was changed.
   *
   * @param webhook the endpoint as it is now
   */
  record Changed(ManagedWebhook webhook) implements OfChange {}

  /** The endpoint was deleted. Its pending deliveries are given up and not sent. */
  record Deleted() implements OfDelete {}

  /**
   * The endpoint has a new signing key.
   *
   * @param webhook the endpoint as it is now
   * @param signingSecret the new key with its prefix; it is never shown again
   */
  record Rotated(ManagedWebhook webhook, Secret signingSecret) implements OfRotate {}

  /**
   * Nothing was created, because the instance already has the maximum number of endpoints.
   *
   * @param max the maximum number
   */
  record TooMany(int max) implements OfCreate {}

  /**
   * Nothing was done, because another endpoint of the instance has the same URL.
   *
   * @param existing the other endpoint
   */
  record UrlInUse(EndpointId existing) implements OfCreate, OfChange {}

  /**
   * Nothing was done, because too many endpoints of the instance have the same host and port.
   *
   * @param max the maximum number
   */
  record TooManyOnServer(int max) implements OfCreate, OfChange {}

  /** Nothing was created, because the installation has no key to encrypt secrets with. */
  record NoKeyForSecrets() implements OfCreate {}

  /** The instance has no such endpoint. */
  record NoSuchWebhook() implements OfChange, OfDelete, OfRotate {}

  /** Nothing was done. The endpoint is in the configuration, which only the operator can change. */
  record IsConfigured() implements OfChange, OfDelete, OfRotate {}

  /** Nothing was done. The endpoint no longer has the version that the caller wanted to change. */
  record OtherVersion() implements OfChange {}
}
