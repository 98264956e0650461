package io.carechat.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.TenantInstance;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the demonstration's issuer refuses. {@link SigningInTest} shows that people sign in. */
final class DemoIssuerTest {
  private static final String REDIRECT = "http://localhost:8080/session/callback";

  /** Those of RFC 7636, appendix B. */
  private static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

  private static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

  private final HttpClient browser = HttpClient.newHttpClient();
  private final ManualClock clock = new ManualClock(Instant.parse("2021-02-08T17:17:29Z"));
  private DemoIssuer issuer;

  @BeforeEach
  void start() throws Exception {
    issuer =
        new DemoIssuer(
            0,
            new TenantInstance("test-den", "chat2"),
            new ECKeyGenerator(Curve.P_256).keyID("demo").generate(),
            URI.create(REDIRECT),
            clock);
  }

  @AfterEach
  void end() {
    issuer.close();
    browser.close();
  }

  private static Map<String, String> question() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("response_type", "code");
    all.put("client_id", DemoIssuer.CLIENT_ID);
    all.put("redirect_uri", REDIRECT);
    all.put("scope", "openid");
    all.put("state", "a state & more");
    all.put("nonce", "a nonce");
    all.put("code_challenge", CHALLENGE);
    all.put("code_challenge_method", "S256");
    return all;
  }

  private static String form(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), UTF_8))
        .collect(Collectors.joining("&"));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return browser.send(
        HttpRequest.newBuilder(URI.create(issuer.url() + path)).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return browser.send(
        HttpRequest.newBuilder(URI.create(issuer.url() + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private String code() throws Exception {
    HttpResponse<String> answer = post("/authorize?" + form(question()), "person=nurse");
    assertThat(answer.statusCode()).isEqualTo(303);
    String location = answer.headers().firstValue("Location").orElseThrow();
    var parts =
        Pattern.compile(
                Pattern.quote(REDIRECT) + "\\?code=([^&]+)&state=a\\+state\\+%26\\+more&iss=(.*)")
            .matcher(location);
    assertThat(parts.matches()).as(location).isTrue();
    assertThat(parts.group(2)).isEqualTo(URLEncoder.encode(issuer.url(), UTF_8));
    return parts.group(1);
  }

  private static Map<String, String> exchange(String code) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("grant_type", "authorization_code");
    all.put("code", code);
    all.put("redirect_uri", REDIRECT);
    all.put("client_id", DemoIssuer.CLIENT_ID);
    all.put("code_verifier", VERIFIER);
    return all;
  }

  @Test
  void asksWhoSomebodyIsWithoutAScript() throws Exception {
    HttpResponse<String> page = get("/authorize?" + form(question()));

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "form-action 'self' http://localhost:8080")
        .doesNotContain("script");
    assertThat(page.body())
        .contains("<html lang=\"en\">", "name=\"viewport\"", "<h1>Who are you?</h1>")
        .doesNotContain("<script", "style=", "a state", "a nonce");
    for (DemoPerson person : DemoPerson.values()) {
      assertThat(page.body()).containsOnlyOnce("value=\"" + person.button() + "\"");
    }
    HttpResponse<String> style = get("/style.css");
    assertThat(style.headers().firstValue("Content-Type")).contains("text/css; charset=utf-8");
    assertThat(style.body()).contains("prefers-color-scheme: dark");
    assertThat(get("/authorize/more").statusCode()).isEqualTo(404);
    assertThat(get("/").statusCode()).isEqualTo(404);
  }

  @Test
  void sendsNobodyAnywhereIfAnythingIsWrong() throws Exception {
    for (String name : question().keySet()) {
      Map<String, String> without = question();
      without.remove(name);
      assertRefused(form(without), "person=nurse", name);
      if (!List.of("state", "nonce").contains(name)) {
        Map<String, String> wrong = question();
        wrong.merge(name, "x", String::concat);
        assertRefused(form(wrong), "person=nurse", name);
      }
      assertRefused(form(question()) + "&" + name + "=x", "person=nurse", "twice");
    }
    Map<String, String> elsewhere = question();
    elsewhere.put("redirect_uri", "https://elsewhere.example/session/callback");
    assertRefused(form(elsewhere), "person=nurse", "redirect_uri");
    for (String person : List.of("", "person=", "person=admin", "person=NURSE", "x")) {
      assertRefused(form(question()), person, "no such person");
    }
    assertRefused(form(question()), "person=%", "cannot be read");
    assertRefused(form(question()), "person=" + "x".repeat(20_000), "too long");
    assertRefused("", "person=nurse", "response_type");
  }

  private void assertRefused(String query, String body, String why) throws Exception {
    HttpResponse<String> answer = post("/authorize?" + query, body);
    assertThat(answer.statusCode()).as(query).isEqualTo(400);
    assertThat(answer.headers().firstValue("Location")).isEmpty();
    assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
    assertThat(answer.body()).contains(why);
  }

  @Test
  void aCodeIsForOneAttemptByWhoBegan() throws Exception {
    String code = code();
    HttpResponse<String> tokens = post("/token", form(exchange(code)));
    assertThat(tokens.statusCode()).isEqualTo(200);
    assertThat(tokens.body()).contains("\"id_token\"");
    assertNoTokens(exchange(code));

    for (String name : exchange("").keySet()) {
      Map<String, String> wrong = exchange(code());
      wrong.merge(name, "x", String::concat);
      assertNoTokens(wrong);
      Map<String, String> without = exchange(code());
      without.remove(name);
      assertNoTokens(without);
    }
    String spoiled = code();
    Map<String, String> wrong = exchange(spoiled);
    wrong.put("code_verifier", CHALLENGE);
    assertNoTokens(wrong);
    assertNoTokens(exchange(spoiled));

    String late = code();
    clock.move(DemoIssuer.CODE_LIFETIME);
    assertNoTokens(exchange(late));
    assertThat(post("/token", form(exchange(code()))).statusCode()).isEqualTo(200);
    assertThat(post("/token", "%").body()).contains("invalid_request");
    assertThat(get("/token").statusCode()).isEqualTo(400);
  }

  private void assertNoTokens(Map<String, String> form) throws Exception {
    HttpResponse<String> answer = post("/token", form(form));
    assertThat(answer.statusCode()).as(form.toString()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("{\"error\":\"invalid_grant\"}");
  }

  @Test
  void codesThatNobodyExchangesDoNotPileUp() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      assertThat(code()).isNotEmpty();
    }
    assertRefused(form(question()), "person=nurse", "too many");

    clock.move(DemoIssuer.CODE_LIFETIME.plus(Duration.ofMillis(1)));
    assertThat(code()).isNotEmpty();
  }
}
