package io.carechat.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.api.runtime.Json;
import io.carechat.api.runtime.RequestRefused.MalformedJson;
import io.carechat.api.runtime.Rfc3339;
import io.carechat.domain.DeliveriesToken;
import io.carechat.domain.Delivery;
import io.carechat.domain.ExternalId;
import io.carechat.domain.LogPosition;
import io.carechat.domain.PageSize;
import io.carechat.domain.PageToken;
import io.carechat.domain.PatientId;
import io.carechat.domain.SearchQuery;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Page tokens as the contract has them: base64 of compact JSON with the members {@code type},
 * {@code pageSize}, {@code borderDate}, {@code borderId} (searches of all chats and lists of chats
 * only), {@code query} (searches only), {@code eventId} (ledgers only) and {@code before}, in this
 * order. The JSON is plain UTF-8: only quotation marks, backslashes and control characters are
 * escaped.
 *
 * <p>Written with the standard alphabet and padding; read in the standard or the URL-safe alphabet,
 * padded or not. Everything else about a token is read strictly.
 */
final class PageTokens {
  private static final String FIND = "LOCAL_FIND";
  private static final String SEARCH = "LOCAL_SEARCH";
  private static final String INSTANCE_SEARCH = "INSTANCE_SEARCH";
  private static final String DELIVERIES = "DELIVERIES";
  private static final List<String> DELIVERIES_MEMBERS =
      List.of("type", "pageSize", "borderDate", "eventId", "before");
  private static final String CHATS = "CHATS";
  private static final List<String> FIND_MEMBERS =
      List.of("type", "pageSize", "borderDate", "before");
  private static final List<String> SEARCH_MEMBERS =
      List.of("type", "pageSize", "borderDate", "query", "before");
  private static final List<String> INSTANCE_SEARCH_MEMBERS =
      List.of("type", "pageSize", "borderDate", "borderId", "query", "before");
  private static final List<String> CHATS_MEMBERS =
      List.of("type", "pageSize", "borderDate", "borderId", "before");
  private static final Pattern MILLISECONDS =
      Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z");

  private static final String OF_SEARCH = "is a token of a search";
  private static final String NOT_OF_SEARCH = "is not a token of a search";

  private PageTokens() {}

  /** Not a token that can be used. */
  static final class Fault extends Exception {
    private static final long serialVersionUID = 1L;

    private final String rule;

    private Fault(String rule) {
      super(null, null, false, false);
      this.rule = rule;
    }

    /** What is wrong, to be read after "the token". Never repeats anything of the token. */
    String rule() {
      return rule;
    }
  }

