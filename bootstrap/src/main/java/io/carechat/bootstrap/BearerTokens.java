package io.carechat.bootstrap;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Bearer tokens: signed JWTs (RFC 7519, RFC 8725) of the configured issuers, by RS256, ES256 or
 * EdDSA with Ed25519.
 *
 * <p>Besides {@code iss}, {@code aud}, {@code exp} and {@code sub} they have {@code tenant}, {@code
 * instance}, {@code scope} (names with spaces between them, RFC 8693) and {@code client_type}. For
 * {@code PATIENT} the {@code sub} is the patient's id. For {@code CARE_TEAM} it is the id of the
 * member of the care team, whose {@code title} may be given too. An issuer can only issue tokens
 * for its own instances. Safe for use by many threads.
 *
 * <p>Everything that the token itself says is checked before its issuer's keys are needed. So most
 * tokens that are not valid cost no call of the issuer.
 */
final class BearerTokens {
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256, JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);
  private static final int LONGEST = 8_192;

  /** By how much the clocks of the issuer and of this machine may differ. */
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

  /** The bytes before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410). */
  private static final byte[] ED25519_INFO = HexFormat.of().parseHex("302a300506032b6570032100");

  private final Map<String, Trusted> byIssuer = new HashMap<>();
  private final CheckedSignatures signatures = new CheckedSignatures();
  private final UserIds userIds;
  private final InstantSource clock;

  private record Trusted(Settings.Issuer settings, IssuerKeys keys) {}

  BearerTokens(List<Settings.Issuer> issuers, UserIds userIds, InstantSource clock) {
    this(issuers, userIds, clock, System::nanoTime);
  }

  /**
   * @param nanos a clock such as {@link System#nanoTime}, for the pauses between calls of issuers
   */
  BearerTokens(
      List<Settings.Issuer> issuers, UserIds userIds, InstantSource clock, LongSupplier nanos) {
    this.userIds = userIds;
    this.clock = clock;
    for (int i = 0; i < issuers.size(); i++) {
      Settings.Issuer issuer = issuers.get(i);
      byIssuer.put(issuer.issuer(), new Trusted(issuer, keys(issuer, "issuers." + i, nanos)));
    }
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

  /**
   * The caller that a token identifies; empty if the token is not valid.
   *
   * @throws Unavailable if the token may be valid, but the issuer's keys could not be fetched since
   *     the service was started, or not for hours
   */
  Optional<Caller> caller(Secret token) {
    if (token.value().length() > LONGEST) {
      return Optional.empty();
    }
    try {
      SignedJWT jwt = parse(token);
      JWSHeader header = jwt.getHeader();
      if (!ALGORITHMS.contains(header.getAlgorithm()) || header.getCriticalParams() != null) {
        return Optional.empty();
      }
      TokenClaims claims = TokenClaims.parse(jwt.getPayload().toString());
      Trusted trusted = byIssuer.get(claims.text("iss"));
      if (trusted == null) {
        return Optional.empty();
      }
      checkTimes(claims, trusted.settings().maxLifetime());
      Caller caller = caller(claims, trusted.settings());
      List<JWK> keys = trusted.keys().of(header);
      return signatures.isSigned(token.value(), keys, key -> isSigned(jwt, key))
          ? Optional.of(caller)
          : Optional.empty();
    } catch (ParseException
        | TokenClaims.Invalid
        | JOSEException
        | IllegalArgumentException invalid) {
      return Optional.empty();
    }
  }

  private static SignedJWT parse(Secret token) throws ParseException {
    try {
      return SignedJWT.parse(token.value());
    } catch (RuntimeException e) {
      // Anybody can send any header. For some of them Nimbus throws more than it declares, such as
      // a
      // NullPointerException for the JSON text null.
      throw new ParseException("The header cannot be read", 0);
    }
  }

  /** Checks when the token was issued, from when on it is valid, and when it expires. */
  private void checkTimes(TokenClaims claims, Duration maxLifetime) throws TokenClaims.Invalid {
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
    if (expires.isAfter(from.plus(maxLifetime).plus(CLOCK_SKEW))) {
      throw new TokenClaims.Invalid("exp is later than the longest lifetime allows");
    }
  }

  private Caller caller(TokenClaims claims, Settings.Issuer issuer) throws TokenClaims.Invalid {
    if (!claims.texts("aud").contains(issuer.audience())) {
      throw new TokenClaims.Invalid("aud does not name this service");
    }
    var instance = new TenantInstance(claims.text("tenant"), claims.text("instance"));
    if (!issuer.isFor(instance)) {
      throw new TokenClaims.Invalid("the issuer has no say in this instance");
    }
    var scopes = EnumSet.noneOf(Scope.class);
    for (String name : claims.text("scope").split(" ", -1)) {
      Scope.ofWireName(name).ifPresent(scopes::add);
    }
    PatientId subject =
        PatientId.parse(claims.text("sub"))
            .orElseThrow(() -> new TokenClaims.Invalid("sub is not a UUID"));
    String title = claims.optionalText("title").orElse(null);
    String id = userIds.of(issuer.issuer(), subject.value());
    return switch (ClientType.valueOf(claims.text("client_type"))) {
      case PATIENT -> new Caller.PatientUser(id, instance, scopes, subject);
      case CARE_TEAM ->
          new Caller.CareTeamUser(
              id, instance, scopes, new Sender.CareTeamMember(subject.value(), title));
    };
  }

  private static boolean isSigned(SignedJWT jwt, JWK by) throws JOSEException {
    JWSHeader header = jwt.getHeader();
    return switch (by) {
      case RSAKey rsa ->
          new RSASSAVerifier(rsa).verify(header, jwt.getSigningInput(), jwt.getSignature());
      case ECKey ec ->
          new ECDSAVerifier(ec).verify(header, jwt.getSigningInput(), jwt.getSignature());
      case OctetKeyPair okp -> isSignedByEd25519(jwt, okp);
      default -> false;
    };
  }

  private static boolean isSignedByEd25519(SignedJWT jwt, OctetKeyPair key) {
    byte[] point = key.getDecodedX();
    byte[] info = new byte[ED25519_INFO.length + point.length];
    System.arraycopy(ED25519_INFO, 0, info, 0, ED25519_INFO.length);
    System.arraycopy(point, 0, info, ED25519_INFO.length, point.length);
    try {
      PublicKey publicKey =
          KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(info));
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(publicKey);
      verifier.update(jwt.getSigningInput());
      return verifier.verify(jwt.getSignature().decode());
    } catch (GeneralSecurityException notSigned) {
      return false;
    }
  }
}
