package io.carechat.domain.keys;

import io.carechat.domain.chat.KeyId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.InstanceEvent;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;

/**
 * Stores API keys for all nodes. It stores the hashes of their secrets, and never the secrets.
 *
 * <p>Safe for use by many threads and by several nodes. What a method has changed is durable when
 * it returns. Changes are numbered, in the order in which they become visible. Every method may
 * throw {@link Unavailable}.
 */
public interface KeyRegistry {
  /** Returns the keys of an instance, oldest first, with those that have ended. */
  List<ApiKey> of(TenantInstance instance);

  /**
   * Stores a key. For a break-glass key it also logs {@link InstanceEvent.BreakGlassKeyCreated}, in
   * the same transaction.
   *
   * @param key has a creation, and neither a revocation nor a use; its id was never used before
   * @param hash of its secret
   * @param max how many valid keys the instance may have at the time of the creation, with this
   *     one. Break-glass keys and others are counted apart
   * @param maxEnded how many keys that have ended are kept for the instance; of more, those that
   *     ended first are removed
   * @return false if the instance would have more valid keys. Nothing was stored then
   */
  boolean add(ApiKey key, String hash, int max, int maxEnded);

  /**
   * Revokes a key. Does nothing if it was revoked before.
   *
   * @param at when it is revoked, in whole milliseconds
   * @return false if the instance has no such key
   */
  boolean revoke(TenantInstance instance, KeyId id, Instant at);

  /**
   * Returns the keys of all instances that changed after a revision, and the revision now. A key
   * that was removed because it had ended is not among them.
   *
   * @param revision what the last call returned; 0 for all keys. It may be a higher one than that
   *     of the registry if the registry was restored from a backup: then the revision that is
   *     returned is lower, and no keys are
   */
  KeyChanges changesSince(long revision);

  /**
   * Notes that a key was used on a day. Does nothing if a later day is known or there is no such
   * key. It is no change that {@link #changesSince} tells.
   *
   * @param day in UTC
   */
  void noteUse(TenantInstance instance, KeyId id, LocalDate day);
}
