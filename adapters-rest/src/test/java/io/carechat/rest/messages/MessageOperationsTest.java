package io.carechat.rest.messages;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.domain.chat.Samples;
import io.carechat.rest.ServedApi;
import io.carechat.rest.http.Received;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sending, finding and searching, as callers see it. */
final class MessageOperationsTest {
  private static ServedApi served;

  @BeforeAll
  static void serve() {
    served = new ServedApi();
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  @Test
  void anAnswerIsExactlyTheSourceDocuments() {
    UUID patient = UUID.randomUUID();
    String path = ServedApi.messages(Samples.THIS_INSTANCE, patient);

    Received answer = served.sent(path, "hello, world!");

    assertThat(answer.status()).isEqualTo(201);
    String id = answer.json().path("externalId").asText();
    assertThat(answer.text())
        .isEqualTo(
            "{\"sender\":{\"clientType\":\"PATIENT\",\"id\":\""
                + patient
                + "\",\"titleName\":null},\"message\":\"hello, world!\",\"externalId\":\""
                + id
                + "\",\"createdAt\":\"2021-02-08T17:17:29.000Z\"}");
    assertThat(answer.header("location")).isEqualTo(path + "/" + id);
    assertThat(answer.header("content-type")).isEqualTo("application/json");
    assertThat(answer.all("idempotent-replayed")).isEmpty();
    assertThat(served.get(answer.header("location")).json().path("message"))
        .isEqualTo(answer.json());
  }

  @Test
  void aPageIsExactlyTheSourceDocuments() {
    String path = ServedApi.newMessages();
    served.sent(path, "one");
    String message = served.sent(path, "two").text();

    Received page = served.get(path + "?pageSize=1");

    String older =
        "eyJ0eXBlIjoiTE9DQUxfRklORCIsInBhZ2VTaXplIjoxLCJib3JkZXJEYXRlIjoiMjAyMS0wMi0wOFQxNzoxNzoyOS4wMDFaIiwiYmVmb3JlIjp0cnVlfQ==";
    String newer =
        "eyJ0eXBlIjoiTE9DQUxfRklORCIsInBhZ2VTaXplIjoxLCJib3JkZXJEYXRlIjoiMjAyMS0wMi0wOFQxNzoxNzoyOS4wMDFaIiwiYmVmb3JlIjpmYWxzZX0=";
    String tokens = "\"nextPageToken\":\"" + older + "\",\"prevPageToken\":\"" + newer + "\"";
    assertThat(page.text())
        .isEqualTo(
            "{\"meta\":{"
                + tokens
                + ",\"pageSize\":1,\"found\":true},\"content\":[{\"meta\":{"
                + tokens
                + "},\"message\":"
                + message
                + "}]}");
  }

  @Test
  void pagesLeadThroughAChatInBothDirections() {
    String path = ServedApi.newMessages();
    for (int i = 0; i < 7; i++) {
      served.sent(path, "message " + i);
    }
    List<String> older = new ArrayList<>();
    Received page = served.get(path + "?pageSize=3");
    texts(page, older);
    JsonNode next = page.json().at("/meta/nextPageToken");
    while (!next.isNull()) {
      page = served.get(path + "?pageToken=" + encoded(next.asText()));
      texts(page, older);
      next = page.json().at("/meta/nextPageToken");
    }
    assertThat(older)
        .containsExactly(
            "message 6",
            "message 5",
            "message 4",
            "message 3",
            "message 2",
            "message 1",
            "message 0");

    String newer = page.json().at("/meta/prevPageToken").asText();
    assertThat(texts(served.get(path + "?pageToken=" + encoded(newer))))
        .containsExactly("message 3", "message 2", "message 1");
    // A token's size gives way to one that is asked for.
    assertThat(texts(served.get(path + "?pageSize=1&pageToken=" + encoded(newer))))
        .containsExactly("message 1");
  }

  @Test
  void anEmptyChatTellsHowToComeBack() {
    String path = ServedApi.newMessages();
    Received empty = served.get(path);
    assertThat(empty.json().at("/meta/found").booleanValue()).isFalse();
    assertThat(empty.json().at("/meta/nextPageToken").isNull()).isTrue();
    String token = empty.json().at("/meta/prevPageToken").asText();
    assertThat(served.get(path + "?pageToken=" + encoded(token)).json().at("/meta/prevPageToken"))
        .isEqualTo(empty.json().at("/meta/prevPageToken"));

    served.sent(path, "the first");

    assertThat(texts(served.get(path + "?pageToken=" + encoded(token))))
        .containsExactly("the first");
  }

  @Test
  void aKeyStoresOneMessage() {
    String path = ServedApi.newMessages();
    Received first = keyed(path, "k-1", "{\"message\":\"once\"}");
    Received again = keyed(path, "k-1", "{\"message\":\"once\"}");
    Received other = keyed(path, "k-1", "{\"message\":\"twice\"}");

    assertThat(first.status()).isEqualTo(201);
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.header("idempotent-replayed")).isEqualTo("true");
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.code()).isEqualTo("idempotency-key-reused");
    assertThat(texts(served.get(path))).containsExactly("once");
  }

  private static Received keyed(String path, String key, String json) {
    return served.send(
        served
            .request(path, ServedApi.KEY)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key)
            .POST(BodyPublishers.ofString(json))
            .build());
  }

  @Test
  void aCareTeamMemberCanBeNamed() {
    String path = ServedApi.newMessages();
    Received answer =
        served.post(
            path,
            "{\"message\":\"hello\",\"sender\":{\"clientType\":\"CARE_TEAM\",\"id\":\""
                + ServedApi.NURSE
                + "\",\"titleName\":\"Nurse\"}}");

    assertThat(answer.json().path("sender").toString())
        .isEqualTo(
            "{\"clientType\":\"CARE_TEAM\",\"id\":\""
                + ServedApi.NURSE
                + "\",\"titleName\":\"Nurse\"}");
  }

  @Test
  void bearersSendAsThemselves() {
    Received patient =
        served.post(ServedApi.messages(), ServedApi.PATIENTS_TOKEN, "{\"message\":\"ouch\"}");
    Received nurse =
        served.post(ServedApi.messages(), ServedApi.NURSES_TOKEN, "{\"message\":\"where?\"}");

    assertThat(patient.json().at("/sender/id").asText()).isEqualTo(ServedApi.PATIENT.toString());
    assertThat(patient.json().at("/sender/clientType").asText()).isEqualTo("PATIENT");
    assertThat(nurse.json().at("/sender/id").asText()).isEqualTo(ServedApi.NURSE.toString());
    assertThat(nurse.json().at("/sender/clientType").asText()).isEqualTo("CARE_TEAM");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        " kept  as it is \\n",
        "\\\"quoted\\\" \\\\ / \\/",
        "\\u0001\\u001f\\u007f",
        "\\u202eright to left\\u202c مرحبا שלום",
        "👩‍👩‍👧‍👦 🏳️‍🌈 \\ud83e\\ude7a",
        "e\\u0301 is not é",
        "\\ufeffmark \\uffff \\ufffe",
        "<script>alert('x')</script> &amp;",
        "'; DROP TABLE messages; --",
      })
  void aTextIsKeptByteForByte(String escaped) {
    String path = ServedApi.newMessages();
    String json = "{\"message\":\"" + escaped + "\"}";
    String expected =
        io.carechat.api.runtime.Json.read(json.getBytes(StandardCharsets.UTF_8))
            .path("message")
            .textValue();

    Received sent = served.post(path, json);

    assertThat(sent.status()).isEqualTo(201);
    assertThat(sent.json().path("message").textValue()).isEqualTo(expected);
    assertThat(texts(served.get(path))).containsExactly(expected);
  }

  @Test
  void theLongestTextFits() {
    String path = ServedApi.newMessages();
    String longest = "🩺".repeat(10_000);
    assertThat(served.sent(path, longest).status()).isEqualTo(201);
    assertThat(texts(served.get(path))).containsExactly(longest);
    assertThat(served.sent(path, longest + "x").json().at("/errors/0/pointer").asText())
        .isEqualTo("/message");
  }

  @Test
  void bothWaysOfSearchingFindTheSame() {
    String path = ServedApi.newMessages();
    served.sent(path, "Hello, world!");
    served.sent(path, "nothing");
    served.sent(path, "hello again <b>");

    Received byAddress = served.get(path + "/search?query=hello&pageSize=1&highlight=true");
    Received byBody =
        served.post(path + "/search", "{\"query\":\"hello\",\"pageSize\":1,\"highlight\":true}");

    assertThat(byBody.text()).isEqualTo(byAddress.text());
    assertThat(texts(byAddress)).containsExactly("hello again <b>");
    assertThat(byAddress.json().at("/content/0/meta/highlights").toString())
        .isEqualTo("[\"<em>hello</em> again &lt;b\"]");
    String token = byAddress.json().at("/meta/nextPageToken").asText();
    Received next = served.get(path + "/search?pageToken=" + encoded(token));
    assertThat(texts(next)).containsExactly("Hello, world!");
    assertThat(next.json().at("/content/0/meta/highlights").isMissingNode()).isTrue();
    assertThat(texts(served.post(path + "/search", "{\"pageToken\":\"" + token + "\"}")))
        .containsExactly("Hello, world!");
    // From a hit to its surroundings.
    String around = next.json().at("/content/0/meta/prevPageToken").asText();
    assertThat(texts(served.get(path + "?pageSize=2&pageToken=" + encoded(around))))
        .containsExactly("hello again <b>", "nothing");
  }

  @Test
  void aSearchIsFiltered() {
    String path = ServedApi.newMessages();
    served.sent(path, "hello from the patient");
    served.post(
        path,
        "{\"message\":\"hello from the team\",\"sender\":{\"id\":\"" + ServedApi.NURSE + "\"}}");

    assertThat(texts(served.get(path + "/search?query=hello&clientType=CARE_TEAM")))
        .containsExactly("hello from the team");
    assertThat(texts(served.get(path + "/search?query=hello&to=2021-02-08T18:17:29.001%2B01:00")))
        .containsExactly("hello from the patient");
    assertThat(
            texts(
                served.post(
                    path + "/search",
                    "{\"query\":\"hello\",\"from\":\"2021-02-08T17:17:29.001Z\"}")))
        .containsExactly("hello from the team");
  }

  @Test
  void aSearchNeedsItsQuery() {
    String path = ServedApi.newMessages();
    served.sent(path, "hello");
    String token =
        served.get(path + "/search?query=hello").json().at("/meta/prevPageToken").asText();

    assertThat(served.get(path + "/search").json().at("/errors/0/detail").asText())
        .isEqualTo("is required without pageToken");
    assertThat(served.post(path + "/search", "{}").json().at("/errors/0/pointer").asText())
        .isEqualTo("/query");
    assertThat(served.get(path + "/search?query=other&pageToken=" + encoded(token)).code())
        .isEqualTo("invalid-request");
    assertThat(served.get(path + "/search?query=hello&pageToken=" + encoded(token)).status())
        .isEqualTo(200);
  }

  @Test
  void aTokenThatCannotBeUsedIsExplained() {
    String path = ServedApi.newMessages();
    String damaged =
        "eyJ0eXBlIjoiTE9DQUxfU0VBUkNIIiwicGFnZVNpemUiOjIsImJvcmRlckRhdGUiOiIyMDIxLTAzLTA1VDE2OjA5OjUyLjYNVoiLCJxdWVyeSI6ImhlbGxvIiwiYmVmb3JlIjpmYWxzZX0=";

    Received byAddress = served.get(path + "/search?pageToken=" + damaged);
    assertThat(byAddress.code()).isEqualTo("invalid-page-token");
    assertThat(byAddress.json().path("detail").asText()).isEqualTo("The token is not base64.");
    assertThat(byAddress.json().at("/errors/0/parameter").asText()).isEqualTo("pageToken");
    assertThat(byAddress.text()).doesNotContain(damaged.substring(0, 20));

    Received byBody = served.post(path + "/search", "{\"pageToken\":\"" + damaged + "\"}");
    assertThat(byBody.code()).isEqualTo("invalid-page-token");
    assertThat(byBody.json().at("/errors/0/pointer").asText()).isEqualTo("/pageToken");

    String find = served.get(path).json().at("/meta/prevPageToken").asText();
    assertThat(served.get(path + "/search?pageToken=" + find).json().path("detail").asText())
        .isEqualTo("The token belongs to the messages of a chat.");
    String search = served.get(path + "/search?query=x").json().at("/meta/prevPageToken").asText();
    assertThat(served.get(path + "?pageToken=" + search).json().path("detail").asText())
        .isEqualTo("The token belongs to a search in one chat.");
  }

  @Test
  void aMessageThatIsNotThereIsNotFound() {
    Received answer = served.get(ServedApi.newMessages() + "/IM6f03096c79094f9b9466c7d009073ca1");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.code()).isEqualTo("not-found");
  }

  @Test
  void headIsGetWithoutItsBody() {
    String path = ServedApi.newMessages();
    served.sent(path, "hello");
    for (String each : List.of(path, "/health/live", "/openapi.yaml", "/docs", "/problems")) {
      Received get = served.get(each);
      Received head = served.send(served.request(each, ServedApi.KEY).HEAD().build());
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      assertThat(head.header("content-length")).isEqualTo(String.valueOf(get.body().length));
      assertThat(head.header("content-type")).isEqualTo(get.header("content-type"));
    }
    assertThat(served.send(served.request(path, null).HEAD().build()).status()).isEqualTo(401);
  }

  @Test
  void optionsTellsThePathsMethods() {
    HttpRequest request =
        served
            .request(ServedApi.messages(), null)
            .method("OPTIONS", BodyPublishers.noBody())
            .build();
    Received answer = served.send(request);
    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.header("allow")).isEqualTo("GET, HEAD, OPTIONS, POST");
  }

  @Test
  void speaksHttp2WithoutTls() {
    String path = ServedApi.newMessages();
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .connectTimeout(Duration.ofSeconds(30))
            .build()) {
      // The first request is the one that changes the protocol.
      assertThat(served.send(client, served.request(path, ServedApi.KEY).GET().build()).status())
          .isEqualTo(200);
      HttpRequest post =
          served
              .request(path, ServedApi.KEY)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString("{\"message\":\"🩺\"}"))
              .build();
      assertThat(served.send(client, post).json().path("message").asText()).isEqualTo("🩺");
      assertThat(served.send(client, served.request(path, null).GET().build()).status())
          .isEqualTo(401);
      assertThat(
              served
                  .send(client, served.request(path + "/nothing/here", null).GET().build())
                  .status())
          .isEqualTo(404);
      assertThat(served.send(client, served.request(path, ServedApi.KEY).HEAD().build()).body())
          .isEmpty();
      HttpRequest large =
          served
              .request(path, ServedApi.KEY)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString("{\"message\":\"" + "x".repeat(140_000) + "\"}"))
              .build();
      assertThat(served.send(client, large).status()).isEqualTo(413);
      HttpRequest compressed =
          served
              .request(path, ServedApi.KEY)
              .header("Content-Type", "application/json")
              .header("Content-Encoding", "gzip")
              .POST(BodyPublishers.ofString("{}"))
              .build();
      assertThat(served.send(client, compressed).status()).isEqualTo(415);
    }
  }

  private static List<String> texts(Received page) {
    return texts(page, new ArrayList<>());
  }

  private static List<String> texts(Received page, List<String> to) {
    assertThat(page.status()).isEqualTo(200);
    page.json().path("content").forEach(item -> to.add(item.at("/message/message").textValue()));
    return to;
  }

  private static String encoded(String token) {
    return URLEncoder.encode(token, StandardCharsets.UTF_8);
  }
}
