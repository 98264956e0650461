package io.carechat.api.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Set;

/**
 * The optional members of a request that are null. They mean the same as if they were absent:
 * clients of several generators write every member that nobody has set as null. A required member
 * that is null stays, and is refused by its schema. Safe for use by many threads.
 */
final class NullMembers {
  private final JsonNode document;
  private final JsonNode schema;

  /**
   * @param document the contract, in which references are followed
   * @param schema the schema of the body, or a reference to it
   */
  NullMembers(JsonNode document, JsonNode schema) {
    this.document = document;
    this.schema = schema;
  }

  /** Removes these members from a body, at every depth. */
  void removeOptional(JsonNode body) {
    removeOptional(body, schema);
  }

  private void removeOptional(JsonNode value, JsonNode described) {
    JsonNode resolved = resolve(described);
    if (value.isArray()) {
      value.forEach(item -> removeOptional(item, resolved.path("items")));
    } else if (value instanceof ObjectNode object) {
      JsonNode properties = resolved.path("properties");
      Set<String> optional = new HashSet<>();
      properties.fieldNames().forEachRemaining(optional::add);
      resolved.path("required").forEach(name -> optional.remove(name.asText()));
      optional.removeIf(name -> !object.path(name).isNull());
      object.remove(optional);
      object
          .properties()
          .forEach(member -> removeOptional(member.getValue(), properties.path(member.getKey())));
    }
  }

  private JsonNode resolve(JsonNode node) {
    String reference = node.path("$ref").asText();
    return reference.isEmpty() ? node : resolve(document.at(reference.substring(1)));
  }
}
