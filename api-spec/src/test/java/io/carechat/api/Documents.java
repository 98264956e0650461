package io.carechat.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import io.carechat.api.runtime.Contract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * One of the two documents as a test reads it: as it is published, with the library's own idea of
 * its formats.
 */
final class Documents {

  private static final String IRI = "https://test.invalid/document.json";

  private final JsonNode root;
  private final SchemaRegistry schemas;

  Documents(String name) {
    byte[] json = Contract.file(name + ".json");
    try {
      root = new ObjectMapper().readTree(json);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    schemas =
        SchemaRegistry.withDialect(
            Dialects.getOpenApi30(),
            builder ->
                builder
                    .schemas(Map.of(IRI, new String(json, StandardCharsets.UTF_8)))
                    .schemaRegistryConfig(
                        SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));
  }

  JsonNode root() {
    return root;
  }

  /** Follows a reference, if the node is one. */
  JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? resolve(root.at(node.path("$ref").asText().substring(1))) : node;
  }

  /** What a value breaks in the schema at a JSON Pointer. */
  List<String> faults(String pointer, JsonNode value) {
    return schemas.getSchema(SchemaLocation.of(IRI + "#" + pointer)).validate(value).stream()
        .map(error -> pointer + ": " + error)
        .toList();
  }
}
