import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * Checks the licences of everything in a bill of materials (CycloneDX, JSON), and prints how many
 * components have each. Ends with 1 if a component has none that is allowed: a component with
 * several needs one that is.
 */
final class Licences {
  /** By SPDX's id, or by the name that a project gives if it gives no id. */
  private static final Set<String> ALLOWED =
      Set.of(
          "Apache-2.0",
          "BSD-2-Clause",
          "BSD-3-Clause",
          "EPL-2.0",
          "GPL-2.0-with-classpath-exception",
          "MIT",
          "MIT-0",
          "Public Domain",
          "CC0-1.0",
          "UPL-1.0");

  private Licences() {}

  public static void main(String[] args) throws IOException {
    JsonNode bom = new ObjectMapper().readTree(Path.of(args[0]).toFile());
    var counts = new TreeMap<String, Integer>();
    var refused = new ArrayList<String>();
    for (JsonNode component : bom.path("components")) {
      List<String> licences = licences(component);
      List<String> allowed = licences.stream().filter(ALLOWED::contains).toList();
      if (allowed.isEmpty()) {
        refused.add(component.path("purl").asText() + " " + licences);
      } else {
        counts.merge(allowed.getFirst(), 1, Integer::sum);
      }
    }
    counts.forEach((licence, count) -> System.out.println(count + " " + licence));
    if (counts.isEmpty() || !refused.isEmpty()) {
      System.err.println("No licence that is allowed: " + refused);
      System.exit(1);
    }
  }

  private static List<String> licences(JsonNode component) {
    var licences = new ArrayList<String>();
    for (JsonNode choice : component.path("licenses")) {
      JsonNode licence = choice.path("license");
      if (choice.has("expression")) {
        licences.addAll(List.of(choice.path("expression").asText().split("[ ()]+(OR|WITH)? *")));
      }
      for (String member : List.of("id", "name")) {
        if (licence.has(member)) {
          licences.add(licence.path(member).asText());
        }
      }
    }
    return licences;
  }
}
