package io.carechat.bootstrap;

import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.sessions.IdentityProviders;
import java.net.URI;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The configured issuers at which people sign in. The first one that has a login and may issue
 * tokens for an instance is used for it. Safe for use by many threads.
 */
final class OpenIdProviders implements IdentityProviders {
  private final List<OpenIdProvider> providers;
  private final SecureRandom random;

  /**
   * @param publicUrl where people reach the service
   * @param nanos a clock such as {@link System#nanoTime}, for the pauses between calls of issuers
   * @param random makes secrets
   */
  OpenIdProviders(
      List<TrustedIssuer> issuers, URI publicUrl, LongSupplier nanos, SecureRandom random) {
    URI redirect = URI.create(publicUrl + "/session/callback");
    this.providers =
        issuers.stream()
            .flatMap(issuer ->
                issuer.settings().login().stream()
                    .map(login -> new OpenIdProvider(issuer, login, redirect, nanos)))
            .toList();
    this.random = random;
  }

  @Override
  public Optional<Begun> begin(TenantInstance instance) {
    return providerOf(instance)
        .map(provider -> {
          PendingSignIn pending = PendingSignIn.begin(instance, random);
          return new Begun(provider.locationOf(pending), pending.kept());
        });
  }

  @Override
  public Optional<Caller> finish(Secret pending, String answer) {
    return PendingSignIn.parse(pending)
        .flatMap(begun ->
            providerOf(begun.instance())
                .flatMap(provider -> provider.finish(begun, SignInAnswer.parse(answer))));
  }

  private Optional<OpenIdProvider> providerOf(TenantInstance instance) {
    return providers.stream().filter(provider -> provider.isFor(instance)).findFirst();
  }
}
