package io.carechat.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.carechat.domain.ClaimedDelivery;
import io.carechat.domain.Samples;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PostTest {
  @Test
  void hasTheSourceDocumentsBody() {
    assertThat(new String(Post.body(Deliveries.delivery("Webhook test...")), UTF_8))
        .isEqualTo(
            "{\"patientId\":\"cdb303e7-844f-40f8-b634-fe99bfccce28\","
                + "\"patientUrl\":\"http://localhost:5000/test-den/chat2/patients/"
                + "cdb303e7-844f-40f8-b634-fe99bfccce28\","
                + "\"tenantName\":\"test-den\","
                + "\"instanceName\":\"chat2\","
                + "\"message\":\"Webhook test...\"}");
  }

  @Test
  void hasTheSameBytesEachTime() {
    ClaimedDelivery delivery = Deliveries.delivery("Zoë 👩‍👩‍👧 \" \\ \u0001");

    assertThat(Post.body(delivery)).isEqualTo(Post.body(delivery));
  }

  @Test
  void writesTextsAsUtf8AndEscapesOnlyWhatMustBe() {
    assertThat(new String(Post.body(Deliveries.delivery("é\u2028🎉</\"\\\n\u0001")), UTF_8))
        .endsWith("\"message\":\"é\u2028🎉</\\\"\\\\\\n\\u0001\"}");
  }

  @Test
  void carriesEveryCharacterOfUnicode() throws IOException {
    int lot = 5_000;
    for (int first = 1; first <= Character.MAX_CODE_POINT; first += lot) {
      var text = new StringBuilder("x");
      for (int c = first; c < first + lot && c <= Character.MAX_CODE_POINT; c++) {
        if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
          text.appendCodePoint(c);
        }
      }
      assertThat(message(Post.body(Deliveries.delivery(text.toString()))))
          .isEqualTo(text.toString());
    }
  }

  private static String message(byte[] body) throws IOException {
    try (JsonParser json = new JsonFactory().createParser(body)) {
      while (json.nextToken() != null) {
        if ("message".equals(json.currentName()) && json.nextToken().isScalarValue()) {
          return json.getText();
        }
      }
    }
    throw new AssertionError("There is no message.");
  }

  @ParameterizedTest
  @CsvSource({
    "https://partner.example, /, partner.example",
    "https://partner.example/, /, partner.example",
    "https://partner.example:8443/a/b, /a/b, partner.example:8443",
    "https://partner.example?a=b&c=%20d, /?a=b&c=%20d, partner.example",
    "https://partner.example/ä?ö, /%C3%A4?%C3%B6, partner.example",
    "http://[2001:db8::1]:81/x, /x, [2001:db8::1]:81"
  })
  void asksForTheConfiguredUrl(String url, String target, String host) {
    byte[] request = Post.request(Deliveries.endpoint(url), Deliveries.delivery(), Samples.NOON);

    assertThat(new String(request, UTF_8))
        .startsWith("POST " + target + " HTTP/1.1\r\nHost: " + host + "\r\n");
  }

  @Test
  void signsAsStandardWebhooksPublishedExampleDoes() {
    byte[] body = "{\"test\": 2432232314}".getBytes(UTF_8);

    assertThat(
            Signature.of(
                List.of(Deliveries.SIGNING_KEY),
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                body))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }
}
