package io.carechat.domain.evidence;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The public keys whose signatures are accepted: that of the signing key, and those of earlier
 * ones. Immutable.
 */
public final class VerifyingKeys {
  private final Map<String, VerifyingKey> byId;

  /**
   * @param keys of which no two have the same id
   * @throws IllegalStateException if two have the same id
   */
  public VerifyingKeys(Collection<? extends VerifyingKey> keys) {
    byId = keys.stream().collect(Collectors.toMap(VerifyingKey::keyId, Function.identity()));
  }

  /** Returns the key with an id. The result is empty if there is none. */
  public Optional<VerifyingKey> find(String keyId) {
    return Optional.ofNullable(byId.get(keyId));
  }
}