  /** Writes a token. */
  static String write(PageToken token) {
    String json =
        switch (token) {
          case PageToken.Find find -> beginning(FIND, find);
          case PageToken.Search search -> beginning(SEARCH, search) + ofQuery(search.query());
          case PageToken.InstanceSearch search ->
              beginning(INSTANCE_SEARCH, search)
                  + ",\"borderId\":\""
                  + search.borderId()
                  + "\""
                  + ofQuery(search.query());
          case PageToken.Chats chats ->
              beginning(CHATS, chats) + ",\"borderId\":\"" + chats.borderId() + "\"";
        };
    byte[] bytes = (json + ",\"before\":" + token.before() + "}").getBytes(StandardCharsets.UTF_8);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String ofQuery(String query) {
    return ",\"query\":" + new String(Json.write(query), StandardCharsets.UTF_8);
  }

  private static String beginning(String type, PageToken token) {
    return beginning(type, token.pageSize(), token.borderDate());
  }

  private static String beginning(String type, PageSize size, Instant border) {
    return "{\"type\":\""
        + type
        + "\",\"pageSize\":"
        + size.value()
        + ",\"borderDate\":\""
        + Rfc3339.format(border)
        + "\"";
  }

  /** Reads a token for finding. */
  static PageToken.Find readFind(String text) throws Fault {
    return switch (read(text)) {
      case PageToken.Find find -> find;
      case PageToken.Search search -> throw new Fault(OF_SEARCH);
      case PageToken.InstanceSearch search -> throw new Fault(OF_SEARCH);
      case PageToken.Chats chats -> throw new Fault("is a token of a list of chats");
    };
  }

  /** Reads a token for searching. */
  static PageToken.Search readSearch(String text) throws Fault {
    return switch (read(text)) {
      case PageToken.Search search -> search;
      case PageToken.Find find -> throw new Fault(NOT_OF_SEARCH);
      case PageToken.InstanceSearch search ->
          throw new Fault("is a token of a search of all chats");
      case PageToken.Chats chats -> throw new Fault(NOT_OF_SEARCH);
    };
  }

  /** Reads a token for searching all chats. */
  static PageToken.InstanceSearch readInstanceSearch(String text) throws Fault {
    return switch (read(text)) {
      case PageToken.InstanceSearch search -> search;
      case PageToken.Search search -> throw new Fault("is a token of a search of one chat");
      case PageToken.Find find -> throw new Fault(NOT_OF_SEARCH);
      case PageToken.Chats chats -> throw new Fault(NOT_OF_SEARCH);
    };
  }

  /** Writes a token of a ledger. */
  static String write(DeliveriesToken token) {
    String json =
        beginning(DELIVERIES, token.pageSize(), token.border().createdAt())
            + ",\"eventId\":\""
            + EventIds.write(token.border().event())
            + "\",\"before\":"
            + token.before()
            + "}";
    return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads a token of a ledger. */
  static DeliveriesToken readDeliveries(String text) throws Fault {
    JsonNode json = object(text);
    if (!DELIVERIES.equals(json.path("type").textValue())) {
      throw new Fault("is not one of a ledger");
    }
    members(json, DELIVERIES_MEMBERS);
    LogPosition event =
        Optional.ofNullable(json.path("eventId").textValue())
            .flatMap(EventIds::read)
            .orElseThrow(() -> new Fault("has an eventId that is not one"));
    return new DeliveriesToken(
        pageSize(json), new Delivery.Place(borderDate(json), event), before(json));
  }

  /** Reads a token for listing chats. */
  static PageToken.Chats readChats(String text) throws Fault {
    if (read(text) instanceof PageToken.Chats chats) {
      return chats;
    }
    throw new Fault("is not a token of a list of chats");
  }

  private static JsonNode object(String text) throws Fault {
    JsonNode json;
    try {
      json = Json.read(decode(text));
    } catch (MalformedJson e) {
      throw new Fault("is not JSON in UTF-8");
    }
    if (!json.isObject()) {
      throw new Fault("is not a JSON object");
    }
    return json;
  }

  private static PageToken read(String text) throws Fault {
    JsonNode json = object(text);
    JsonNode type = json.path("type");
    if (type.isMissingNode()) {
      throw new Fault("has no type");
    }
    return switch (type.textValue()) {
      case FIND -> {
        members(json, FIND_MEMBERS);
        yield new PageToken.Find(pageSize(json), borderDate(json), before(json));
      }
      case SEARCH -> {
        members(json, SEARCH_MEMBERS);
        yield new PageToken.Search(pageSize(json), borderDate(json), query(json), before(json));
      }
      case INSTANCE_SEARCH -> {
        members(json, INSTANCE_SEARCH_MEMBERS);
        yield new PageToken.InstanceSearch(
            pageSize(json), borderDate(json), borderId(json), query(json), before(json));
      }
      case CHATS -> {
        members(json, CHATS_MEMBERS);
        yield new PageToken.Chats(pageSize(json), borderDate(json), patientId(json), before(json));
      }
      case null, default -> throw new Fault("has a type that is not known");
    };
  }

  private static byte[] decode(String text) throws Fault {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '=') {
      end--;
    }
    String digits = text.substring(0, end);
    boolean urlSafe = digits.indexOf('-') >= 0 || digits.indexOf('_') >= 0;
    byte[] bytes;
    try {
      bytes = (urlSafe ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(digits);
    } catch (IllegalArgumentException e) {
      throw new Fault("is not base64");
    }
    // Java's decoder ignores bits that are left over at the end.
    Base64.Encoder encoder = urlSafe ? Base64.getUrlEncoder() : Base64.getEncoder();
    byte[] padded = encoder.encode(bytes);
    boolean whole = Arrays.equals(padded, text.getBytes(StandardCharsets.UTF_8));
    boolean unpadded =
        end == text.length() && encoder.withoutPadding().encodeToString(bytes).equals(text);
    if (!whole && !unpadded) {
      throw new Fault("is not base64");
    }
    return bytes;
  }

  private static void members(JsonNode json, List<String> expected) throws Fault {
    for (String name : expected) {
      if (!json.has(name)) {
        throw new Fault("has no " + name);
      }
    }
    if (json.size() != expected.size()) {
      throw new Fault("has a member that is not known");
    }
  }

  private static PageSize pageSize(JsonNode json) throws Fault {
    JsonNode size = json.path("pageSize");
    if (!size.isIntegralNumber()
        || !size.canConvertToInt()
        || size.intValue() < PageSize.MIN
        || size.intValue() > PageSize.MAX) {
      throw new Fault(
          "has a pageSize that is not a whole number from " + PageSize.MIN + " to " + PageSize.MAX);
    }
    return new PageSize(size.intValue());
  }

  private static Instant borderDate(JsonNode json) throws Fault {
    String text = json.path("borderDate").textValue();
    Optional<Instant> date =
        text == null || !MILLISECONDS.matcher(text).matches()
            ? Optional.empty()
            : Rfc3339.parse(text);
    return date.orElseThrow(() -> new Fault("has a borderDate that is not a date"));
  }

  private static ExternalId borderId(JsonNode json) throws Fault {
    String text = json.path("borderId").textValue();
    return Optional.ofNullable(text)
        .flatMap(ExternalId::parse)
        .orElseThrow(() -> new Fault("has a borderId that is not an externalId"));
  }

  private static PatientId patientId(JsonNode json) throws Fault {
    return Optional.ofNullable(json.path("borderId").textValue())
        .flatMap(PatientId::parse)
        .orElseThrow(() -> new Fault("has a borderId that is not a UUID"));
  }

  private static String query(JsonNode json) throws Fault {
    String text = json.path("query").textValue();
    // The contract's rule for queries is narrower than the domain's.
    if (text == null
        || SearchQuery.faultIn(text).isPresent()
        || text.isBlank()
        || text.chars().anyMatch(PageTokens::isForbidden)) {
      throw new Fault("has a query that is not one");
    }
    return text;
  }

  private static boolean isForbidden(int c) {
    return c == 0x7f || (c < 0x20 && c != '\t' && c != '\n' && c != '\r');
  }

  private static boolean before(JsonNode json) throws Fault {
    JsonNode before = json.path("before");
    if (!before.isBoolean()) {
      throw new Fault("has a before that is neither true nor false");
    }
    return before.booleanValue();
  }
}
