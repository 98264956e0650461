package io.carechat.rest.records;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Samples;
import io.carechat.domain.records.Erasure;
import io.carechat.rest.ServedApi;
import io.carechat.rest.http.Received;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Erasing, restricting and holding chats, as callers see it. */
final class RecordOperationsTest {
  private static final String WORD = "confidential";
  private static final String ERASE = "{\"reason\":\"CONSENT_WITHDRAWN\"}";
  private static ServedApi served;

  private final String chat = "/api/v1/" + Samples.THIS_INSTANCE + "/patients/" + Samples.newUuid();

  @BeforeAll
  static void serve() {
    served = new ServedApi();
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  /** Sends a message, and gives its id. */
  private String send() {
    Received sent = served.sent(chat + "/messages", WORD);
    assertThat(sent.status()).isEqualTo(201);
    return sent.json().path("externalId").asText();
  }

  private Received post(String path, String json) {
    return served.send(
        served
            .request(chat + path, ServedApi.KEY)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json))
            .build());
  }

  private Received get(String path) {
    return served.send(served.request(chat + path, ServedApi.KEY).GET().build());
  }

  private Received put(String path) {
    return served.send(
        served.request(chat + path, ServedApi.KEY).PUT(BodyPublishers.noBody()).build());
  }

  private Received delete(String path) {
    return served.send(served.request(chat + path, ServedApi.KEY).DELETE().build());
  }

  private static void isRestricted(Received answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(403);
    assertThat(answer.code()).isEqualTo("chat-restricted");
    assertThat(answer.text()).doesNotContain(WORD);
  }

  @Test
  void erasesAndGivesTheSameReceiptHoweverOftenItIsAskedFor() {
    String _ = send();
    Received accepted = post("/erasures", ERASE);
    assertThat(accepted.status()).isEqualTo(202);
    assertThat(accepted.json().path("state").asText()).isEqualTo("RUNNING");
    assertThat(accepted.json().path("reason").asText()).isEqualTo("CONSENT_WITHDRAWN");
    assertThat(accepted.json().path("receipt").isNull()).isTrue();
    assertThat(get("/messages").text()).doesNotContain(WORD);

    String id = accepted.json().path("erasureId").asText();
    Received found = get("/erasures/" + id);
    assertThat(found.status()).isEqualTo(200);
    assertThat(found.json()).isEqualTo(accepted.json());
    Erasure unfinished =
        served.records.unfinished(1_000).stream()
            .filter(erasure -> erasure.id().toString().equals(id))
            .findFirst()
            .orElseThrow();
    served.records.complete(unfinished, "a.signed.receipt");
    Received done = post("/erasures", "{\"reason\":\"OBJECTION\"}");
    assertThat(done.status()).isEqualTo(200);
    assertThat(done.json().path("state").asText()).isEqualTo("DONE");
    assertThat(done.json().path("receipt").asText()).isEqualTo("a.signed.receipt");
    assertThat(get("/erasures/" + id).text()).isEqualTo(done.text());
    assertThat(get("/events").json().path("events"))
        .extracting(event -> event.path("type").asText())
        .containsExactly("chat.erased");
  }

  @Test
  void thereIsNothingToEraseToRestrictOrToHoldInAChatWithoutMessages() {
    for (Received answer :
        new Received[] {post("/erasures", ERASE), put("/restriction"), post("/holds", "{}")}) {
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.code()).isEqualTo("not-found");
    }
    assertThat(get("/erasures/ER" + "0".repeat(32)).status()).isEqualTo(404);
    assertThat(delete("/holds/LH" + "0".repeat(32)).status()).isEqualTo(404);
    assertThat(get("/holds").json().path("items")).isEmpty();
  }

  @Test
  void onlyTheServiceErasesBecauseOfRetention() {
    String _ = send();
    Received answer = post("/erasures", "{\"reason\":\"RETENTION\"}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("errors").path(0).path("pointer").asText()).isEqualTo("/reason");
  }

  @Test
  void aHoldBeatsAnErasureWithoutSayingWhichMatter() {
    String _ = send();
    Received placed = post("/holds", "{\"reference\":\"case-17\"}");
    assertThat(placed.status()).isEqualTo(201);
    assertThat(placed.json().path("reference").asText()).isEqualTo("case-17");
    assertThat(placed.json().path("placedBy").asText()).isEqualTo("partner-1");
    Received second = post("/holds", "{}");
    assertThat(second.json().path("reference").isNull()).isTrue();
    assertThat(get("/holds").json().path("items")).hasSize(2);

    Received refused = post("/erasures", ERASE);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.code()).isEqualTo("conflict");
    assertThat(refused.text())
        .doesNotContain("case-17")
        .doesNotContain(placed.json().path("holdId").asText())
        .doesNotContain("legal");
    assertThat(get("/messages").text()).contains(WORD);

    assertThat(delete("/holds/" + second.json().path("holdId").asText()).status()).isEqualTo(204);
    assertThat(get("/messages").text()).contains(WORD);
    assertThat(delete("/holds/" + placed.json().path("holdId").asText()).status()).isEqualTo(204);
    assertThat(get("/messages").text()).doesNotContain(WORD);
    assertThat(post("/erasures", ERASE).status()).isEqualTo(202);
  }

  @Test
  void showsWhatTheRetentionWouldErase() {
    String _ = send();
    Received preview = served.get("/api/v1/" + Samples.THIS_INSTANCE + "/retention", ServedApi.KEY);
    assertThat(preview.status()).isEqualTo(200);
    assertThat(preview.json().path("days").asInt()).isEqualTo(30);
    assertThat(preview.json().path("erases").asBoolean()).isFalse();
    assertThat(preview.json().path("patients")).isEmpty();
    assertThat(preview.text()).doesNotContain(WORD);
  }

  @Test
  void refusesTheHundredAndFirstHold() {
    String _ = send();
    for (int i = 0; i < 100; i++) {
      assertThat(post("/holds", "{}").status()).isEqualTo(201);
    }
    assertThat(post("/holds", "{}").status()).isEqualTo(409);
  }

  @Test
  void aRestrictedChatIsNeitherShownNorChanged() {
    String id = send();
    Received restricted = put("/restriction");
    assertThat(restricted.status()).isEqualTo(200);
    assertThat(put("/restriction").text()).isEqualTo(restricted.text());

    isRestricted(post("/messages", "{\"message\":\"more\"}"));
    isRestricted(get("/messages"));
    isRestricted(get("/messages/" + id));
    isRestricted(get("/messages/search?query=" + WORD));
    isRestricted(get(""));
    isRestricted(get("/events"));
    isRestricted(get("/events/stream"));
    isRestricted(
        served.send(
            served
                .request(chat + "/read-marker", ServedApi.KEY)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString("{\"externalId\":\"" + id + "\"}"))
                .build()));
    isRestricted(post("/erasures", ERASE));

    assertThat(delete("/restriction").status()).isEqualTo(204);
    assertThat(delete("/restriction").status()).isEqualTo(204);
    assertThat(get("/messages").text()).contains(WORD);
  }

  @Test
  void onlyPartnersMayDoThis() {
    String own = "/api/v1/" + Samples.THIS_INSTANCE + "/patients/" + ServedApi.PATIENT + "/holds";
    for (String token : List.of(ServedApi.PATIENTS_TOKEN, ServedApi.NURSES_TOKEN)) {
      Received refused =
          served.send(
              served.request(own, null).header("Authorization", "Bearer " + token).GET().build());
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.code()).isEqualTo("forbidden");
    }
  }
}
