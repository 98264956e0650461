package io.carechat.rest.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Samples;
import io.carechat.rest.ChatApi;
import io.carechat.rest.ServedApi;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.CrossOrigin;
import io.carechat.rest.http.Received;
import io.carechat.rest.messages.SearchLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages and their files. */
final class PagesTest {
  private static final String POLICY =
      "default-src 'self'; base-uri 'self'; object-src 'none'; form-action 'self'; frame-ancestors ";

  private static ServedApi served;

  @BeforeAll
  static void serve() {
    served = new ServedApi();
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  private static Received get(String path, String... headers) {
    return new Browser(served).get(path, headers);
  }

  private static ServedApi serving(String publicUrl, ConsoleSettings settings) {
    return new ServedApi(
        new ChatApi.Settings(
            "127.0.0.1",
            0,
            ServedApi.GENEROUS,
            ServerLimits.DEFAULT,
            StreamLimits.DEFAULT,
            SearchLimits.DEFAULT,
            List.of(),
            Optional.empty(),
            URI.create(publicUrl),
            new CrossOrigin(Set.of()),
            settings));
  }

  // --- pages ---

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/test-den/chat2",
        "/no-such-tenant/nor-instance",
        "/test-den/chat2/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab",
        "/test-den/chat2/patients/00000000-0000-4000-8000-000000000000",
        "/test-den/chat2?view=1",
        "/sign-in"
      })
  void everyPageIsTheSameWhoeverIsThereOrNot(String path) {
    Received page = get(path);
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.header("content-type")).isEqualTo("text/html; charset=utf-8");
    assertThat(page.text()).isEqualTo(get("/test-den/chat2").text()).contains("<base href=\"/\"");
    assertThat(page.header("content-security-policy")).isEqualTo(POLICY + "'none'");
    assertThat(page.header("referrer-policy")).isEqualTo("no-referrer");
    assertThat(page.header("x-content-type-options")).isEqualTo("nosniff");
    assertThat(page.header("cross-origin-opener-policy")).isEqualTo("same-origin");
    assertThat(page.header("cache-control")).isEqualTo("no-store");
    assertThat(page.all("set-cookie")).isEmpty();
  }

  @Test
  void aPageHasNoScriptAndNoStyleOfItsOwn() {
    assertThat(get("/sign-in").text())
        .doesNotContain("<style", "style=\"", "javascript:")
        .doesNotContainPattern("<script(?![^>]*src=)")
        .doesNotContainPattern(" on[a-z]+=");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/Test-den/chat2",
        "/test-den/chat_2",
        "/test-den/chat2/",
        "/test-den/chat2/patients",
        "/test-den/chat2/patients/5",
        "/test-den/chat2/patients/5cccfad8c7b04fe8a01eeb80c0b234ab",
        "/test-den/chat2/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab/x",
        "/test-den/chat2/people/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab",
        "/test-den/chat2;x/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab",
        "/test-den/..%2fchat2",
        "/test-den",
        "/api/v1",
        "/api/v2/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab",
        "/health/dead",
        "/docs/chat2",
        "/metrics/chat2",
        "/session/x",
        "/session/login/x",
        "/sign-in/x",
        "/console",
        "/console/"
      })
  void otherPathsDoNotExist(String path) {
    for (String method : List.of("GET", "HEAD", "POST", "OPTIONS")) {
      Received answer = new Browser(served).send(method, path, null);
      assertThat(answer.status()).as(method).isEqualTo(404);
    }
    assertThat(get(path).code()).isEqualTo("not-found");
  }

  @Test
  void theContractsRoutesWin() {
    assertThat(get("/problems/not-found").text()).contains("<code>not-found</code>");
    assertThat(get("/health/live").header("content-type")).isEqualTo("application/json");
    assertThat(get("/").header("location")).isEqualTo("/docs");
  }

  @Test
  void aPageHasItsMethods() {
    Browser browser = new Browser(served);
    Received head = browser.send("HEAD", "/test-den/chat2", null);
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("content-security-policy")).isEqualTo(POLICY + "'none'");
    assertThat(head.header("content-length"))
        .isEqualTo(get("/test-den/chat2").header("content-length"));
    for (String path : List.of("/test-den/chat2", "/sign-in", "/console/app.js")) {
      Received options = browser.send("OPTIONS", path, null);
      assertThat(options.status()).isEqualTo(204);
      assertThat(options.header("allow")).isEqualTo("GET, HEAD, OPTIONS");
      Received post = browser.post(path, "{}");
      assertThat(post.status()).isEqualTo(405);
      assertThat(post.code()).isEqualTo("method-not-allowed");
      assertThat(post.header("allow")).isEqualTo("GET, HEAD, OPTIONS");
    }
  }

  @Test
  void thePathOfThePublicAddressIsInThePage() {
    try (ServedApi below = serving("https://example.org/chat&x", ConsoleSettings.DEFAULT)) {
      assertThat(new Browser(below).get("/test-den/chat2").text())
          .contains("<base href=\"/chat&amp;x/\"");
    }
  }

  @Test
  void onlyTheOriginsOfTheInstanceMayShowItInAFrame() {
    var settings =
        new ConsoleSettings(
            true,
            instance ->
                instance.equals(Samples.THIS_INSTANCE)
                    ? List.of("https://portal.example.org", "https://other.example.org")
                    : List.of());
    try (ServedApi framed = serving("https://chat.example.org", settings)) {
      Browser browser = new Browser(framed);
      for (String path :
          List.of("/test-den/chat2", "/test-den/chat2/patients/" + UUID.randomUUID())) {
        assertThat(browser.get(path).header("content-security-policy"))
            .isEqualTo(POLICY + "https://portal.example.org https://other.example.org");
      }
      for (String path : List.of("/test-den/chat3", "/other-den/chat2", "/sign-in")) {
        assertThat(browser.get(path).header("content-security-policy"))
            .isEqualTo(POLICY + "'none'");
      }
    }
  }

  @Test
  void thePageCanBeSwitchedOff() {
    try (ServedApi off =
        serving("https://chat.example.org", new ConsoleSettings(false, instance -> List.of()))) {
      var browser = new Browser(off);
      for (String path :
          List.of("/test-den/chat2", "/sign-in", "/session", "/console/index.html")) {
        assertThat(browser.get(path).status()).isEqualTo(404);
      }
      String token = off.sessions.open(Samples.newPatient(Samples.newChat())).token().value();
      browser.setCookie(Browser.SESSION, token);
      assertThat(browser.get(ServedApi.messages()).status()).isEqualTo(401);
      Received link =
          browser.post(
              "/api/v1/test-den/chat2/patients/" + ServedApi.PATIENT + "/sign-in-links",
              "{}",
              "X-API-KEY: " + ServedApi.KEY);
      assertThat(link.status()).isEqualTo(409);
      assertThat(link.code()).isEqualTo("conflict");
      // Who may not make links is told nothing more.
      assertThat(
              browser
                  .post(
                      "/api/v1/test-den/chat2/patients/" + ServedApi.PATIENT + "/sign-in-links",
                      "{}",
                      "X-API-KEY: " + ServedApi.READ_ONLY)
                  .status())
          .isEqualTo(403);
    }
  }

  // --- files ---

  /** A file of the tests, in the same package. */
  private static final String SAMPLE = "/console/sample/long-file.js";

  @Test
  void aFileIsRevalidated() {
    Received file = get(SAMPLE);
    assertThat(file.status()).isEqualTo(200);
    assertThat(file.header("content-type")).isEqualTo("text/javascript; charset=utf-8");
    assertThat(file.header("cache-control")).isEqualTo("no-cache");
    assertThat(file.header("content-security-policy"))
        .isEqualTo("default-src 'none'; frame-ancestors 'none'");
    assertThat(file.header("cross-origin-resource-policy")).isEqualTo("same-origin");
    assertThat(file.all("vary")).containsExactly("Accept-Encoding");
    String tag = file.header("etag");
    for (String known :
        List.of(tag, "W/" + tag, "\"other\", " + tag, "*", "\"a\"\r\nIf-None-Match: " + tag)) {
      Received again = get(SAMPLE, "If-None-Match: " + known);
      assertThat(again.status()).as(known).isEqualTo(304);
      assertThat(again.header("etag")).isEqualTo(tag);
      assertThat(again.header("cache-control")).isEqualTo("no-cache");
      assertThat(again.all("vary")).containsExactly("Accept-Encoding");
      assertThat(again.body()).isEmpty();
    }
    for (String other : List.of("\"other\"", tag.substring(1), "", tag.replace("\"", ""))) {
      assertThat(get(SAMPLE, "If-None-Match: " + other).status()).as(other).isEqualTo(200);
    }
  }

  @Test
  void aFileIsCompressedForThoseWhoAcceptThat() throws IOException {
    Received plain = get(SAMPLE);
    Received compressed = get(SAMPLE, "Accept-Encoding: gzip, br");
    assertThat(compressed.header("content-encoding")).isEqualTo("gzip");
    assertThat(compressed.body().length).isLessThan(plain.body().length);
    try (var unzipped = new GZIPInputStream(new ByteArrayInputStream(compressed.body()))) {
      assertThat(unzipped.readAllBytes()).isEqualTo(plain.body());
    }
    // They are other bytes, so they have another tag.
    assertThat(compressed.header("etag")).isNotEqualTo(plain.header("etag"));
    Received again =
        get(SAMPLE, "Accept-Encoding: gzip", "If-None-Match: " + compressed.header("etag"));
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.all("content-encoding")).isEmpty();
    assertThat(
            get(SAMPLE, "Accept-Encoding: gzip", "If-None-Match: " + plain.header("etag")).status())
        .isEqualTo(200);
  }

  @Test
  void theHeadOfAFileIsThatOfGet() {
    Received file = get(SAMPLE);
    Received head = new Browser(served).send("HEAD", SAMPLE, null);
    for (String header : List.of("etag", "content-length", "content-type", "cache-control")) {
      assertThat(head.header(header)).isEqualTo(file.header(header));
    }
    assertThat(
            new Browser(served)
                .send("HEAD", SAMPLE, null, "If-None-Match: " + file.header("etag"))
                .status())
        .isEqualTo(304);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/console/no-such-file.js",
        "/console/index.html",
        "/console/Console.class",
        "/console/sample",
        "/console/sample/",
        "/console/sample/.hidden.js",
        "/console/.hidden.js",
        "/console/../http/Cookies.class",
        "/console/%2e%2e/http/Cookies.class",
        "/console/..%2fhttp%2fCookies.class",
        "/console/..;/http/Cookies.class",
        "/console//sample/long-file.js",
        "/console/sample%2flong-file.js",
        "/console/sample%5clong-file.js",
        "/console/sample/long-file.js%00.png",
        "/console/sample/long-file.js/",
        "/console/sample/deeper/long-file.js",
        "/console/META-INF/MANIFEST.MF",
        "/console/C:/long-file.js"
      })
  void nothingElseIsAFile(String path) {
    Received answer = get(path);
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.code()).isEqualTo("not-found");
  }
}
