package io.carechat.contracttests.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The JSON examples of the source document, without any change. */
enum Example {
  SEND_REQUEST("send-request"),
  SEND_RESPONSE("send-response"),
  WEBHOOK_BODY("webhook-body"),
  FIND_RESPONSE("find-response"),
  SEARCH_RESPONSE("search-response");

  /** Keeps the order of members when it reads and writes. */
  static final ObjectMapper MAPPER = new ObjectMapper();

  private final String file;

  Example(String file) {
    this.file = file;
  }

  JsonNode json() {
    try (InputStream stream =
        Objects.requireNonNull(Example.class.getResourceAsStream(file + ".json"), file)) {
      return MAPPER.readTree(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The JSON of an answer. */
  static JsonNode parse(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(json, e);
    }
  }

  /**
   * The shape of a document: the path of every member, in order, with the type of its value. Of an
   * array, only the first element counts.
   */
  static List<String> shape(JsonNode json) {
    var lines = new ArrayList<String>();
    shape("", json, lines);
    return lines;
  }

  private static void shape(String path, JsonNode json, List<String> lines) {
    lines.add(path + " " + json.getNodeType());
    if (json.isArray() && !json.isEmpty()) {
      shape(path + "[]", json.get(0), lines);
    }
    json.properties()
        .forEach(member -> shape(path + "/" + member.getKey(), member.getValue(), lines));
  }
}
