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
    assertThat(PAGE).contains("id=\"webhook-operation-receiveMessage\"");
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
      assertThat(PAGE).contains("schema-" + schema.getKey() + "\"");
      schema
          .getValue()
          .path("properties")
          .fieldNames()
          .forEachRemaining(member -> assertThat(PAGE).contains("<code>" + member + "</code>"));
    }
    for (JsonNode parameter : document.root().at("/components/parameters")) {
      assertThat(PAGE).contains("<code>" + parameter.path("name").asText() + "</code>");
    }
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
    String sample = samples(entry("webhook-operation-receiveMessage"), "curl").getFirst();
    Documents webhooks = new Documents("webhooks");
    webhooks
        .root()
        .at("/paths/~1/post/parameters")
        .forEach(header -> assertThat(sample).contains(header.path("name").asText() + ": "));
    webhooks
        .root()
        .at("/components/securitySchemes")
        .forEach(scheme -> assertThat(sample).contains(scheme.path("name").asText() + ": "));
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
