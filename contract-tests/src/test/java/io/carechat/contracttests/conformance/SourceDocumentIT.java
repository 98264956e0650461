package io.carechat.contracttests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.carechat.bootstrap.Carechat;
import io.carechat.contracttests.running.RunningService;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.messages.NewMessage;
import io.carechat.persistence.PostgresStorage;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The running service returns what the source document shows. The chat of the document's two pages
 * is stored with the document's own ids and times. So each response can be compared with the
 * document letter by letter.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(RunningService.Parameter.class)
final class SourceDocumentIT {
  private static final UUID PATIENT = UUID.fromString("795412db-3bea-499a-be10-3e6839349197");

  private final RunningService service;

  SourceDocumentIT(RunningService service) {
    this.service = service;
  }

  /**
   * Stores the two messages that the document shows, the one whose time is only in its tokens, and
   * an older one.
   */
  @BeforeAll
  void store() {
    JsonNode found = Example.FIND_RESPONSE.json().at("/content/0/message");
    JsonNode searched = Example.SEARCH_RESPONSE.json().at("/content/0/message");
    var clock = new AtomicReference<>(Instant.EPOCH);
    try (PostgresStorage storage =
        Carechat.openStorage(service.settings().database(), clock::get, () -> {})) {
      store(
          storage,
          clock,
          "2021-03-05T16:05:00.000Z",
          "hello, is anybody there?",
          UUID.randomUUID());
      store(
          storage,
          clock,
          "2021-03-05T16:06:44.121Z",
          "Hello from API client: 2",
          UUID.randomUUID());
      store(storage, clock, found);
      store(storage, clock, searched);
    }
  }

  private static void store(
      PostgresStorage storage, AtomicReference<Instant> clock, JsonNode message) {
    store(
        storage,
        clock,
        message.path("createdAt").asText(),
        message.path("message").asText(),
        ExternalId.parse(message.path("externalId").asText()).orElseThrow().value());
  }

  private static void store(
      PostgresStorage storage, AtomicReference<Instant> clock, String time, String text, UUID id) {
    clock.set(Instant.parse(time));
    var patient = new PatientId(PATIENT);
    storage
        .messages()
        .append(
            new NewMessage(
                new ChatId(RunningService.INSTANCE, patient),
                new ExternalId(id),
                new Sender.Patient(patient),
                new MessageText(text),
                null));
  }

