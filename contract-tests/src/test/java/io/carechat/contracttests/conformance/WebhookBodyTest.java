package io.carechat.contracttests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.carechat.contracttests.running.OneDelivery;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The body of the webhook is what the source document shows, byte for byte. */
final class WebhookBodyTest {
  @Test
  void isTheExampleForItsValues() throws Exception {
    JsonNode example = Example.WEBHOOK_BODY.json();

    LoggedRequest call =
        OneDelivery.received(
            UUID.fromString(example.path("patientId").asText()), example.path("message").asText());

    assertThat(new String(call.getBody(), StandardCharsets.UTF_8))
        .isEqualTo(Example.MAPPER.writeValueAsString(example));
    assertThat(call.getMethod().value()).isEqualTo("POST");
    assertThat(call.getHeader("Content-Type")).startsWith("application/json");
    assertThat(call.getHeader("X-WEBHOOK-API-KEY")).isEqualTo(OneDelivery.API_KEY);
    assertThat(call.getHeader("X-WEBHOOK-API-SECRET")).isEqualTo(OneDelivery.API_SECRET);
  }
}
