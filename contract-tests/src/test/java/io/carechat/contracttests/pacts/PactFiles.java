package io.carechat.contracttests.pacts;

import au.com.dius.pact.core.model.DefaultPactReader;
import au.com.dius.pact.core.model.Pact;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads pacts from files or addresses. */
final class PactFiles {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private PactFiles() {}

  /**
   * Reads the pacts in a folder (its {@code .json} files, ordered by name), in one file, or at an
   * {@code http(s)} address of one pact. Returns at least one.
   *
   * @throws IllegalArgumentException if there is no pact, or one cannot be read. The message is for
   *     the pact's author, and says which pact it is and why.
   */
  static List<Pact> load(String instance) {
    try {
      if (instance.startsWith("http://") || instance.startsWith("https://")) {
        return List.of(pact(instance, fetched(instance)));
      }
      Path path = Path.of(instance);
      if (Files.isRegularFile(path)) {
        return List.of(pact(instance, Files.readString(path)));
      }
      if (!Files.isDirectory(path)) {
        throw new IllegalArgumentException("There is no folder or file " + instance + ".");
      }
      return inFolder(path);
    } catch (IOException e) {
      throw new IllegalArgumentException("Cannot read " + instance + ": " + e, e);
    }
  }

  private static List<Pact> inFolder(Path folder) throws IOException {
    var pacts = new ArrayList<Pact>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".json")).sorted().toList()) {
        pacts.add(pact(file.toString(), Files.readString(file)));
      }
    }
    if (pacts.isEmpty()) {
      throw new IllegalArgumentException("The folder " + folder + " has no .json file.");
    }
    return pacts;
  }

  private static String fetched(String address) throws IOException {
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(address)).timeout(Duration.ofSeconds(30)).build(),
              HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      if (answer.statusCode() != 200) {
        throw new IllegalArgumentException(address + " answers " + answer.statusCode() + ".");
      }
      return answer.body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /**
   * Lets a rule's regular expression match a part of a value, as the consumers' libraries do that
   * wrote the rule. The library used here wants it to match the whole value.
   */
  private static void letMatchAPart(JsonNode rules) {
    for (JsonNode rule : rules.findParents("regex")) {
      if (rule.path("regex").isTextual()) {
        String part = rule.path("regex").asText();
        ((ObjectNode) rule).put("regex", "(?s:.*?)(?:" + part + ")(?s:.*)");
      }
    }
  }

  private static Pact pact(String name, String text) {
    JsonNode json;
    try {
      json = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          name
              + " is not JSON: "
              + e.getOriginalMessage()
              + " at line "
              + e.getLocation().getLineNr()
              + ". Give a pact file, a folder of them, or the address of one.",
          e);
    }
    if (json.path("interactions").isEmpty() && json.path("messages").isEmpty()) {
      throw new IllegalArgumentException(name + " is no pact: it has no interactions or messages.");
    }
    json.findValues("matchingRules").forEach(PactFiles::letMatchAPart);
    return DefaultPactReader.INSTANCE.loadPact(new StringReader(json.toString()));
  }
}
