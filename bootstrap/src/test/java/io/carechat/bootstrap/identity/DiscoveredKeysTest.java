package io.carechat.bootstrap.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.carechat.bootstrap.tls.ReloadedTls;
import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import io.carechat.local.LocalCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An issuer whose keys are found by OpenID Connect Discovery. */
final class DiscoveredKeysTest {
  private static final String METADATA = "/.well-known/openid-configuration";

  private final AtomicLong nanos = new AtomicLong();
  private final Map<String, String> served = new ConcurrentHashMap<>();
  private final ECKey first = key("first");
  private final ECKey second = key("second");
  private HttpServer server = start(null);

  @TempDir @Nullable Path folder;

  private static ECKey key(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpServer start(@Nullable HttpsConfigurator tls) {
    try {
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      HttpServer made =
          tls == null ? HttpServer.create(address, 0) : HttpsServer.create(address, 0);
      if (made instanceof HttpsServer https && tls != null) {
        https.setHttpsConfigurator(tls);
      }
      made.createContext("/", this::answer);
      made.start();
      return made;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = served.get(exchange.getRequestURI().getPath());
      byte[] bytes = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(body == null ? 500 : 200, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @BeforeEach
  void serve() {
    servesMetadata(issuer(), "/keys");
    servesKeys("/keys", first);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String issuer() {
    return (server instanceof HttpsServer ? "https" : "http")
        + "://127.0.0.1:"
        + server.getAddress().getPort();
  }

  private void servesMetadata(String issuer, String keys) {
    served.put(
        METADATA, "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + issuer() + keys + "\"}");
  }

  private void servesKeys(String path, ECKey key) {
    served.put(path, new JWKSet(key.toPublicJWK()).toString());
  }

  private BearerTokens tokens(Optional<Path> caFile) {
    var settings =
        new IssuerSettings(
            issuer(),
            "carechat",
            Optional.empty(),
            Optional.empty(),
            List.of(),
            IssuerSettings.DEFAULT_MAX_LIFETIME,
            Optional.empty(),
            caFile);
    return new BearerTokens(
        TrustedIssuer.all(
            List.of(settings),
            new UserIds(Optional.empty()),
            InstantSource.fixed(Samples.NOON),
            nanos::get));
  }

  private Secret token(ECKey key) throws JOSEException {
    var jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
            new JWTClaimsSet.Builder()
                .issuer(issuer())
                .audience("carechat")
                .subject(UUID.randomUUID().toString())
                .expirationTime(Date.from(Samples.NOON.plusSeconds(600)))
                .claim("tenant", "test-den")
                .claim("instance", "chat2")
                .claim("scope", "messages:read")
                .claim("client_type", "PATIENT")
                .build());
    jwt.sign(new ECDSASigner(key));
    return new Secret(jwt.serialize());
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void findsTheKeysWhereTheMetadataSay() throws Exception {
    BearerTokens tokens = tokens(Optional.empty());
    assertThat(tokens.caller(token(first), null)).isPresent();
    assertThat(tokens.caller(token(second), null)).isEmpty();
  }

  @Test
  void usesKnownKeysWhileTheIssuerIsDown() throws Exception {
    BearerTokens tokens = tokens(Optional.empty());
    assertThat(tokens.caller(token(first), null)).isPresent();
    served.clear();
    for (int hours = 0; hours < 3; hours++) {
      pass(Duration.ofHours(1));
      assertThat(tokens.caller(token(first), null)).isPresent();
      assertThat(tokens.caller(token(second), null)).as("unknown, so 401").isEmpty();
    }
  }

  @Test
  void isNotAvailableBeforeTheMetadataWereFetched() throws Exception {
    served.clear();
    BearerTokens tokens = tokens(Optional.empty());
    Secret token = token(first);
    assertThatThrownBy(() -> tokens.caller(token, null)).isInstanceOf(Unavailable.class);
    servesMetadata(issuer(), "/keys");
    servesKeys("/keys", first);
    pass(FetchedDocument.PAUSE);
    assertThat(tokens.caller(token, null)).isPresent();
  }

  @Test
  void followsKeysThatHaveMoved() throws Exception {
    BearerTokens tokens = tokens(Optional.empty());
    assertThat(tokens.caller(token(first), null)).isPresent();
    servesMetadata(issuer(), "/other-keys");
    servesKeys("/other-keys", second);
    pass(Duration.ofHours(1));
    // Fetched again when it is used.
    while (tokens.caller(token(second), null).isEmpty()) {
      pass(FetchedDocument.PAUSE);
      Thread.onSpinWait();
    }
    assertThat(tokens.caller(token(first), null)).isEmpty();
  }

  @Test
  void trustsNoMetadataOfAnotherIssuerAndNoKeysThatAnybodyCanChange() throws Exception {
    for (String bad :
        List.of(
            "{\"issuer\":\"https://id.evil.test\",\"jwks_uri\":\"" + issuer() + "/keys\"}",
            "{\"issuer\":\"" + issuer() + "\",\"jwks_uri\":\"http://id.example.org/keys\"}",
            "{\"issuer\":\"" + issuer() + "\",\"jwks_uri\":4711}",
            "{\"issuer\":\"" + issuer() + "\"}",
            "null",
            "[]",
            "x")) {
      served.put(METADATA, bad);
      BearerTokens tokens = tokens(Optional.empty());
      Secret token = token(first);
      assertThatThrownBy(() -> tokens.caller(token, null)).as(bad).isInstanceOf(Unavailable.class);
    }
  }

  private static Optional<Caller> callerOrEmpty(BearerTokens tokens, Secret token) {
    try {
      return tokens.caller(token, null);
    } catch (Unavailable e) {
      return Optional.empty();
    }
  }

  @Test
  void trustsAnAuthorityOfTheOperatorsOwnAndNoOther() throws Exception {
    Path files = Objects.requireNonNull(folder);
    var own = new LocalCertificates(files, "own-ca");
    var other = new LocalCertificates(files, "other-ca");
    LocalCertificates.Issued issued = own.issue("issuer", "EC", "-1d", 30);
    server.stop(0);
    server =
        start(
            new HttpsConfigurator(
                new ReloadedTls(
                        issued.certificate(),
                        issued.privateKey(),
                        Optional.empty(),
                        InstantSource.system())
                    .context()));
    serve();
    Secret token = token(first);
    BearerTokens trusting = tokens(Optional.of(own.authority()));
    // The first handshakes of a JVM may take longer than a call may.
    while (callerOrEmpty(trusting, token).isEmpty()) {
      pass(FetchedDocument.PAUSE);
    }
    for (Optional<Path> wrong : List.of(Optional.<Path>empty(), Optional.of(other.authority()))) {
      BearerTokens tokens = tokens(wrong);
      assertThatThrownBy(() -> tokens.caller(token, null)).isInstanceOf(Unavailable.class);
    }
    assertThatThrownBy(() -> tokens(Optional.of(issued.privateKey())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("issuers.0.ca-file");
  }
}
