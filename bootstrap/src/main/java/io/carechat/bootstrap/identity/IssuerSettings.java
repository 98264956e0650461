package io.carechat.bootstrap.identity;

import io.carechat.domain.chat.TenantInstance;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * An issuer of bearer tokens, as it is configured.
 *
 * @param issuer the claim {@code iss}
 * @param audience must be among the values of the claim {@code aud}
 * @param jwksFile a file that holds its public keys
 * @param jwksUrl a web address that serves its public keys. Without both, OpenID Connect Discovery
 *     finds the keys
 * @param instances the instances that its tokens may be for; if empty, all instances
 * @param maxLifetime the longest time from now, and from the claim {@code iat}, to the claim {@code
 *     exp}
 * @param login how people sign in with a browser at this issuer; empty if they do not
 * @param caFile the authorities that are trusted when the issuer is called; empty for those that
 *     Java trusts
 */
public record IssuerSettings(
    String issuer,
    String audience,
    Optional<Path> jwksFile,
    Optional<URI> jwksUrl,
    List<InstancePattern> instances,
    Duration maxLifetime,
    Optional<OpenIdLogin> login,
    Optional<Path> caFile) {
  /** A day. */
  public static final Duration DEFAULT_MAX_LIFETIME = Duration.ofHours(24);

  /** Copies the list. */
  public IssuerSettings {
    instances = List.copyOf(instances);
  }

  /** An issuer that is called with the authorities that Java trusts. */
  public IssuerSettings(
      String issuer,
      String audience,
      Optional<Path> jwksFile,
      Optional<URI> jwksUrl,
      List<InstancePattern> instances,
      Duration maxLifetime,
      Optional<OpenIdLogin> login) {
    this(issuer, audience, jwksFile, jwksUrl, instances, maxLifetime, login, Optional.empty());
  }

  /** An issuer of tokens for all instances, with the default lifetime. */
  public IssuerSettings(
      String issuer, String audience, Optional<Path> jwksFile, Optional<URI> jwksUrl) {
    this(issuer, audience, jwksFile, jwksUrl, List.of(), DEFAULT_MAX_LIFETIME, Optional.empty());
  }

  /** An issuer at which nobody signs in with a browser. */
  public IssuerSettings(
      String issuer,
      String audience,
      Optional<Path> jwksFile,
      Optional<URI> jwksUrl,
      List<InstancePattern> instances,
      Duration maxLifetime) {
    this(issuer, audience, jwksFile, jwksUrl, instances, maxLifetime, Optional.empty());
  }

  /** Returns whether the issuer may issue tokens for an instance. */
  public boolean isFor(TenantInstance instance) {
    return instances.isEmpty() || instances.stream().anyMatch(pattern -> pattern.matches(instance));
  }
}
