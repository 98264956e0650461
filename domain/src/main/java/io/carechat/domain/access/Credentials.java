package io.carechat.domain.access;

import io.carechat.domain.chat.Secret;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds out which caller a credential stands for. Safe for use by many threads. */
public interface Credentials {
  /**
   * Returns the caller of an API key. The result is empty if the key is unknown, has expired or was
   * revoked, or if it needs another client certificate.
   *
   * @param certificate the SHA-256 thumbprint of the client certificate of the connection, in
   *     base64url without padding ({@code x5t#S256} of RFC 8705); null if it has none
   * @throws io.carechat.domain.chat.Unavailable if the key cannot be checked now
   */
  Optional<Caller> ofApiKey(Secret key, @Nullable String certificate);

  /**
   * Returns the caller of a bearer token (RFC 6750). The result is empty unless a trusted issuer
   * issued the token for this service, the token is valid now, and its instance is one of those
   * that the issuer is trusted for. A token that is bound to a client certificate (RFC 8705) needs
   * that certificate.
   *
   * @param certificate as for an API key
   * @throws io.carechat.domain.chat.Unavailable if the token cannot be checked now
   */
  Optional<Caller> ofBearerToken(Secret token, @Nullable String certificate);
}
