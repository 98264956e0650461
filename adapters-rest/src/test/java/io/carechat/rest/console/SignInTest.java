package io.carechat.rest.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.sessions.IdentityProviders;
import io.carechat.rest.ChatApi;
import io.carechat.rest.ServedApi;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.CrossOrigin;
import io.carechat.rest.http.Received;
import io.carechat.rest.messages.SearchLimits;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signing in by an identity provider, which these tests only pretend to have. */
final class SignInTest {
  private static final String PROVIDER = "https://id.example.org/authorize?state=7";
  private static final String PENDING = "pending.for-this~browser_1";
  private static final String CHAT =
      "/test-den/chat2/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab";
  private static final Caller NURSE =
      new Caller.CareTeamUser(
          "nurse-with-browser",
          Samples.THIS_INSTANCE,
          Set.of(Scope.READ_MESSAGES),
          new Sender.CareTeamMember(ServedApi.NURSE, "Nurse"));

  private static final ServedApi SERVED = new ServedApi();
  private Browser browser = new Browser(SERVED);

  /** Accepts one answer for one browser. */
  private static class Provider implements IdentityProviders {
    @Override
    public Optional<Begun> begin(TenantInstance instance) {
      return instance.tenantName().equals("test-den")
          ? Optional.of(new Begun(URI.create(PROVIDER), new Secret(PENDING)))
          : Optional.empty();
    }

    @Override
    public Optional<Caller> finish(Secret pending, String answer) {
      return pending.value().equals(PENDING) && answer.equals("code=ab%20c&state=7")
          ? Optional.of(NURSE)
          : Optional.empty();
    }
  }

  @AfterAll
  static void stop() {
    SERVED.close();
  }

  @BeforeEach
  void provide() {
    SERVED.identityProviders = new Provider();
  }

  private static String login(String tenant, String instance, String returnTo) {
    return "/session/login?tenantName="
        + tenant
        + "&instanceName="
        + instance
        + "&returnTo="
        + URLEncoder.encode(returnTo, StandardCharsets.UTF_8);
  }

  private static void redirects(Received answer, String to) {
    assertThat(answer.status()).isEqualTo(302);
    assertThat(answer.header("location")).isEqualTo(to);
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    assertThat(answer.body()).isEmpty();
  }

  /** The identity provider sends the browser back, without the strict cookie. */
  private Received callback(String query) {
    return browser.fromElsewhere(
        "GET", "/session/callback?" + query, null, "Sec-Fetch-Site: cross-site");
  }

  @Test
  void goesToTheProviderAndComesBackSignedIn() {
    Received there = browser.get(login("test-den", "chat2", CHAT + "#at=IM1&x"));
    redirects(there, PROVIDER);
    assertThat(there.header("set-cookie"))
        .isEqualTo(
            Browser.LOGIN
                + "="
                + PENDING
                + ":"
                + CHAT
                + "#at=IM1&x; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Lax");
    assertThat(browser.isSignedIn()).isFalse();
    Received back = callback("code=ab%20c&state=7");
    redirects(back, CHAT + "#at=IM1&x");
    assertThat(browser.hasCookie(Browser.LOGIN)).isFalse();
    assertThat(back.all("set-cookie"))
        .contains(
            Browser.SESSION
                + "="
                + browser.cookie(Browser.SESSION)
                + "; Path=/; Secure; HttpOnly; SameSite=Strict");
    assertThat(browser.state().json().path("id").asText()).isEqualTo(ServedApi.NURSE.toString());
    assertThat(browser.get(ServedApi.messages()).status()).isEqualTo(200);
  }

