package io.carechat.client.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.client.webhook.Verification.Genuine;
import io.carechat.client.webhook.Verification.Reason;
import io.carechat.client.webhook.Verification.Refused;
import io.carechat.client.webhook.model.DeliveredMessage;
import io.carechat.client.webhook.model.SentMessage;
import io.carechat.client.webhook.model.WebhookEvent;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class WebhookVerifierTest {

  private static final String SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  private static final byte[] BODY =
      """
      {"patientId":"cdb303e7-844f-40f8-b634-fe99bfccce28","patientUrl":"http://localhost:5000/p",\
      "tenantName":"test-den","instanceName":"chat2","message":"Grüße 👋","later":1}\
      """
          .getBytes(StandardCharsets.UTF_8);

  @Test
  void givesWhatWasDelivered() {
    long now = Instant.now().getEpochSecond();

    Verification verification =
        new WebhookVerifier(List.of(SECRET)).verify(BODY, headers(Long.toString(now), BODY));

    assertThat(verification)
        .isEqualTo(
            new Genuine(
                "msg_1",
                Instant.ofEpochSecond(now),
                new DeliveredMessage()
                    .patientId(UUID.fromString("cdb303e7-844f-40f8-b634-fe99bfccce28"))
                    .patientUrl(URI.create("http://localhost:5000/p"))
                    .tenantName("test-den")
                    .instanceName("chat2")
                    .message("Grüße 👋")));
  }

  private static EventVerification verifiedEvent(String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    return verifierThen().verifyEvent(body, headers("1614960451", body));
  }

  private static WebhookEvent genuineEvent(String text) {
    assertThat(verifiedEvent(text)).isInstanceOf(EventVerification.Genuine.class);
    EventVerification.Genuine genuine = (EventVerification.Genuine) verifiedEvent(text);
    assertThat(genuine.webhookId()).isEqualTo("msg_1");
    assertThat(genuine.sentAt()).isEqualTo(Instant.ofEpochSecond(1_614_960_451));
    return genuine.event();
  }

  @Test
  void givesWhatHappened() {
    WebhookEvent event =
        genuineEvent(
            """
            {"type":"message.sent","timestamp":"2021-02-08T17:17:29.000Z","data":{"tenantName":"test-den",\
            "instanceName":"chat2","patientId":"cdb303e7-844f-40f8-b634-fe99bfccce28",\
            "patientUrl":"http://localhost:5000/p","message":{"sender":{"clientType":"PATIENT",\
            "id":"cdb303e7-844f-40f8-b634-fe99bfccce28","titleName":null},"message":"Grüße 👋",\
            "externalId":"IM6f03096c79094f9b9466c7d009073ca1","createdAt":"2021-02-08T17:17:29.000Z"}},"later":1}\
            """);

    assertThat(event.getType()).isEqualTo("message.sent");
    assertThat(event.getTimestamp().toInstant())
        .isEqualTo(Instant.parse("2021-02-08T17:17:29.000Z"));
    assertThat(event.getData().getMessage())
        .extracting(SentMessage::getMessage)
        .isEqualTo("Grüße 👋");
  }

  @Test
  void givesWhatHappenedInIdsAndTypesThatCameLater() {
    String data =
        ",\"timestamp\":\"2021-02-08T17:17:29.000Z\",\"data\":{\"tenantName\":\"test-den\","
            + "\"instanceName\":\"chat2\",\"externalId\":\"IM6f03096c79094f9b9466c7d009073ca1\"}}";

    WebhookEvent thin = genuineEvent("{\"type\":\"chat.read\"" + data);
    assertThat(thin.getType()).isEqualTo("chat.read");
    assertThat(thin.getData().getMessage()).isNull();
    assertThat(thin.getData().getExternalId()).isEqualTo("IM6f03096c79094f9b9466c7d009073ca1");
    assertThat(genuineEvent("{\"type\":\"chat.erased\"" + data).getType()).isEqualTo("chat.erased");
  }

  @Test
  void refusesWhatIsNoEventAndWhatIsNotSigned() {
    for (String text :
        List.of(
            "",
            "null",
            "[]",
            "{",
            "{\"type\":\"message.sent\"}",
            new String(BODY, StandardCharsets.UTF_8))) {
      assertThat(verifiedEvent(text)).as(text).isEqualTo(new Refused(Reason.UNREADABLE_BODY));
    }
    assertThat(verifierThen().verifyEvent(BODY, headers("1614960451", new byte[1])))
        .isEqualTo(new Refused(Reason.NO_MATCHING_SIGNATURE));
    assertThat(verifierThen().verifyEvent(BODY, Map.of()))
        .isEqualTo(new Refused(Reason.MISSING_HEADER));
  }

  @Test
  void refusesARepeatedHeader() {
    Map<String, List<String>> headers = headers("1614960451", BODY);
    headers.put("Webhook-Id", List.of("msg_2"));

    assertThat(verifierThen().verify(BODY, headers)).isEqualTo(new Refused(Reason.MISSING_HEADER));
  }

  @Test
  void refusesAMessageThatLacksAMember() {
    byte[] body =
        "{\"patientId\":\"cdb303e7-844f-40f8-b634-fe99bfccce28\",\"message\":\"x\"}"
            .getBytes(StandardCharsets.UTF_8);

    assertThat(verifierThen().verify(body, headers("1614960451", body)))
        .isEqualTo(new Refused(Reason.UNREADABLE_BODY));
  }

  @Test
  void refusesAnEmptyBodyAndNull() {
    for (String text : List.of("", "null", "[]", "{")) {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);

      assertThat(verifierThen().verify(body, headers("1614960451", body)))
          .as(text)
          .isEqualTo(new Refused(Reason.UNREADABLE_BODY));
    }
  }

  @Test
  void takesNoSecretThatCannotBeOne() {
    assertThatThrownBy(() -> new WebhookVerifier(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new WebhookVerifier(List.of("whsec_")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new WebhookVerifier(List.of("whsec_not~base64")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasNoCause()
        .hasMessageNotContaining("~");
  }

  private static WebhookVerifier verifierThen() {
    return new WebhookVerifier(List.of(SECRET), () -> Instant.ofEpochSecond(1614960451));
  }

  private static Map<String, List<String>> headers(String timestamp, byte[] body) {
    Map<String, List<String>> headers = new HashMap<>();
    headers.put("webhook-id", List.of("msg_1"));
    headers.put("webhook-timestamp", List.of(timestamp));
    headers.put("webhook-signature", List.of(Vectors.sign(SECRET, "msg_1", timestamp, body)));
    return headers;
  }
}
