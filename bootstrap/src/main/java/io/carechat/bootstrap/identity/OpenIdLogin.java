package io.carechat.bootstrap.identity;

import io.carechat.domain.chat.Secret;
import java.util.List;
import java.util.Optional;

/**
 * The service as a client of an OpenID provider, which is an issuer whose claim {@code iss} is its
 * address.
 *
 * @param clientId how the issuer knows the service; other than the audience of bearer tokens
 * @param clientSecret proves that to the issuer; empty for a public client
 * @param scopes what the service asks the issuer for; {@code openid} is among them
 */
public record OpenIdLogin(String clientId, Optional<Secret> clientSecret, List<String> scopes) {
  /** The scopes of an issuer that needs no others to issue the claims. */
  public static final List<String> DEFAULT_SCOPES = List.of("openid");

  /** Copies the list. */
  public OpenIdLogin {
    scopes = List.copyOf(scopes);
  }
}