  @Test
  void endsTheSessionOfBeforeWhenASignInBegins() {
    String before = SERVED.sessions.open(NURSE).token().value();
    browser.setCookie(Browser.SESSION, before);
    Browser thief = browser.stolen();
    // Nobody else's page can do that to a person.
    browser.fromElsewhere(
        "GET", login("test-den", "chat2", CHAT), null, "Sec-Fetch-Site: cross-site");
    assertThat(thief.get(ServedApi.messages()).status()).isEqualTo(200);
    browser.get(login("test-den", "chat2", CHAT));
    assertThat(thief.get(ServedApi.messages()).status()).isEqualTo(401);
    callback("code=ab%20c&state=7");
    assertThat(browser.cookie(Browser.SESSION)).isNotEqualTo(before);
    assertThat(browser.isSignedIn()).isTrue();
  }

  @Test
  void tellsThePageIfThereIsNoProvider() {
    redirects(
        browser.get(login("other-den", "chat2", "/other-den/chat2#unread")),
        "/other-den/chat2#sign-in=unavailable");
    SERVED.identityProviders = IdentityProviders.none();
    redirects(browser.get(login("test-den", "chat2", CHAT)), CHAT + "#sign-in=unavailable");
    assertThat(browser.hasCookie(Browser.LOGIN)).isFalse();
  }

  @Test
  void tellsThePageIfTheProviderIsAway() {
    SERVED.identityProviders =
        new Provider() {
          @Override
          public Optional<Begun> begin(TenantInstance instance) {
            throw new Unavailable("the provider is away", Duration.ofSeconds(1));
          }

          @Override
          public Optional<Caller> finish(Secret pending, String answer) {
            throw new Unavailable("the provider is away", Duration.ofSeconds(1));
          }
        };
    redirects(browser.get(login("test-den", "chat2", CHAT)), CHAT + "#sign-in=unavailable");
    browser.setCookie(Browser.LOGIN, PENDING + ":" + CHAT);
    redirects(callback("code=ab%20c&state=7"), CHAT + "#sign-in=unavailable");
    assertThat(browser.isSignedIn()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"code=other&state=7", "error=access_denied&state=7", "", "code"})
  void tellsThePageIfTheProviderRefuses(String answer) {
    browser.get(login("test-den", "chat2", CHAT + "#search=x"));
    redirects(callback(answer), CHAT + "#sign-in=refused");
    assertThat(browser.hasCookie(Browser.LOGIN)).isFalse();
    assertThat(browser.isSignedIn()).isFalse();
  }

  /** An answer that was stolen from another browser, or a link that somebody has sent. */
  @Test
  void anAnswerIsForTheBrowserThatHasAsked() {
    var other = new Browser(SERVED);
    for (String cookie :
        List.of("", "x", ":", ":" + CHAT, PENDING, PENDING + ":", "a b:" + CHAT, "x:" + CHAT)) {
      if (!cookie.isEmpty()) {
        other.setCookie(Browser.LOGIN, cookie);
      }
      Received answer = other.get("/session/callback?code=ab%20c&state=7");
      assertThat(answer.status()).isEqualTo(302);
      assertThat(answer.header("location")).endsWith("#sign-in=refused");
      assertThat(other.isSignedIn()).isFalse();
    }
  }

