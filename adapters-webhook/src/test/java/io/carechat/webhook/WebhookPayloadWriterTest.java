package io.carechat.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookPayload;
import io.carechat.domain.webhooks.WebhookSubscription;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class WebhookPayloadWriterTest {
  private static final String NAMES = "\"tenantName\":\"test-den\",\"instanceName\":\"chat2\",";
  private static final String PATIENT = "\"patientId\":\"cdb303e7-844f-40f8-b634-fe99bfccce28\"";
  private static final String PATIENT_URL =
      "\"patientUrl\":\"http://localhost:5000/test-den/chat2/patients/"
          + "cdb303e7-844f-40f8-b634-fe99bfccce28\"";

  private static String text(WebhookPayload payload, ClaimedDelivery delivery) {
    return new String(WebhookPayloadWriter.of(payload, delivery), UTF_8);
  }

  /** The same delivery, but of another event. */
  private static ClaimedDelivery of(ChatEvent event, ClaimedDelivery delivery) {
    return new ClaimedDelivery(
        delivery.id(),
        delivery.endpointId(),
        event,
        delivery.patientUrl(),
        delivery.attempt(),
        delivery.claim());
  }

  @Test
  void tellsTheWholeMessageInTheStandardEnvelope() {
    ClaimedDelivery delivery = Deliveries.delivery("Zoë 🎉 \"");

    assertThat(text(WebhookPayload.STANDARD, delivery))
        .isEqualTo(
            "{\"type\":\"message.sent\",\"timestamp\":\"2021-02-08T17:17:29.000Z\",\"data\":{"
                + NAMES
                + PATIENT
                + ","
                + PATIENT_URL
                + ",\"message\":{\"sender\":{\"clientType\":\"PATIENT\",\"id\":"
                + "\"cdb303e7-844f-40f8-b634-fe99bfccce28\",\"titleName\":null},"
                + "\"message\":\"Zoë 🎉 \\\"\",\"externalId\":\""
                + delivery.message().externalId()
                + "\",\"createdAt\":\"2021-02-08T17:17:29.000Z\"}}}");
  }

  @Test
  void tellsWhoOfTheCareTeamSent() {
    ClaimedDelivery delivery = Deliveries.delivery();
    UUID nurse = UUID.fromString("0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10");
    Message message =
        new Message(
            delivery.message().chat(),
            delivery.message().externalId(),
            new Sender.CareTeamMember(nurse, "Nurse"),
            delivery.message().text(),
            Instant.parse("2021-02-08T17:17:29.120Z"));

    assertThat(text(WebhookPayload.STANDARD, of(new ChatEvent.MessageSent(message), delivery)))
        .contains("\"timestamp\":\"2021-02-08T17:17:29.120Z\"")
        .contains(
            "\"sender\":{\"clientType\":\"CARE_TEAM\",\"id\":\""
                + nurse
                + "\",\"titleName\":\"Nurse\"}");
  }

  @Test
  void tellsIdsAndNoTextInTheThinForm() {
    ClaimedDelivery delivery = Deliveries.delivery();

    assertThat(text(WebhookPayload.THIN, delivery))
        .isEqualTo(
            "{\"type\":\"message.sent\",\"timestamp\":\"2021-02-08T17:17:29.000Z\",\"data\":{"
                + NAMES
                + PATIENT
                + ",\"externalId\":\""
                + delivery.message().externalId()
                + "\"}}")
        .doesNotContain(Deliveries.TEXT);
  }

  @Test
  void tellsWhoReadUpToWhereAndNoText() {
    ClaimedDelivery delivery = Deliveries.delivery();
    var read =
        new ChatEvent.ChatRead(
            delivery.message(), ClientType.CARE_TEAM, Samples.NOON.plusMillis(7));
    String externalId = "\"externalId\":\"" + delivery.message().externalId() + "\"";
    String head =
        "{\"type\":\"chat.read\",\"timestamp\":\"2021-02-08T17:17:29.007Z\",\"data\":{"
            + NAMES
            + PATIENT
            + ",";

    assertThat(text(WebhookPayload.STANDARD, of(read, delivery)))
        .isEqualTo(head + PATIENT_URL + "," + externalId + ",\"clientType\":\"CARE_TEAM\"}}");
    assertThat(text(WebhookPayload.THIN, of(read, delivery))).isEqualTo(head + externalId + "}}");
    assertThatIllegalStateException()
        .isThrownBy(() -> WebhookPayloadWriter.of(WebhookPayload.SOURCE, of(read, delivery)));
  }

  @Test
  void testsWithoutAPatient() {
    WebhookEndpoint source = Deliveries.endpoint("https://partner.example");
    URI nobody = URI.create("https://chat.example/nobody");

    assertThat(new String(WebhookPayloadWriter.ping(source, nobody, Samples.NOON), UTF_8))
        .isEqualTo(
            "{\"patientId\":\"00000000-0000-0000-0000-000000000000\","
                + "\"patientUrl\":\"https://chat.example/nobody\","
                + NAMES
                + "\"message\":\"Webhook test...\"}");
    for (WebhookPayload payload :
        new WebhookPayload[] {WebhookPayload.STANDARD, WebhookPayload.THIN}) {
      WebhookEndpoint endpoint =
          new WebhookEndpoint(
              source.instance(),
              source.id(),
              new WebhookSubscription(
                  source.url(),
                  payload,
                  source.subscription().eventTypes(),
                  source.subscription().senders(),
                  ""),
              source.secrets(),
              source.origin());
      assertThat(new String(WebhookPayloadWriter.ping(endpoint, nobody, Samples.NOON), UTF_8))
          .isEqualTo(
              "{\"type\":\"webhook.ping\",\"timestamp\":\"2021-02-08T17:17:29.000Z\",\"data\":{"
                  + NAMES
                  + "\"webhookId\":\"crm\"}}");
    }
  }

  @Test
  void hasTheSourceDocumentsBody() {
    assertThat(
            new String(
                WebhookPayloadWriter.of(
                    WebhookPayload.SOURCE, Deliveries.delivery("Webhook test...")),
                UTF_8))
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

    assertThat(WebhookPayloadWriter.of(WebhookPayload.SOURCE, delivery))
        .isEqualTo(WebhookPayloadWriter.of(WebhookPayload.SOURCE, delivery));
  }

  @Test
  void writesTextsAsUtf8AndEscapesOnlyWhatMustBe() {
    assertThat(
            new String(
                WebhookPayloadWriter.of(
                    WebhookPayload.SOURCE, Deliveries.delivery("é\u2028🎉</\"\\\n\u0001")),
                UTF_8))
        .endsWith("\"message\":\"é\u2028🎉</\\\"\\\\\\n\\u0001\"}");
  }

  @Test
  void carriesEveryCharacterOfUnicode() throws IOException {
    int batch = 5_000;
    for (int first = 1; first <= Character.MAX_CODE_POINT; first += batch) {
      var text = new StringBuilder("x");
      for (int c = first; c < first + batch && c <= Character.MAX_CODE_POINT; c++) {
        if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
          text.appendCodePoint(c);
        }
      }
      assertThat(
              message(
                  WebhookPayloadWriter.of(
                      WebhookPayload.SOURCE, Deliveries.delivery(text.toString()))))
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
}
