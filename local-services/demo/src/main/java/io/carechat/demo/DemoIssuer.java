package io.carechat.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.carechat.domain.chat.TenantInstance;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The identity provider of the demonstration: whoever comes may choose who to be. It only ever
 * sends browsers back to the service of the demonstration. For anything but a demonstration it
 * would have to know people.
 */
final class DemoIssuer implements AutoCloseable {
  /** How it knows the service, which is a public client: PKCE is its only proof. */
  static final String CLIENT_ID = "carechat-page";

  /** How long a code can be exchanged. */
  static final Duration CODE_LIFETIME = Duration.ofMinutes(1);

  private static final Duration TOKEN_LIFETIME = Duration.ofMinutes(5);
  private static final int MAX_CODES = 1_000;
  private static final int MAX_FORM = 16 * 1024;

  /** A challenge of the method S256, and what makes it. */
  private static final Pattern CHALLENGE = Pattern.compile("[A-Za-z0-9_-]{43}");

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Issued> codes = new ConcurrentHashMap<>();
  private final SecureRandom random = new SecureRandom();
  private final TenantInstance instance;
  private final ECKey key;
  private final URI redirect;
  private final InstantSource clock;

  /** A code, and what its token must say. */
  private record Issued(DemoPerson person, String nonce, String challenge, Instant expires) {}

  /** Thrown when a request is not what it must be. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Begins to listen.
   *
   * @param port 0 for any free one
   * @param instance the instance that its tokens are for
   * @param key signs its tokens
   * @param redirect the only address to which it sends browsers
   */
  DemoIssuer(int port, TenantInstance instance, ECKey key, URI redirect, InstantSource clock) {
    this.instance = instance;
    this.key = key;
    this.redirect = redirect;
    this.clock = clock;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(executor);
    at("/.well-known/openid-configuration", exchange -> sendJson(exchange, 200, metadata()));
    at("/jwks", exchange -> sendJson(exchange, 200, new JWKSet(key.toPublicJWK()).toJSONObject()));
    at("/authorize", this::authorize);
    at(
        "/style.css",
        exchange -> send(exchange, 200, "text/css; charset=utf-8", resource("style.css")));
    at("/token", this::exchangeCode);
    server.start();
  }

