package io.carechat.rest.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.keys.KeyManagement;
import io.carechat.rest.ServedApi;
import io.carechat.rest.events.StreamClient;
import io.carechat.rest.http.LogCapture;
import io.carechat.rest.http.Received;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class KeyOperationsTest {
  private static final String INSTANCE = "/api/v1/test-den/chat2";
  private static final String KEYS = INSTANCE + "/keys";
  private static final String BREAK_GLASS = INSTANCE + "/break-glass-keys";
  private static final String READER = "{\"scopes\":[\"messages:read\"],\"note\":\"CRM\"}";
  private static final String EMERGENCY = "{\"reason\":\"a planted reason\",\"minutes\":30}";

  private final ServedApi api = new ServedApi();

  @AfterEach
  void close() {
    api.close();
  }

  private Received delete(String path, String key) {
    return api.send(api.request(path, key).DELETE().build());
  }

  private JsonNode created(String json) {
    Received answer = api.post(KEYS, json);
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer.json();
  }

  private static String path(JsonNode created) {
    return KEYS + "/" + created.at("/key/keyId").asText();
  }

  private String caller(Scope... scopes) {
    String key = "key-of-" + Samples.newUuid();
    api.keys.put(key, new Caller.Partner("some-key", Samples.THIS_INSTANCE, Set.of(scopes)));
    return key;
  }

  @Test
  void createsAKeyAndShowsItsSecretOnce() {
    Received answer =
        api.post(
            KEYS,
            "{\"scopes\":[\"messages:send\",\"messages:read\",\"messages:read\"],"
                + "\"note\":\"CRM\",\"expiresAt\":\"2021-02-09T01:00:00+01:00\"}");
    assertThat(answer.status()).isEqualTo(201);
    JsonNode key = answer.json().get("key");
    assertThat(answer.header("location")).isEqualTo(path(answer.json()));
    assertThat(key.get("scopes").toString()).isEqualTo("[\"messages:read\",\"messages:send\"]");
    assertThat(key.get("note").asText()).isEqualTo("CRM");
    assertThat(key.get("expiresAt").asText()).isEqualTo("2021-02-09T00:00:00.000Z");
    assertThat(key.get("createdBy").asText()).isEqualTo("partner-1");
    assertThat(key.get("breakGlass").asBoolean()).isFalse();

    String secret = answer.json().get("secret").asText();
    assertThat(api.get(ServedApi.messages(), secret).status()).isEqualTo(200);
    Received got = api.get(path(answer.json()));
    assertThat(got.json()).isEqualTo(key);
    assertThat(got.text() + api.get(KEYS).text()).doesNotContain(secret);
  }

  @Test
  void listsTheKeysOfTheConfigurationFirst() {
    JsonNode created = created(READER);
    JsonNode keys = api.get(KEYS).json().get("keys");
    assertThat(keys).hasSize(2);
    assertThat(keys.get(0).get("keyId").asText()).isEqualTo("configured");
    assertThat(keys.get(0).get("managed").asText()).isEqualTo("CONFIGURATION");
    assertThat(keys.get(0).get("createdAt").isNull()).isTrue();
    assertThat(keys.get(1)).isEqualTo(created.get("key"));
  }

  @Test
  void givesNoScopeThatTheCallerDoesNotHave() {
    String manager = caller(Scope.MANAGE_KEYS, Scope.READ_MESSAGES);
    assertThat(api.post(KEYS, manager, READER).status()).isEqualTo(201);
    Received refused =
        api.post(KEYS, manager, "{\"scopes\":[\"messages:read\",\"messages:send\"]}");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.json().get("detail").asText()).contains("messages:send");
  }

  @Test
  void namesAScopeThatDoesNotExist() {
    Received refused =
        api.post(KEYS, "{\"scopes\":[\"messages:read\",\"messages:burn\",\"planted:word\"]}");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().get("errors"))
        .extracting(fault -> fault.get("pointer").asText())
        .containsExactly("/scopes/1", "/scopes/2");
    assertThat(refused.json().at("/errors/0/detail").asText()).contains("messages:send");
    assertThat(refused.text()).doesNotContain("planted");
  }

  @Test
  void refusesAnExpiryThatHasPassed() {
    Received refused =
        api.post(
            KEYS, "{\"scopes\":[\"messages:read\"],\"expiresAt\":\"2021-02-08T17:17:29.000Z\"}");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().at("/errors/0/pointer").asText()).isEqualTo("/expiresAt");
  }

  @Test
  void aKeyOfAnotherInstanceDoesNotExist() {
    JsonNode created = created(READER);
    String elsewhere = "/api/v1/" + Samples.OTHER_INSTANCE + "/keys/" + id(created);
    for (String key : List.of(ServedApi.KEY, ServedApi.OTHER_TENANT, ServedApi.READ_ONLY)) {
      assertThat(delete(elsewhere, key).status()).isEqualTo(403);
    }
    assertThat(delete(elsewhere, ServedApi.OTHER_INSTANCE).status()).isEqualTo(404);
    assertThat(api.get(elsewhere, ServedApi.OTHER_INSTANCE).status()).isEqualTo(404);
    assertThat(delete(path(created), ServedApi.OTHER_INSTANCE).status()).isEqualTo(403);
    assertThat(api.get(path(created)).json().get("revokedAt").isNull()).isTrue();
  }

  private static String id(JsonNode created) {
    return created.at("/key/keyId").asText();
  }

  @Test
  void aRevokedKeyIsRefused() {
    JsonNode created = created(READER);
    String secret = created.get("secret").asText();
    assertThat(delete(path(created), ServedApi.KEY).status()).isEqualTo(204);
    assertThat(delete(path(created), ServedApi.KEY).status()).as("again").isEqualTo(204);
    Received refused = api.get(ServedApi.messages(), secret);
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.json().get("detail").asText()).contains("revoked");
    assertThat(api.get(path(created)).json().get("revokedAt").asText())
        .isEqualTo("2021-02-08T17:17:29.000Z");
    assertThat(delete(KEYS + "/ke00", ServedApi.KEY).status()).isEqualTo(404);
    assertThat(delete(KEYS + "/configured", ServedApi.KEY).status()).isEqualTo(409);
  }

  @Test
  void aKeyMayRevokeItselfWithoutTheScope() {
    JsonNode created = created(READER);
    JsonNode other = created(READER);
    String secret = created.get("secret").asText();
    assertThat(delete(path(other), secret).status()).isEqualTo(403);
    assertThat(delete(path(created), secret).status()).isEqualTo(204);
    assertThat(delete(path(created), secret).status()).isEqualTo(401);
  }

  @Test
  void refusesMoreKeysThanTheMaximum() {
    for (int i = 0; i < KeyManagement.MAX; i++) {
      assertThat(created(READER)).isNotNull();
    }
    assertThat(api.post(KEYS, READER).status()).isEqualTo(409);
    for (int i = 0; i < KeyManagement.MAX_BREAK_GLASS; i++) {
      assertThat(api.post(BREAK_GLASS, EMERGENCY).status()).isEqualTo(201);
    }
    assertThat(api.post(BREAK_GLASS, EMERGENCY).status()).isEqualTo(409);
  }

  // --- break-glass

  @Test
  void aBreakGlassKeyReadsAndChangesNothing() {
    String envelope = caller(Scope.BREAK_GLASS);
    assertThat(api.get(ServedApi.messages(), envelope).status()).isEqualTo(403);
    Received answer = api.post(BREAK_GLASS, envelope, EMERGENCY);
    assertThat(answer.status()).isEqualTo(201);
    JsonNode key = answer.json().get("key");
    assertThat(key.get("breakGlass").asBoolean()).isTrue();
    assertThat(key.get("reason").asText()).isEqualTo("a planted reason");
    assertThat(key.get("expiresAt").asText()).isEqualTo("2021-02-08T17:47:29.000Z");

    String secret = answer.json().get("secret").asText();
    String path = ServedApi.newMessages();
    String externalId = api.sent(path, "hello").json().get("externalId").asText();
    assertThat(api.get(path, secret).status()).isEqualTo(200);
    assertThat(api.get(INSTANCE + "/messages/search?query=hello", secret).status()).isEqualTo(200);
    assertThat(api.post(path, secret, "{\"message\":\"no\"}").status()).isEqualTo(403);
    assertThat(api.get(KEYS, secret).status()).isEqualTo(403);
    String marker = path.replace("/messages", "/read-marker");
    String read = "{\"externalId\":\"" + externalId + "\"}";
    for (String[] callerAndStatus : new String[][] {{secret, "403"}, {ServedApi.KEY, "200"}}) {
      Received marked =
          api.send(
              api.request(marker, callerAndStatus[0])
                  .header("Content-Type", "application/json")
                  .PUT(BodyPublishers.ofString(read))
                  .build());
      assertThat(marked.status()).as(marked.text()).hasToString(callerAndStatus[1]);
    }
    api.clock.move(Duration.ofMinutes(30));
    assertThat(api.get(path, secret).status()).isEqualTo(401);
  }

  @Test
  void aBreakGlassKeyIsToldAsAnEventWithoutItsReason() throws IOException {
    try (StreamClient stream = api.stream(INSTANCE + "/events/stream", ServedApi.KEY)) {
      assertThat(stream.next().event()).isEqualTo("stream.opened");
      JsonNode key = api.post(BREAK_GLASS, EMERGENCY).json().get("key");
      StreamClient.Block told = stream.next();
      assertThat(told.event()).isEqualTo("key.break-glass");
      assertThat(told.json().at("/key/keyId")).isEqualTo(key.get("keyId"));
      assertThat(told.json().at("/key/expiresAt")).isEqualTo(key.get("expiresAt"));
      Received listed = api.get(INSTANCE + "/events");
      assertThat(listed.json().at("/events/0/type").asText()).isEqualTo("key.break-glass");
      assertThat(told.json() + listed.text()).doesNotContain("planted");
    }
  }

  @Test
  void neitherASecretNorAReasonIsLogged() {
    try (LogCapture log = new LogCapture()) {
      String secret = created(READER).get("secret").asText();
      assertThat(api.post(BREAK_GLASS, EMERGENCY).status()).isEqualTo(201);
      assertThat(log.lines())
          .isNotEmpty()
          .noneMatch(line -> line.contains(secret) || line.contains("planted"));
    }
  }

  // --- streams and requests that wait

  /** What ends the readers of a key is told by the node's list of keys; here, by the test. */
  @Test
  void aStreamEndsWhenItsKeyIsRevoked() throws Exception {
    JsonNode created = created(READER);
    String secret = created.get("secret").asText();
    try (StreamClient stream = api.stream(INSTANCE + "/events/stream", secret);
        StreamClient other = api.stream(INSTANCE + "/events/stream", ServedApi.KEY)) {
      assertThat(stream.next().event()).isEqualTo("stream.opened");
      assertThat(other.next().event()).isEqualTo("stream.opened");
      var admitted = new CountDownLatch(1);
      api.beforeCredentials = admitted::countDown;
      CompletableFuture<Received> waiting =
          CompletableFuture.supplyAsync(
              () -> api.get(INSTANCE + "/events?after=now&waitSeconds=30", secret));
      assertThat(admitted.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(delete(path(created), ServedApi.KEY).status()).isEqualTo(204);
      while (!waiting.isDone()) {
        api.feeds.endWaitingOf(id(created));
        Thread.onSpinWait();
      }
      assertThat(waiting.join().status()).isEqualTo(401);
      assertThat(stream.next()).isEqualTo(StreamClient.Block.END);
      assertThat(api.sent(ServedApi.newMessages(), "hello").status()).isEqualTo(201);
      assertThat(other.next().event()).isEqualTo("message.sent");
    }
  }

  /** Though nobody has told that the key was revoked, no event is shown to it. */
  @Test
  void aStreamShowsNothingToAKeyThatWasRevoked() throws Exception {
    JsonNode created = created(READER);
    try (StreamClient stream =
        api.stream(INSTANCE + "/events/stream", created.get("secret").asText())) {
      assertThat(stream.next().event()).isEqualTo("stream.opened");
      assertThat(delete(path(created), ServedApi.KEY).status()).isEqualTo(204);
      assertThat(api.sent(ServedApi.newMessages(), "hello").status()).isEqualTo(201);
      assertThat(stream.next()).isEqualTo(StreamClient.Block.END);
    }
  }
}
