package io.carechat.rest.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Unavailable;
import io.carechat.rest.ServedApi;
import io.carechat.rest.connections.ServerLimits;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what, how often, and what the others get. */
final class AuthenticatorTest {
  private static final String WORD = "confidential";
  private static ServedApi served;
  private static String messageId;

  @BeforeAll
  static void serve() {
    served = new ServedApi();
    messageId = served.sent(ServedApi.messages(), WORD).json().path("externalId").asText();
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  /** A request for every operation of the tag messages. */
  private static List<HttpRequest.Builder> everyOperation(String messages, String key) {
    return List.of(
        served
            .request(messages, key)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"message\":\"intrusion\"}")),
        served.request(messages, key).GET(),
        served.request(messages + "/search?query=" + WORD, key).GET(),
        served
            .request(messages + "/search", key)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"query\":\"" + WORD + "\"}")),
        served.request(messages + "/" + messageId, key).GET());
  }

  static Stream<Arguments> strangers() {
    UUID otherPatient = UUID.fromString("11111111-2222-4333-8444-555555555555");
    String home = ServedApi.messages();
    return Stream.of(
        Arguments.of("another instance's key", ServedApi.OTHER_INSTANCE, home),
        Arguments.of("another tenant's key", ServedApi.OTHER_TENANT, home),
        Arguments.of(
            "a key for another instance's path",
            ServedApi.KEY,
            ServedApi.messages(Samples.OTHER_INSTANCE, ServedApi.PATIENT)),
        Arguments.of(
            "a key for another tenant's path",
            ServedApi.KEY,
            ServedApi.messages(Samples.OTHER_TENANT, ServedApi.PATIENT)),
        Arguments.of(
            "a patient for another patient",
            ServedApi.PATIENTS_TOKEN,
            ServedApi.messages(Samples.THIS_INSTANCE, otherPatient)),
        Arguments.of(
            "a patient in another instance",
            ServedApi.PATIENTS_TOKEN,
            ServedApi.messages(Samples.OTHER_INSTANCE, ServedApi.PATIENT)),
        Arguments.of(
            "a nurse of another instance",
            ServedApi.NURSES_TOKEN,
            ServedApi.messages(Samples.OTHER_INSTANCE, ServedApi.PATIENT)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("strangers")
  void strangersGet403WhateverTheyAsk(String who, String key, String path) {
    for (HttpRequest.Builder request : everyOperation(path, key)) {
      Received answer = served.send(request.build());
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.code()).isEqualTo("forbidden");
      assertThat(answer.text()).doesNotContain(WORD);
    }
    assertThat(served.get(ServedApi.messages()).text()).doesNotContain("intrusion");
  }

  @Test
  void theAnswerIsTheSameWhetherOrNotTheThingExists() {
    String there = "/" + messageId;
    String notThere = "/IM00000000000000000000000000000000";
    for (String id : List.of(there, notThere)) {
      Received answer = served.get(ServedApi.messages() + id, ServedApi.OTHER_TENANT);
      assertThat(answer.text().replaceAll("\"instance\":\"[^\"]*\"", ""))
          .isEqualTo(
              "{\"type\":\"/problems/forbidden\",\"title\":\"Access denied\",\"status\":403,\"detail\":\"The"
                  + " credential does not cover this request.\",,\"code\":\"forbidden\",\"errors\":[]}");
    }
  }

  @Test
  void aScopeThatIsMissingIsA403() {
    List<Integer> reader = new ArrayList<>();
    everyOperation(ServedApi.messages(), ServedApi.READ_ONLY)
        .forEach(request -> reader.add(served.send(request.build()).status()));
    assertThat(reader).containsExactly(403, 200, 200, 200, 200);
    List<Integer> sender = new ArrayList<>();
    everyOperation(ServedApi.newMessages(), ServedApi.SEND_ONLY)
        .forEach(request -> sender.add(served.send(request.build()).status()));
    assertThat(sender).containsExactly(201, 403, 403, 403, 403);
    String named = "{\"message\":\"x\",\"sender\":{\"id\":\"" + ServedApi.NURSE + "\"}}";
    for (String key :
        List.of(ServedApi.SEND_ONLY, ServedApi.PATIENTS_TOKEN, ServedApi.NURSES_TOKEN)) {
      assertThat(served.post(ServedApi.messages(), key, named).status()).isEqualTo(403);
    }
  }

  @Test
  void withoutAValidCredentialNothingIsAnswered() {
    for (String key : new String[] {null, "unknown", ServedApi.KEY + "x", " "}) {
      for (HttpRequest.Builder request : everyOperation(ServedApi.messages(), key)) {
        Received answer = served.send(request.build());
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.code()).isEqualTo("unauthenticated");
        assertThat(answer.header("www-authenticate")).isEqualTo("Bearer realm=\"carechat\"");
        assertThat(answer.all("ratelimit")).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer token.of.the-patient extra",
        "Basic dXNlcjpwYXNz",
        "bearer_token.of.the-patient",
        "token.of.the-patient",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
      })
  void otherAuthorizationIsRefused(String value) {
    HttpRequest request =
        served.request(ServedApi.messages(), null).header("Authorization", value).GET().build();
    assertThat(served.send(request).status()).isEqualTo(401);
  }

  @Test
  void theSchemesCaseDoesNotMatter() {
    HttpRequest request =
        served
            .request(ServedApi.messages(), null)
            .header("Authorization", "bEARER  " + ServedApi.PATIENTS_TOKEN)
            .GET()
            .build();
    assertThat(served.send(request).status()).isEqualTo(200);
  }

  @Test
  void twoCredentialsAreNone() {
    HttpRequest both =
        served
            .request(ServedApi.messages(), ServedApi.KEY)
            .header("Authorization", "Bearer " + ServedApi.PATIENTS_TOKEN)
            .GET()
            .build();
    HttpRequest twice =
        served
            .request(ServedApi.messages(), ServedApi.KEY)
            .header("X-API-KEY", ServedApi.KEY)
            .GET()
            .build();
    HttpRequest listed =
        served.request(ServedApi.messages(), ServedApi.KEY + "," + ServedApi.KEY).GET().build();
    assertThat(served.send(both).json().path("detail").asText()).contains("not both");
    assertThat(served.send(twice).status()).isEqualTo(401);
    assertThat(served.send(listed).status()).isEqualTo(401);
  }

  /** Ruby's generated client sends the headers of both, and leaves the one empty that it lacks. */
  @ParameterizedTest
  @ValueSource(strings = {"Bearer ", "Bearer", "bearer  ", ""})
  void anEmptyBearerBesideAKeyIsNone(String value) {
    HttpRequest request =
        served
            .request(ServedApi.messages(), ServedApi.KEY)
            .header("Authorization", value)
            .GET()
            .build();
    assertThat(served.send(request).status()).isEqualTo(200);
  }

  @Test
  void anEmptyKeyBesideABearerIsNone() {
    HttpRequest request =
        served
            .request(ServedApi.messages(), "")
            .header("Authorization", "Bearer " + ServedApi.PATIENTS_TOKEN)
            .GET()
            .build();
    assertThat(served.send(request).status()).isEqualTo(200);
  }

  @Test
  void anEmptyCredentialAloneIsNone() {
    HttpRequest request =
        served.request(ServedApi.messages(), "").header("Authorization", "Bearer").GET().build();
    Received answer = served.send(request);
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.json().path("detail").asText()).startsWith("Send a valid X-API-KEY header");
  }

  /** Otherwise anybody could learn the rules, or have bodies read, without a credential. */
  @Test
  void credentialsAreLookedAtBeforeAnythingElse() {
    HttpRequest nonsense =
        served
            .request("/api/v1/NOT/valid_at_all/patients/x/messages?nonsense=1", null)
            .header("Accept", "image/png")
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString("not json"))
            .build();
    assertThat(served.send(nonsense).status()).isEqualTo(401);
  }

  @Test
  void noHeaderChangesTheMethod() {
    String path = ServedApi.newMessages();
    for (String header : List.of("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")) {
      HttpRequest request =
          served
              .request(path, ServedApi.KEY)
              .header(header, "DELETE")
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString("{\"message\":\"hello\"}"))
              .build();
      assertThat(served.send(request).status()).isEqualTo(201);
    }
  }

  @Test
  void everyGroupHasALimitOfItsOwn() {
    var limits =
        new RateLimits(
            new RateLimits.Limit(2, Duration.ofSeconds(60)), ServedApi.GENEROUS.failures());
    try (ServedApi limited = new ServedApi(limits, ServerLimits.DEFAULT)) {
      Received first = limited.get(ServedApi.messages());
      assertThat(first.header("ratelimit-policy")).isEqualTo("\"read\";q=2;w=60");
      assertThat(first.header("ratelimit")).isEqualTo("\"read\";r=1;t=30");
      Received second = limited.get(ServedApi.messages() + "?pageSize=0");
      assertThat(second.status()).isEqualTo(400);
      assertThat(second.header("ratelimit")).isEqualTo("\"read\";r=0;t=60");

      Received third = limited.get(ServedApi.messages());
      assertThat(third.status()).isEqualTo(429);
      assertThat(third.code()).isEqualTo("too-many-requests");
      assertThat(third.header("retry-after")).isEqualTo("30");
      assertThat(third.header("ratelimit")).isEqualTo("\"read\";r=0;t=60");

      // Another group, another credential.
      assertThat(limited.sent(ServedApi.messages(), "x").header("ratelimit"))
          .isEqualTo("\"send\";r=1;t=30");
      assertThat(limited.get(ServedApi.messages() + "/search?query=x").header("ratelimit"))
          .isEqualTo("\"search\";r=1;t=30");
      assertThat(limited.get(ServedApi.messages(), ServedApi.READ_ONLY).status()).isEqualTo(200);

      limited.rateTime.addAndGet(Duration.ofSeconds(30).toNanos());
      assertThat(limited.get(ServedApi.messages()).status()).isEqualTo(200);
      assertThat(limited.get(ServedApi.messages()).status()).isEqualTo(429);
    }
  }

  @Test
  void failuresOfAnAddressAreLimitedAndNobodyElseSuffers() {
    var limits =
        new RateLimits(
            ServedApi.GENEROUS.perGroup(), new RateLimits.Limit(3, Duration.ofSeconds(30)));
    try (ServedApi limited = new ServedApi(limits, ServerLimits.DEFAULT)) {
      List<Integer> statuses = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        statuses.add(limited.get(ServedApi.messages(), "guess-" + i).status());
      }
      assertThat(statuses).containsExactly(401, 401, 401, 429, 429);
      Received none = limited.get(ServedApi.messages(), null);
      assertThat(none.status()).isEqualTo(429);
      assertThat(none.header("retry-after")).isEqualTo("10");
      assertThat(limited.get(ServedApi.messages()).status()).isEqualTo(200);

      limited.rateTime.addAndGet(Duration.ofSeconds(10).toNanos());
      assertThat(limited.get(ServedApi.messages(), "guess").status()).isEqualTo(401);
    }
  }

  @Test
  void credentialsThatCannotBeCheckedCountAsFailures() {
    var limits =
        new RateLimits(
            ServedApi.GENEROUS.perGroup(), new RateLimits.Limit(3, Duration.ofSeconds(30)));
    try (ServedApi limited = new ServedApi(limits, ServerLimits.DEFAULT)) {
      limited.beforeCredentials =
          () -> {
            throw new Unavailable("no keys", Duration.ofSeconds(5));
          };
      List<Integer> statuses = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        statuses.add(limited.get(ServedApi.messages(), "guess-" + i).status());
      }
      assertThat(statuses).containsExactly(503, 503, 503, 429, 429);

      limited.beforeCredentials = null;
      assertThat(limited.get(ServedApi.messages()).status()).isEqualTo(200);
    }
  }

  @Test
  void onlySoManyBucketsAreKept() {
    TokenBuckets<Integer> buckets =
        new TokenBuckets<>(
            new RateLimits.Limit(1, Duration.ofSeconds(1)),
            io.github.bucket4j.TimeMeter.SYSTEM_NANOTIME,
            10);
    for (int i = 0; i < 1_000; i++) {
      buckets.take(i);
    }
    assertThat(buckets.size()).isEqualTo(10);
  }

  @Test
  void anIdOfTheSafeFormIsKept() {
    for (String id : List.of("a", "A-z.0_9", "x".repeat(64))) {
      HttpRequest request =
          served.request(ServedApi.messages(), null).header("X-Request-Id", id).GET().build();
      Received answer = served.send(request);
      assertThat(answer.header("x-request-id")).isEqualTo(id);
      assertThat(answer.json().path("instance").asText()).isEqualTo(id);
    }
    for (String id : List.of("", "a b", "x".repeat(65), "é", "<i>", "a,b")) {
      HttpRequest request =
          served.request("/health/live", null).header("X-Request-Id", id).GET().build();
      assertThat(served.send(request).header("x-request-id")).matches("[0-9A-HJKMNP-TV-Z]{26}");
    }
  }

  @Test
  void idsSortByTime() {
    RequestIds ids = new RequestIds(served.clock, new java.util.Random(7));
    String earlier = ids.next();
    served.clock.move(Duration.ofMillis(1));
    assertThat(ids.next().toUpperCase(Locale.ROOT)).isGreaterThan(earlier);
    assertThat(ids.next()).isNotEqualTo(ids.next());
  }
}
