import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * Run by the build: makes openapi.json and webhooks.json of the two YAML documents, member for
 * member (the generator's own conversion changes examples that look like dates), the one document
 * of OpenAPI 3.1 of both, and docs.html, the page to read them on; and has with them what the page
 * links to.
 */
final class ContractFiles {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ContractFiles() {}

  /** Takes the folder of the documents and the folder for the results. */
  public static void main(String[] folders) throws IOException {
    Path from = Path.of(folders[0]);
    Path to = Files.createDirectories(Path.of(folders[1]));
    ObjectNode openapi = convert(from, to, "openapi");
    ObjectNode webhooks = convert(from, to, "webhooks");
    Edition31.write(openapi, webhooks, to);

    String css = Files.readString(from.resolve("docs/docs.css"));
    String js = Files.readString(from.resolve("docs/docs.js"));
    Path samples = from.resolve("docs/samples");
    Page api = new Page(openapi, "api", samples);
    Page guides = new Page(openapi, "guide", samples);
    Page reference = new Page(openapi, "api", samples);
    Page hooks = new Page(webhooks, "webhook", samples);
    api.introduction("Introduction");
    guides.guides(from.resolve("docs/guides"));
    reference.operations();
    reference.problems();
    reference.schemas("Schemas");
    hooks.introduction("Webhooks");
    hooks.operations();
    hooks.schemas("Webhook schemas");
    String page =
        Files.readString(from.resolve("docs/docs.html"))
            .replace("{{version}}", Page.text(openapi.at("/info/version").asText()))
            // The hash is over all that is between the tags, with the line break after the first.
            .replace("{{css-hash}}", hash("\n" + css))
            .replace("{{js-hash}}", hash("\n" + js))
            .replace("{{css}}", css)
            .replace("{{js}}", js)
            .replace("{{navigation}}", all(Page::navigation, api, guides, reference, hooks))
            .replace("{{content}}", all(Page::content, api, guides, reference, hooks));
    Files.writeString(to.resolve("docs.html"), page);

    copy(from.resolve("webhook-vectors/vectors.json"), to.resolve("webhook-vectors.json"));
    copy(from.resolve("../clients/python/webhook.py"), to.resolve("webhook-verifier.py"));
  }

  /** What the page links to, and partners have from the service. */
  private static void copy(Path file, Path to) throws IOException {
    Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String all(Function<Page, String> part, Page... pages) {
    return Stream.of(pages).map(part).collect(Collectors.joining());
  }

  private static ObjectNode convert(Path from, Path to, String name) throws IOException {
    ObjectNode document =
        (ObjectNode) new YAMLMapper().readTree(from.resolve(name + ".yaml").toFile());
    JSON.writeValue(to.resolve(name + ".json").toFile(), document);
    return document;
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One document as HTML: sections of entries, and a list of links to them. */
  private static final class Page {

    private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());
    private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();
    private static final HtmlRenderer RENDERER =
        HtmlRenderer.builder().extensions(EXTENSIONS).escapeHtml(true).build();

    /** The guides, in the order in which they are read. */
    private static final List<String> GUIDES =
        List.of(
            "first-steps",
            "paging",
            "searching",
            "inbox",
            "idempotency",
            "errors",
            "events",
            "webhooks");

    /** What a sample's fence says, and what readers call it. */
    private static final Map<String, String> LANGUAGES =
        Map.of("sh", "curl", "java", "Java", "ts", "TypeScript", "python", "Python");

    /** A wide table scrolls by itself; the focus lets a keyboard do it. */
    private static final String SCROLL =
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\">";

    private final JsonNode document;
    private final String prefix;
    private final Path samples;
    private final StringBuilder content = new StringBuilder();
    private final StringBuilder navigation = new StringBuilder();

    Page(JsonNode document, String prefix, Path samples) {
      this.document = document;
      this.prefix = prefix;
      this.samples = samples;
    }

    String content() {
      return content.toString();
    }

    String navigation() {
      return navigation.toString();
    }

    /** The document's description: each part with a heading is an entry, what is before leads. */
    void introduction(String title) {
      String[] parts = document.at("/info/description").asText().split("(?m)^## ");
      section(title);
      content.append(markdown(parts[0]));
      for (JsonNode server : document.path("servers")) {
        content.append("<p>Server: <code>").append(text(server.path("url").asText()));
        content.append("</code>. ").append(text(server.path("description").asText()));
        content.append("</p>\n");
      }
      for (String part : Arrays.asList(parts).subList(1, parts.length)) {
        String[] headingAndRest = part.split("\n", 2);
        String heading = headingAndRest[0].strip();
        entry(slug(heading), heading, null);
        content.append(markdown(headingAndRest[1]));
        endEntry();
      }
      for (Map.Entry<String, JsonNode> scheme :
          document.at("/components/securitySchemes").properties()) {
        entry("credential-" + scheme.getKey(), "Credential " + scheme.getKey(), null);
        content.append(markdown(scheme.getValue().path("description").asText()));
        endEntry();
      }
      endSection();
    }

    void guides(Path folder) throws IOException {
      section("Guides");
      for (String guide : GUIDES) {
        String[] titleAndRest = Files.readString(folder.resolve(guide + ".md")).split("\n", 2);
        entry(guide, titleAndRest[0].replaceFirst("^# ", ""), null);
        content.append(markdown(titleAndRest[1]));
        endEntry();
      }
      endSection();
    }

    void operations() throws IOException {
      for (JsonNode tag : document.path("tags")) {
        String name = tag.path("name").asText();
        section("Operations: " + name);
        content.append(markdown(tag.path("description").asText()));
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
          for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
            if (method.getValue().path("tags").path(0).asText().equals(name)) {
              operation(path.getKey(), path.getValue(), method.getKey(), method.getValue());
            }
          }
        }
        endSection();
      }
    }

    void problems() {
      section("Problem codes");
      for (JsonNode code :
          document.at("/components/schemas/Problem/properties/code/x-carechat-codes")) {
        entry("problem-" + code.asText(), code.asText(), null);
        List<String> uses = new ArrayList<>();
        for (Map.Entry<String, JsonNode> response :
            document.at("/components/responses").properties()) {
          for (JsonNode example :
              response.getValue().at("/content/application~1problem+json/examples")) {
            if (example.at("/value/code").equals(code)) {
              uses.add(
                  markdown(response.getValue().path("description").asText())
                      + "<p class=\"quiet\">"
                      + text(example.path("summary").asText())
                      + "</p>"
                      + json(example.path("value")));
            }
          }
        }
        content.append(
            uses.isEmpty()
                ? "<p>No operation of this edition returns this code.</p>\n"
                : uses.get(0));
        endEntry();
      }
      endSection();
    }

    void schemas(String title) {
      section(title);
      for (Map.Entry<String, JsonNode> schema : document.at("/components/schemas").properties()) {
        JsonNode node = schema.getValue();
        entry("schema-" + schema.getKey(), schema.getKey(), null);
        content.append(markdown(node.path("description").asText()));
        if (node.has("properties")) {
          table(List.of("Member", "Type", "Meaning"));
          for (Map.Entry<String, JsonNode> member : node.path("properties").properties()) {
            row(
                "<code>" + text(member.getKey()) + "</code>" + required(node, member.getKey()),
                type(member.getValue()),
                meaning(member.getValue()));
          }
          endTable();
          if (node.has("additionalProperties") && !node.path("additionalProperties").asBoolean()) {
            content.append("<p>No other members.</p>\n");
          }
        } else {
          content.append("<p>").append(type(node)).append("</p>\n").append(example(node));
        }
        endEntry();
      }
      endSection();
    }

    private void operation(String path, JsonNode pathItem, String method, JsonNode operation)
        throws IOException {
      entry(
          "operation-" + operation.path("operationId").asText(),
          operation.path("summary").asText(),
          operation.path("operationId").asText());
      content.append("<code class=\"path\"><strong>").append(method.toUpperCase(Locale.ROOT));
      content.append("</strong> ").append(text(path)).append("</code>\n");
      if (operation.path("deprecated").asBoolean()) {
        content.append("<p><strong>Deprecated</strong> since ");
        content.append(text(operation.path("x-deprecated-at").asText()));
        content.append("; works at least until ");
        content.append(text(operation.path("x-sunset").asText())).append(".</p>\n");
      }
      content.append(markdown(operation.path("description").asText()));
      content.append("<h4>Examples</h4>\n").append(examples(path, pathItem, method, operation));

      List<JsonNode> parameters = new ArrayList<>();
      pathItem.path("parameters").forEach(parameters::add);
      operation.path("parameters").forEach(parameters::add);
      if (!parameters.isEmpty()) {
        content.append("<h4>Parameters</h4>\n");
        table(List.of("Name", "In", "Type", "Meaning"));
        for (JsonNode reference : parameters) {
          JsonNode parameter = resolve(reference);
          row(
              "<code>"
                  + text(parameter.path("name").asText())
                  + "</code>"
                  + (parameter.path("required").asBoolean() ? "<br>required" : ""),
              text(parameter.path("in").asText()),
              type(parameter.path("schema")),
              meaning(parameter));
        }
        endTable();
      }
      JsonNode body = operation.path("requestBody");
      if (!body.isMissingNode()) {
        content.append("<h4>Body</h4>\n").append(markdown(body.path("description").asText()));
        media(body.path("content"));
      }
      content.append("<h4>Answers</h4>\n");
      for (Map.Entry<String, JsonNode> response : operation.path("responses").properties()) {
        response(response.getKey(), resolve(response.getValue()));
      }
      endEntry();
    }

    /** The samples written for it; for the open pages, which clients have no methods for, curl. */
    private String examples(String path, JsonNode pathItem, String method, JsonNode operation)
        throws IOException {
      Path written = samples.resolve(operation.path("operationId").asText() + ".md");
      if (Files.exists(written)) {
        return markdown(Files.readString(written));
      }
      if (!method.equals("get") || !operation.path("security").isEmpty()) {
        throw new IllegalStateException("There must be a " + written);
      }
      String filled = path;
      for (JsonNode reference : operation.path("parameters")) {
        JsonNode parameter = resolve(reference);
        filled =
            filled.replace(
                "{" + parameter.path("name").asText() + "}", parameter.path("example").asText());
      }
      return samples(Map.of("sh", "curl -i \"$CARECHAT_URL" + filled + "\"\n"));
    }

    /** The same in several languages, each with its name: the page's script makes tabs of them. */
    private static String samples(Map<String, String> byLanguage) {
      StringBuilder html = new StringBuilder("<div class=\"samples\">\n");
      byLanguage.forEach((language, code) -> {
        String name = text(LANGUAGES.get(language));
        html.append("<div class=\"sample\" data-language=\"").append(name).append("\">");
        html.append("<p class=\"language\">").append(name).append("</p>\n");
        html.append("<pre tabindex=\"0\" role=\"group\" aria-label=\"Example: ").append(name);
        html.append("\">").append(text(code.stripTrailing())).append("</pre></div>\n");
      });
      return html.append("</div>\n").toString();
    }

    private void response(String status, JsonNode response) {
      content.append("<details").append(status.startsWith("2") ? " open" : "");
      content.append("><summary><strong>").append(text(status)).append("</strong> ");
      String description = response.path("description").asText();
      content.append(inline(description)).append("</summary>\n");
      if (!response.path("headers").isEmpty()) {
        table(List.of("Header", "Type", "Meaning"));
        for (Map.Entry<String, JsonNode> reference : response.path("headers").properties()) {
          JsonNode header = resolve(reference.getValue());
          row(
              "<code>" + text(reference.getKey()) + "</code>",
              type(header.path("schema")),
              meaning(header));
        }
        endTable();
      }
      media(response.path("content"));
      content.append("</details>\n");
    }

    private void media(JsonNode media) {
      for (Map.Entry<String, JsonNode> type : media.properties()) {
        content.append("<p><code>").append(text(type.getKey())).append("</code>: ");
        content.append(type(type.getValue().path("schema"))).append("</p>\n");
        for (JsonNode example : type.getValue().path("examples")) {
          content.append("<p class=\"quiet\">").append(text(example.path("summary").asText()));
          content.append("</p>\n").append(json(example.path("value")));
        }
      }
    }

    private String meaning(JsonNode node) {
      JsonNode target = resolve(node);
      return markdown(target.path("description").asText()) + example(target);
    }

    private static String example(JsonNode node) {
      JsonNode example = node.path("example");
      if (example.isMissingNode()) {
        return "";
      }
      return "<p class=\"quiet\">Example: <code>"
          + text(example.isTextual() ? example.asText() : example.toString())
          + "</code></p>";
    }

    private String type(JsonNode node) {
      if (node.has("$ref")) {
        String name = node.path("$ref").asText().replaceFirst(".*/", "");
        return "<a href=\"#" + id("schema-" + name) + "\">" + text(name) + "</a>";
      }
      if (node.path("type").asText().equals("array")) {
        return "array of " + type(node.path("items"));
      }
      StringBuilder type = new StringBuilder(node.path("type").asText());
      if (node.path("nullable").asBoolean()) {
        type.append(" or null");
      }
      if (node.has("format")) {
        type.append(", ").append(node.path("format").asText());
      }
      if (node.has("minLength") || node.has("maxLength")) {
        type.append(", ").append(node.path("minLength").asText("0"));
        type.append(" to ").append(node.path("maxLength").asText("any number of"));
        type.append(" characters");
      }
      if (node.has("minimum")) {
        type.append(", from ").append(node.path("minimum").asText());
      }
      if (node.has("maximum")) {
        type.append(", to ").append(node.path("maximum").asText());
      }
      StringBuilder html = new StringBuilder(text(type.toString()));
      if (node.has("enum")) {
        List<String> values = new ArrayList<>();
        node.path("enum").forEach(value -> values.add("<code>" + text(value.asText()) + "</code>"));
        html.append(": ").append(String.join(", ", values));
      }
      // The rule in words says the same, and can be read.
      if (node.has("x-carechat-rule")) {
        html.append("; ").append(text(node.path("x-carechat-rule").asText()));
      } else if (node.has("pattern")) {
        html.append(", <code>").append(text(node.path("pattern").asText())).append("</code>");
      }
      return html.toString();
    }

    private static String required(JsonNode schema, String member) {
      for (JsonNode each : schema.path("required")) {
        if (each.asText().equals(member)) {
          return "<br>always present";
        }
      }
      return "<br>may be absent";
    }

    private JsonNode resolve(JsonNode node) {
      return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    }

    private String id(String name) {
      return prefix + "-" + name;
    }

    private void section(String title) {
      String id = id(slug(title));
      content.append("<section id=\"").append(id).append("\">\n<h2>");
      content.append(text(title)).append("</h2>\n");
      navigation.append("<div class=\"group\"><p id=\"list-").append(id).append("\">");
      navigation.append(text(title)).append("</p>\n<ul aria-labelledby=\"list-");
      navigation.append(id).append("\">\n");
    }

    private static String slug(String title) {
      return title.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    private void endSection() {
      content.append("</section>\n");
      navigation.append("</ul></div>\n");
    }

    private void entry(String name, String title, String code) {
      content.append("<article class=\"entry\" id=\"").append(id(name)).append("\">\n<h3>");
      content.append(text(title));
      if (code != null) {
        content.append(" <code>").append(text(code)).append("</code>");
      }
      content.append("</h3>\n");
      navigation.append("<li><a href=\"#").append(id(name)).append("\">").append(text(title));
      navigation.append("</a></li>\n");
    }

    private void endEntry() {
      content.append("</article>\n");
    }

    private void table(List<String> heads) {
      content.append(SCROLL);
      content.append("<table>\n<thead><tr>");
      heads.forEach(head -> content.append("<th scope=\"col\">").append(head).append("</th>"));
      content.append("</tr></thead>\n<tbody>\n");
    }

    private static String scrolling(String table) {
      return SCROLL + table + "</div>\n";
    }

    private void row(String... cells) {
      content.append("<tr>");
      for (String cell : cells) {
        content.append("<td>").append(cell).append("</td>");
      }
      content.append("</tr>\n");
    }

    private void endTable() {
      content.append("</tbody>\n</table></div>\n");
    }

    private static String json(JsonNode value) {
      try {
        String shown = value.isTextual() ? value.asText() : JSON.writeValueAsString(value);
        return "<pre tabindex=\"0\">" + text(shown) + "</pre>\n";
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      }
    }

    private static String markdown(String source) {
      Node node = PARSER.parse(source);
      node.accept(
          new AbstractVisitor() {
            @Override
            public void visit(Heading heading) {
              // Below the entry's own.
              heading.setLevel(Math.min(6, heading.getLevel() + 2));
              visitChildren(heading);
            }
          });
      StringBuilder html = new StringBuilder();
      // Neighbouring samples are the same in several languages.
      Map<String, String> samples = new LinkedHashMap<>();
      for (Node child = node.getFirstChild(); child != null; child = child.getNext()) {
        if (child instanceof FencedCodeBlock code && LANGUAGES.containsKey(code.getInfo())) {
          if (samples.put(code.getInfo(), code.getLiteral()) != null) {
            throw new IllegalStateException("Two adjacent samples in " + code.getInfo());
          }
        } else {
          if (!samples.isEmpty()) {
            html.append(samples(samples));
            samples.clear();
          }
          html.append(
              child instanceof TableBlock
                  ? scrolling(RENDERER.render(child))
                  : RENDERER.render(child));
        }
      }
      return html.append(samples.isEmpty() ? "" : samples(samples)).toString();
    }

    /** One paragraph, or several as one, without the paragraph's own element. */
    private static String inline(String source) {
      return markdown(source).strip().replaceAll("</?p>", "");
    }

    static String text(String raw) {
      return raw.replace("&", "&amp;")
          .replace("<", "&lt;")
          .replace(">", "&gt;")
          .replace("\"", "&quot;");
    }
  }
}
