package io.carechat.rest.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.api.runtime.Json;
import io.carechat.api.runtime.RequestRefused.MalformedJson;
import io.carechat.api.runtime.Rfc3339;
import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.domain.paging.PageSize;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The form that the page tokens of every list share: base64 of compact JSON with the members {@code
 * type}, {@code pageSize}, {@code borderDate}, then those of the list's own, then {@code before},
 * in this order. The JSON is plain UTF-8: only quotation marks, backslashes and control characters
 * are escaped.
 *
 * <p>Tokens are written in the standard alphabet with padding. They are read in the standard or the
 * URL-safe alphabet, padded or not. Everything else about a token is read strictly.
 */
public final class TokenFormat {
  private static final Pattern MILLISECONDS =
      Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z");

  private final TokenType type;
  private final List<String> members;

  /**
   * @param own the members of the list's own, in their order
   */
  public TokenFormat(TokenType type, String... own) {
    this.type = type;
    this.members =
        Stream.of(Stream.of("type", "pageSize", "borderDate"), Stream.of(own), Stream.of("before"))
            .flatMap(names -> names)
            .toList();
  }

  /**
   * Writes a token.
   *
   * @param own the values of the list's own members, in their order; each is written as a string
   */
  public String write(PageSize size, Instant border, boolean before, String... own) {
    var json = new StringBuilder(160);
    json.append("{\"type\":\"").append(type.name());
    json.append("\",\"pageSize\":").append(size.value());
    json.append(",\"borderDate\":\"").append(Rfc3339.format(border)).append('"');
    for (int i = 0; i < own.length; i++) {
      json.append(",\"").append(members.get(3 + i)).append("\":");
      json.append(new String(Json.write(own[i]), StandardCharsets.UTF_8));
    }
    json.append(",\"before\":").append(before).append('}');
    return Base64.getEncoder().encodeToString(json.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads a token.
   *
   * @throws InvalidPageToken if it is damaged, or is for another list
   */
  public Token read(String text) {
    JsonNode json = object(text);
    JsonNode typeName = json.path("type");
    if (typeName.isMissingNode()) {
      throw new InvalidPageToken("has no type");
    }
    TokenType read =
        Stream.of(TokenType.values())
            .filter(known -> known.name().equals(typeName.textValue()))
            .findFirst()
            .orElseThrow(() -> new InvalidPageToken("has an unknown type"));
    if (read != type) {
      throw new InvalidPageToken("is for " + read.list() + ", not for " + type.list());
    }
    for (String name : members) {
      if (!json.has(name)) {
        throw new InvalidPageToken("has no " + name);
      }
    }
    if (json.size() != members.size()) {
      throw new InvalidPageToken("has an unknown member");
    }
    return new Token(json);
  }

  /** A token that has the members of its list; their values are read one by one. */
  public static final class Token {
    private final JsonNode json;

    private Token(JsonNode json) {
      this.json = json;
    }

    /**
     * The size of the pages that it leads to.
     *
     * @throws InvalidPageToken if it is none
     */
    public PageSize pageSize() {
      JsonNode size = json.path("pageSize");
      if (!size.isIntegralNumber()
          || !size.canConvertToInt()
          || size.intValue() < PageSize.MIN
          || size.intValue() > PageSize.MAX) {
        throw new InvalidPageToken(
            "has a pageSize that is not a whole number from "
                + PageSize.MIN
                + " to "
                + PageSize.MAX);
      }
      return new PageSize(size.intValue());
    }

    /**
     * The time at the border, in whole milliseconds.
     *
     * @throws InvalidPageToken if it is none
     */
    public Instant borderDate() {
      return own("borderDate", "a date", TokenFormat::date);
    }

    /**
     * Whether it leads to what is older than the border.
     *
     * @throws InvalidPageToken if it says neither
     */
    public boolean before() {
      JsonNode before = json.path("before");
      if (!before.isBoolean()) {
        throw new InvalidPageToken("has a before that is neither true nor false");
      }
      return before.booleanValue();
    }

    /**
     * The value of a member.
     *
     * @param form what it should be, after "is not"
     * @param reading empty if the text is not of the form
     * @throws InvalidPageToken if it is not a string, or not of the form
     */
    public <T> T own(String member, String form, Function<String, Optional<T>> reading) {
      return Optional.ofNullable(json.path(member).textValue())
          .flatMap(reading)
          .orElseThrow(
              () -> new InvalidPageToken("has a " + member + " that is not " + form));
    }
  }

  private static Optional<Instant> date(String text) {
    return MILLISECONDS.matcher(text).matches() ? Rfc3339.parse(text) : Optional.empty();
  }

  private static JsonNode object(String text) {
    JsonNode json;
    try {
      json = Json.read(decode(text));
    } catch (MalformedJson e) {
      throw new InvalidPageToken("is not JSON in UTF-8");
    }
    if (!json.isObject()) {
      throw new InvalidPageToken("is not a JSON object");
    }
    return json;
  }

  private static byte[] decode(String text) {
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
      throw new InvalidPageToken("is not base64");
    }
    // Java's decoder ignores bits that are left over at the end.
    Base64.Encoder encoder = urlSafe ? Base64.getUrlEncoder() : Base64.getEncoder();
    boolean padded =
        Arrays.equals(encoder.encode(bytes), text.getBytes(StandardCharsets.UTF_8));
    boolean unpadded =
        end == text.length() && encoder.withoutPadding().encodeToString(bytes).equals(text);
    if (!padded && !unpadded) {
      throw new InvalidPageToken("is not base64");
    }
    return bytes;
  }
}
