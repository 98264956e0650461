package io.carechat.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.api.ClientType;
import io.carechat.api.Message;
import io.carechat.api.MessageItemMeta;
import io.carechat.api.PageMeta;
import io.carechat.api.Sender;
import io.carechat.api.runtime.RequestRefused.MalformedJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {

  @Test
  void writesAMessageAsTheSourceDocumentDoes() {
    Message message =
        new Message(
            new Sender(
                ClientType.PATIENT, UUID.fromString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab"), null),
            "Grüße 👋 \" \u2028",
            "IM6f03096c79094f9b9466c7d009073ca1",
            Instant.parse("2021-02-08T17:17:29Z"));

    assertThat(text(message))
        .isEqualTo(
            "{\"sender\":{\"clientType\":\"PATIENT\",\"id\":\"5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab\","
                + "\"titleName\":null},\"message\":\"Grüße 👋 \\\" \u2028\","
                + "\"externalId\":\"IM6f03096c79094f9b9466c7d009073ca1\","
                + "\"createdAt\":\"2021-02-08T17:17:29.000Z\"}");
  }

  @Test
  void writesANullTokenButNoHighlightsThatWereNotAskedFor() {
    assertThat(text(new PageMeta(null, "p", 0, false)))
        .isEqualTo(
            "{\"nextPageToken\":null,\"prevPageToken\":\"p\",\"pageSize\":0,\"found\":false}");
    assertThat(text(new MessageItemMeta("n", "p", null)))
        .isEqualTo("{\"nextPageToken\":\"n\",\"prevPageToken\":\"p\"}");
    assertThat(text(new MessageItemMeta("n", "p", List.of())))
        .isEqualTo("{\"nextPageToken\":\"n\",\"prevPageToken\":\"p\",\"highlights\":[]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "}",
        "{\"a\":1} x",
        "{\"a\":1}{}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":NaN}",
        "[1,]",
        "// x\n{}",
        "{\"a\":01}",
        "\"a",
        "{\"a\":\"\t\"}",
        "\uFEFF{}",
        "tru"
      })
  void refusesWhatIsNotJson(String body) {
    assertThatThrownBy(() -> Json.read(body.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(MalformedJson.class)
        .hasMessageMatching("The body is not valid JSON at line \\d+, column \\d+\\.");
  }

  @Test
  void refusesAMemberTwice() {
    assertThatThrownBy(
            () -> Json.read("{\"s3cret\":1,\"s3cret\":2}".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(MalformedJson.class)
        .hasMessageStartingWith("The body contains the same member twice at line 1")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void refusesWhiteSpaceOnly() {
    assertThatThrownBy(() -> Json.read(" \n".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(MalformedJson.class);
  }

  @Test
  void refusesWhatIsNestedTooDeeply() {
    Json.read(("[".repeat(32) + "]".repeat(32)).getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> Json.read("[".repeat(33).getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(MalformedJson.class)
        .hasMessageStartingWith("The body is nested too deeply");
  }

  @Test
  void refusesNumbersThatAreTooLong() {
    assertThatThrownBy(() -> Json.read("1".repeat(101).getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(MalformedJson.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"message\":1e99999999999}", "1E21474836480", "-1e-21474836480"})
  void refusesExponentsThatAreTooLarge(String body) {
    assertThatThrownBy(() -> Json.read(body.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(MalformedJson.class)
        .hasMessage("The body contains a number whose exponent is too large.");
  }

  @Test
  void refusesWhatIsNotUtf8() {
    byte[][] broken = {
      {'"', (byte) 0xC3, '"'},
      {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'},
      {'"', (byte) 0xC0, (byte) 0x80, '"'},
      {'"', (byte) 0xFF, '"'},
    };
    for (byte[] body : broken) {
      assertThatThrownBy(() -> Json.read(body))
          .isInstanceOf(MalformedJson.class)
          .hasMessage("The body is not UTF-8.");
    }
  }

  @Test
  void repeatsNothingOfABodyThatDoesNotFitItsModel() {
    assertThatThrownBy(() ->
            Json.bind(
                Json.read("{\"message\":[\"s3cret\"]}".getBytes(StandardCharsets.UTF_8)),
                Message.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageNotContaining("s3cret")
        .hasNoCause();
  }

  private static String text(Object value) {
    return new String(Json.write(value), StandardCharsets.UTF_8);
  }
}
