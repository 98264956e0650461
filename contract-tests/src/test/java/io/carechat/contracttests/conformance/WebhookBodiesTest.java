package io.carechat.contracttests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import io.carechat.api.runtime.Contract;
import io.carechat.contracttests.running.OneDelivery;
import io.carechat.domain.WebhookPayload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every body that is sent is one that the contract of the webhooks describes, and no more. */
final class WebhookBodiesTest {
  private static final String IRI = "https://test.invalid/webhooks.json";
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final byte[] FILE = Contract.file("webhooks.json");
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDialect(
          Dialects.getOpenApi30(),
          builder ->
              builder
                  .schemas(Map.of(IRI, new String(FILE, StandardCharsets.UTF_8)))
                  .schemaRegistryConfig(
                      SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

  @ParameterizedTest
  @CsvSource({
    "SOURCE, SENT_BY_PATIENT, /",
    "SOURCE, SENT_BY_NURSE, /",
    "SOURCE, PING, /",
    "STANDARD, SENT_BY_PATIENT, /standard",
    "STANDARD, SENT_BY_NURSE, /standard",
    "STANDARD, READ, /standard",
    "STANDARD, PING, /standard",
    "THIN, SENT_BY_PATIENT, /thin",
    "THIN, SENT_BY_NURSE, /thin",
    "THIN, READ, /thin",
    "THIN, PING, /thin"
  })
  void areDescribed(WebhookPayload payload, OneDelivery.Kind kind, String path) throws IOException {
    LoggedRequest call =
        OneDelivery.received(
            payload, kind, UUID.fromString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab"), "Zoë 🎉");

    JsonNode document = MAPPER.readTree(FILE);
    String schema =
        document
            .at("/paths/" + path.replace("/", "~1") + "/post/requestBody/content/application~1json")
            .at("/schema/$ref")
            .asText();
    JsonNode body = MAPPER.readTree(call.getBody());
    assertThat(SCHEMAS.getSchema(SchemaLocation.of(IRI + schema)).validate(body)).isEmpty();
    List<String> unknown = new ArrayList<>();
    describe(document, document.at(schema.substring(1)), body, "", unknown);
    assertThat(unknown).as("members that the contract does not have").isEmpty();
    if (payload == WebhookPayload.THIN) {
      assertThat(call.getBodyAsString()).doesNotContain("Zoë");
    }
  }

  /** Collects what is in a value and not among the members that its schema has. */
  private static void describe(
      JsonNode document, JsonNode schema, JsonNode value, String at, List<String> unknown) {
    JsonNode target =
        schema.has("$ref") ? document.at(schema.path("$ref").asText().substring(1)) : schema;
    for (Map.Entry<String, JsonNode> member : value.properties()) {
      JsonNode described = target.path("properties").path(member.getKey());
      if (described.isMissingNode()) {
        unknown.add(at + "/" + member.getKey());
      } else {
        describe(document, described, member.getValue(), at + "/" + member.getKey(), unknown);
      }
    }
  }
}
