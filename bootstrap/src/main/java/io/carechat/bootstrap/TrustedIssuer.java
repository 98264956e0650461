package io.carechat.bootstrap;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An issuer of the configuration. It says who the caller is that its tokens are for, whether these
 * are bearer tokens or ID tokens: both are checked by the same code.
 *
 * <p>Besides {@code iss}, {@code aud}, {@code exp} and {@code sub} tokens have {@code tenant},
 * {@code instance}, {@code scope} (names with spaces between them, RFC 8693) and {@code
 * client_type}. For {@code PATIENT} the {@code sub} is the patient's id. For {@code CARE_TEAM} it
 * is the id of the member of the care team, whose {@code title} may be given too. An issuer can
 * only issue tokens for its own instances. Safe for use by many threads.
 */
final class TrustedIssuer {
  /** By how much the clocks of the issuer and of this machine may differ. */
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

  private final Settings.Issuer settings;
  private final IssuerKeys keys;
  private final CheckedSignatures signatures;
  private final UserIds userIds;
  private final InstantSource clock;

  private TrustedIssuer(
      Settings.Issuer settings,
      IssuerKeys keys,
      CheckedSignatures signatures,
      UserIds userIds,
      InstantSource clock) {
    this.settings = settings;
    this.keys = keys;
    this.signatures = signatures;
    this.userIds = userIds;
    this.clock = clock;
  }

  /** The issuers of the settings, in their order. Begins to fetch their keys. */
  static List<TrustedIssuer> all(Settings settings, InstantSource clock) {
    return all(settings.issuers(), new UserIds(settings.userIdKey()), clock, System::nanoTime);
  }

  /**
   * The same of some issuers.
   *
   * @param nanos a clock such as {@link System#nanoTime}, for the pauses between calls of issuers
   */
  static List<TrustedIssuer> all(
      List<Settings.Issuer> issuers, UserIds userIds, InstantSource clock, LongSupplier nanos) {
    var signatures = new CheckedSignatures();
    return IntStream.range(0, issuers.size())
        .mapToObj(i ->
            new TrustedIssuer(
                issuers.get(i),
                keys(issuers.get(i), "issuers." + i, nanos),
                signatures,
                userIds,
                clock))
        .toList();
  }

  private static IssuerKeys keys(Settings.Issuer issuer, String setting, LongSupplier nanos) {
    Optional<Path> file = issuer.jwksFile();
    if (file.isEmpty()) {
      return new FetchedKeys(issuer.jwksUrl().orElseThrow(), nanos);
    }
    try {
      return IssuerKeys.fixed(JWKSet.parse(Files.readString(file.get())));
    } catch (IOException | ParseException e) {
      // Not the parser's message, which may repeat what the file contains.
      throw new InvalidSettings(
          List.of(setting + ".jwks-file: the file cannot be read, or is not a JSON Web Key Set"));
    }
  }

  Settings.Issuer settings() {
    return settings;
  }

  /**
   * The caller that a token of this issuer is for. Everything that the token itself says is checked
   * before the keys are needed. So most tokens that are not valid cost no call of the issuer.
   *
   * @param token its {@code iss} must be this issuer
   * @param audience what {@code aud} must contain
   * @throws TokenClaims.Invalid if the token is not valid
   * @throws Unavailable if the token may be valid, but the issuer's keys could not be fetched since
   *     the service was started, or not for hours
   */
  Caller caller(SignedToken token, String audience) throws TokenClaims.Invalid {
    TokenClaims claims = token.claims();
    if (!claims.text("iss").equals(settings.issuer())) {
      throw new TokenClaims.Invalid("iss is not the issuer");
    }
    checkTimes(claims);
    if (!claims.texts("aud").contains(audience)) {
      throw new TokenClaims.Invalid("aud does not name this service");
    }
    Caller caller = caller(claims);
    if (!isSigned(token)) {
      throw new TokenClaims.Invalid("the token is not signed by a key of the issuer");
    }
    return caller;
  }

  private boolean isSigned(SignedToken token) throws TokenClaims.Invalid {
    List<JWK> candidates = keys.of(token.header());
    try {
      return signatures.isSigned(token.text().value(), candidates, token::isSignedBy);
    } catch (JOSEException | IllegalArgumentException e) {
      throw new TokenClaims.Invalid("the signature cannot be checked");
    }
  }

  /** Checks when the token was issued, from when on it is valid, and when it expires. */
  private void checkTimes(TokenClaims claims) throws TokenClaims.Invalid {
    Instant now = clock.instant();
    Instant latest = now.plus(CLOCK_SKEW);
    Instant expires = claims.time("exp");
    Instant issued = claims.optionalTime("iat").orElse(now);
    Instant begins = claims.optionalTime("nbf").orElse(now);
    if (!expires.isAfter(now.minus(CLOCK_SKEW))) {
      throw new TokenClaims.Invalid("exp has passed");
    }
    if (issued.isAfter(latest) || begins.isAfter(latest)) {
      throw new TokenClaims.Invalid("iat or nbf is in the future");
    }
    Instant from = issued.isBefore(now) ? issued : now;
    if (expires.isAfter(from.plus(settings.maxLifetime()).plus(CLOCK_SKEW))) {
      throw new TokenClaims.Invalid("exp is later than the longest lifetime allows");
    }
  }

  private Caller caller(TokenClaims claims) throws TokenClaims.Invalid {
    TenantInstance instance = instance(claims);
    if (!settings.isFor(instance)) {
      throw new TokenClaims.Invalid("the issuer has no say in this instance");
    }
    PatientId subject =
        PatientId.parse(claims.text("sub"))
            .orElseThrow(() -> new TokenClaims.Invalid("sub is not a UUID"));
    Set<Scope> scopes = scopes(claims);
    String title = claims.optionalText("title").orElse(null);
    String id = userIds.of(settings.issuer(), subject.value());
    return switch (clientType(claims)) {
      case PATIENT -> new Caller.PatientUser(id, instance, scopes, subject);
      case CARE_TEAM -> new Caller.CareTeamUser(id, instance, scopes, member(subject, title));
    };
  }

  private static TenantInstance instance(TokenClaims claims) throws TokenClaims.Invalid {
    try {
      return new TenantInstance(claims.text("tenant"), claims.text("instance"));
    } catch (IllegalArgumentException e) {
      throw new TokenClaims.Invalid("tenant or instance is not a name");
    }
  }

  private static Set<Scope> scopes(TokenClaims claims) throws TokenClaims.Invalid {
    var scopes = EnumSet.noneOf(Scope.class);
    for (String name : claims.text("scope").split(" ", -1)) {
      Scope.ofWireName(name).ifPresent(scopes::add);
    }
    return scopes;
  }

  private static ClientType clientType(TokenClaims claims) throws TokenClaims.Invalid {
    try {
      return ClientType.valueOf(claims.text("client_type"));
    } catch (IllegalArgumentException e) {
      throw new TokenClaims.Invalid("client_type is neither PATIENT nor CARE_TEAM");
    }
  }

  private static Sender.CareTeamMember member(PatientId id, @Nullable String title)
      throws TokenClaims.Invalid {
    try {
      return new Sender.CareTeamMember(id.value(), title);
    } catch (IllegalArgumentException e) {
      throw new TokenClaims.Invalid("title cannot be the title of a member");
    }
  }
}
