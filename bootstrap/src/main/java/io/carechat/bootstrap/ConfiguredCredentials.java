package io.carechat.bootstrap;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Credentials;
import io.carechat.domain.chat.Secret;
import java.util.Optional;

/** The credentials of the configuration: its API keys and the tokens of its issuers. */
record ConfiguredCredentials(ConfiguredApiKeys keys, BearerTokens tokens) implements Credentials {
  @Override
  public Optional<Caller> ofApiKey(Secret key) {
    return keys.caller(key);
  }

  @Override
  public Optional<Caller> ofBearerToken(Secret token) {
    return tokens.caller(token);
  }
}
