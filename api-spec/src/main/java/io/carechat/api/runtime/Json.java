package io.carechat.api.runtime;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import io.carechat.api.runtime.RequestRefused.MalformedJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Reads and writes the JSON of the contract. Safe for use by many threads. */
public final class Json {

  /** The maximum nesting of a body. The bodies of the contract need three levels. */
  private static final int MAX_DEPTH = 32;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(100)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  // By default, buffers are kept for each thread. Then each stream of events would
                  // keep its own buffers of 16 KiB for as long as it is open.
                  .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
                  // Otherwise a character that needs four bytes in UTF-8 is written as two escapes
                  // of six bytes each.
                  .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .addModule(
              new SimpleModule()
                  .addSerializer(new InstantSerializer())
                  .addDeserializer(Instant.class, new InstantDeserializer()))
          .build();

  private Json() {}

  /**
   * Writes a model of the contract.
   *
   * @return JSON in UTF-8
   */
  public static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a model that cannot be written as JSON", e);
    }
  }

  /**
   * Reads a body strictly. It must be valid UTF-8 with exactly one JSON value, without duplicate
   * members, nested at most {@value #MAX_DEPTH} levels.
   *
   * @throws MalformedJson if the body is not like that
   */
  public static JsonNode read(byte[] body) {
    String text;
    try {
      // The parser's own decoder accepts surrogates and overlong forms. This decoder does not.
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedJson("The body is not UTF-8.");
    }
    try {
      JsonNode value = MAPPER.readTree(text);
      if (value.isMissingNode()) {
        throw new MalformedJson("The body contains only white space.");
      }
      return value;
    } catch (StreamConstraintsException e) {
      throw new MalformedJson(
          "The body is nested too deeply or contains a number that is too long" + at(e));
    } catch (JsonProcessingException e) {
      throw new MalformedJson(
          e.getOriginalMessage().startsWith("Duplicate field")
              ? "The body contains the same member twice" + at(e)
              : "The body is not valid JSON" + at(e));
    } catch (NumberFormatException e) {
      // Jackson does not wrap this exception. Its message contains the number, so it is not passed
      // on.
      throw new MalformedJson("The body contains a number whose exponent is too large.");
    }
  }

  /**
   * Makes a model of JSON that was checked against the model's schema.
   *
   * @throws IllegalStateException if the JSON does not fit, because the schema and the model differ
   */
  static <T> T bind(JsonNode checked, Class<T> type) {
    try {
      return MAPPER.treeToValue(checked, type);
    } catch (JsonProcessingException e) {
      // The exception is not added as the cause, because its message contains parts of the body.
      throw new IllegalStateException("checked JSON that does not fit " + type.getName());
    }
  }

  private static String at(JsonProcessingException e) {
    JsonLocation location = e.getLocation();
    return location == null
        ? "."
        : " at line " + location.getLineNr() + ", column " + location.getColumnNr() + ".";
  }

  private static final class InstantSerializer extends StdScalarSerializer<Instant> {
    private static final long serialVersionUID = 1L;

    InstantSerializer() {
      super(Instant.class);
    }

    @Override
    public void serialize(Instant value, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      generator.writeString(Rfc3339.format(value));
    }
  }

  private static final class InstantDeserializer extends StdScalarDeserializer<Instant> {
    private static final long serialVersionUID = 1L;

    InstantDeserializer() {
      super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return Rfc3339.parse(parser.getText())
          .orElseThrow(() -> context.weirdStringException("", Instant.class, "not RFC 3339"));
    }
  }
}
