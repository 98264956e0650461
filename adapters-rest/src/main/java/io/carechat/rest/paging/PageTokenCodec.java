package io.carechat.rest.paging;

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
import org.jspecify.annotations.Nullable;

/**
 * The format of page tokens. A token is base64 of compact JSON with the members {@code type},
 * {@code pageSize}, {@code borderDate}, then the list's own members, then {@code before}, in this
 * order. A list may have a last member of its own that is left out of some tokens. The JSON is
 * plain UTF-8: only quotation marks, backslashes and control characters are escaped.
 *
 * <p>Tokens are written in the standard base64 alphabet with padding. They are read in the standard
 * or the URL-safe alphabet, with or without padding. Everything else in a token must have exactly
 * this form. Safe for use by many threads.
 */
public final class PageTokenCodec {
  private static final Pattern MILLISECONDS =
      Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z");

  private final PageTokenType type;
  private final List<String> members;
  private final @Nullable String optionalMember;

  /**
   * @param type the list that the tokens belong to
   * @param extraMembers the names of the list's own members, in order
   */
  public PageTokenCodec(PageTokenType type, String... extraMembers) {
    this(
        type,
        Stream.of(
                Stream.of("type", "pageSize", "borderDate"),
                Stream.of(extraMembers),
                Stream.of("before"))
            .flatMap(names -> names)
            .toList(),
        null);
  }

  private PageTokenCodec(
      PageTokenType type, List<String> members, @Nullable String optionalMember) {
    this.type = type;
    this.members = members;
    this.optionalMember = optionalMember;
  }

  /** Returns a codec of the same list whose tokens may have one more of the list's own members. */
  public PageTokenCodec withOptional(String member) {
    return new PageTokenCodec(type, members, member);
  }

  /**
   * Writes a token.
   *
   * @param size the page size
   * @param cursor the time of the cursor
   * @param before whether the token leads to older items
   * @param extraValues the values of the list's own members, in order; each is written as a string
   */
  public String write(PageSize size, Instant cursor, boolean before, String... extraValues) {
    return writeWithOptional(null, size, cursor, before, extraValues);
  }

  /**
   * As {@link #write}, perhaps with the optional member.
   *
   * @param optionalValue the value of the optional member; null to leave it out
   * @throws IllegalArgumentException if there is a value, but no optional member
   */
  public String writeWithOptional(
      @Nullable String optionalValue,
      PageSize size,
      Instant cursor,
      boolean before,
      String... extraValues) {
    var json = new StringBuilder(160);
    json.append("{\"type\":\"").append(type.name());
    json.append("\",\"pageSize\":").append(size.value());
    json.append(",\"borderDate\":\"").append(Rfc3339.format(cursor)).append('"');
    for (int i = 0; i < extraValues.length; i++) {
      appendMember(json, members.get(3 + i), extraValues[i]);
    }
    if (optionalValue != null) {
      if (optionalMember == null) {
        throw new IllegalArgumentException("The tokens have no optional member");
      }
      appendMember(json, optionalMember, optionalValue);
    }
    json.append(",\"before\":").append(before).append('}');
    return Base64.getEncoder().encodeToString(json.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void appendMember(StringBuilder json, String name, String value) {
    json.append(",\"").append(name).append("\":");
    json.append(new String(Json.write(value), StandardCharsets.UTF_8));
  }

  /**
   * Reads a token.
   *
   * @throws InvalidPageToken if the token is damaged or belongs to another list
   */
  public Token read(String text) {
    // Base64 has no space. It is a plus sign that was not escaped in a URL.
    JsonNode json = object(text.replace(' ', '+'));
    JsonNode typeName = json.path("type");
    if (typeName.isMissingNode()) {
      throw new InvalidPageToken("has no type");
    }
    PageTokenType read =
        Stream.of(PageTokenType.values())
            .filter(known -> known.name().equals(typeName.textValue()))
            .findFirst()
            .orElseThrow(() -> new InvalidPageToken("has an unknown type"));
    if (read != type) {
      throw new InvalidPageToken("belongs to " + read.list());
    }
    for (String name : members) {
      if (!json.has(name)) {
        throw new InvalidPageToken("has no " + name);
      }
    }
    boolean hasOptional = optionalMember != null && json.has(optionalMember);
    if (json.size() != members.size() + (hasOptional ? 1 : 0)) {
      throw new InvalidPageToken("has an unknown member");
    }
    return new Token(json);
  }

  /**
   * A token that has all members of its list, perhaps without the optional one. Their values are
   * read one by one.
   */
  public static final class Token {
    private final JsonNode json;

    private Token(JsonNode json) {
      this.json = json;
    }

    /**
     * Returns the size of the pages that the token leads to.
     *
     * @throws InvalidPageToken if the value is not a page size
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
     * Returns the time of the cursor, in whole milliseconds.
     *
     * @throws InvalidPageToken if the value is not a time
     */
    public Instant borderDate() {
      return member("borderDate", "a date", PageTokenCodec::date);
    }

    /**
     * Returns whether the token leads to items that are older than the cursor.
     *
     * @throws InvalidPageToken if the value is neither true nor false
     */
    public boolean before() {
      JsonNode before = json.path("before");
      if (!before.isBoolean()) {
        throw new InvalidPageToken("has a before that is neither true nor false");
      }
      return before.booleanValue();
    }

    /**
     * Returns the value of a member.
     *
     * @param name the name of the member
     * @param form what the value should be, as the end of a sentence that begins with "is not"
     * @param parser reads the value; its result is empty if the text does not have the form
     * @throws InvalidPageToken if the value is not a string or does not have the form
     */
    public <T> T member(String name, String form, Function<String, Optional<T>> parser) {
      return Optional.ofNullable(json.path(name).textValue())
          .flatMap(parser)
          .orElseThrow(() -> new InvalidPageToken("has a " + name + " that is not " + form));
    }

    /**
     * Returns the value of the optional member. The result is empty if the token does not have it.
     *
     * @param name the name of the member
     * @param form as for {@link #member}
     * @param parser as for {@link #member}
     * @throws InvalidPageToken if the value is not a string or does not have the form
     */
    public <T> Optional<T> optionalMember(
        String name, String form, Function<String, Optional<T>> parser) {
      return json.has(name) ? Optional.of(member(name, form, parser)) : Optional.empty();
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
    // Java's decoder ignores extra bits at the end. So compare with the one correct encoding.
    Base64.Encoder encoder = urlSafe ? Base64.getUrlEncoder() : Base64.getEncoder();
    boolean padded = Arrays.equals(encoder.encode(bytes), text.getBytes(StandardCharsets.UTF_8));
    boolean unpadded =
        end == text.length() && encoder.withoutPadding().encodeToString(bytes).equals(text);
    if (!padded && !unpadded) {
      throw new InvalidPageToken("is not base64");
    }
    return bytes;
  }
}
