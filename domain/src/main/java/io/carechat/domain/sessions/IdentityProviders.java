package io.carechat.domain.sessions;

import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.net.URI;
import java.util.Optional;

/**
 * Where people prove who they are: the providers' identity providers, by the authorization code
 * flow of OpenID Connect Core 1.0 with PKCE (RFC 7636). Safe for use by many threads.
 */
public interface IdentityProviders {
  /**
   * A sign-in that has begun.
   *
   * @param location where to send the browser
   * @param pending must come back to {@link #finish} with the answer of the identity provider; the
   *     browser keeps it meanwhile, where no other site and no script can read or write it. At most
   *     1,000 characters from the unreserved ones of RFC 3986.
   */
  record Begun(URI location, Secret pending) {}

  /**
   * Begins a sign-in.
   *
   * @param instance what the person wants to see
   * @return empty if no identity provider is configured for the instance
   * @throws Unavailable if the identity provider cannot be reached
   */
  Optional<Begun> begin(TenantInstance instance);

  /**
   * Ends a sign-in.
   *
   * @param pending as {@link #begin} returned it
   * @param answer the whole query of the address to which the identity provider sent the browser,
   *     as it was received
   * @return who has signed in; empty if the answer does not belong to {@code pending}, or the
   *     identity provider refused, or what it says is not valid for the instance
   * @throws Unavailable if the identity provider cannot be reached
   */
  Optional<Caller> finish(Secret pending, String answer);

  /** No identity provider. */
  static IdentityProviders none() {
    return new IdentityProviders() {
      @Override
      public Optional<Begun> begin(TenantInstance instance) {
        return Optional.empty();
      }

      @Override
      public Optional<Caller> finish(Secret pending, String answer) {
        return Optional.empty();
      }
    };
  }
}
