package io.carechat.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.api.checked.DescribedOperation;
import io.carechat.api.checked.Document;
import io.carechat.api.checked.TextLimits;
import io.carechat.rest.http.RawConnection;
import io.carechat.rest.http.Received;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is odd but has one meaning is understood. */
final class OddRequestsTest {
  /** Texts that have a form which no schema can describe. */
  private static final Set<String> OF_FORM =
      Set.of("url", "/url", "/url in escapes", "pageToken", "/pageToken", "/pageToken in escapes");

  private static ServedApi served;

  @BeforeAll
  static void serve() {
    served = new ServedApi();
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  // --- lengths ---

  static List<TextLimits.Case> texts() {
    return Document.served().operations().stream()
        .filter(DescribedOperation::secured)
        .flatMap(operation -> TextLimits.of(operation).stream())
        .toList();
  }

  @Test
  void thereAreTextsToTry() {
    assertThat(texts()).hasSizeGreaterThan(60);
    assertThat(texts())
        .filteredOn(TextLimits.Case::allowed)
        .map(TextLimits.Case::place)
        .contains("/message", "/message in escapes", "/sender/titleName", "/description", "query");
  }

  @ParameterizedTest
  @MethodSource("texts")
  void everyLengthIsOneOfCodePoints(TextLimits.Case each) {
    Received answer =
        served.send(
            each.request()
                .header("X-API-KEY", ServedApi.KEY)
                .toRequest("http://127.0.0.1:" + served.port())
                .build());
    if (each.request().target().length() > 16_000) {
      assertThat(answer.status()).as(answer.text()).isIn(400, 414);
    } else if (!each.allowed()) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    } else if (OF_FORM.contains(each.place())) {
      assertThat(answer.status()).as(answer.text()).isIn(400, 404);
    } else {
      assertThat(answer.status()).as(answer.text()).isIn(200, 201, 404, 409);
    }
  }

  @Test
  void everyBodyHasRoomForItsTextsInEscapes() {
    for (DescribedOperation operation : Document.served().operations()) {
      operation
          .body()
          .ifPresent(body ->
              assertThat(TextLimits.longest(body.schema()))
                  .as(operation.id())
                  .isLessThanOrEqualTo(body.maxBytes()));
    }
  }

  /** As Python's {@code json} writes it, in one piece and in one chunk. */
  @Test
  void theLongestMessageInEscapesIsTaken() throws IOException {
    String body = "{\"message\": \"" + "\\ud83d\\ude00".repeat(10_000) + "\"}";
    Received sent = served.post(ServedApi.newMessages(), body);
    assertThat(sent.status()).isEqualTo(201);
    assertThat(sent.json().path("message").asText()).isEqualTo("\ud83d\ude00".repeat(10_000));
    try (RawConnection connection = new RawConnection(served.port())) {
      connection.send(
          "POST "
              + ServedApi.newMessages()
              + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-API-KEY: "
              + ServedApi.KEY
              + "\r\nTransfer-Encoding: chunked\r\n\r\n"
              + Integer.toHexString(body.length())
              + "\r\n"
              + body
              + "\r\n0\r\n\r\n");
      assertThat(connection.read().status()).isEqualTo(201);
    }
  }

  // --- bodies ---

  private static Received post(String media, String body) {
    return served.send(
        served
            .request(ServedApi.newMessages(), ServedApi.KEY)
            .header("Content-Type", media)
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  @Test
  void aByteOrderMarkIsTaken() {
    for (String media : List.of("application/json", "application/json; charset=utf-8")) {
      Received answer = post(media, "\ufeff{\"message\":\"\ufeffx\"}");
      assertThat(answer.status()).isEqualTo(201);
      // That in the text is a part of it.
      assertThat(answer.json().path("message").asText()).isEqualTo("\ufeffx");
    }
    assertThat(served.post(ServedApi.newMessages(), "\ufeff\ufeff{\"message\":\"x\"}").status())
        .isEqualTo(400);
    assertThat(served.post(ServedApi.newMessages(), "\ufeff").status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json; charset=utf8",
        "application/json;charset=UTF8",
        "application/json; charset=\"UTF-8\"",
        "application/json; charset=\"utf8\"",
        "Application/JSON; Charset=UTF-8",
        "application/json ; charset=utf-8",
        "application/json; charset=utf-8; x=y"
      })
  void utf8HasManyNames(String media) {
    assertThat(post(media, "{\"message\":\"ü\"}").status()).isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json; charset=utf-16",
        "application/json; charset=latin1",
        "application/json; charset=utf--8",
        "application/json; charset=utf-88",
        "application/json; charset=\"utf-8",
        "text/json"
      })
  void othersAreRefused(String media) {
    assertThat(post(media, "{\"message\":\"x\"}").status()).isEqualTo(415);
  }

  // --- queries ---

  @Test
  void aPlusSignThatIsNotEscapedIsUnderstood() {
    String path = ServedApi.newMessages();
    for (int i = 0; i < 3; i++) {
      assertThat(served.sent(path, "message " + i).status()).isEqualTo(201);
    }
    // Made by hand, because it must have a plus sign.
    String token =
        java.util.Base64.getEncoder()
            .encodeToString(
                ("{\"type\":\"LOCAL_SEARCH\",\"pageSize\":2,\"borderDate\":\"2021-03-05T16:07:31.298Z\","
                        + "\"query\":\"message >\u07fe>\",\"before\":true}")
                    .getBytes(StandardCharsets.UTF_8));
    assertThat(token).contains("+");
    String query = "query=" + URLEncoder.encode("message >\u07fe>", StandardCharsets.UTF_8);
    Received escaped =
        served.get(
            path
                + "/search?"
                + query
                + "&pageToken="
                + URLEncoder.encode(token, StandardCharsets.UTF_8));
    Received plain = served.get(path + "/search?" + query + "&pageToken=" + token);
    assertThat(plain.status()).isEqualTo(escaped.status()).isEqualTo(200);
    assertThat(plain.text()).isEqualTo(escaped.text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2021-03-01T00:00:00+01:00",
        "2021-03-01T00:00:00.5+0100",
        "2021-03-01T00:00:00%2B01:00",
        "2021-03-01T00:00:00%2001:00",
        "2021-03-01t00:00:00z",
        "2016-12-31T23:59:60Z",
        "2021-03-01T00:00:00.123456789123456789123456789Z"
      })
  void everyTimeOfRfc3339IsUnderstood(String time) {
    String path = ServedApi.newMessages();
    assertThat(
            served
                .get(path + "/search?query=x&from=" + time + "&to=2031-03-01T00:00:00+01:00")
                .status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2021-03-01T00:00:00++01:00",
        "2021-03-01+T00:00:00Z",
        "+",
        "2021-03-01T00:00:00Z+"
      })
  void aPlusSignElsewhereIsRefused(String time) {
    assertThat(served.get(ServedApi.newMessages() + "/search?query=x&from=" + time).status())
        .isEqualTo(400);
  }
}
