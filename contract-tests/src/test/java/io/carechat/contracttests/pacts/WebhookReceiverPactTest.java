package io.carechat.contracttests.pacts;

import static au.com.dius.pact.consumer.dsl.LambdaDsl.newJsonBody;
import static org.assertj.core.api.Assertions.assertThat;

import au.com.dius.pact.consumer.dsl.PactBuilder;
import au.com.dius.pact.consumer.junit5.PactConsumerTestExt;
import au.com.dius.pact.consumer.junit5.PactTestFor;
import au.com.dius.pact.consumer.junit5.ProviderType;
import au.com.dius.pact.core.model.PactSpecVersion;
import au.com.dius.pact.core.model.V4Interaction;
import au.com.dius.pact.core.model.V4Pact;
import au.com.dius.pact.core.model.annotations.Pact;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A partner's receiver of webhooks. It reads the five members of the body, and checks who is
 * calling.
 */
@ExtendWith(PactConsumerTestExt.class)
@PactTestFor(
    providerName = "carechat",
    providerType = ProviderType.ASYNCH,
    pactVersion = PactSpecVersion.V4)
final class WebhookReceiverPactTest {
  static final String DESCRIPTION = "a message of a patient";
  static final String PATIENT = "cdb303e7-844f-40f8-b634-fe99bfccce28";
  static final String TEXT = "Webhook test...";

  @Pact(consumer = "webhook-receiver")
  V4Pact receives(PactBuilder builder) {
    return builder
        .given(ProviderStates.TO_DELIVER, Map.of("patientId", PATIENT, "message", TEXT))
        .expectsToReceiveMessageInteraction(
            DESCRIPTION,
            message ->
                message.withContents(contents ->
                    contents
                        .withMetadata(metadata -> {
                          metadata.add("contentType", "application/json");
                          metadata.matchRegex("X-WEBHOOK-API-KEY", "^[!-~]+$", "partner-key");
                          metadata.matchRegex("X-WEBHOOK-API-SECRET", "^[!-~]+$", "partner-secret");
                          metadata.matchRegex(
                              "webhook-id",
                              "^[A-Za-z0-9_-]{1,64}$",
                              "WH0197834d6b2c7c5e9a1f3b5d7e9f1a2b");
                          metadata.matchRegex("webhook-timestamp", "^[0-9]{10}$", "1614960451");
                          metadata.matchRegex(
                              "webhook-signature",
                              "^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)*$",
                              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
                        })
                        .withContent(
                            newJsonBody(body ->
                                    body.stringValue("patientId", PATIENT)
                                        .stringMatcher(
                                            "patientUrl",
                                            "^https?://.+/test-den/chat2/patients/" + PATIENT + "$",
                                            "http://localhost:5000/test-den/chat2/patients/"
                                                + PATIENT)
                                        .stringValue("tenantName", "test-den")
                                        .stringValue("instanceName", "chat2")
                                        .stringValue("message", TEXT))
                                .build())))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "receives")
  void readsTheFiveMembers(V4Interaction.AsynchronousMessage message) throws IOException {
    byte[] body = message.getContents().getContents().unwrap();

    DeliveredMessage delivered =
        JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build()
            .readValue(body, DeliveredMessage.class);

    assertThat(delivered)
        .isEqualTo(
            new DeliveredMessage(
                UUID.fromString(PATIENT),
                URI.create("http://localhost:5000/test-den/chat2/patients/" + PATIENT),
                "test-den",
                "chat2",
                TEXT));
    assertThat(message.getContents().getMetadata())
        .containsKeys(
            "X-WEBHOOK-API-KEY",
            "X-WEBHOOK-API-SECRET",
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature");
  }

  private record DeliveredMessage(
      UUID patientId, URI patientUrl, String tenantName, String instanceName, String message) {
    @JsonCreator
    DeliveredMessage {}
  }
}