  /** Serves one path, and none below it. */
  private void at(String path, HttpHandler handler) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            if (exchange.getRequestURI().getPath().equals(path)) {
              handler.handle(exchange);
            } else {
              exchange.sendResponseHeaders(404, -1);
            }
          }
        });
  }

  /** Its address, which is the claim {@code iss} of its tokens. */
  String url() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  private Map<String, Object> metadata() {
    Map<String, Object> all = new HashMap<>();
    all.put("issuer", url());
    all.put("authorization_endpoint", url() + "/authorize");
    all.put("token_endpoint", url() + "/token");
    all.put("jwks_uri", url() + "/jwks");
    all.put("response_types_supported", List.of("code"));
    all.put("grant_types_supported", List.of("authorization_code"));
    all.put("subject_types_supported", List.of("public"));
    all.put("id_token_signing_alg_values_supported", List.of("ES256"));
    all.put("code_challenge_methods_supported", List.of("S256"));
    all.put("token_endpoint_auth_methods_supported", List.of("none"));
    all.put("authorization_response_iss_parameter_supported", true);
    return all;
  }

  // --- the page

  /** Asks who somebody is, and sends the browser back with a code once that is said. */
  private void authorize(HttpExchange exchange) throws IOException {
    try {
      Map<String, String> asked = parameters(exchange.getRequestURI().getRawQuery());
      checkRequest(asked);
      if (exchange.getRequestMethod().equals("POST")) {
        DemoPerson person =
            DemoPerson.ofButton(form(exchange).getOrDefault("person", ""))
                .orElseThrow(() -> new Refused("there is no such person"));
        sendBack(exchange, asked, person);
      } else {
        showPage(exchange);
      }
    } catch (Refused e) {
      // Never by a redirect: whatever is wrong, the address may be wrong too.
      send(
          exchange,
          400,
          "text/plain; charset=utf-8",
          ("This page is a part of signing in, but " + e.getMessage() + ".\n").getBytes(UTF_8));
    }
  }

  private void checkRequest(Map<String, String> asked) throws Refused {
    check("response_type", "code".equals(asked.get("response_type")));
    check("client_id", CLIENT_ID.equals(asked.get("client_id")));
    check("redirect_uri", redirect.toString().equals(asked.get("redirect_uri")));
    check("scope", List.of(asked.getOrDefault("scope", "").split(" ", -1)).contains("openid"));
    check("code_challenge_method", "S256".equals(asked.get("code_challenge_method")));
    check("code_challenge", CHALLENGE.matcher(asked.getOrDefault("code_challenge", "")).matches());
    check("state", asked.containsKey("state"));
    check("nonce", asked.containsKey("nonce"));
  }

  private static void check(String parameter, boolean right) throws Refused {
    if (!right) {
      throw new Refused(parameter + " is missing or wrong");
    }
  }

  private void showPage(HttpExchange exchange) throws IOException {
    // A browser applies form-action to where the answer to a form redirects to as well.
    exchange
        .getResponseHeaders()
        .set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none';"
                + " form-action 'self' "
                + redirect.getScheme()
                + "://"
                + redirect.getAuthority());
    send(exchange, 200, "text/html; charset=utf-8", resource("page.html"));
  }

  private void sendBack(HttpExchange exchange, Map<String, String> asked, DemoPerson person)
      throws IOException, Refused {
    Instant now = clock.instant();
    codes.values().removeIf(issued -> !issued.expires().isAfter(now));
    if (codes.size() >= MAX_CODES) {
      throw new Refused("too many people do so at once");
    }
    String code = randomText();
    codes.put(
        code,
        new Issued(
            person,
            asked.getOrDefault("nonce", ""),
            asked.getOrDefault("code_challenge", ""),
            now.plus(CODE_LIFETIME)));
    exchange
        .getResponseHeaders()
        .set(
            "Location",
            redirect
                + "?code="
                + code
                + "&state="
                + URLEncoder.encode(asked.getOrDefault("state", ""), UTF_8)
                + "&iss="
                + URLEncoder.encode(url(), UTF_8));
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(303, -1);
  }

  // --- the token endpoint

  private void exchangeCode(HttpExchange exchange) throws IOException {
    try {
      Map<String, String> form = form(exchange);
      // Removed in any case: a code is for one attempt.
      Issued issued = codes.remove(form.getOrDefault("code", ""));
      if (issued == null
          || !issued.expires().isAfter(clock.instant())
          || !exchange.getRequestMethod().equals("POST")
          || !"authorization_code".equals(form.get("grant_type"))
          || !CLIENT_ID.equals(form.get("client_id"))
          || !redirect.toString().equals(form.get("redirect_uri"))
          || !challengeOf(form.getOrDefault("code_verifier", "")).equals(issued.challenge())) {
        sendJson(exchange, 400, Map.of("error", "invalid_grant"));
        return;
      }
      sendJson(
          exchange,
          200,
          Map.of(
              "access_token",
              randomText(),
              "token_type",
              "Bearer",
              "expires_in",
              TOKEN_LIFETIME.toSeconds(),
              "id_token",
              idToken(issued)));
    } catch (Refused e) {
      sendJson(exchange, 400, Map.of("error", "invalid_request"));
    }
  }

  private static String challengeOf(String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  private String idToken(Issued issued) {
    Instant now = clock.instant();
    return signed(
        issued.person(),
        new JWTClaimsSet.Builder()
            .audience(CLIENT_ID)
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(TOKEN_LIFETIME)))
            .claim("nonce", issued.nonce()));
  }

  /** A bearer token of a person. */
  String bearerToken(DemoPerson person, String audience, Instant expires) {
    return signed(
        person, new JWTClaimsSet.Builder().audience(audience).expirationTime(Date.from(expires)));
  }

  private String signed(DemoPerson person, JWTClaimsSet.Builder claims) {
    try {
      var jwt =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
              person
                  .describe(claims)
                  .issuer(url())
                  .claim("tenant", instance.tenantName())
                  .claim("instance", instance.instanceName())
                  .build());
      jwt.sign(new ECDSASigner(key));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException("Every Java has ES256", e);
    }
  }

  private String randomText() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  // --- HTTP

  private static Map<String, String> form(HttpExchange exchange) throws IOException, Refused {
    byte[] body = exchange.getRequestBody().readNBytes(MAX_FORM + 1);
    if (body.length > MAX_FORM) {
      throw new Refused("the form is too long");
    }
    return parameters(new String(body, UTF_8));
  }

  private static Map<String, String> parameters(@Nullable String form) throws Refused {
    Map<String, String> all = new HashMap<>();
    if (form == null || form.isEmpty()) {
      return all;
    }
    for (String each : form.split("&", -1)) {
      String[] parts = each.split("=", 2);
      try {
        String value = parts.length == 2 ? URLDecoder.decode(parts[1], UTF_8) : "";
        if (all.put(URLDecoder.decode(parts[0], UTF_8), value) != null) {
          throw new Refused("a parameter is there twice");
        }
      } catch (IllegalArgumentException e) {
        throw new Refused("a parameter cannot be read");
      }
    }
    return all;
  }

  private static byte[] resource(String name) {
    try (InputStream in = DemoIssuer.class.getResourceAsStream("sign-in/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void sendJson(HttpExchange exchange, int status, Map<String, Object> json)
      throws IOException {
    send(exchange, status, "application/json", JSONObjectUtils.toJSONString(json).getBytes(UTF_8));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    executor.close();
  }
}
