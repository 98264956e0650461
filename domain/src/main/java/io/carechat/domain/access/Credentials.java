package io.carechat.domain.access;

import io.carechat.domain.chat.Secret;
import java.util.Optional;

/** Finds out which caller a credential stands for. Safe for use by many threads. */
public interface Credentials {
  /** Returns the caller of an API key. The result is empty if the key is unknown or has expired. */
  Optional<Caller> ofApiKey(Secret key);

  /**
   * Returns the caller of a bearer token (RFC 6750). The result is empty unless a trusted issuer
   * issued the token for this service, the token is valid now, and its instance is one of those
   * that the issuer is trusted for.
   *
   * @throws io.carechat.domain.chat.Unavailable if the token cannot be checked now
   */
  Optional<Caller> ofBearerToken(Secret token);
}
