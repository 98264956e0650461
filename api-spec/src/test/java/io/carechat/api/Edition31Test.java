package io.carechat.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import io.carechat.api.runtime.Contract;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one document of OpenAPI 3.1 is valid, and says what the two of 3.0 say. */
final class Edition31Test {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String IRI = "https://test.invalid/edition.json";

  private static final JsonNode EDITION = read(Contract.file("carechat-3.1.json"));

  private static final String OFFICIAL = "https://spec.openapis.org/oas/3.1/";

  @Test
  void isValid() {
    assertThat(faults(EDITION)).isEmpty();
  }

  /**
   * The parser of most Java tools and of openapi-generator reads it without a word. The second
   * opinion is that of the JavaScript tools' parser, in {@code api-spec/lint}.
   */
  @Test
  void isReadByTheParserOfOtherTools() {
    for (String file : List.of("carechat-3.1.json", "carechat-3.1.yaml", "openapi.yaml")) {
      SwaggerParseResult read =
          new OpenAPIV3Parser().readContents(new String(Contract.file(file), UTF_8));
      assertThat(read.getMessages()).as(file).isNullOrEmpty();
      assertThat(read.getOpenAPI().getInfo().getLicense().getName()).isEqualTo("Apache-2.0");
    }
    assertThat(EDITION.at("/info/license").fieldNames())
        .toIterable()
        .containsExactly("name", "identifier");
    String without = EDITION.toString().replace("\"title\":\"carechat\",", "");
    assertThat(new OpenAPIV3Parser().readContents(without).getMessages()).isNotEmpty();
  }

  /** The schema that it is valid by does find faults: in the document, and in the schemas in it. */
  @Test
  void wouldBeInvalidOtherwise() {
    JsonNode bad = EDITION.deepCopy();
    ((ObjectNode) bad.path("info")).remove("title");
    assertThat(faults(bad)).isNotEmpty();

    JsonNode badSchema = EDITION.deepCopy();
    ((ObjectNode) badSchema.at("/components/schemas/PageSize")).put("type", "whole");
    assertThat(faults(badSchema)).isNotEmpty();
  }

  @Test
  void theYamlIsTheJson() throws IOException {
    assertThat(new YAMLMapper().readTree(Contract.file("carechat-3.1.yaml"))).isEqualTo(EDITION);
  }

  @Test
  void hasEveryOperationOfBoth() {
    assertThat(EDITION.path("paths").size())
        .isEqualTo(new Documents("openapi").root().path("paths").size());
    assertThat(EDITION.findValuesAsText("operationId"))
        .hasSize(Contract.operations().size() + 3)
        .containsAll(Contract.operations().stream().map(each -> each.id()).toList())
        .contains("receiveMessage", "receiveEvent", "receiveThinEvent");
    assertThat(EDITION.at("/webhooks/receiveMessage/post/operationId").asText())
        .isEqualTo("receiveMessage");
  }

  @Test
  void keepsBothCredentialsApart() {
    JsonNode schemes = EDITION.at("/components/securitySchemes");
    assertThat(schemes.at("/apiKey/name").asText()).isEqualTo("X-API-KEY");
    assertThat(schemes.at("/webhookApiKey/name").asText()).isEqualTo("X-WEBHOOK-API-KEY");
    assertThat(EDITION.at("/webhooks/receiveMessage/post/security/0").fieldNames())
        .toIterable()
        .containsExactly("webhookApiKey", "apiSecret");
    assertThat(EDITION.at("/security/0").fieldNames()).toIterable().containsExactly("apiKey");
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    List<String> references = EDITION.findValuesAsText("$ref");
    assertThat(references).hasSizeGreaterThan(200);
    for (String reference : references) {
      assertThat(EDITION.at(reference.substring(1)).isMissingNode()).as(reference).isFalse();
    }
  }

  /** Every schema of the documents takes and refuses the same values in both versions. */
  @Test
  void meansTheSame() {
    SchemaRegistry schemas =
        SchemaRegistry.withDialect(
            Dialects.getOpenApi31(),
            builder ->
                builder
                    .schemas(Map.of(IRI, EDITION.toString()))
                    .schemaRegistryConfig(
                        SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));
    Map<Boolean, Integer> compared = new HashMap<>();
    for (String name : List.of("openapi", "webhooks")) {
      Documents document = new Documents(name);
      List<String> pointers = new ArrayList<>();
      for (Map.Entry<String, JsonNode> schema :
          document.root().at("/components/schemas").properties()) {
        String pointer = "/components/schemas/" + schema.getKey();
        pointers.add(pointer);
        schema
            .getValue()
            .path("properties")
            .fieldNames()
            .forEachRemaining(member -> pointers.add(pointer + "/properties/" + member));
      }
      List<JsonNode> values = new ArrayList<>();
      for (String text :
          List.of(
              "null", "true", "0", "-1", "1", "201", "1.5", "\"\"", "\" \"", "[]", "[1]", "{}")) {
        values.add(read(text.getBytes(UTF_8)));
      }
      values.add(TextNode.valueOf("a".repeat(101)));
      values.addAll(document.root().findValues("example"));
      values.addAll(document.root().findValues("value"));
      for (String pointer : pointers) {
        Schema edition = schemas.getSchema(SchemaLocation.of(IRI + "#" + pointer));
        for (JsonNode value : values) {
          boolean taken = document.faults(pointer, value).isEmpty();
          assertThat(edition.validate(value).isEmpty())
              .as("%s of %s", pointer, value)
              .isEqualTo(taken);
          compared.merge(taken, 1, Integer::sum);
        }
      }
    }
    assertThat(compared.get(true)).isGreaterThan(500);
    assertThat(compared.get(false)).isGreaterThan(500);
  }

