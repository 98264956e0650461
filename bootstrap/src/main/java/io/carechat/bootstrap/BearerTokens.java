package io.carechat.bootstrap;

import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Bearer tokens of the configured issuers. {@link TrustedIssuer} says what they must contain. Safe
 * for use by many threads.
 */
final class BearerTokens {
  private final Map<String, TrustedIssuer> byName;

  BearerTokens(List<TrustedIssuer> issuers) {
    byName =
        issuers.stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    issuer -> issuer.settings().issuer(), Function.identity()));
  }

  /**
   * The caller that a token identifies; empty if the token is not valid.
   *
   * @throws Unavailable if the token may be valid, but the issuer's keys could not be fetched since
   *     the service was started, or not for hours
   */
  Optional<Caller> caller(Secret token) {
    try {
      SignedToken read = SignedToken.read(token);
      TrustedIssuer issuer = byName.get(read.claims().text("iss"));
      return issuer == null
          ? Optional.empty()
          : Optional.of(issuer.caller(read, issuer.settings().audience()));
    } catch (TokenClaims.Invalid invalid) {
      return Optional.empty();
    }
  }
}