  @Test
  void anAnswerForAnotherInstanceSignsNobodyIn() {
    browser.get(login("test-den", "chat3", "/test-den/chat3"));
    redirects(callback("code=ab%20c&state=7"), "/test-den/chat3#sign-in=refused");
    assertThat(browser.isSignedIn()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example/",
        "//evil.example",
        "//evil.example/test-den",
        "///test-den/chat2",
        "/\\evil.example",
        "\\\\evil.example",
        "/test-den/chat2/../../evil",
        "/test-den/chat2//evil.example",
        "/test-den/chat2?x=//evil.example",
        "/test-den/chat2\r\nSet-Cookie: x=y",
        "/test-den/chat2#\r\nSet-Cookie: x=y",
        "/test-den/chat2#; Path=/",
        "/test-den/chat2#\u00e4",
        "/test-den/chat2# ",
        "/test-den/chat2#a#b",
        "/test-den/chat2@evil.example",
        "javascript:alert(1)",
        "/session/login",
        "/session/callback",
        "/api/v1",
        "/docs",
        "/other-den/chat2",
        "/test-den/chat3",
        "test-den/chat2",
        " /test-den/chat2",
        "/test-den/chat2/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab/x",
        "/",
        ""
      })
  void goesBackToAPageOfTheInstanceAlone(String returnTo) {
    Received answer = browser.get(login("test-den", "chat2", returnTo));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("invalid-request");
    assertThat(answer.text()).contains("\"parameter\":\"returnTo\"").doesNotContain("evil");
    assertThat(answer.headers()).doesNotContainKeys("location", "set-cookie");
    // Nor if somebody has written it into the cookie.
    if (returnTo.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != ';' && c != '\\')
        && !returnTo.contains("/chat3")
        && !returnTo.contains("/other-den")) {
      browser.setCookie(Browser.LOGIN, PENDING + ":" + returnTo);
      redirects(callback("code=ab%20c&state=7"), "/sign-in#sign-in=refused");
      assertThat(browser.isSignedIn()).isFalse();
    }
  }

  @Test
  void withoutAPageToGoBackToItIsTheInbox() {
    browser.get("/session/login?tenantName=test-den&instanceName=chat2");
    redirects(callback("code=ab%20c&state=7"), "/test-den/chat2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?tenantName=test-den",
        "?tenantName=test-den&instanceName=Chat2",
        "?tenantName=test-den&tenantName=test-den&instanceName=chat2",
        "?tenantName=%ff&instanceName=chat2",
        "?tenantName=test-den&instanceName=chat2&returnTo=%ff",
        "?tenantName=test-den&instanceName=chat2&returnTo=/test-den/chat2&returnTo=/test-den/chat2"
      })
  void theParametersMustBeThereOnce(String query) {
    Received answer = browser.get("/session/login" + query);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("invalid-request");
    assertThat(answer.json().path("errors")).isNotEmpty();
  }

  /** Tools that look at a link must not use it up. */
  @Test
  void navigationsAreOnlyForGet() {
    for (String path : List.of(login("test-den", "chat2", CHAT), "/session/callback?code=x")) {
      for (String method : List.of("HEAD", "POST")) {
        Received answer = browser.send(method, path, null);
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("allow")).isEqualTo("GET, OPTIONS");
      }
    }
  }

  @Test
  void redirectsBelowThePathOfThePublicAddress() {
    var settings =
        new ChatApi.Settings(
            "127.0.0.1",
            0,
            ServedApi.GENEROUS,
            ServerLimits.DEFAULT,
            StreamLimits.DEFAULT,
            SearchLimits.DEFAULT,
            List.of(),
            Optional.empty(),
            URI.create("https://example.org/chat"),
            new CrossOrigin(Set.of()));
    try (ServedApi below = new ServedApi(settings)) {
      browser = new Browser(below);
      redirects(
          browser.get(login("test-den", "chat2", CHAT)), "/chat" + CHAT + "#sign-in=unavailable");
      below.identityProviders = new Provider();
      browser.get(login("test-den", "chat2", CHAT));
      redirects(callback("code=ab%20c&state=7"), "/chat" + CHAT);
      String link =
          below
              .post(
                  "/api/v1/test-den/chat2/patients/" + ServedApi.PATIENT + "/sign-in-links",
                  ServedApi.KEY,
                  "")
              .json()
              .path("url")
              .asText();
      assertThat(link).startsWith("https://example.org/chat/sign-in#");
      String body = "{\"token\":\"" + link.substring(link.indexOf('#') + 1) + "\"}";
      for (String other : List.of("http://example.org", "https://example.org:8443")) {
        assertThat(browser.fromElsewhere("POST", "/session/link", body, "Origin: " + other).code())
            .isEqualTo("cross-site-request");
      }
      assertThat(
              browser
                  .fromElsewhere("POST", "/session/link", body, "Origin: https://example.org")
                  .status())
          .isEqualTo(200);
    }
  }
}
