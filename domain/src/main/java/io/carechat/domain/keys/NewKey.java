package io.carechat.domain.keys;

import io.carechat.domain.access.Scope;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A key that a caller wants to create. Nothing has been checked yet but the lengths.
 *
 * @param scopes what the key allows, at least one
 * @param note a note, which may be empty; up to {@link KeyManagement#MAX_NOTE} characters
 * @param certificate as in {@link ApiKey}
 * @param expiresAt from when on it is not valid; null if it never expires
 */
public record NewKey(
    Set<Scope> scopes, String note, @Nullable String certificate, @Nullable Instant expiresAt) {
  /** Copies the scopes. */
  public NewKey {
    scopes = Set.copyOf(scopes);
  }
}
