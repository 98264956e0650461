package io.carechat.bootstrap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

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
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.carechat.domain.chat.Samples;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * An OpenID provider on a port of this machine, which does everything right until a test makes it
 * do something wrong. The test is the browser.
 */
final class TestProvider implements AutoCloseable {
  static final String CLIENT = "carechat page: ü%";
  static final String SECRET = "s3cret: +&%ü";
  static final UUID SUBJECT = UUID.fromString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab");

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final URI redirect;
  private HttpServer server;
  private final int port;

  /** The paths of all requests, in their order. */
  final List<String> requests = new CopyOnWriteArrayList<>();

  /** What it does at a path instead of what is right. */
  final Map<String, HttpHandler> instead = new ConcurrentHashMap<>();

  volatile ECKey key = newKey("first");
  volatile UnaryOperator<JWTClaimsSet.Builder> claims = right -> right;
  volatile Function<JWTClaimsSet, String> token = this::signed;
  volatile UnaryOperator<String> metadata = right -> right;

  /** Whether the service must prove who it is. */
  volatile boolean confidential = true;

  TestProvider(URI redirect) {
    this.redirect = redirect;
    server = listening(0);
    port = server.getAddress().getPort();
  }

  static ECKey newKey(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private HttpServer listening(int on) {
    try {
      HttpServer fresh =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), on), 0);
      fresh.setExecutor(threads);
      fresh.createContext("/", this::answer);
      fresh.start();
      return fresh;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Listens no more, as if it were down. */
  void goDown() {
    server.stop(0);
  }

  void comeBack() {
    server = listening(port);
  }

  @Override
  public void close() {
    ended.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  String issuer() {
    return "http://127.0.0.1:" + port;
  }

  /** The settings of a service that trusts it. */
  Settings.Issuer settings(String... instances) {
    return new Settings.Issuer(
        issuer(),
        "carechat",
        Optional.empty(),
        Optional.of(URI.create(issuer() + "/keys")),
        Arrays.stream(instances).map(InstancePattern::parse).toList(),
        Settings.Issuer.DEFAULT_MAX_LIFETIME,
        Optional.of(
            new Settings.OpenIdLogin(
                CLIENT,
                confidential
                    ? Optional.of(new io.carechat.domain.chat.Secret(SECRET))
                    : Optional.empty(),
                List.of("openid", "chat"))));
  }

  /** Signs somebody in who was sent to a location, and returns the query of the answer. */
  String signIn(URI location) {
    Map<String, String> asked = parameters(location.getRawQuery());
    String code = UUID.randomUUID().toString();
    codes.put(code, asked);
    return "code=" + code + "&state=" + asked.get("state");
  }

  /** The parameters of a query or a form. A parameter that is there twice is an error. */
  static Map<String, String> parameters(String form) {
    var all = new HashMap<String, String>();
    for (String each : form.split("&", -1)) {
      String[] parts = each.split("=", 2);
      if (all.put(URLDecoder.decode(parts[0], UTF_8), URLDecoder.decode(parts[1], UTF_8)) != null) {
        throw new AssertionError("twice: " + parts[0]);
      }
    }
    return all;
  }

  long callsOf(String path) {
    return requests.stream().filter(path::equals).count();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    requests.add(path);
    try (exchange) {
      HttpHandler other = instead.get(path);
      if (other != null) {
        other.handle(exchange);
        return;
      }
      switch (path) {
        case "/.well-known/openid-configuration" -> send(exchange, 200, metadata.apply(metadata()));
        case "/keys" -> send(exchange, 200, new JWKSet(key.toPublicJWK()).toString());
        case "/token" -> exchange(exchange);
        default -> send(exchange, 404, "{}");
      }
    }
  }

  private String metadata() {
    return """
    {"issuer": "ISSUER", "authorization_endpoint": "ISSUER/authorize?theme=dark", "token_endpoint": "ISSUER/token",
     "jwks_uri": "ISSUER/keys", "response_types_supported": ["code"], "subject_types_supported": ["public"],
     "id_token_signing_alg_values_supported": ["ES256"]}
    """
        .replace("ISSUER", issuer());
  }

  private void exchange(HttpExchange exchange) throws IOException {
    Map<String, String> form =
        parameters(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
    Map<String, String> asked = codes.remove(form.getOrDefault("code", ""));
    if (!isClient(exchange.getRequestHeaders().getFirst("Authorization"), form)) {
      send(exchange, 401, "{\"error\": \"invalid_client\"}");
    } else if (asked == null
        || !"authorization_code".equals(form.get("grant_type"))
        || !redirect.toString().equals(form.get("redirect_uri"))
        || !"S256".equals(asked.get("code_challenge_method"))
        || !challenge(form.getOrDefault("code_verifier", "")).equals(asked.get("code_challenge"))) {
      send(exchange, 400, "{\"error\": \"invalid_grant\"}");
    } else {
      JWTClaimsSet said = claims.apply(claims(asked.getOrDefault("nonce", ""))).build();
      send(
          exchange,
          200,
          "{\"access_token\": \"a\", \"token_type\": \"Bearer\", \"id_token\": \""
              + token.apply(said)
              + "\"}");
    }
  }

  private boolean isClient(String authorization, Map<String, String> form) {
    if (!confidential) {
      return authorization == null && CLIENT.equals(form.get("client_id"));
    }
    String right = URLEncoder.encode(CLIENT, UTF_8) + ":" + URLEncoder.encode(SECRET, UTF_8);
    return ("Basic " + Base64.getEncoder().encodeToString(right.getBytes(UTF_8)))
        .equals(authorization);
  }

  private static String challenge(String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** The claims of a doctor. */
  private JWTClaimsSet.Builder claims(String nonce) {
    return new JWTClaimsSet.Builder()
        .issuer(issuer())
        .audience(CLIENT)
        .subject(SUBJECT.toString())
        .issueTime(Date.from(Samples.NOON))
        .expirationTime(Date.from(Samples.NOON.plusSeconds(300)))
        .claim("nonce", nonce)
        .claim("tenant", "test-den")
        .claim("instance", "chat2")
        .claim("scope", "messages:read webhooks:manage")
        .claim("client_type", "CARE_TEAM")
        .claim("title", "Dr.");
  }

  String signed(JWTClaimsSet said) {
    return signedBy(key, said);
  }

  static String signedBy(ECKey by, JWTClaimsSet said) {
    try {
      var jwt =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(by.getKeyID()).build(), said);
      jwt.sign(new ECDSASigner(by));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  static void send(HttpExchange exchange, int status, String json) throws IOException {
    byte[] bytes = json.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Always answers with this. */
  static HttpHandler answering(int status, String json) {
    return exchange -> send(exchange, status, json);
  }

  /** Redirects to another path of its own, which would do. */
  static HttpHandler redirecting(String to) {
    return exchange -> {
      exchange.getResponseHeaders().set("Location", to);
      exchange.sendResponseHeaders(307, -1);
    };
  }

  /** Begins an answer, and never ends it. */
  HttpHandler endless() {
    return exchange -> {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write('{');
      exchange.getResponseBody().flush();
      awaitEnd();
    };
  }

  /** Sends until nobody reads any more. */
  static HttpHandler huge() {
    return exchange -> {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, 0);
      byte[] spaces = " ".repeat(64 * 1024).getBytes(US_ASCII);
      OutputStream body = exchange.getResponseBody();
      for (int i = 0; i < 1_000; i++) {
        body.write(spaces);
      }
    };
  }

  private void awaitEnd() {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
