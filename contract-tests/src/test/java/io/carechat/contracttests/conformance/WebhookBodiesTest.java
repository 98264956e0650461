package io.carechat.contracttests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.carechat.contracttests.running.OneDelivery;
import io.carechat.domain.webhooks.WebhookPayload;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every body that is sent is as the contract of webhooks describes it, and has nothing else. */
final class WebhookBodiesTest {
  private static final UUID PATIENT = UUID.fromString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab");

  @ParameterizedTest
  @CsvSource({
    "SOURCE, SENT_BY_PATIENT, Zoë 🎉",
    "SOURCE, SENT_BY_NURSE, Zoë 🎉",
    "SOURCE, PING, Webhook test...",
    "STANDARD, SENT_BY_PATIENT, Zoë 🎉",
    "STANDARD, SENT_BY_NURSE, Zoë 🎉",
    "STANDARD, READ, chat.read",
    "STANDARD, PING, webhook.ping",
    "THIN, SENT_BY_PATIENT, message.sent",
    "THIN, SENT_BY_NURSE, message.sent",
    "THIN, READ, chat.read",
    "THIN, PING, webhook.ping"
  })
  void areDescribed(WebhookPayload payload, OneDelivery.Kind kind, String word) {
    LoggedRequest call = OneDelivery.received(payload, kind, PATIENT, "Zoë 🎉");

    assertThat(call.getBodyAsString()).contains(word);
    if (payload == WebhookPayload.THIN) {
      assertThat(call.getBodyAsString()).doesNotContain("Zoë");
    }
  }
}
