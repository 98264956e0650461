package io.carechat.domain;

import java.util.List;

/** What managing endpoints gives; the interfaces within say what each act may give. */
public sealed interface WebhookResult {
  /** What creating one gives. */
  sealed interface OfCreate extends WebhookResult
      permits Created, Invalid, TooMany, NoKeyForSecrets, Forbidden {}

  /** What listing them gives. */
  sealed interface OfList extends WebhookResult permits Listed, Forbidden {}

  /** What asking for one gives. */
  sealed interface OfFind extends WebhookResult permits Found, NoSuchWebhook, Forbidden {}

  /** What changing one gives. */
  sealed interface OfChange extends WebhookResult
      permits Changed, Invalid, NoSuchWebhook, OfConfiguration, OtherVersion, Forbidden {}

  /** What deleting one gives. */
  sealed interface OfDelete extends WebhookResult
      permits Deleted, NoSuchWebhook, OfConfiguration, Forbidden {}

  /** What testing one gives. */
  sealed interface OfPing extends WebhookResult permits Pinged, NoSuchWebhook, Forbidden {}

  /** What giving one a new signing key gives. */
  sealed interface OfRotate extends WebhookResult
      permits Rotated, Invalid, NoSuchWebhook, OfConfiguration, Forbidden {}

  /**
   * It is there. Whatever is committed from now on is delivered to it.
   *
   * @param signingSecret the key that signs, with its prefix; never told again
   */
  record Created(ManagedWebhook webhook, Secret signingSecret) implements OfCreate {}

  /** All of the instance: those of the configuration, then those of the API, oldest first. */
  record Listed(List<ManagedWebhook> webhooks) implements OfList {
    public Listed {
      webhooks = List.copyOf(webhooks);
    }
  }

  /** This is it. */
  record Found(ManagedWebhook webhook) implements OfFind {}

  /** It is now like this. */
  record Changed(ManagedWebhook webhook) implements OfChange {}

  /** It is gone. What waited for it is given up, not sent. */
  record Deleted() implements OfDelete {}

  /** It was called. */
  record Pinged(WebhookAnswer answer) implements OfPing {}

  /**
   * It has a new signing key.
   *
   * @param signingSecret the new key, with its prefix; never told again
   */
  record Rotated(ManagedWebhook webhook, Secret signingSecret) implements OfRotate {}

  /**
   * Nothing was done, because it cannot be so.
   *
   * @param faults all of them
   */
  record Invalid(List<WebhookFault> faults) implements OfCreate, OfChange, OfRotate {
    public Invalid {
      faults = List.copyOf(faults);
    }
  }

  /**
   * Nothing was made, because the instance has as many as it may.
   *
   * @param most how many
   */
  record TooMany(int most) implements OfCreate {}

  /** Nothing was made, because the installation has no key to encrypt secrets with. */
  record NoKeyForSecrets() implements OfCreate {}

  /** The instance has no such endpoint. */
  record NoSuchWebhook() implements OfFind, OfChange, OfDelete, OfPing, OfRotate {}

  /** Nothing was done: the endpoint is the operator's, in the configuration. */
  record OfConfiguration() implements OfChange, OfDelete, OfRotate {}

  /** Nothing was done: it has been changed since the version that was meant. */
  record OtherVersion() implements OfChange {}
}
