package io.carechat.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.carechat.api.runtime.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The JSON of the document that this API started from, copied byte for byte: it fits the contract's
 * schemas, and comes out of the models as it went in, with every member in its place.
 */
final class SourceDocumentTest {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .addModule(new SimpleModule().addDeserializer(Instant.class, new Moments()))
          .build();

  @ParameterizedTest
  @CsvSource({
    "send-request, openapi, NewMessage",
    "send-response, openapi, Message",
    "find-response, openapi, MessagePage",
    "search-response, openapi, MessagePage",
    "webhook-body, webhooks, DeliveredMessage",
  })
  void fitsTheSchema(String file, String document, String schema) throws IOException {
    assertThat(new Documents(document).faults("/components/schemas/" + schema, read(file)))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "send-request, io.carechat.api.NewMessage",
    "send-response, io.carechat.api.Message",
    "find-response, io.carechat.api.MessagePage",
    "search-response, io.carechat.api.MessagePage",
  })
  void comesOutOfTheModelAsItWentIn(String file, Class<?> model) throws IOException {
    JsonNode source = read(file);

    byte[] written = Json.write(MAPPER.treeToValue(source, model));

    // The text, not the tree: a tree is equal to one with its members in another order.
    assertThat(new String(written, StandardCharsets.UTF_8)).isEqualTo(source.toString());
  }

  private static JsonNode read(String file) throws IOException {
    try (InputStream in =
        SourceDocumentTest.class.getResourceAsStream("/source-document/" + file + ".json")) {
      return MAPPER.readTree(Objects.requireNonNull(in));
    }
  }

  private static final class Moments extends StdScalarDeserializer<Instant> {
    private static final long serialVersionUID = 1L;

    Moments() {
      super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return Instant.parse(parser.getText());
    }
  }
}
