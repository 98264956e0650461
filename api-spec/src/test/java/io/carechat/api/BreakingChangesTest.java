package io.carechat.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.carechat.api.BreakingChanges.Served;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The gate catches every break of a table and lets every compatible change of it pass. The table
 * also says what openapi-diff alone would not have told, so that a new version of it shows.
 */
final class BreakingChangesTest {

  private static final YAMLMapper YAML = new YAMLMapper();

  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void nothingIsBrokenWhereNothingChanges(String document) throws IOException {
    JsonNode released = released(document);
    assertThat(BreakingChanges.between(released, released, served(document))).isEmpty();
    assertThat(Differ.between(released, released, served(document))).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void judges(JsonNode row) throws IOException {
    String document = row.path("in").asText();
    JsonNode released = released(document);
    JsonNode next = changed(released.deepCopy(), row);
    assertThat(next).isNotEqualTo(released);

    if (row.has("breaks")) {
      assertThat(BreakingChanges.between(released, next, served(document)))
          .anySatisfy(found -> assertThat(found).contains(row.path("breaks").asText()));
    } else {
      assertThat(BreakingChanges.between(released, next, served(document))).isEmpty();
    }
    boolean asExpected = !row.has("differ");
    assertThat(Differ.between(released, next, served(document)).isEmpty())
        .as("openapi-diff finds nothing")
        .isEqualTo(row.has("breaks") != asExpected);
  }

  @Test
  void whatWasAnnouncedMayGoWhenItsTimeHasCome() throws IOException {
    JsonNode released = released("openapi").deepCopy();
    ObjectNode paths = (ObjectNode) released.path("paths");
    ((ObjectNode) paths.at("/~1docs/get")).put("x-sunset", "2028-03-01T00:00:00Z");
    JsonNode next = released.deepCopy();
    ((ObjectNode) next.at("/paths/~1docs")).remove("get");

    for (String now : List.of("2028-02-29T23:59:59Z", "2028-03-01T00:00:00Z")) {
      JsonNode promised = BreakingChanges.withoutEnded(released, Instant.parse(now));
      boolean over = now.startsWith("2028-03");
      assertThat(BreakingChanges.between(promised, next, Served.BY_US).isEmpty()).isEqualTo(over);
      assertThat(Differ.between(promised, next, Served.BY_US).isEmpty()).isEqualTo(over);
    }
  }

  static Stream<Named<JsonNode>> changes() throws IOException {
    try (InputStream table =
        BreakingChangesTest.class.getResourceAsStream("/contract-changes.yaml")) {
      JsonNode rows = YAML.readTree(Objects.requireNonNull(table));
      return StreamSupport.stream(rows.spliterator(), false)
          .map(row -> Named.of(row.path("in").asText() + ": " + row.path("change").asText(), row));
    }
  }

  private static Served served(String document) {
    return document.equals("openapi") ? Served.BY_US : Served.BY_PARTNERS;
  }

  private static JsonNode released(String document) throws IOException {
    return YAML.readTree(Path.of("released", "1.1.0", document + ".yaml").toFile());
  }

  private static JsonNode changed(JsonNode document, JsonNode row) {
    for (JsonNode each : row.path("remove")) {
      String pointer = pointer(document, each.asText());
      JsonNode parent = document.at(parent(pointer));
      String name = name(pointer);
      JsonNode removed =
          parent instanceof ArrayNode array
              ? array.remove(Integer.parseInt(name))
              : ((ObjectNode) parent).remove(name);
      assertThat(removed).as("there is nothing at " + pointer).isNotNull();
    }
    for (Map.Entry<String, JsonNode> set : row.path("set").properties()) {
      String pointer = pointer(document, set.getKey());
      JsonNode parent = document.at(parent(pointer));
      String name = name(pointer);
      if (!(parent instanceof ArrayNode array)) {
        ((ObjectNode) parent).set(name, set.getValue());
      } else if (name.equals("-")) {
        array.add(set.getValue());
      } else {
        array.set(Integer.parseInt(name), set.getValue());
      }
    }
    return document;
  }

  /** As it is, or with its operation's place instead of its operationId. */
  private static String pointer(JsonNode document, String given) {
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        String id = method.getValue().path("operationId").asText("?");
        if (given.equals(id) || given.startsWith(id + "/")) {
          return "/paths/%s/%s%s"
              .formatted(
                  path.getKey().replace("~", "~0").replace("/", "~1"),
                  method.getKey(),
                  given.substring(id.length()));
        }
      }
    }
    return given;
  }

  private static String parent(String pointer) {
    return pointer.substring(0, pointer.lastIndexOf('/'));
  }

  private static String name(String pointer) {
    return pointer.substring(pointer.lastIndexOf('/') + 1).replace("~1", "/").replace("~0", "~");
  }
}
