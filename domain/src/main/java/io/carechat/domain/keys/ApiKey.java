package io.carechat.domain.keys;

import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.KeyId;
import io.carechat.domain.chat.TenantInstance;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An API key without its secret.
 *
 * @param instance the only instance that the key is for
 * @param id names the key
 * @param scopes what the key allows
 * @param note a note of whoever created the key, which may be empty
 * @param reason why a break-glass key was created; null for every other key
 * @param certificate the SHA-256 thumbprint of the client certificate that the key needs, in
 *     base64url without padding ({@code x5t#S256} of RFC 8705); null if it needs none
 * @param created when and by whom it was created; null for a key of the configuration
 * @param expiresAt from when on it is not valid; null if it never expires
 * @param revokedAt when it was revoked; null if it was not
 * @param lastUsedOn the day in UTC on which it was last used; null if it never was, or if that is
 *     not known
 */
public record ApiKey(
    TenantInstance instance,
    KeyId id,
    Set<Scope> scopes,
    String note,
    @Nullable String reason,
    @Nullable String certificate,
    @Nullable Creation created,
    @Nullable Instant expiresAt,
    @Nullable Instant revokedAt,
    @Nullable LocalDate lastUsedOn) {
  private static final Pattern THUMBPRINT = Pattern.compile("[A-Za-z0-9_-]{43}");

  /**
   * The creation of a key.
   *
   * @param at when it was created, in whole milliseconds
   * @param by the id of the credential that created it
   */
  public record Creation(Instant at, String by) {}

  /**
   * Copies the scopes.
   *
   * @throws IllegalArgumentException if it is a break-glass key that never expires
   */
  public ApiKey {
    scopes = Set.copyOf(scopes);
    if (reason != null && expiresAt == null) {
      throw new IllegalArgumentException("A break-glass key must expire");
    }
  }

  /** Returns whether a text has the form of a certificate's thumbprint. */
  public static boolean isThumbprint(String text) {
    return THUMBPRINT.matcher(text).matches();
  }

  /**
   * Returns whether the key may be used over a connection.
   *
   * @param shown the thumbprint of the connection's client certificate; null if it has none
   */
  public boolean isFor(@Nullable String shown) {
    return certificate == null || certificate.equals(shown);
  }

  /** Returns whether it is a key for an emergency. */
  public boolean isBreakGlass() {
    return reason != null;
  }

  /** Returns whether the key is valid at a time: it is neither revoked nor expired. */
  public boolean isValidAt(Instant time) {
    return revokedAt == null && (expiresAt == null || time.isBefore(expiresAt));
  }
}
