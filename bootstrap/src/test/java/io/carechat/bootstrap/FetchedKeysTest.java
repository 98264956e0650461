package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens of an issuer that serves its keys: it is slow, it fails, and it changes its keys. */
final class FetchedKeysTest {
  private static final String ISSUER = "https://id";
  private static ECKey first;
  private static ECKey second;
  private static ECKey strange;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final AtomicInteger calls = new AtomicInteger();
  private final CountDownLatch ended = new CountDownLatch(1);
  private HttpServer server;
  private volatile int status = 200;
  private volatile String body = "";
  private volatile boolean silent;
  private volatile boolean endless;

  @BeforeAll
  static void makeKeys() throws Exception {
    first = new ECKeyGenerator(Curve.P_256).keyID("first").generate();
    second = new ECKeyGenerator(Curve.P_256).keyID("second").generate();
    strange = new ECKeyGenerator(Curve.P_256).keyID("strange").generate();
  }

  @BeforeEach
  void startIssuer() throws IOException {
    serves(first);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stopIssuer() {
    ended.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    calls.incrementAndGet();
    try (exchange) {
      if (silent) {
        awaitEnd();
        return;
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, endless ? 0 : bytes.length);
      exchange.getResponseBody().write(bytes);
      if (endless) {
        exchange.getResponseBody().flush();
        awaitEnd();
      }
    }
  }

  private void awaitEnd() {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serves(ECKey... keys) {
    body = new JWKSet(Arrays.stream(keys).map(key -> (JWK) key.toPublicJWK()).toList()).toString();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private BearerTokens tokens() {
    var settings =
        new Settings.Issuer(
            ISSUER,
            "carechat",
            Optional.empty(),
            Optional.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/keys")));
    return new BearerTokens(
        TrustedIssuer.all(
            List.of(settings),
            new UserIds(Optional.empty()),
            InstantSource.fixed(Samples.NOON),
            nanos::get));
  }

  private static Secret token(ECKey key) throws Exception {
    var jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
            new JWTClaimsSet.Builder()
                .issuer(ISSUER)
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

  private static Secret unsigned(ECKey key) throws Exception {
    String signed = token(key).value();
    return new Secret(signed.substring(0, signed.lastIndexOf('.') + 1) + "AAAA");
  }

  @Test
  void tokensWithUnknownKeysAreInvalidHoweverManyThereAre() throws Exception {
    BearerTokens tokens = tokens();
    assertThat(tokens.caller(token(first))).isPresent();

    for (int i = 0; i < 200; i++) {
      assertThat(tokens.caller(token(strange))).isEmpty();
      assertThat(tokens.caller(unsigned(strange))).isEmpty();
      assertThat(tokens.caller(unsigned(first))).isEmpty();
    }
    assertThat(calls).hasValue(1);

    for (int pauses = 1; pauses <= 3; pauses++) {
      pass(FetchedDocument.PAUSE);
      for (int i = 0; i < 20; i++) {
        assertThat(tokens.caller(token(strange))).isEmpty();
      }
      assertThat(calls).hasValue(1 + pauses);
    }
    assertThat(tokens.caller(token(first))).isPresent();
  }

  @Test
  void aNewKeyIsValidAfterOnePause() throws Exception {
    BearerTokens tokens = tokens();
    assertThat(tokens.caller(token(first))).isPresent();
    serves(second);
    assertThat(tokens.caller(token(second))).isEmpty();

    pass(FetchedDocument.PAUSE);

    assertThat(tokens.caller(token(second))).isPresent();
    assertThat(tokens.caller(token(first))).isEmpty();
  }

  @Test
  void knownKeysAreUsedForHoursWhileTheIssuerIsDown() throws Exception {
    BearerTokens tokens = tokens();
    assertThat(tokens.caller(token(first))).isPresent();
    status = 500;
    for (Duration age = Duration.ZERO;
        age.compareTo(FetchedKeys.MAX_AGE.minusMinutes(10)) < 0;
        age = age.plusMinutes(10)) {
      pass(Duration.ofMinutes(10));
      assertThat(tokens.caller(token(first))).isPresent();
      assertThat(tokens.caller(token(strange))).isEmpty();
    }

    pass(Duration.ofMinutes(20));
    assertThatThrownBy(() -> tokens.caller(token(first))).isInstanceOf(Unavailable.class);

    status = 200;
    pass(FetchedDocument.PAUSE);
    assertThat(tokens.caller(token(first))).isPresent();
  }

  @Test
  void knownKeysDoNotWaitForASlowIssuer() throws Exception {
    BearerTokens tokens = tokens();
    assertThat(tokens.caller(token(first))).isPresent();
    silent = true;
    pass(FetchedDocument.PAUSE);
    int requests = 10 * FetchedDocument.MAX_WAITING;
    List<Future<Optional<Caller>>> strangers = new ArrayList<>();
    Secret unknown = token(strange);
    for (int i = 0; i < requests; i++) {
      strangers.add(threads.submit(() -> tokens.caller(unknown)));
    }
    Secret known = token(first);

    long start = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      assertThat(tokens.caller(known)).isPresent();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(FetchedDocument.TIMEOUT);

    for (Future<Optional<Caller>> stranger : strangers) {
      assertThat(stranger.get(30, TimeUnit.SECONDS)).isEmpty();
    }
    assertThat(calls.get()).isLessThanOrEqualTo(2);
  }

  @Test
  void keysThatAreOldAreFetchedAgainWithoutWaiting() throws Exception {
    BearerTokens tokens = tokens();
    assertThat(tokens.caller(token(first))).isPresent();
    silent = true;
    pass(FetchedKeys.FRESH);

    assertThat(tokens.caller(token(first))).isPresent();
    assertThat(tokens.caller(token(first))).isPresent();
  }

  @Test
  void untilTheFirstSuccessATokenThatMayBeValidIsNotRefused() throws Exception {
    status = 503;
    BearerTokens tokens = tokens();
    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(() -> tokens.caller(token(first))).isInstanceOf(Unavailable.class);
    }
    assertThat(calls).hasValue(1);
    // What is invalid by itself is refused all the same.
    assertThat(tokens.caller(new Secret(token(first).value().replace(".", "")))).isEmpty();

    status = 200;
    pass(FetchedDocument.PAUSE);
    assertThat(tokens.caller(token(first))).isPresent();
  }

  @Test
  void anythingThatIsNoSetOfKeysIsAFailure() throws Exception {
    for (String other :
        List.of("", "{}", "[]", "null", "{\"keys\":[]}", "{\"keys\":[1]}", "x".repeat(300_000))) {
      body = other;
      BearerTokens tokens = tokens();
      assertThatThrownBy(() -> tokens.caller(token(first))).isInstanceOf(Unavailable.class);
    }
  }

  @Test
  void aResponseThatNeverEndsIsAborted() throws Exception {
    endless = true;
    BearerTokens tokens = tokens();
    assertThatThrownBy(() -> tokens.caller(token(first))).isInstanceOf(Unavailable.class);

    endless = false;
    // Once the call has been aborted, the next one can begin.
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    Optional<Caller> caller = Optional.empty();
    while (caller.isEmpty() && System.nanoTime() < deadline) {
      pass(FetchedDocument.PAUSE);
      try {
        caller = tokens.caller(token(first));
      } catch (Unavailable notYet) {
        Thread.onSpinWait();
      }
    }
    assertThat(caller).isPresent();
  }

  @Test
  void anIssuerThatDoesNotListenIsAFailure() throws Exception {
    BearerTokens tokens = tokens();
    assertThat(tokens.caller(token(first))).isPresent();
    server.stop(0);
    pass(FetchedKeys.FRESH);
    assertThat(tokens.caller(token(first))).isPresent();
    assertThat(tokens.caller(token(strange))).isEmpty();
  }
}
