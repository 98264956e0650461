package io.carechat.bootstrap;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Bearer tokens: signed JWTs (RFC 7519, RFC 8725) of the configured issuers, by RS256, ES256 or
 * EdDSA with Ed25519.
 *
 * <p>Besides {@code iss}, {@code aud}, {@code exp} and {@code sub} they have {@code tenant}, {@code
 * instance}, {@code scope} (names with spaces between them, RFC 8693) and {@code client_type}. For
 * {@code PATIENT} the {@code sub} is the patient's id. For {@code CARE_TEAM} it is the id of the
 * member of the care team, whose {@code title} may be given too. Safe for use by many threads.
 */
final class BearerTokens {
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256, JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);
  private static final Set<String> NEEDED =
      Set.of("iss", "aud", "exp", "sub", "tenant", "instance", "scope", "client_type");
  private static final int LONGEST = 8_192;

  /** The bytes before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410). */
  private static final byte[] ED25519_INFO = HexFormat.of().parseHex("302a300506032b6570032100");

  private final Map<String, Trusted> byIssuer = new HashMap<>();

  private record Trusted(JWKSource<SecurityContext> keys, Claims claims) {}

  BearerTokens(List<Settings.Issuer> issuers, InstantSource clock) {
    for (Settings.Issuer issuer : issuers) {
      byIssuer.put(
          issuer.issuer(),
          new Trusted(keys(issuer), new Claims(issuer.issuer(), Set.of(issuer.audience()), clock)));
    }
  }

  private static JWKSource<SecurityContext> keys(Settings.Issuer issuer) {
    try {
      Optional<Path> file = issuer.jwksFile();
      if (file.isPresent()) {
        return new ImmutableJWKSet<>(JWKSet.load(file.get().toFile()));
      }
      URI url = issuer.jwksUrl().orElseThrow();
      // While the issuer is unavailable, the last keys are used for up to four hours.
      return JWKSourceBuilder.<SecurityContext>create(url.toURL())
          .retrying(true)
          .outageTolerant(Duration.ofHours(4).toMillis())
          .build();
    } catch (IOException | ParseException e) {
      throw new InvalidSettings(
          List.of(
              "issuers: the keys of " + issuer.issuer() + " cannot be read: " + e.getMessage()));
    }
  }

  /**
   * The caller that a token identifies; empty if the token is not valid.
   *
   * @throws Unavailable if the issuer's keys cannot be fetched
   */
  Optional<Caller> caller(Secret token) {
    if (token.value().length() > LONGEST) {
      return Optional.empty();
    }
    try {
      SignedJWT jwt = SignedJWT.parse(token.value());
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      Trusted trusted = claims == null ? null : byIssuer.get(String.valueOf(claims.getIssuer()));
      if (trusted == null || !isSigned(jwt, trusted.keys())) {
        return Optional.empty();
      }
      trusted.claims().verify(claims, null);
      return Optional.of(caller(claims));
    } catch (KeySourceException e) {
      throw new Unavailable("An issuer's keys cannot be fetched", Duration.ofSeconds(5), e);
    } catch (ParseException | BadJWTException | JOSEException | IllegalArgumentException invalid) {
      return Optional.empty();
    }
  }

  private static boolean isSigned(SignedJWT jwt, JWKSource<SecurityContext> source)
      throws JOSEException {
    JWSHeader header = jwt.getHeader();
    if (!ALGORITHMS.contains(header.getAlgorithm()) || header.getCriticalParams() != null) {
      return false;
    }
    var selector = new JWKSelector(JWKMatcher.forJWSHeader(header));
    for (JWK key : source.get(selector, null)) {
      boolean signed =
          switch (key) {
            case RSAKey rsa ->
                new RSASSAVerifier(rsa).verify(header, jwt.getSigningInput(), jwt.getSignature());
            case ECKey ec ->
                new ECDSAVerifier(ec).verify(header, jwt.getSigningInput(), jwt.getSignature());
            case OctetKeyPair okp -> isSignedByEd25519(jwt, okp);
            default -> false;
          };
      if (signed) {
        return true;
      }
    }
    return false;
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

  private static Caller caller(JWTClaimsSet claims) throws ParseException {
    var instance =
        new TenantInstance(claims.getStringClaim("tenant"), claims.getStringClaim("instance"));
    var scopes = EnumSet.noneOf(Scope.class);
    for (String name : claims.getStringClaim("scope").split(" ", -1)) {
      Scope.ofWireName(name).ifPresent(scopes::add);
    }
    String issuerAndSubject = claims.getIssuer() + "#" + claims.getSubject();
    PatientId subject =
        PatientId.parse(claims.getSubject())
            .orElseThrow(() -> new IllegalArgumentException("sub is not a UUID"));
    return switch (ClientType.valueOf(claims.getStringClaim("client_type"))) {
      case PATIENT -> new Caller.PatientUser(issuerAndSubject, instance, scopes, subject);
      case CARE_TEAM ->
          new Caller.CareTeamUser(
              issuerAndSubject,
              instance,
              scopes,
              new Sender.CareTeamMember(subject.value(), title(claims)));
    };
  }

  private static @Nullable String title(JWTClaimsSet claims) throws ParseException {
    return claims.getStringClaim("title");
  }

  /** Checks the issuer, the audience and the time of expiry. */
  private static final class Claims extends DefaultJWTClaimsVerifier<SecurityContext> {
    private final InstantSource clock;

    Claims(String issuer, Set<String> audience, InstantSource clock) {
      super(audience, new JWTClaimsSet.Builder().issuer(issuer).build(), NEEDED, Set.of());
      this.clock = clock;
    }

    @Override
    protected Date currentTime() {
      return Date.from(clock.instant());
    }
  }
}
