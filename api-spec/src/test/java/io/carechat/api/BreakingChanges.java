package io.carechat.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.carechat.api.checked.Document;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What of a released document its successor breaks, for those who wrote code against the released
 * one.
 *
 * <p>Everything is judged by <b>who reads it</b>. What we read (requests to us, answers of a
 * partner's webhook receiver) may only become more lenient: what was accepted stays accepted. What
 * partners read (our answers, the requests that we send to their receiver) may only become
 * stricter, or get something more: what was there stays there, and what was said of it stays true.
 * So the very same change can be fine in one direction and a break in the other: a longer maximum
 * is fine in a request to us, and overflows a partner's column in what we send.
 *
 * <p>Beyond what is on the wire, names that become names in generated code (operations, tags,
 * types, formats) stay.
 */
final class BreakingChanges {

  /** Who serves the operations of a document. */
  enum Served {
    BY_US,
    BY_PARTNERS
  }

  private enum Read {
    BY_US,
    BY_PARTNERS
  }

  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");
  private static final List<String> UPPER =
      List.of("maxLength", "maximum", "maxItems", "maxProperties");
  private static final List<String> LOWER =
      List.of("minLength", "minimum", "minItems", "minProperties");
  private static final List<String> BRANCHES = List.of("allOf", "anyOf", "oneOf");

  /** Keywords that say nothing a program depends on. */
  private static final Set<String> WORDS =
      Set.of(
          "title",
          "description",
          "example",
          "externalDocs",
          "deprecated",
          "x-carechat-rule",
          "x-carechat-set-by-edge");

  /** Keywords that are judged by more than being equal. */
  private static final Set<String> JUDGED =
      Set.of(
          "nullable",
          "enum",
          "pattern",
          "properties",
          "required",
          "additionalProperties",
          "items",
          "x-carechat-more-values",
          "x-carechat-codes");

  private final JsonNode released;
  private final JsonNode next;
  private final Served served;
  private final List<String> found = new ArrayList<>();

  private BreakingChanges(JsonNode released, JsonNode next, Served served) {
    this.released = released;
    this.next = next;
    this.served = served;
  }

  /**
   * A released document without the operations that were announced to end ({@code x-sunset}) and
   * have ended by now: only those may go.
   */
  static JsonNode withoutEnded(JsonNode released, Instant now) {
    JsonNode rest = released.deepCopy();
    for (JsonNode path : rest.path("paths")) {
      ((ObjectNode) path)
          .removeIf(operation ->
              operation.has("x-sunset")
                  && !now.isBefore(Instant.parse(operation.path("x-sunset").asText())));
    }
    return rest;
  }

  /**
   * A document as the service holds it, which is what the two are compared as: with the pattern
   * that it holds a text to, whether the published one says the same or less. The lengths of times
   * are left out: the pattern has them, and no generated code holds a date against a length.
   */
  static JsonNode asHeld(JsonNode document) {
    JsonNode held = Document.asHeld(document);
    for (JsonNode node : held.findParents("format")) {
      if (node.path("format").asText().equals("date-time")) {
        ((ObjectNode) node).remove(List.of("minLength", "maxLength"));
      }
    }
    return held;
  }

  /**
   * Each break as where and what, in the order of the released document; empty if there is none.
   */
  static List<String> between(JsonNode released, JsonNode next, Served served) {
    BreakingChanges changes = new BreakingChanges(released, next, served);
    changes.operations();
    return List.copyOf(new LinkedHashSet<>(changes.found));
  }

  private void operations() {
    for (Map.Entry<String, JsonNode> path : released.path("paths").properties()) {
      JsonNode nextPath = next.path("paths").path(path.getKey());
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        if (METHODS.contains(method.getKey())) {
          String at = method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey();
          JsonNode after = nextPath.path(method.getKey());
          if (after.isMissingNode()) {
            report(at, "the operation is gone");
          } else {
            operation(at, path.getValue(), method.getValue(), nextPath, after);
          }
        }
      }
    }
  }

  private void operation(
      String at, JsonNode path, JsonNode before, JsonNode nextPath, JsonNode after) {
    same(at, before, after, "operationId");
    // Generated code has a class for each tag.
    if (!before.at("/tags/0").equals(after.at("/tags/0"))) {
      report(at, "the tag has changed");
    }
    Read request = served == Served.BY_US ? Read.BY_US : Read.BY_PARTNERS;
    Read answer = served == Served.BY_US ? Read.BY_PARTNERS : Read.BY_US;
    named(
        at,
        "parameter",
        parameters(released, path, before),
        parameters(next, nextPath, after),
        request);
    body(at + ", request body", before.path("requestBody"), after.path("requestBody"), request);
    answers(at, before.path("responses"), after.path("responses"), answer);
    security(at, credentials(released, before), credentials(next, after));
  }

  /** By place and name; the names of headers in small letters. */
  private static Map<String, JsonNode> parameters(
      JsonNode document, JsonNode path, JsonNode operation) {
    Map<String, JsonNode> parameters = new LinkedHashMap<>();
    for (JsonNode list : List.of(path.path("parameters"), operation.path("parameters"))) {
      for (JsonNode each : list) {
        JsonNode parameter = resolve(document, each);
        String in = parameter.path("in").asText();
        String name = parameter.path("name").asText();
        parameters.put(
            in + " " + (in.equals("header") ? name.toLowerCase(Locale.ROOT) : name), parameter);
      }
    }
    return parameters;
  }

  private static Map<String, JsonNode> headers(JsonNode document, JsonNode answer) {
    Map<String, JsonNode> headers = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> header : answer.path("headers").properties()) {
      headers.put(header.getKey().toLowerCase(Locale.ROOT), resolve(document, header.getValue()));
    }
    return headers;
  }

  /** Parameters, or headers of an answer. */
  private void named(
      String at,
      String kind,
      Map<String, JsonNode> before,
      Map<String, JsonNode> after,
      Read read) {
    before.forEach((name, old) -> {
      String where = at + ", " + kind + " " + name;
      JsonNode now = after.get(name);
      if (now == null) {
        report(where, "is gone");
        return;
      }
      required(where, old.path("required").asBoolean(), now.path("required").asBoolean(), read);
      for (String member : List.of("style", "explode", "allowReserved", "content")) {
        same(where, old, now, member);
      }
      schema(where, old.path("schema"), now.path("schema"), read);
    });
    after.forEach((name, now) -> {
      if (!before.containsKey(name) && now.path("required").asBoolean() && read == Read.BY_US) {
        report(at + ", " + kind + " " + name, "is new and required");
      }
    });
  }

  private void body(String at, JsonNode before, JsonNode after, Read read) {
    if (before.isMissingNode()) {
      if (read == Read.BY_US && after.path("required").asBoolean()) {
        report(at, "is new and required");
      }
      return;
    }
    if (after.isMissingNode()) {
      report(at, "is gone");
      return;
    }
    JsonNode old = resolve(released, before);
    JsonNode now = resolve(next, after);
    required(at, old.path("required").asBoolean(), now.path("required").asBoolean(), read);
    bound(at, old, now, "x-carechat-max-bytes", true, read);
    media(at, old, now, read);
    for (Map.Entry<String, JsonNode> type : now.path("content").properties()) {
      // Nobody asks for a form of what we send: a receiver gets what there is.
      if (read == Read.BY_PARTNERS && !old.path("content").has(type.getKey())) {
        report(at, "may be " + type.getKey() + " now");
      }
    }
  }

  private void media(String at, JsonNode before, JsonNode after, Read read) {
    for (Map.Entry<String, JsonNode> type : before.path("content").properties()) {
      JsonNode now = after.path("content").path(type.getKey());
      if (now.isMissingNode()) {
        report(at, "is no longer there as " + type.getKey());
      } else {
        schema(at, type.getValue().path("schema"), now.path("schema"), read);
      }
    }
  }

  private void answers(String at, JsonNode before, JsonNode after, Read read) {
    for (Map.Entry<String, JsonNode> status : before.properties()) {
      String where = at + ", answer " + status.getKey();
      if (!after.has(status.getKey())) {
        report(where, "is gone");
        continue;
      }
      JsonNode old = resolve(released, status.getValue());
      JsonNode now = resolve(next, after.path(status.getKey()));
      named(where, "header", headers(released, old), headers(next, now), read);
      media(where, old, now, read);
    }
    for (Map.Entry<String, JsonNode> status : after.properties()) {
      JsonNode content = resolve(next, status.getValue()).path("content");
      // A client treats an error that it does not know by its status, if it is a problem.
      boolean problem =
          status.getKey().matches("[45]..") && content.has("application/problem+json");
      if (read == Read.BY_PARTNERS && !before.has(status.getKey()) && !problem) {
        report(at + ", answer " + status.getKey(), "is new and no problem");
      }
    }
  }

  /** Each way to authenticate, as the credentials that it takes all of. */
  private static List<Set<String>> credentials(JsonNode document, JsonNode operation) {
    List<Set<String>> ways = new ArrayList<>();
    for (JsonNode way :
        operation.has("security") ? operation.path("security") : document.path("security")) {
      Set<String> credentials = new TreeSet<>();
      for (Map.Entry<String, JsonNode> scheme : way.properties()) {
        JsonNode is = document.at("/components/securitySchemes").path(scheme.getKey());
        credentials.add(
            String.join(
                    " ",
                    is.path("type").asText(),
                    is.path("scheme").asText(),
                    is.path("in").asText(),
                    is.path("name").asText().toLowerCase(Locale.ROOT))
                + scheme.getValue());
      }
      ways.add(credentials);
    }
    return ways.isEmpty() ? List.of(Set.of()) : ways;
  }

  private void security(String at, List<Set<String>> before, List<Set<String>> after) {
    if (served == Served.BY_US) {
      for (Set<String> way : before) {
        if (after.stream().noneMatch(way::containsAll)) {
          report(at, "is refused with the credential that was enough: " + way);
        }
      }
    } else {
      for (Set<String> way : after) {
        if (before.stream().noneMatch(way::containsAll)) {
          report(at, "we may send less than the credentials of before: " + way);
        }
      }
    }
  }

  private void schema(String at, JsonNode released, JsonNode next, Read read) {
    JsonNode before = resolve(this.released, released);
    JsonNode after = resolve(this.next, next);
    boolean wasNull = before.path("nullable").asBoolean();
    boolean isNull = after.path("nullable").asBoolean();
    if (read == Read.BY_US && wasNull && !isNull) {
      report(at, "can no longer be null");
    }
    if (read == Read.BY_PARTNERS && !wasNull && isNull) {
      report(at, "may be null now");
    }
    UPPER.forEach(keyword -> bound(at, before, after, keyword, true, read));
    LOWER.forEach(keyword -> bound(at, before, after, keyword, false, read));
    values(at, before, after, read);
    pattern(at, before, after, read);
    members(at, before, after, read);
    additional(at, before.path("additionalProperties"), after.path("additionalProperties"), read);
    if (before.has("items") && after.has("items")) {
      schema(at + "[]", before.path("items"), after.path("items"), read);
    } else {
      same(at, before, after, "items");
    }
    for (String keyword : BRANCHES) {
      JsonNode old = before.path(keyword);
      JsonNode now = after.path(keyword);
      if (old.size() != now.size()) {
        report(at, keyword + " has changed");
      }
      for (int i = 0; i < Math.min(old.size(), now.size()); i++) {
        schema(at + "(" + keyword + " " + i + ")", old.path(i), now.path(i), read);
      }
    }
    // Whatever else there is cannot be judged, so it stays: type and format among it.
    Set<String> others = new TreeSet<>();
    before.fieldNames().forEachRemaining(others::add);
    after.fieldNames().forEachRemaining(others::add);
    for (Set<String> known :
        List.of(WORDS, JUDGED, Set.copyOf(UPPER), Set.copyOf(LOWER), Set.copyOf(BRANCHES))) {
      others.removeAll(known);
    }
    others.forEach(keyword -> same(at, before, after, keyword));
  }

  private void values(String at, JsonNode before, JsonNode after, Read read) {
    Set<JsonNode> old = set(before.path("enum"));
    Set<JsonNode> now = set(after.path("enum"));
    if (read == Read.BY_US) {
      if (after.has("enum") && (!before.has("enum") || !now.containsAll(old))) {
        report(at, "takes fewer values");
      }
      return;
    }
    boolean open = before.path("x-carechat-more-values").asBoolean();
    // Whoever was told that there will be more values can read any.
    if (before.has("enum") && !open && (!after.has("enum") || !old.containsAll(now))) {
      report(at, "may have other values");
    }
    if (!open && after.path("x-carechat-more-values").asBoolean()) {
      report(at, "may get other values");
    }
    if (!set(after.path("x-carechat-codes")).containsAll(set(before.path("x-carechat-codes")))) {
      report(at, "has no longer all of its codes");
    }
  }

  /** Whether one pattern matches all that another does cannot be told: another one is a break. */
  private void pattern(String at, JsonNode before, JsonNode after, Read read) {
    JsonNode kept = read == Read.BY_US ? after : before;
    if (kept.has("pattern") && !before.path("pattern").equals(after.path("pattern"))) {
      report(at, "the pattern is another");
    }
  }

  private void members(String at, JsonNode before, JsonNode after, Read read) {
    Set<JsonNode> old = set(before.path("required"));
    Set<JsonNode> now = set(after.path("required"));
    for (Map.Entry<String, JsonNode> member : before.path("properties").properties()) {
      String where = at + "/" + member.getKey();
      JsonNode next = after.path("properties").path(member.getKey());
      if (next.isMissingNode()) {
        report(where, "is gone");
      } else {
        required(where, contains(old, member.getKey()), contains(now, member.getKey()), read);
        schema(where, member.getValue(), next, read);
      }
    }
    for (Map.Entry<String, JsonNode> member : after.path("properties").properties()) {
      if (!before.path("properties").has(member.getKey())) {
        String where = at + "/" + member.getKey();
        if (read == Read.BY_US && contains(now, member.getKey())) {
          report(where, "is new and required");
        }
        if (read == Read.BY_PARTNERS && isFalse(before.path("additionalProperties"))) {
          report(where, "is new, where no other members were to come");
        }
      }
    }
  }

  private void additional(String at, JsonNode before, JsonNode after, Read read) {
    if (before.isObject() && after.isObject()) {
      schema(at + "/*", before, after, read);
      return;
    }
    JsonNode stricter = read == Read.BY_US ? before : after;
    JsonNode laxer = read == Read.BY_US ? after : before;
    boolean anything = !laxer.isObject() && !isFalse(laxer);
    if (!before.equals(after) && !anything && !isFalse(stricter)) {
      report(at, read == Read.BY_US ? "takes fewer members" : "may have other members");
    }
  }

  private void required(String at, boolean before, boolean after, Read read) {
    if (read == Read.BY_US && !before && after) {
      report(at, "is required now");
    }
    if (read == Read.BY_PARTNERS && before && !after) {
      report(at, "may be absent now");
    }
  }

  private void bound(
      String at, JsonNode before, JsonNode after, String keyword, boolean upper, Read read) {
    BigDecimal old = number(before.path(keyword));
    BigDecimal now = number(after.path(keyword));
    boolean tighter =
        now != null && (old == null || (upper ? now.compareTo(old) < 0 : now.compareTo(old) > 0));
    boolean looser =
        old != null && (now == null || (upper ? now.compareTo(old) > 0 : now.compareTo(old) < 0));
    if (read == Read.BY_US ? tighter : looser) {
      report(at, "%s was %s and is %s".formatted(keyword, shown(old), shown(now)));
    }
  }

  private void same(String at, JsonNode before, JsonNode after, String member) {
    if (!before.path(member).equals(after.path(member))) {
      report(
          at, "%s was %s and is %s".formatted(member, shown(before, member), shown(after, member)));
    }
  }

  private void report(String at, String what) {
    found.add(at + ": " + what);
  }

  private static String shown(@Nullable BigDecimal number) {
    return number == null ? "absent" : number.toPlainString();
  }

  private static String shown(JsonNode node, String member) {
    return node.has(member) ? node.path(member).toString() : "absent";
  }

  private static @Nullable BigDecimal number(JsonNode node) {
    return node.isNumber() ? node.decimalValue() : null;
  }

  private static boolean isFalse(JsonNode node) {
    return node.isBoolean() && !node.asBoolean();
  }

  private static boolean contains(Set<JsonNode> names, String name) {
    return names.stream().anyMatch(each -> each.asText().equals(name));
  }

  private static Set<JsonNode> set(JsonNode array) {
    Set<JsonNode> set = new HashSet<>();
    array.forEach(set::add);
    return set;
  }

  private static JsonNode resolve(JsonNode document, JsonNode node) {
    return node.has("$ref")
        ? resolve(document, document.at(node.path("$ref").asText().substring(1)))
        : node;
  }
}
