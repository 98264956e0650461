package io.carechat.domain.access;

import io.carechat.domain.chat.Secret;
import java.util.Optional;

/** Says whom a credential stands for. Safe for use by many threads. */
public interface Credentials {
  /** The caller of an API key; empty if the key is unknown or over. */
  Optional<Caller> ofApiKey(Secret key);

  /**
   * The caller of a bearer token (RFC 6750); empty if it is not a token of a trusted issuer, for
   * us, and valid now.
   */
  Optional<Caller> ofBearerToken(Secret token);
}
