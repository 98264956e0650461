package io.carechat.contracttests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.api.checked.DescribedOperation;
import io.carechat.api.checked.Document;
import io.carechat.api.checked.TextLimits;
import io.carechat.api.runtime.Json;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is odd but has one meaning, with the real databases. */
@ExtendWith(RunningService.Parameter.class)
final class OddRequestsIT {
  private final RunningService service;

  OddRequestsIT(RunningService service) {
    this.service = service;
  }

  static List<TextLimits.Case> texts() {
    return Document.served().operations().stream()
        .filter(DescribedOperation::secured)
        .flatMap(operation -> TextLimits.of(operation).stream())
        .toList();
  }

  /** Nothing that fits into the contract is too long for a database. */
  @ParameterizedTest
  @MethodSource("texts")
  void noTextIsTooLongForTheDatabases(TextLimits.Case each) {
    HttpResponse<String> response =
        service.exchange(
            each.request()
                .header("X-API-KEY", service.apiKey(ApiKey.PARTNER))
                .toRequest(service.url().toString()));
    assertThat(response.statusCode()).as(response.body()).isLessThan(500);
    if (each.operation().id().equals("createWebhook") && response.statusCode() == 201) {
      // The other tests shall not get its calls.
      String location = response.headers().firstValue("Location").orElseThrow();
      assertThat(service.exchange(service.partnerRequest(location).DELETE()).statusCode())
          .isEqualTo(204);
    }
    if (!each.allowed()) {
      assertThat(response.statusCode()).as(response.body()).isIn(400, 414);
    }
  }

  @Test
  void theLongestTitleAndMessageComeBackAsTheyWere() {
    String title = "\ud83d\ude00".repeat(100);
    String text = "\ud83d\ude00".repeat(10_000);
    String path = RunningService.messagesOf(UUID.randomUUID());
    JsonNode body =
        Json.read(
            ("{\"message\":\""
                    + text
                    + "\",\"sender\":{\"clientType\":\"CARE_TEAM\",\"id\":\""
                    + UUID.randomUUID()
                    + "\",\"titleName\":\""
                    + title
                    + "\"}}")
                .getBytes(StandardCharsets.UTF_8));
    HttpResponse<String> sent =
        service.exchange(
            service
                .partnerRequest(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(TextLimits.escaped(body))));
    assertThat(sent.statusCode()).as(sent.body()).isEqualTo(201);
    JsonNode found = json(service.exchange(service.partnerRequest(path))).at("/content/0/message");
    assertThat(found.path("message").asText()).isEqualTo(text);
    assertThat(found.at("/sender/titleName").asText()).isEqualTo(title);
  }

  private static JsonNode json(HttpResponse<String> response) {
    return Json.read(response.body().getBytes(StandardCharsets.UTF_8));
  }

  /** As a client of a database has it that was replaced by an older copy. */
  @ParameterizedTest
  @ValueSource(strings = {"events?after=", "events?waitSeconds=30&after=", "events/stream?after="})
  void aPositionBeyondTheLogIsRefused(String feed) {
    String instance = "/api/v1/" + RunningService.INSTANCE + "/";
    HttpResponse<String> now =
        service.exchange(service.partnerRequest(instance + "events?after=now"));
    String end = json(now).path("after").asText();
    long transaction = Long.parseLong(end.substring(0, end.indexOf('-')));
    HttpResponse<String> refused =
        service.exchange(
            service.partnerRequest(instance + feed + (transaction + 1_000_000) + "-1"));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(json(refused).path("code").asText()).isEqualTo("unknown-position");
  }

  /** Whoever polls while others write never gets ahead of the log. */
  @Test
  void aPositionOfTheLogIsNeverTakenForOneBeyondIt() {
    String events = "/api/v1/" + RunningService.INSTANCE + "/events";
    String messages = RunningService.messagesOf(UUID.randomUUID());
    for (int i = 0; i < 50; i++) {
      HttpResponse<String> sent =
          service.exchange(
              service
                  .partnerRequest(messages)
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofString("{\"message\":\"x\"}")));
      assertThat(sent.statusCode()).isEqualTo(201);
      String end =
          json(service.exchange(service.partnerRequest(events + "?after=now")))
              .path("after")
              .asText();
      HttpResponse<String> after =
          service.exchange(service.partnerRequest(events + "?after=" + end));
      assertThat(after.statusCode()).as(after.body()).isEqualTo(200);
    }
  }
}
