package io.carechat.bootstrap.identity;

import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Bearer tokens of the configured issuers. {@link TrustedIssuer} says what they must contain. Safe
 * for use by many threads.
 */
public final class BearerTokens {
  private final Map<String, TrustedIssuer> byName;

  /**
   * @param issuers whose tokens are trusted
   */
  public BearerTokens(List<TrustedIssuer> issuers) {
    byName =
        issuers.stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    issuer -> issuer.settings().issuer(), Function.identity()));
  }

  /**
   * The caller that a token identifies; empty if the token is not valid.
   *
   * @param certificate the thumbprint of the connection's client certificate; null if it has none
   * @throws Unavailable if the token may be valid, but the issuer's keys could not be fetched since
   *     the service was started, or not for hours
   */
  Optional<Caller> caller(Secret token, @Nullable String certificate) {
    try {
      SignedToken read = SignedToken.read(token);
      TrustedIssuer issuer = byName.get(read.claims().text("iss"));
      if (issuer == null) {
        return Optional.empty();
      }
      read.claims().requireConfirmedBy(certificate);
      return Optional.of(issuer.caller(read, issuer.settings().audience()));
    } catch (TokenClaims.Invalid invalid) {
      return Optional.empty();
    }
  }
}
