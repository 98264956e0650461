package io.carechat.domain.keys;

import java.util.List;

/**
 * What has changed among the keys of all instances.
 *
 * @param revision the number of the last change that this contains
 * @param keys the keys that were created or revoked, as they are now
 */
public record KeyChanges(long revision, List<StoredKey> keys) {
  /** Copies the list. */
  public KeyChanges {
    keys = List.copyOf(keys);
  }
}