  @Test
  void sending() {
    JsonNode example = Example.SEND_RESPONSE.json();
    UUID patient = UUID.randomUUID();

    HttpResponse<String> answer =
        service.exchange(
            service
                .partnerRequest(RunningService.messagesOf(patient))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Example.SEND_REQUEST.json().toString())));

    assertThat(answer.statusCode()).isEqualTo(201);
    JsonNode sent = Example.parse(answer.body());
    assertThat(sent.path("externalId").asText()).matches("IM[0-9a-f]{32}");
    assertThat(sent.path("createdAt").asText())
        .matches("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z");
    // The values that are new in each request are replaced. The rest must be the example itself.
    ((ObjectNode) example.path("sender")).put("id", patient.toString());
    ((ObjectNode) example)
        .put("externalId", sent.path("externalId").asText())
        .put("createdAt", sent.path("createdAt").asText());
    assertThat(answer.body()).isEqualTo(example.toString());
  }

  /**
   * Under "find", the document shows a page with the tokens of a search. It is a page of that
   * search.
   */
  @Test
  void thePageUnderFind() {
    JsonNode example = Example.FIND_RESPONSE.json();

    JsonNode page = search("query=hello&pageSize=2&to=2021-03-05T16:08:00Z");

    assertThat(page.at("/meta/nextPageToken")).isEqualTo(example.at("/meta/nextPageToken"));
    assertThat(page.at("/meta/prevPageToken")).isEqualTo(example.at("/meta/prevPageToken"));
    assertIsItemOf(page, example);
    assertThat(Example.shape(page)).isEqualTo(Example.shape(example));
  }

  @Test
  void thePageUnderSearch() {
    JsonNode example = Example.SEARCH_RESPONSE.json();

    JsonNode page = search("query=hello&pageSize=2");

    assertThat(page.at("/meta/nextPageToken")).isEqualTo(example.at("/meta/nextPageToken"));
    // The document's token has a damaged letter. This is the original.
    assertThat(decoded(page.at("/meta/prevPageToken")))
        .isEqualTo(
            "{\"type\":\"LOCAL_SEARCH\",\"pageSize\":2,\"borderDate\":\"2021-03-05T16:09:52.655Z\","
                + "\"query\":\"hello\",\"before\":false}");
    assertIsItemOf(page, example);
    assertThat(Example.shape(page)).isEqualTo(Example.shape(example));
  }

  /** With find, the page has the same shape and the same items, but the tokens of a find. */
  @Test
  void finding() {
    JsonNode page = get(200, "?pageSize=2");

    assertThat(Example.shape(page)).isEqualTo(Example.shape(Example.FIND_RESPONSE.json()));
    assertIsItemOf(page, Example.SEARCH_RESPONSE.json());
    assertThat(decoded(page.at("/meta/nextPageToken")))
        .isEqualTo(
            "{\"type\":\"LOCAL_FIND\",\"pageSize\":2,\"borderDate\":\"2021-03-05T16:07:31.298Z\","
                + "\"before\":true}");
    assertThat(decoded(page.at("/meta/prevPageToken")))
        .isEqualTo(
            "{\"type\":\"LOCAL_FIND\",\"pageSize\":2,\"borderDate\":\"2021-03-05T16:09:52.655Z\","
                + "\"before\":false}");
    assertThat(page.at("/meta/pageSize").asInt()).isEqualTo(2);
    assertThat(page.at("/meta/found").asBoolean()).isTrue();
  }

  private static void assertIsItemOf(JsonNode page, JsonNode example) {
    String id = example.at("/content/0/message/externalId").asText();
    JsonNode item =
        page.path("content")
            .valueStream()
            .filter(each -> each.at("/message/externalId").asText().equals(id))
            .findFirst()
            .orElseThrow();
    assertThat(item.toString()).isEqualTo(example.at("/content/0").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/content/0/meta/nextPageToken", "/content/0/meta/prevPageToken"})
  void theDocumentsTokensFind(String pointer) {
    for (Example example : List.of(Example.FIND_RESPONSE, Example.SEARCH_RESPONSE)) {
      JsonNode page = get(200, "?pageToken=" + encoded(example.json().at(pointer).asText()));

      assertThat(page.at("/meta/pageSize").asInt()).isEqualTo(page.path("content").size());
    }
  }

  @ParameterizedTest
  @MethodSource("goodSearchTokens")
  void theDocumentsTokensSearch(String token, List<String> found) {
    JsonNode page = get(200, "/search?pageToken=" + encoded(token));

    assertThat(page.path("content").valueStream().map(item -> item.at("/message/message").asText()))
        .containsExactlyElementsOf(found);
  }

  static List<Object[]> goodSearchTokens() {
    JsonNode find = Example.FIND_RESPONSE.json();
    JsonNode search = Example.SEARCH_RESPONSE.json();
    return List.of(
        new Object[] {find.at("/meta/nextPageToken").asText(), List.of("hello, is anybody there?")},
        new Object[] {find.at("/meta/prevPageToken").asText(), List.of("Hello, world!")},
        new Object[] {
          search.at("/meta/nextPageToken").asText(),
          List.of("Hello from API client: 2", "hello, is anybody there?")
        });
  }

  @Test
  void theDocumentsDamagedTokenIsRefused() {
    String token = Example.SEARCH_RESPONSE.json().at("/meta/prevPageToken").asText();

    JsonNode problem = get(400, "/search?pageToken=" + encoded(token));

    assertThat(problem.path("code").asText()).isEqualTo("invalid-page-token");
    assertThat(problem.toString()).doesNotContain(token);
  }

  private JsonNode search(String query) {
    return get(200, "/search?" + query);
  }

  private JsonNode get(int status, String rest) {
    HttpResponse<String> answer =
        service.exchange(service.partnerRequest(RunningService.messagesOf(PATIENT) + rest).GET());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return Example.parse(answer.body());
  }

  private static String encoded(String token) {
    return URLEncoder.encode(token, StandardCharsets.UTF_8);
  }

  private static String decoded(JsonNode token) {
    return new String(Base64.getDecoder().decode(token.asText()), StandardCharsets.UTF_8);
  }
}
