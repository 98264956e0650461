package io.carechat.bootstrap.identity;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Credentials;
import io.carechat.domain.chat.Secret;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The credentials of the configuration: its API keys and the tokens of its issuers. */
public record ConfiguredCredentials(ConfiguredApiKeys keys, BearerTokens tokens)
    implements Credentials {
  @Override
  public Optional<Caller> ofApiKey(Secret key, @Nullable String certificate) {
    return keys.caller(key, certificate);
  }

  @Override
  public Optional<Caller> ofBearerToken(Secret token, @Nullable String certificate) {
    return tokens.caller(token, certificate);
  }
}
