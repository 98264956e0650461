package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.Unavailable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BearerTokensTest {
  private static final UUID SUBJECT = UUID.fromString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab");
  private static RSAKey rsa;
  private static ECKey ec;
  private static KeyPair ed25519;

  @TempDir private Path folder;
  private final ManualClock clock = new ManualClock(Samples.NOON);
  private BearerTokens tokens;

  @BeforeAll
  static void makeKeys() throws Exception {
    rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
    ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    ed25519 = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
  }

  @BeforeEach
  void trustAnIssuer() throws Exception {
    byte[] info = ed25519.getPublic().getEncoded();
    JWK okp =
        new OctetKeyPair.Builder(
                Curve.Ed25519,
                Base64URL.encode(Arrays.copyOfRange(info, info.length - 32, info.length)))
            .keyID("ed")
            .build();
    Path jwks =
        Files.writeString(
            folder.resolve("jwks.json"),
            new JWKSet(List.of(rsa.toPublicJWK(), ec.toPublicJWK(), okp)).toString());
    tokens =
        new BearerTokens(
            List.of(
                new Settings.Issuer("https://id", "carechat", Optional.of(jwks), Optional.empty())),
            clock);
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer("https://id")
        .audience("carechat")
        .subject(SUBJECT.toString())
        .expirationTime(Date.from(Samples.NOON.plusSeconds(600)))
        .claim("tenant", "test-den")
        .claim("instance", "chat2")
        .claim("scope", "messages:read openid messages:send")
        .claim("client_type", "PATIENT");
  }

  private static Secret signed(
      JWSAlgorithm algorithm, String kid, JWSSigner signer, JWTClaimsSet claims)
      throws JOSEException {
    var jwt = new SignedJWT(new JWSHeader.Builder(algorithm).keyID(kid).build(), claims);
    jwt.sign(signer);
    return new Secret(jwt.serialize());
  }

  private static Secret signed(JWTClaimsSet claims) throws JOSEException {
    return signed(JWSAlgorithm.ES256, "ec", new ECDSASigner(ec), claims);
  }

  private static Caller patient() {
    return new Caller.PatientUser(
        "https://id#" + SUBJECT,
        Samples.THIS_INSTANCE,
        Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES),
        new PatientId(SUBJECT));
  }

  @Test
  void acceptsEachAlgorithm() throws Exception {
    JWTClaimsSet claims = claims().build();

    assertThat(tokens.caller(signed(claims))).contains(patient());
    assertThat(tokens.caller(signed(JWSAlgorithm.RS256, "rsa", new RSASSASigner(rsa), claims)))
        .contains(patient());
    var jwt = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.EdDSA).keyID("ed").build(), claims);
    Signature signer = Signature.getInstance("Ed25519");
    signer.initSign(ed25519.getPrivate());
    signer.update(jwt.getSigningInput());
    String token =
        new String(jwt.getSigningInput(), StandardCharsets.US_ASCII)
            + "."
            + Base64URL.encode(signer.sign());
    assertThat(tokens.caller(new Secret(token))).contains(patient());
    assertThat(tokens.caller(new Secret(token.substring(0, token.length() - 4) + "AAAA")))
        .isEmpty();
  }

  @Test
  void knowsAMemberOfTheCareTeam() throws Exception {
    assertThat(
            tokens.caller(
                signed(claims().claim("client_type", "CARE_TEAM").claim("title", "Dr.").build())))
        .contains(
            new Caller.CareTeamUser(
                "https://id#" + SUBJECT,
                Samples.THIS_INSTANCE,
                Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES),
                new Sender.CareTeamMember(SUBJECT, "Dr.")));
  }

  @Test
  void refusesClaimsThatAreNotAsTheyMustBe() throws Exception {
    List<UnaryOperator<JWTClaimsSet.Builder>> faults =
        List.of(
            c -> c.issuer("https://other"),
            c -> c.issuer(null),
            c -> c.audience("other"),
            c -> c.audience((String) null),
            c -> c.expirationTime(Date.from(Samples.NOON.minus(Duration.ofMinutes(5)))),
            c -> c.expirationTime(null),
            c -> c.notBeforeTime(Date.from(Instant.parse("2021-03-01T00:00:00Z"))),
            c -> c.subject("not-a-uuid"),
            c -> c.subject(null),
            c -> c.claim("tenant", null),
            c -> c.claim("tenant", "Test Den"),
            c -> c.claim("tenant", List.of("test-den")),
            c -> c.claim("instance", null),
            c -> c.claim("scope", null),
            c -> c.claim("client_type", null),
            c -> c.claim("client_type", "ADMIN"),
            c -> c.claim("client_type", "CARE_TEAM").claim("title", ""));
    for (UnaryOperator<JWTClaimsSet.Builder> fault : faults) {
      JWTClaimsSet claims = fault.apply(claims()).build();
      assertThat(tokens.caller(signed(claims))).as(claims.toString()).isEmpty();
    }
  }

  @Test
  void refusesWhatIsNotSignedByTheIssuer() throws Exception {
    JWTClaimsSet claims = claims().build();
    String good = signed(claims).value();
    String[] parts = good.split("\\.", -1);
    String otherClaims =
        Base64URL.encode(claims().claim("instance", "chat3").build().toString()).toString();
    ECKey stranger = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();

    for (String token :
        List.of(
            new PlainJWT(claims).serialize(),
            parts[0] + "." + otherClaims + "." + parts[2],
            parts[0] + "." + parts[1] + ".",
            Base64URL.encode("{\"alg\":\"none\"}") + "." + parts[1] + ".",
            signed(JWSAlgorithm.ES256, "ec", new ECDSASigner(stranger), claims).value(),
            signed(JWSAlgorithm.ES256, "unknown", new ECDSASigner(ec), claims).value(),
            // The public key as the secret of a MAC: the confusion of algorithms of RFC 8725,
            // section 2.1.
            signed(
                    JWSAlgorithm.HS256,
                    "rsa",
                    new MACSigner(rsa.toRSAPublicKey().getEncoded()),
                    claims)
                .value(),
            signed(JWSAlgorithm.PS256, "rsa", new RSASSASigner(rsa), claims).value(),
            "",
            "a.b.c",
            "....",
            "x".repeat(10_000))) {
      assertThat(tokens.caller(new Secret(token))).as(token).isEmpty();
    }
    assertThat(tokens.caller(new Secret(good))).contains(patient());
  }

  @Test
  void tellsWhenTheKeysOfAnIssuerCannotBeHad() throws Exception {
    var away =
        new BearerTokens(
            List.of(
                new Settings.Issuer(
                    "https://id",
                    "carechat",
                    Optional.empty(),
                    Optional.of(URI.create("http://127.0.0.1:1/jwks.json")))),
            clock);

    Secret token = signed(claims().build());
    assertThatThrownBy(() -> away.caller(token)).isInstanceOf(Unavailable.class);
  }
}