  /** What the two documents of today do not have, but those of tomorrow may. */
  @Test
  void convertsWhatAnySchemaMayHave(@TempDir Path folder) throws Exception {
    Files.writeString(
        folder.resolve("webhooks.yaml"),
        """
        info: {description: Hooks.}
        paths:
          /:
            post:
              operationId: hook
              security: [{key: []}]
              requestBody:
                content: {text/plain: {schema: {$ref: '#/components/schemas/Thing'}}}
        components:
          securitySchemes:
            key: {type: apiKey, in: header, name: X-HOOK}
          schemas:
            Thing: {type: string}
            Same: {type: boolean}
        """);
    write(
        folder,
        """
        type: object
        properties:
          exclusive: {type: number, minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false}
          choice: {type: string, nullable: true, enum: [a, b]}
          either: {oneOf: [{type: string, nullable: true}, {$ref: '#/components/schemas/Same'}]}
          list: {type: array, items: {type: integer, nullable: true, example: 1}}
          map: {type: object, additionalProperties: {type: string, nullable: true}}
        """);
    assertThat(convert(folder)).isEmpty();

    JsonNode edition = read(Files.readAllBytes(folder.resolve("carechat-3.1.json")));
    assertThat(faults(edition)).isEmpty();
    assertThat(edition.at("/components/schemas/Thing/properties"))
        .isEqualTo(
            new YAMLMapper()
                .readTree(
                    """
                    exclusive: {type: number, exclusiveMinimum: 0, maximum: 9}
                    choice: {type: [string, 'null'], enum: [a, b, null]}
                    either: {oneOf: [{type: [string, 'null']}, {$ref: '#/components/schemas/Same'}]}
                    list: {type: array, items: {type: [integer, 'null'], examples: [1]}}
                    map: {type: object, additionalProperties: {type: [string, 'null']}}
                    """));
    assertThat(edition.at("/components/schemas").fieldNames())
        .toIterable()
        .containsExactly("Thing", "Same", "WebhookThing");
    assertThat(
            edition.at("/webhooks/hook/post/requestBody/content/text~1plain/schema/$ref").asText())
        .isEqualTo("#/components/schemas/WebhookThing");
    assertThat(edition.at("/webhooks/hook/post/security/0").fieldNames())
        .toIterable()
        .containsExactly("webhookKey");
  }

  @Test
  void refusesWhatItDoesNotKnow(@TempDir Path folder) throws Exception {
    Files.writeString(
        folder.resolve("webhooks.yaml"),
        "{info: {description: Hooks.}, paths: {}, components: {schemas: {}}}");
    write(folder, "{type: string, format: binary}");
    assertThat(convert(folder)).contains("no way to say in OpenAPI 3.1");
    write(folder, "{type: string, xml: {name: a}}");
    assertThat(convert(folder)).contains("no way to say in OpenAPI 3.1: xml");
  }

  private static void write(Path folder, String thing) throws IOException {
    Files.writeString(
        folder.resolve("openapi.yaml"),
        """
        openapi: 3.0.3
        info: {title: Things, version: 1.0.0, description: Things.}
        servers: [{url: 'https://things.invalid'}]
        tags: []
        security: [{key: []}]
        paths: {}
        components:
          securitySchemes:
            key: {type: apiKey, in: header, name: X-KEY}
          schemas:
            Thing:
        %s
            Same: {type: boolean}
        """
            .formatted(thing.indent(6).stripTrailing()));
  }

  /** Runs the program as the build does. Gives what it complains about. */
  private static String convert(Path folder) throws IOException, InterruptedException {
    Path complaint = folder.resolve("complaint.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-classpath",
                System.getProperty("java.class.path"),
                "src/build/java/Edition31.java",
                folder.toString(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(complaint.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue() == 0 ? "" : Files.readString(complaint);
  }

  /** What a document breaks in the official schema, and its schemas in the official dialect. */
  private static List<String> faults(JsonNode document) {
    Map<String, String> schemas = new HashMap<>();
    for (String name :
        List.of("schema-base/2022-10-07", "schema/2022-10-07", "dialect/base", "meta/base")) {
      schemas.put(OFFICIAL + name, resource("/spec.openapis.org/oas/3.1/" + name));
    }
    return SchemaRegistry.withDialect(
            Dialects.getDraft202012(), builder -> builder.schemas(schemas))
        .getSchema(SchemaLocation.of(OFFICIAL + "schema-base/2022-10-07"))
        .validate(document)
        .stream()
        .map(Objects::toString)
        .toList();
  }

  private static String resource(String path) {
    try (InputStream in = Edition31Test.class.getResourceAsStream(path)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode read(byte[] json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
