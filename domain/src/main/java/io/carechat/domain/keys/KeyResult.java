package io.carechat.domain.keys;

import io.carechat.domain.chat.Secret;

/**
 * The result of an operation on keys. The nested interfaces say which results each operation can
 * have.
 */
public sealed interface KeyResult {
  /** The results of creating a key. */
  sealed interface OfCreate extends KeyResult permits Created, TooMany {}

  /** The results of revoking a key. */
  sealed interface OfRevoke extends KeyResult permits Revoked, NoSuchKey, IsConfigured {}

  /**
   * The key was created. It is valid on every node.
   *
   * @param key the new key
   * @param secret what the caller of the API sends; it is never shown again
   */
  record Created(ApiKey key, Secret secret) implements OfCreate {}

  /**
   * Nothing was created, because the instance already has the maximum number of valid keys.
   *
   * @param max the maximum number
   */
  record TooMany(int max) implements OfCreate {}

  /** The key is revoked, now or since earlier. Every node refuses it within one second. */
  record Revoked() implements OfRevoke {}

  /** The instance has no such key. */
  record NoSuchKey() implements OfRevoke {}

  /** Nothing was done. The key is in the configuration, which only the operator can change. */
  record IsConfigured() implements OfRevoke {}
}
