package io.carechat.rest.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.sessions.Sessions;
import io.carechat.rest.ServedApi;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.events.StreamClient;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.LogCapture;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.http.RawConnection;
import io.carechat.rest.http.Received;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody who is signed in with a browser may do, and what others may not. */
final class SessionsOfBrowsersTest {
  private static final Caller.CareTeamUser NURSE =
      new Caller.CareTeamUser(
          "nurse-with-browser",
          Samples.THIS_INSTANCE,
          Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES),
          new Sender.CareTeamMember(ServedApi.NURSE, "Nurse"));
  private static final String HELLO = "{\"message\":\"hello\"}";
  private static final String LINKS =
      "/api/v1/test-den/chat2/patients/" + ServedApi.PATIENT + "/sign-in-links";
  private static final String RANDOM = "A".repeat(43);

  /** For most tests. Its clock only moves on, and each test has sessions of its own. */
  private static final ServedApi SHARED = new ServedApi();

  private ServedApi served = SHARED;

  @AfterAll
  static void stopAll() {
    SHARED.close();
  }

  @AfterEach
  void stop() {
    SHARED.sessionStore.setAway(false);
    if (served != SHARED) {
      served.close();
    }
  }

  /** Makes one for this test alone. */
  private void serve(ServedApi own) {
    served = own;
  }

  private static Caller patient() {
    return new Caller.PatientUser(
        "patient-with-browser",
        Samples.THIS_INSTANCE,
        Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES),
        new PatientId(ServedApi.PATIENT));
  }

  private Browser signedIn(Caller caller) {
    var browser = new Browser(served);
    browser.setCookie(Browser.SESSION, served.sessions.open(caller).token().value());
    return browser;
  }

  private String newLink() {
    String url = served.post(LINKS, ServedApi.KEY, "").json().path("url").asText();
    return url.substring(url.indexOf('#') + 1);
  }

  // --- who is signed in ---

  @Test
  void tellsThePageWhoIsSignedIn() {
    JsonNode nurse = signedIn(NURSE).state().json();
    assertThat(nurse.path("csrfToken").asText()).matches("[A-Za-z0-9_-]{43}");
    assertThat(nurse.toString())
        .isEqualTo(
            "{\"signedIn\":true,\"tenantName\":\"test-den\",\"instanceName\":\"chat2\","
                + "\"clientType\":\"CARE_TEAM\",\"id\":\""
                + ServedApi.NURSE
                + "\",\"titleName\":\"Nurse\",\"scopes\":[\"messages:read\",\"messages:send\"],"
                + "\"csrfToken\":\""
                + nurse.path("csrfToken").asText()
                + "\",\"idleSeconds\":900}");
    JsonNode patient = signedIn(patient()).state().json();
    assertThat(patient.path("clientType").asText()).isEqualTo("PATIENT");
    assertThat(patient.path("id").asText()).isEqualTo(ServedApi.PATIENT.toString());
    assertThat(patient.path("titleName").isNull()).isTrue();
    assertThat(new Browser(served).state().text()).isEqualTo("{\"signedIn\":false}");
  }

  @Test
  void readsAndSendsAsWhoIsSignedIn() {
    Browser nurse = signedIn(NURSE);
    Received sent = nurse.post(ServedApi.messages(), HELLO, nurse.csrf());
    assertThat(sent.status()).isEqualTo(201);
    assertThat(sent.json().at("/sender/titleName").asText()).isEqualTo("Nurse");
    Browser patient = signedIn(patient());
    assertThat(patient.get(ServedApi.messages()).text()).contains("hello");
    assertThat(
            patient
                .post(ServedApi.messages(), HELLO, patient.csrf())
                .json()
                .at("/sender/clientType")
                .asText())
        .isEqualTo("PATIENT");
    // It is a credential like any other.
    assertThat(nurse.get(ServedApi.messages()).header("ratelimit-policy")).isNotBlank();
  }

  @Test
  void isForOneInstanceAndOnePatientAlone() {
    ChatId other = Samples.newChat();
    String othersChat = ServedApi.messages(Samples.THIS_INSTANCE, other.patient().value());
    Browser patient = signedIn(patient());
    Browser nurse = signedIn(NURSE);
    String patientsCsrf = patient.csrf();
    String nursesCsrf = nurse.csrf();
    assertThat(patient.get(othersChat).status()).isEqualTo(403);
    assertThat(patient.post(othersChat, HELLO, patientsCsrf).status()).isEqualTo(403);
    assertThat(patient.get("/api/v1/test-den/chat2/patients").status()).isEqualTo(403);
    assertThat(nurse.get(othersChat).status()).isEqualTo(200);
    for (TenantInstance instance : List.of(Samples.OTHER_INSTANCE, Samples.OTHER_TENANT)) {
      String elsewhere = ServedApi.messages(instance, ServedApi.PATIENT);
      for (Browser browser : List.of(patient, nurse)) {
        Received read = browser.get(elsewhere);
        assertThat(read.status()).isEqualTo(403);
        assertThat(read.code()).isEqualTo("forbidden");
      }
      assertThat(patient.post(elsewhere, HELLO, patientsCsrf).status()).isEqualTo(403);
      assertThat(nurse.post(elsewhere, HELLO, nursesCsrf).status()).isEqualTo(403);
    }
    // A scope that the session does not have.
    assertThat(nurse.get("/api/v1/test-den/chat2/webhooks").status()).isEqualTo(403);
    assertThat(patient.post(LINKS, "", patientsCsrf).status()).isEqualTo(403);
    assertThat(nurse.post(LINKS, "", nursesCsrf).status()).isEqualTo(403);
  }

  // --- the end of a session ---

  @Test
  void endsWhenThePersonDoesNothing() {
    Browser nurse = signedIn(NURSE);
    served.clock.move(Duration.ofMinutes(14));
    // Requests of the page are not those of the person.
    assertThat(nurse.get(ServedApi.messages()).status()).isEqualTo(200);
    JsonNode state = nurse.state().json();
    assertThat(state.path("idleSeconds").asInt()).isEqualTo(60);
    served.clock.move(Duration.ofMinutes(1));
    assertThat(nurse.get(ServedApi.messages()).status()).isEqualTo(401);
    assertThat(
            nurse
                .post("/session/activity", "", "X-CSRF-Token: " + state.path("csrfToken").asText())
                .status())
        .isEqualTo(401);
    assertThat(nurse.isSignedIn()).isFalse();
    // The browser was told to forget it.
    assertThat(nurse.hasCookie(Browser.SESSION)).isFalse();
  }

  @Test
  void goesOnWhileThePersonDoesSomething() {
    Browser nurse = signedIn(NURSE);
    String csrf = nurse.csrf();
    for (int i = 0; i < 10; i++) {
      served.clock.move(Duration.ofMinutes(14));
      Received activity = nurse.send("POST", "/session/activity", null, csrf);
      assertThat(activity.status()).isEqualTo(200);
      assertThat(activity.json().path("idleSeconds").asInt()).isEqualTo(900);
      assertThat(activity.json().path("signedIn").asBoolean()).isTrue();
    }
    served.clock.move(Sessions.LIFETIME);
    assertThat(nurse.isSignedIn()).isFalse();
  }

  @Test
  void endsForEverybodyWhenThePersonSignsOut() {
    Browser nurse = signedIn(NURSE);
    Browser thief = nurse.stolen();
    String csrf = nurse.csrf();
    assertThat(thief.get(ServedApi.messages()).status()).isEqualTo(200);
    Received signedOut = nurse.send("DELETE", "/session", null, csrf);
    assertThat(signedOut.status()).isEqualTo(204);
    assertThat(signedOut.header("set-cookie"))
        .startsWith("__Host-carechat=;")
        .contains("Expires=Thu, 1 Jan 1970 00:00:00 GMT", "Path=/", "Secure", "HttpOnly");
    assertThat(thief.get(ServedApi.messages()).status()).isEqualTo(401);
    assertThat(thief.post(ServedApi.messages(), HELLO, csrf).status()).isEqualTo(401);
    assertThat(thief.post("/session/activity", "", csrf).status()).isEqualTo(401);
    assertThat(nurse.isSignedIn()).isFalse();
    // Again is no fault.
    assertThat(nurse.send("DELETE", "/session", null).status()).isEqualTo(204);
    assertThat(thief.send("DELETE", "/session", null, csrf).status()).isEqualTo(204);
  }

  /** A sign-out at another node is a change of the store, of which this node hears nothing. */
  @Test
  void holdsAtOnceWhatAnotherNodeHasStored() {
    Browser nurse = signedIn(NURSE);
    assertThat(nurse.get(ServedApi.messages()).status()).isEqualTo(200);
    served.sessionStore.remove(new Secret(nurse.cookie(Browser.SESSION)));
    assertThat(nurse.get(ServedApi.messages()).status()).isEqualTo(401);
  }

  @Test
  void aStreamEndsWithItsSession() throws IOException {
    serve(
        new ServedApi(
            ServedApi.GENEROUS,
            ServerLimits.DEFAULT,
            new StreamLimits(
                10,
                10,
                10,
                10,
                Duration.ofMillis(20),
                Duration.ofSeconds(60),
                Duration.ofMillis(40))));
    Browser nurse = signedIn(NURSE);
    try (StreamClient stream =
        served.stream(
            served
                .request("/api/v1/test-den/chat2/events/stream", null)
                .header("Cookie", Browser.SESSION + "=" + nurse.cookie(Browser.SESSION))
                .GET()
                .build())) {
      assertThat(stream.event().event()).isEqualTo("stream.opened");
      served.sessionStore.remove(new Secret(nurse.cookie(Browser.SESSION)));
      StreamClient.Block next = stream.next();
      while (!next.text().equals("(the end)")) {
        next = stream.next();
      }
    }
  }

  // --- what is no session ---

  @Test
  void aCookieThatIsThereTwiceIsNone() {
    Browser nurse = signedIn(NURSE);
    String token = nurse.cookie(Browser.SESSION);
    for (String other : List.of(token, RANDOM, "")) {
      Received answer = nurse.get(ServedApi.messages(), "Cookie: " + Browser.SESSION + "=" + other);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.code()).isEqualTo("unauthenticated");
      assertThat(
              new Browser(served)
                  .get(
                      ServedApi.messages(),
                      "Cookie: " + Browser.SESSION + "=" + other + "; __Host-carechat=" + token)
                  .status())
          .isEqualTo(401);
    }
  }

  @Test
  void whatLooksLikeItIsNone() {
    String token = signedIn(NURSE).cookie(Browser.SESSION);
    for (String cookie :
        List.of(
            "__host-carechat=" + token,
            "carechat=" + token,
            "__Host-carechat-login=" + token,
            "__Host-carechat=" + token.toLowerCase(Locale.ROOT),
            "__Host-carechat=\"" + token + "\"",
            "__Host-carechat=" + token + "x",
            "__Host-carechat=",
            "__Host-carechat",
            "=; ;; = ;\u00ff=\u00ff",
            "__Host-carechat=" + RANDOM)) {
      assertThat(new Browser(served).get(ServedApi.messages(), "Cookie: " + cookie).status())
          .as(cookie)
          .isEqualTo(401);
    }
    // Cookies of other applications on the host do not matter, whatever they are.
    assertThat(
            new Browser(served)
                .get(
                    ServedApi.messages(),
                    "Cookie: a=\"b;c; =x; \u00ff; __Host-carechat=" + token + ";d")
                .status())
        .isEqualTo(200);
  }

  @Test
  void anotherCredentialCountsAlone() {
    Browser nurse = signedIn(NURSE);
    int before = served.sessionStore.lookups();
    Received sent = nurse.post(ServedApi.messages(), HELLO, "X-API-KEY: " + ServedApi.KEY);
    assertThat(sent.status()).isEqualTo(201);
    assertThat(sent.json().at("/sender/clientType").asText()).isEqualTo("PATIENT");
    for (String credential :
        List.of(
            "X-API-KEY: unknown", "Authorization: Bearer un.kn.own", "Authorization: Basic x")) {
      assertThat(nurse.get(ServedApi.messages(), credential).status()).isEqualTo(401);
    }
    // An empty header is no credential.
    assertThat(nurse.get(ServedApi.messages(), "X-API-KEY: ").status()).isEqualTo(200);
    // It is not asked about sessions.
    assertThat(served.sessionStore.lookups()).isEqualTo(before + 1);
  }

  @Test
  void aStoreThatIsAwayIsA503() {
    Browser nurse = signedIn(NURSE);
    String csrf = nurse.csrf();
    served.sessionStore.setAway(true);
    for (Received answer :
        List.of(
            nurse.get(ServedApi.messages()),
            nurse.get("/session"),
            nurse.send("DELETE", "/session", null, csrf),
            nurse.send("POST", "/session/activity", null, csrf),
            nurse.useLink(RANDOM))) {
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("retry-after")).isEqualTo("3");
      // It may be valid, so the browser keeps it.
      assertThat(answer.all("set-cookie")).isEmpty();
    }
    served.sessionStore.setAway(false);
    assertThat(nurse.isSignedIn()).isTrue();
  }

  @Test
  void guessingIsCounted() {
    serve(
        new ServedApi(
            new RateLimits(
                ServedApi.GENEROUS.perGroup(),
                new RateLimits.Limit(10, Duration.ofMinutes(1)),
                ServedApi.GENEROUS.withoutCredential()),
            ServerLimits.DEFAULT));
    Browser nurse = signedIn(NURSE);
    var guesser = new Browser(served);
    for (int i = 0; i < 10; i++) {
      guesser.setCookie(Browser.SESSION, RANDOM);
      Received answer =
          switch (i % 3) {
            case 0 -> guesser.get(ServedApi.messages());
            case 1 -> guesser.get("/session");
            default -> guesser.useLink(RANDOM);
          };
      assertThat(answer.status()).isEqualTo(i % 3 == 1 ? 200 : 401);
    }
    guesser.setCookie(Browser.SESSION, RANDOM);
    assertThat(guesser.get(ServedApi.messages()).status()).isEqualTo(429);
    assertThat(guesser.get("/session").status()).isEqualTo(429);
    assertThat(guesser.useLink(RANDOM).status()).isEqualTo(429);
    // Whoever has a session is not concerned, though the address is the same.
    assertThat(nurse.get(ServedApi.messages()).status()).isEqualTo(200);
    assertThat(nurse.isSignedIn()).isTrue();
  }

  @Test
  void strangersDoNotHoldUpWhoIsSignedIn() throws Exception {
    Browser nurse = signedIn(NURSE);
    assertThat(nurse.get(ServedApi.messages()).status()).isEqualTo(200);
    var entered = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    served.sessionStore.beforeFind =
        token -> {
          if (token.value().equals(RANDOM)) {
            entered.countDown();
            await(release);
          }
        };
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var guesser = new Browser(served);
      guesser.setCookie(Browser.SESSION, RANDOM);
      Future<Received> guess = threads.submit(() -> guesser.get(ServedApi.messages()));
      await(entered);
      var second = new Browser(served);
      second.setCookie(Browser.SESSION, "B".repeat(43));
      Received refused = second.get(ServedApi.messages());
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("retry-after")).isEqualTo("1");
      assertThat(nurse.get(ServedApi.messages()).status()).isEqualTo(200);
      // Nor do they hold up another address.
      try (RawConnection other = new RawConnection("127.0.0.2", served.port(), 0)) {
        other.send(
            "GET "
                + ServedApi.messages()
                + " HTTP/1.1\r\nHost: localhost\r\nCookie: "
                + Browser.SESSION
                + "="
                + "C".repeat(43)
                + "\r\n\r\n");
        assertThat(other.read().status()).isEqualTo(401);
      }
      release.countDown();
      assertThat(guess.get().status()).isEqualTo(401);
      assertThat(second.get(ServedApi.messages()).status()).isEqualTo(401);
    } finally {
      release.countDown();
      served.sessionStore.beforeFind = token -> {};
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Test
  void whatCannotBeASessionIsNotLookedUp() {
    int before = served.sessionStore.lookups();
    for (String token : List.of("", "x", RANDOM + "A", "ü".repeat(43), " ")) {
      new Browser(served).get(ServedApi.messages(), "Cookie: __Host-carechat=" + token);
      new Browser(served).get("/session", "Cookie: __Host-carechat=" + token);
      new Browser(served).useLink("x".repeat(42));
    }
    assertThat(served.sessionStore.lookups()).isEqualTo(before);
  }

  @Test
  void aSessionHasTheRateOfACredential() {
    serve(
        new ServedApi(
            new RateLimits(
                new RateLimits.Limit(2, Duration.ofMinutes(1)), ServedApi.GENEROUS.failures()),
            ServerLimits.DEFAULT));
    Browser nurse = signedIn(NURSE);
    assertThat(nurse.get(ServedApi.messages()).status()).isEqualTo(200);
    assertThat(nurse.get(ServedApi.messages()).status()).isEqualTo(200);
    assertThat(nurse.get(ServedApi.messages()).status()).isEqualTo(429);
    assertThat(nurse.get("/session").status()).isEqualTo(200);
    assertThat(nurse.get("/session").status()).isEqualTo(200);
    assertThat(nurse.get("/session").status()).isEqualTo(429);
    // Of the same person in another browser too.
    assertThat(signedIn(NURSE).get(ServedApi.messages()).status()).isEqualTo(429);
    assertThat(signedIn(patient()).get(ServedApi.messages()).status()).isEqualTo(200);
  }

  // --- other sites ---

  @Test
  void changesNothingWithoutTheTokenOfTheSession() {
    Browser nurse = signedIn(NURSE);
    String others = signedIn(NURSE).csrf();
    String own = nurse.csrf();
    String text = "{\"message\":\"caused by another site\"}";
    for (String[] headers :
        new String[][] {
          {},
          {"X-CSRF-Token: "},
          {"X-CSRF-Token: " + RANDOM},
          {others},
          {own + "x"},
          {own.substring(0, own.length() - 1)},
          {own.toUpperCase(Locale.ROOT)},
          {"X-CSRF-Token: " + nurse.cookie(Browser.SESSION)},
          {own, own},
          {own, others}
        }) {
      for (Received answer :
          List.of(
              nurse.post(ServedApi.messages(), text, headers),
              nurse.send(
                  "PUT", ServedApi.messages().replace("/messages", "/read-marker"), "{}", headers),
              nurse.send("DELETE", "/api/v1/test-den/chat2/webhooks/configured", null, headers),
              nurse.send("PATCH", "/api/v1/test-den/chat2/webhooks/configured", "{}", headers),
              nurse.post(ServedApi.messages() + "/search", "{\"query\":\"x\"}", headers),
              nurse.send("DELETE", "/session", null, headers),
              nurse.send("POST", "/session/activity", null, headers))) {
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("cross-site-request");
        assertThat(answer.text()).contains("X-CSRF-Token");
      }
    }
    assertThat(served.get(ServedApi.messages()).text()).doesNotContain("caused by another");
    assertThat(nurse.isSignedIn()).isTrue();
    assertThat(nurse.post(ServedApi.messages(), HELLO, own).status()).isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Site: nonsense",
        "Sec-Fetch-Site:",
        "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site",
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://localhost:8081",
        "Origin: https://localhost:8080",
        "Origin: http://localhost:8080.evil.example",
        "Origin: http://localhost:8080, https://evil.example",
        "Origin: http://localhost:8080\r\nOrigin: https://evil.example",
        "Sec-Fetch-Site: cross-site\r\nOrigin: http://localhost:8080"
      })
  void acceptsNoCookieFromAnotherOrigin(String header) {
    Browser nurse = signedIn(NURSE);
    String csrf = nurse.csrf();
    String token = newLink();
    for (Received answer :
        List.of(
            nurse.fromElsewhere("GET", ServedApi.messages(), null, header),
            nurse.fromElsewhere("HEAD", ServedApi.messages(), null, header),
            nurse.fromElsewhere("POST", ServedApi.messages(), HELLO, header, csrf),
            nurse.fromElsewhere("GET", "/session", null, header),
            nurse.fromElsewhere("DELETE", "/session", null, header, csrf),
            nurse.fromElsewhere("POST", "/session/activity", null, header, csrf),
            nurse.fromElsewhere(
                "POST", "/session/link", "{\"token\":\"" + token + "\"}", header))) {
      assertThat(answer.status()).isEqualTo(403);
      if (answer.body().length > 0) {
        assertThat(answer.code()).isEqualTo("cross-site-request");
      }
    }
    assertThat(nurse.isSignedIn()).isTrue();
    // The link was not used up.
    assertThat(nurse.useLink(token).status()).isEqualTo(200);
  }

  /** Old browsers do not say it, and nobody says it who types an address. */
  @ParameterizedTest
  @ValueSource(strings = {"", "Sec-Fetch-Site: none", "Origin: http://localhost:8080"})
  void acceptsTheCookieOfItsOwnPages(String site) {
    Browser nurse = signedIn(NURSE);
    String csrf = nurse.csrf();
    assertThat(nurse.fromElsewhere("GET", ServedApi.messages(), null, site).status())
        .isEqualTo(200);
    assertThat(nurse.fromElsewhere("POST", ServedApi.messages(), HELLO, site, csrf).status())
        .isEqualTo(201);
  }

  @Test
  void aLinkIsForThePageOfTheServiceAlone() {
    String token = newLink();
    String body = "{\"token\":\"" + token + "\"}";
    var browser = new Browser(served);
    for (String site : List.of("", "Sec-Fetch-Site: none")) {
      assertThat(browser.fromElsewhere("POST", "/session/link", body, site).code())
          .isEqualTo("cross-site-request");
    }
    assertThat(
            browser
                .fromElsewhere("POST", "/session/link", body, "Origin: http://localhost:8080")
                .status())
        .isEqualTo(200);
  }

  // --- links ---

  @Test
  void aLinkSignsThePatientInOnce() {
    served.sent(ServedApi.messages(), "for the patient");
    String token = newLink();
    var browser = new Browser(served);
    Received used = browser.useLink(token);
    assertThat(used.status()).isEqualTo(200);
    assertThat(used.header("cache-control")).isEqualTo("no-store");
    assertThat(used.header("set-cookie"))
        .isEqualTo(
            Browser.SESSION
                + "="
                + browser.cookie(Browser.SESSION)
                + "; Path=/; Secure; HttpOnly; SameSite=Strict");
    assertThat(used.json()).isEqualTo(browser.state().json());
    assertThat(used.json().path("clientType").asText()).isEqualTo("PATIENT");
    assertThat(used.json().path("id").asText()).isEqualTo(ServedApi.PATIENT.toString());
    assertThat(browser.get(ServedApi.messages()).text()).contains("for the patient");
    var second = new Browser(served);
    for (String bad : List.of(token, RANDOM, "", "x", browser.cookie(Browser.SESSION))) {
      Received refused = second.useLink(bad);
      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.code()).isEqualTo("unauthenticated");
      assertThat(refused.all("set-cookie")).isEmpty();
    }
  }

  @Test
  void aLinkThatHasExpiredSignsNobodyIn() {
    String token = newLink();
    served.clock.move(Sessions.LINK_LIFETIME);
    assertThat(new Browser(served).useLink(token).status()).isEqualTo(401);
  }

  @Test
  void ofManyWhoUseALinkAtOnceOneGetsIn() throws Exception {
    String token = newLink();
    List<Callable<Received>> all = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      all.add(() -> new Browser(served).useLink(token));
    }
    List<Integer> statuses = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Received> each : threads.invokeAll(all)) {
        statuses.add(each.get().status());
      }
    }
    assertThat(statuses).containsOnly(200, 401).containsOnlyOnce(200);
  }

  /** Somebody has planted a session in this browser, to read what its owner writes. */
  @Test
  void everySignInMakesAnotherSessionAndEndsTheOneBefore() {
    Browser planted = signedIn(NURSE);
    Browser victim = planted.stolen();
    String before = victim.cookie(Browser.SESSION);
    assertThat(victim.useLink(newLink()).status()).isEqualTo(200);
    assertThat(victim.cookie(Browser.SESSION)).isNotEqualTo(before);
    assertThat(planted.get(ServedApi.messages()).status()).isEqualTo(401);
    assertThat(victim.get(ServedApi.messages()).status()).isEqualTo(200);
    // A cookie that was never a session does not become one.
    var other = new Browser(served);
    other.setCookie(Browser.SESSION, RANDOM);
    assertThat(other.useLink(newLink()).status()).isEqualTo(200);
    assertThat(other.cookie(Browser.SESSION)).isNotEqualTo(RANDOM);
    var random = new Browser(served);
    random.setCookie(Browser.SESSION, RANDOM);
    assertThat(random.get(ServedApi.messages()).status()).isEqualTo(401);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]|400|invalid-request",
        "{}|400|invalid-request",
        "{\"token\":1}|400|invalid-request",
        "{\"token\":null}|400|invalid-request",
        "{\"token\":\"x\",\"more\":1}|400|invalid-request",
        "{\"token\":|400|malformed-json",
        "``|400|malformed-json"
      })
  void aBodyMustHaveTheToken(String body, int status, String code) {
    Received answer = new Browser(served).post("/session/link", body);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.code()).isEqualTo(code);
  }

  @Test
  void aBodyMustBeShortJson() {
    var browser = new Browser(served);
    assertThat(browser.useLink("x".repeat(1_100)).status()).isEqualTo(413);
    String form =
        "POST /session/link HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n"
            + "Content-Type: text/plain\r\nContent-Length: 13\r\n\r\n{\"token\":\"x\"}";
    try (RawConnection connection = new RawConnection(served.port())) {
      assertThat(connection.send(form).read().status()).isEqualTo(415);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  // --- making links ---

  @Test
  void aPartnerMakesALink() {
    Received link = served.post(LINKS, ServedApi.KEY, "");
    assertThat(link.status()).isEqualTo(201);
    assertThat(link.json().path("url").asText())
        .matches("http://localhost:8080/sign-in#[A-Za-z0-9_-]{43}");
    assertThat(link.json().path("expiresAt").asText())
        .isEqualTo(
            served.clock.instant().plus(Sessions.LINK_LIFETIME).toString().replace("Z", ".000Z"));
    assertThat(link.header("location")).isEqualTo("/sign-in");
    assertThat(link.header("cache-control")).isEqualTo("no-store");
    assertThat(served.post(LINKS, ServedApi.NURSES_TOKEN, "").status()).isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ServedApi.PATIENTS_TOKEN,
        ServedApi.READ_ONLY,
        ServedApi.SEND_ONLY,
        ServedApi.OTHER_INSTANCE,
        ServedApi.OTHER_TENANT
      })
  void othersMayNot(String key) {
    Received refused = served.post(LINKS, key, "");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.code()).isEqualTo("forbidden");
  }

  // --- other things ---

  @Test
  void theRoutesHaveTheirMethods() {
    var browser = new Browser(served);
    assertThat(browser.send("OPTIONS", "/session", null).header("allow"))
        .isEqualTo("DELETE, GET, HEAD, OPTIONS");
    for (String path : List.of("/session/activity", "/session/link")) {
      Received get = browser.get(path);
      assertThat(get.status()).isEqualTo(405);
      assertThat(get.header("allow")).isEqualTo("OPTIONS, POST");
    }
    assertThat(browser.send("PUT", "/session", "{}").status()).isEqualTo(405);
    assertThat(signedIn(NURSE).send("HEAD", "/session", null).status()).isEqualTo(200);
  }

  @Test
  void noSecretIsInALog() {
    try (LogCapture logs = new LogCapture()) {
      String token = newLink();
      var browser = new Browser(served);
      browser.useLink(token);
      browser.useLink(token);
      String csrf = browser.csrf();
      browser.post(ServedApi.messages(), HELLO, csrf);
      browser.post(ServedApi.messages(), HELLO);
      browser.send("DELETE", "/session", null, csrf);
      assertThat(logs.lines())
          .anyMatch(line -> line.contains("/session/link"))
          .noneMatch(line -> line.contains(token))
          .noneMatch(line -> line.contains(csrf.substring(csrf.indexOf(' ') + 1)))
          .noneMatch(line -> line.contains(ServedApi.PATIENT.toString()));
    }
  }

  /** RFC 9113, section 8.2.3: a cookie may come in pieces. */
  @Test
  void readsCookiesInSeveralHeaders() {
    String token = signedIn(NURSE).cookie(Browser.SESSION);
    assertThat(
            new Browser(served)
                .get(
                    ServedApi.messages(),
                    "Cookie: a=b",
                    "Cookie: __Host-carechat=" + token,
                    "Cookie: c=d")
                .status())
        .isEqualTo(200);
  }

  @Test
  void worksWithHttp2() throws IOException {
    String token = signedIn(NURSE).cookie(Browser.SESSION);
    try (Http2Connection connection = new Http2Connection(served.port())) {
      assertThat(connection.get("/session", "cookie", "a=b", "cookie", "__Host-carechat=" + token))
          .contains("\"signedIn\":true");
      assertThat(connection.get("/session")).isEqualTo("{\"signedIn\":false}");
      assertThat(
              connection.get(
                  "/session",
                  "cookie",
                  "__Host-carechat=" + token,
                  "cookie",
                  "__Host-carechat=" + token))
          .isEqualTo("{\"signedIn\":false}");
      assertThat(connection.get(ServedApi.messages(), "cookie", "__Host-carechat=" + token))
          .contains("\"content\":[");
      assertThat(
              connection.get(
                  ServedApi.messages(),
                  "cookie",
                  "__Host-carechat=" + token,
                  "sec-fetch-site",
                  "cross-site"))
          .contains("cross-site-request");
      assertThat(connection.get("/test-den/chat2")).contains("<base href=\"/\"");
    }
  }
}
