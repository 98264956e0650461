package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BearerTokensTest {
  private static final UUID SUBJECT = UUID.fromString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab");
  private static final UserIds USER_IDS = new UserIds(Optional.of(new Secret("k".repeat(32))));
  private static final long NOW = Samples.NOON.getEpochSecond();
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
            TrustedIssuer.all(
                List.of(
                    new Settings.Issuer(
                        "https://id",
                        "carechat",
                        Optional.of(jwks),
                        Optional.empty(),
                        List.of(
                            InstancePattern.parse("test-den/chat2"),
                            InstancePattern.parse("wide/*")),
                        Duration.ofHours(1))),
                USER_IDS,
                clock,
                System::nanoTime));
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
        USER_IDS.of("https://id", SUBJECT),
        Samples.THIS_INSTANCE,
        Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES),
        new PatientId(SUBJECT));
  }

  /** The signature is checked once, everything else each time. */
  @Test
  void refusesATokenThatWasAcceptedBeforeItExpired() throws Exception {
    Secret token = signed(claims().build());
    assertThat(tokens.caller(token)).contains(patient());
    assertThat(tokens.caller(token)).contains(patient());
    String text = token.value();
    assertThat(tokens.caller(new Secret(text.substring(0, text.length() - 8) + "AAAAAAAA")))
        .isEmpty();
    clock.move(Duration.ofSeconds(600 + 61));
    assertThat(tokens.caller(token)).isEmpty();
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
                USER_IDS.of("https://id", SUBJECT),
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
  void isOnlyForTheInstancesOfItsIssuer() throws Exception {
    record Case(String tenant, String instance, boolean valid) {}
    for (Case each :
        List.of(
            new Case("test-den", "chat2", true),
            new Case("test-den", "chat3", false),
            new Case("other", "chat2", false),
            new Case("wide", "chat2", true),
            new Case("wide", "anything", true),
            new Case("wide2", "chat2", false))) {
      JWTClaimsSet claims =
          claims().claim("tenant", each.tenant()).claim("instance", each.instance()).build();
      assertThat(tokens.caller(signed(claims)).isPresent()).as("%s", each).isEqualTo(each.valid());
    }
  }

  /** Each claim with each type of JSON. What is not in the list of valid ones is refused. */
  @Test
  void refusesEveryClaimOfAWrongType() throws Exception {
    String soon = String.valueOf(NOW + 600);
    Map<String, Set<String>> valid =
        Map.of(
            "iss", Set.of(),
            "aud", Set.of("[\"carechat\"]", "[\"other\",\"carechat\"]"),
            "exp", Set.of(),
            "nbf", Set.of(MISSING),
            "iat", Set.of(MISSING),
            "sub", Set.of(),
            "tenant", Set.of(),
            "instance", Set.of(),
            "client_type", Set.of("\"CARE_TEAM\""),
            "title", Set.of(MISSING, "\"x\"", "\"" + soon + "\"", "\"CARE_TEAM\"", "\"patient\""));
    List<String> values =
        List.of(
            MISSING,
            "null",
            "0",
            "1",
            "-1",
            "-1e300",
            "1e300",
            "1e999",
            "9".repeat(400),
            String.valueOf(Long.MAX_VALUE),
            String.valueOf(Long.MIN_VALUE),
            "1.5",
            "true",
            "false",
            "\"\"",
            "\" \"",
            "\"x\"",
            "\"" + soon + "\"",
            "\"" + "x".repeat(4_000) + "\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"CARE_TEAM\"",
            "\"patient\"",
            "[]",
            "[null]",
            "[1]",
            "[\"carechat\"]",
            "[\"other\",\"carechat\"]",
            "[\"carechat\",null]",
            "[\"carechat\",1]",
            "[[\"carechat\"]]",
            "[" + soon + "]",
            "{}",
            "{\"a\":null}",
            "{\"carechat\":\"carechat\"}",
            soon,
            soon + ".5",
            String.valueOf(NOW + 3_600),
            String.valueOf(NOW + 3_700),
            String.valueOf(NOW - 61),
            String.valueOf(NOW + 61),
            "[".repeat(3_000),
            "[".repeat(1_500) + "]".repeat(1_500));
    for (String claim : valid.keySet()) {
      for (String value : values) {
        boolean accepted = tokens.caller(signedJson(json(claim, value))).isPresent();
        assertThat(accepted)
            .as("%s: %s", claim, value)
            .isEqualTo(valid.get(claim).contains(value) || isValidTime(claim, value));
      }
    }
    // A text is never more than the names in it.
    for (String value : values) {
      Optional<Caller> caller = tokens.caller(signedJson(json("scope", value)));
      assertThat(caller.isPresent())
          .as("scope: %s", value)
          .isEqualTo(value.startsWith("\"") && value.length() > 2);
      caller.ifPresent(each -> assertThat(each.scopes()).isEmpty());
    }
  }

  /** An hour is the longest lifetime here, and clocks may differ by a minute. */
  private static boolean isValidTime(String claim, String value) {
    if (!value.matches("[0-9]{1,18}(\\.5)?")) {
      return false;
    }
    double seconds = Double.parseDouble(value);
    return switch (claim) {
      case "exp" -> seconds > NOW - 60 && seconds <= NOW + 3_660;
      case "nbf" -> seconds <= NOW + 60;
      // The token expires in 600 seconds.
      case "iat" -> seconds >= NOW + 600 - 3_660 && seconds <= NOW + 60;
      default -> false;
    };
  }

  private static final String MISSING = "missing";

  private static String json(String claim, String value) {
    var members = new TreeMap<String, String>();
    members.put("iss", "\"https://id\"");
    members.put("aud", "\"carechat\"");
    members.put("exp", String.valueOf(NOW + 600));
    members.put("sub", "\"" + SUBJECT + "\"");
    members.put("tenant", "\"test-den\"");
    members.put("instance", "\"chat2\"");
    members.put("scope", "\"messages:read\"");
    members.put("client_type", "\"CARE_TEAM\"");
    if (value.equals(MISSING)) {
      members.remove(claim);
    } else {
      members.put(claim, value);
    }
    return members.entrySet().stream()
        .map(member -> "\"" + member.getKey() + "\":" + member.getValue())
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static Secret signedJson(String json) throws JOSEException {
    return new Secret(signed("{\"alg\":\"ES256\",\"kid\":\"ec\"}", json, new ECDSASigner(ec)));
  }

  /** A token of any header and claims, which need not be JSON. */
  private static String signed(String header, String claims, JWSSigner signer)
      throws JOSEException {
    String input = Base64URL.encode(header) + "." + Base64URL.encode(claims);
    return input
        + "."
        + signer.sign(new JWSHeader(JWSAlgorithm.ES256), input.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void refusesEveryHeaderThatIsNotAsItMustBe() throws Exception {
    for (String name :
        List.of("alg", "kid", "typ", "cty", "crit", "jwk", "jku", "x5c", "x5u", "x5t", "b64")) {
      for (String value :
          List.of("null", "0", "true", "\"\"", "\"x\"", "[]", "[null]", "{}", "[1]", "-1e999")) {
        String rest = name.equals("alg") ? "" : ",\"alg\":\"ES256\"";
        String header = "{\"" + name + "\":" + value + rest + "}";
        // It is valid or not, but nothing is thrown.
        Optional<Caller> caller =
            tokens.caller(new Secret(signed(header, json("title", MISSING), new ECDSASigner(ec))));
        if (name.equals("alg") || (name.equals("crit") && !value.equals("null"))) {
          assertThat(caller).as(header).isEmpty();
        }
      }
    }
    for (String part : List.of("", "x", "null", "[]", "\"\"", "1", "{", "{}", "\u0000")) {
      assertThat(
              tokens.caller(new Secret(signed(part, json("title", MISSING), new ECDSASigner(ec)))))
          .as(part)
          .isEmpty();
      assertThat(tokens.caller(signedJson(part))).as(part).isEmpty();
    }
  }

  @Test
  void theIdOfAUserDoesNotShowTheSubject() throws Exception {
    Caller caller = tokens.caller(signed(claims().build())).orElseThrow();
    Caller upperCase =
        tokens
            .caller(signed(claims().subject(SUBJECT.toString().toUpperCase(Locale.ROOT)).build()))
            .orElseThrow();

    assertThat(caller.credentialId())
        .matches("user:[0-9a-f]{16}")
        .isEqualTo(upperCase.credentialId());
    // printf %s 'https://id#5cccfad8-…' | openssl dgst -sha256 -r -hmac kkk… | cut -c1-16
    assertThat(caller.credentialId()).isEqualTo("user:76702eb45ae70bf8");
    assertThat(new UserIds(Optional.empty()).of("https://id", SUBJECT))
        .isNotEqualTo(new UserIds(Optional.empty()).of("https://id", SUBJECT));
  }
}
