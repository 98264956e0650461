package io.carechat.bootstrap.identity;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Credentials;
import io.carechat.domain.chat.Secret;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All credentials that a node knows: the API keys of the configuration, those that were created
 * later, and the tokens of the issuers of the configuration.
 */
public record KnownCredentials(
    ConfiguredApiKeys configured, StoredApiKeys stored, BearerTokens tokens)
    implements Credentials {
  @Override
  public Optional<Caller> ofApiKey(Secret key, @Nullable String certificate) {
    Optional<Caller> caller = configured.caller(key, certificate);
    return caller.isPresent() ? caller : stored.caller(key, certificate);
  }

  @Override
  public Optional<Caller> ofBearerToken(Secret token, @Nullable String certificate) {
    return tokens.caller(token, certificate);
  }
}
