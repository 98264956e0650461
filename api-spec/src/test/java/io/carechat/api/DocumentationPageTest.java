package io.carechat.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.api.runtime.Contract;
import io.carechat.api.runtime.Operation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page has all that the documents have, and needs nothing from elsewhere. */
final class DocumentationPageTest {

  private static final String PAGE = new String(Contract.file("docs.html"), StandardCharsets.UTF_8);

  @Test
  void hasEveryOperation() {
    for (Operation operation : Contract.operations()) {
      assertThat(PAGE)
          .contains(
              "id=\"api-operation-" + operation.id() + "\"",
              "<strong>" + operation.method() + "</strong> " + operation.route() + "</code>");
    }
    assertThat(receivingOperations())
        .containsExactly("receiveMessage", "receiveEvent", "receiveThinEvent")
        .allSatisfy(id -> assertThat(PAGE).contains("id=\"webhook-operation-" + id + "\""));
  }

  private static List<String> receivingOperations() {
    return new Documents("webhooks")
        .root()
        .path("paths")
        .valueStream()
        .map(path -> path.at("/post/operationId").asText())
        .toList();
  }

  @Test
  void hasEveryProblemCode() {
    for (String code : Contract.problemCodes()) {
      assertThat(PAGE).contains("id=\"api-problem-" + code + "\"");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void hasEverySchemaMemberAndParameter(String name) {
    Documents document = new Documents(name);
    for (Map.Entry<String, JsonNode> schema :
        document.root().at("/components/schemas").properties()) {
      String entry =
          entry((name.equals("openapi") ? "api" : "webhook") + "-schema-" + schema.getKey());
      schema
          .getValue()
          .path("properties")
          .fieldNames()
          .forEachRemaining(member -> assertThat(entry).contains(row(member)));
    }
    for (JsonNode path : document.root().path("paths")) {
      for (JsonNode operation : path) {
        String id = operation.path("operationId").asText("");
        if (!id.isEmpty()) {
          String entry = entry((name.equals("openapi") ? "api" : "webhook") + "-operation-" + id);
          for (JsonNode list : List.of(path.path("parameters"), operation.path("parameters"))) {
            for (JsonNode parameter : list) {
              assertThat(entry).contains(row(document.resolve(parameter).path("name").asText()));
            }
          }
        }
      }
    }
  }

  /** How a table of members or parameters begins a row. */
  private static String row(String name) {
    return "<tr><td><code>" + name + "</code>";
  }

  /** What a program is to do is said for every status that it can meet. */
  @Test
  void theGuideToErrorsHasEveryStatus() {
    Set<String> described = new TreeSet<>();
    for (JsonNode path : new Documents("openapi").root().path("paths")) {
      for (JsonNode operation : path) {
        operation
            .path("responses")
            .fieldNames()
            .forEachRemaining(status -> {
              if (status.compareTo("400") >= 0) {
                described.add(status);
              }
            });
      }
    }
    Set<String> told = new TreeSet<>();
    for (String row : found(entry("guide-errors"), "(?s)<tr>\\s*<td>([0-9]{3}.*?)</td>")) {
      told.addAll(found(row, "[0-9]{3}"));
    }
    assertThat(described).hasSizeGreaterThan(10);
    assertThat(told).isEqualTo(described);
  }

  @Test
  void hasTheGuides() {
    assertThat(found("id=\"guide-([a-z-]+)\""))
        .contains(
            "first-steps",
            "paging",
            "searching",
            "inbox",
            "idempotency",
            "errors",
            "events",
            "webhooks");
  }

  /**
   * Operations that clients have methods for are shown in every language, called by their names.
   */
  @Test
  void showsEachOperationInEachLanguage() {
    Documents api = new Documents("openapi");
    for (JsonNode pathItem : api.root().path("paths")) {
      for (JsonNode operation : pathItem) {
        String id = operation.path("operationId").asText("");
        if (id.isEmpty()) {
          continue;
        }
        String entry = entry("api-operation-" + id);
        assertThat(samples(entry, "curl")).as(id).isNotEmpty();
        String tag = operation.at("/tags/0").asText();
        if (tag.equals("streams")) {
          // Clients have no methods for these.
          for (String language : List.of("Java", "TypeScript", "Python")) {
            assertThat(samples(entry, language)).first().asString().contains("Last-Event-ID");
          }
        } else if (!tag.equals("meta")) {
          assertThat(samples(entry, "Java")).as(id).first().asString().contains("." + id + "(");
          assertThat(samples(entry, "TypeScript")).first().asString().contains("." + id + "(");
          assertThat(samples(entry, "Python"))
              .first()
              .asString()
              .contains("." + id.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT) + "(");
        }
      }
    }
    for (String language : List.of("Java", "TypeScript", "Python")) {
      assertThat(samples(entry("guide-webhooks"), language)).first().asString().contains("verify(");
    }
  }

  /** Method, path, parameters, headers and body of each call by curl are as the contract says. */
  @Test
  void everyCurlCallKeepsTheContract() {
    Documents api = new Documents("openapi");
    Set<String> called = new HashSet<>();
    for (String sample : samples(PAGE, "curl")) {
      if (sample.contains("webhook-id")) {
        continue; // To a receiver, not to us.
      }
      for (String line : sample.replace("\\\n", " ").lines().toList()) {
        if (line.startsWith("curl ")) {
          called.add(CurlCall.of(line).checkedAgainst(api));
        }
      }
    }
    assertThat(called).containsAll(Contract.operations().stream().map(Operation::id).toList());
  }

  @Test
  void everyHeaderOfAGenuineWebhookIsInItsExample() {
    JsonNode webhooks = new Documents("webhooks").root();
    for (JsonNode path : webhooks.path("paths")) {
      JsonNode operation = path.path("post");
      String id = operation.path("operationId").asText();
      String sample = samples(entry("webhook-operation-" + id), "curl").getFirst();
      for (JsonNode header : operation.path("parameters")) {
        assertThat(sample).as(id).contains(header.path("name").asText() + ": ");
      }
      if (!operation.has("security")) {
        // Only SOURCE always has the partner's credential.
        for (JsonNode scheme : webhooks.at("/components/securitySchemes")) {
          assertThat(sample).as(id).contains(scheme.path("name").asText() + ": ");
        }
      }
    }
  }

  @Test
  void everyLinkInsideThePageLeadsSomewhere() {
    List<String> ids = found("\\sid=\"([^\"]+)\"");
    assertThat(ids).doesNotHaveDuplicates();
    List<String> links = found("href=\"#([^\"$]+)\"");
    assertThat(links).hasSizeGreaterThan(80);
    assertThat(ids).containsAll(links);
  }

  @Test
  void loadsNothingFromElsewhere() {
    assertThat(found("<(link|img|iframe|object|embed|source|base|form)[\\s>]")).isEmpty();
    // Samples are text; the rest could be markup, style or script.
    String live = PAGE.replaceAll("(?s)<pre[ >].*?</pre>", "");
    assertThat(live).hasSizeLessThan(PAGE.length());
    assertThat(found(live, "(\\ssrc=|@import|url\\(|fetch\\(|XMLHttpRequest|import\\()")).isEmpty();
    assertThat(found("<a href=\"(https?:[^\"]+)\""))
        .as("links to follow, which load nothing")
        .containsOnly("https://www.standardwebhooks.com");
  }

  /** The page's own policy lets its own style and script run, and nothing else. */
  @Test
  void allowsItsOwnStyleAndScript() throws NoSuchAlgorithmException {
    for (String element : List.of("style", "script")) {
      String inside = found("(?s)<" + element + "(?: [^>]*)?>(.*?)</" + element + ">").getFirst();
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(inside.getBytes(StandardCharsets.UTF_8));
      assertThat(PAGE)
          .contains(element + "-src 'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
    }
    assertThat(found("\\sstyle=\"")).isEmpty();
    assertThat(found("\\son[a-z]+=\"")).isEmpty();
  }

  @Test
  void hasLandmarksAndHeadingsInOrder() {
    assertThat(PAGE)
        .startsWith("<!doctype html>\n<html lang=\"en\">")
        .contains("<header>", "<nav aria-label=", "<main id=\"content\"", "href=\"#content\"")
        .doesNotContain("{{");
    int before = 0;
    for (String heading : found("<h([1-6])>")) {
      int level = Integer.parseInt(heading);
      assertThat(level).isLessThanOrEqualTo(before + 1);
      before = level;
    }
    assertThat(found("<(h1)>")).hasSize(1);
  }

  @Test
  void closesWhatItOpens() {
    Set<String> empty = Set.of("meta", "input", "br", "hr");
    String markup = PAGE.replaceAll("(?s)<(style|script)([^>]*)>.*?</\\1>", "<$1></$1>");
    Deque<String> open = new ArrayDeque<>();
    Pattern.compile("<(/?)([a-z][a-z0-9]*)[^>]*>")
        .matcher(markup)
        .results()
        .forEach(tag -> {
          if (empty.contains(tag.group(2))) {
            return;
          }
          if (tag.group(1).isEmpty()) {
            open.push(tag.group(2));
          } else {
            assertThat(open.pop()).as("at " + tag.start()).isEqualTo(tag.group(2));
          }
        });
    assertThat(open).isEmpty();
  }

  private static String entry(String id) {
    int start = PAGE.indexOf("<article class=\"entry\" id=\"" + id + "\">");
    assertThat(start).as(id).isNotNegative();
    return PAGE.substring(start, PAGE.indexOf("</article>", start));
  }

  /** The code shown in a language, as it is read. */
  private static List<String> samples(String html, String language) {
    return Pattern.compile("(?s)data-language=\"" + language + "\">.*?<pre[^>]*>(.*?)</pre>")
        .matcher(html)
        .results()
        .map(sample ->
            sample
                .group(1)
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&amp;", "&"))
        .toList();
  }

  private static List<String> found(String pattern) {
    return found(PAGE, pattern);
  }

  private static List<String> found(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult result) -> result.groupCount() > 0 ? result.group(1) : result.group())
        .toList();
  }
}
