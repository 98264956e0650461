package io.carechat.contracttests.running;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.carechat.bootstrap.InstancePattern;
import io.carechat.bootstrap.Settings;
import io.carechat.domain.chat.TenantInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** An issuer of bearer tokens, whose public key is in a file. */
public final class TestIssuer {
  /** The claim {@code iss} of its tokens. */
  public static final String ISSUER = "https://id.carechat.test";

  /** The claim {@code aud} of its tokens. */
  public static final String AUDIENCE = "carechat-test";

  /** The instances that it is trusted for. */
  private static final List<InstancePattern> INSTANCES =
      List.of(InstancePattern.parse("test-den/*"), InstancePattern.parse("other-den/*"));

  /** The name of the file with its public key. */
  static final String KEYS_FILE = "jwks.json";

  private final ECKey key;

  /** Makes an issuer with its own key. */
  public TestIssuer() {
    try {
      key = new ECKeyGenerator(Curve.P_256).keyID("test").generate();
    } catch (JOSEException e) {
      throw new IllegalStateException("Every Java has P-256", e);
    }
  }

  /**
   * The settings for a service that trusts this issuer. Writes the file with the key into the
   * folder.
   */
  public Settings.Issuer settings(Path folder) {
    Path file = folder.resolve(KEYS_FILE);
    try {
      Files.writeString(file, new JWKSet(key.toPublicJWK()).toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Settings.Issuer(
        ISSUER,
        AUDIENCE,
        Optional.of(file),
        Optional.empty(),
        INSTANCES,
        Settings.Issuer.DEFAULT_MAX_LIFETIME);
  }

  /** Its public key, which everybody may know. */
  public ECKey publicKey() {
    return key.toPublicJWK();
  }

  /** The claims of a patient's valid token, which expires in five minutes. */
  public static JWTClaimsSet.Builder patient(TenantInstance instance, UUID patient, String scopes) {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .subject(patient.toString())
        .expirationTime(Date.from(Instant.now().plus(Duration.ofMinutes(5))))
        .claim("tenant", instance.tenantName())
        .claim("instance", instance.instanceName())
        .claim("scope", scopes)
        .claim("client_type", "PATIENT");
  }

  /** A token with these claims, signed. */
  public String sign(JWTClaimsSet.Builder claims) {
    return sign(claims, key.getKeyID());
  }

  /** A token with these claims, signed, that names its key with this id. */
  public String sign(JWTClaimsSet.Builder claims, String keyId) {
    try {
      var token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(keyId).build(), claims.build());
      token.sign(new ECDSASigner(key));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException("Every Java has ES256", e);
    }
  }
}
