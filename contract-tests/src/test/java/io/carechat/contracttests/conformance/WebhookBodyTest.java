package io.carechat.contracttests.conformance;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The webhook is what the source document shows, byte for byte. */
final class WebhookBodyTest {
  @Test
  void isTheExampleForItsValues() throws Exception {
    JsonNode example = Example.WEBHOOK_BODY.json();
    var receiver = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
    receiver.start();
    try {
      receiver.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(204)));

      LoggedRequest call =
          OneDelivery.to(
              receiver,
              UUID.fromString(example.path("patientId").asText()),
              example.path("message").asText());

      assertThat(new String(call.getBody(), StandardCharsets.UTF_8))
          .isEqualTo(Example.MAPPER.writeValueAsString(example));
      assertThat(call.getMethod().value()).isEqualTo("POST");
      assertThat(call.getHeader("Content-Type")).startsWith("application/json");
      assertThat(call.getHeader("X-WEBHOOK-API-KEY")).isEqualTo(OneDelivery.API_KEY);
      assertThat(call.getHeader("X-WEBHOOK-API-SECRET")).isEqualTo(OneDelivery.API_SECRET);
    } finally {
      receiver.stop();
    }
  }
}
