package io.carechat.api.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import io.carechat.api.runtime.RequestRefused.InvalidRequest;
import io.carechat.api.runtime.RequestRefused.NotAcceptable;
import io.helidon.http.BadRequestException;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpMediaType;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.ServerRequest;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checks requests for one operation against the contract. Safe for use by many threads. */
final class RequestCheck {

  /**
   * The maximum number of violations that are reported. Without a limit, the response to a body
   * full of errors would be larger than the body.
   */
  static final int MAX_VIOLATIONS = 100;

  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,99})");

  private final List<Parameter> parameters;
  private final @Nullable Body body;
  private final List<String> responseTypes;
  private final ConstraintMessages messages;
  private final Set<String> queryNames;

  /**
   * @param parameters the parameters of the operation
   * @param body the body of the operation; null if it has none
   * @param responseTypes the media types of the response, of which the caller must accept one; the
   *     most usual one first
   * @param messages describes violations
   */
  RequestCheck(
      List<Parameter> parameters,
      @Nullable Body body,
      List<String> responseTypes,
      ConstraintMessages messages) {
    this.parameters = List.copyOf(parameters);
    this.body = body;
    this.responseTypes = List.copyOf(responseTypes);
    this.messages = messages;
    this.queryNames =
        parameters.stream()
            .filter(parameter -> parameter.location() == Location.QUERY)
            .map(Parameter::name)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether the operation has a body. */
  boolean hasBody() {
    return body != null;
  }

  /**
   * Checks a request and reads its body.
   *
   * @return the parameters and the body
   * @throws RequestRefused if the request violates the contract
   */
  Arguments check(ServerRequest request) {
    if (responseTypes.stream().noneMatch(type -> accepts(request.headers(), type))) {
      throw new NotAcceptable(responseTypes.getFirst());
    }
    JsonNode bodyNode = null;
    List<Violation> bodyViolations = new ArrayList<>();
    if (body != null) {
      byte[] bytes = JsonBody.read(request, body.maxBytes());
      if (bytes.length == 0) {
        bodyViolations.add(Violation.ofBody("", "is missing; it must be a JSON object"));
      } else {
        bodyNode = Json.read(bytes);
        body.nullMembers().removeOptional(bodyNode);
        bodyViolations(bodyNode, body.schema(), bodyViolations);
      }
    }
    List<Violation> violations = new ArrayList<>();
    Map<String, JsonNode> values = parameters(request, violations);
    violations.addAll(bodyViolations);
    if (!violations.isEmpty()) {
      throw new InvalidRequest(violations.subList(0, Math.min(violations.size(), MAX_VIOLATIONS)));
    }
    return new Arguments(values, bodyNode);
  }

  // --- parameters ---

  private Map<String, JsonNode> parameters(ServerRequest request, List<Violation> violations) {
    QueryString query = QueryString.parse(request.query().rawValue());
    Map<String, JsonNode> values = new HashMap<>();
    for (Parameter parameter : parameters) {
      List<String> texts =
          switch (parameter.location()) {
            case PATH -> List.of(request.path().pathParameters().get(parameter.name()));
            case HEADER -> header(request.headers(), HeaderNames.create(parameter.name()));
            case QUERY -> query.parameters().getOrDefault(parameter.name(), List.of());
          };
      if (query.broken().contains(parameter.name()) && parameter.location() == Location.QUERY) {
        violations.add(Violation.ofParameter(parameter.name(), "must be percent-encoded UTF-8"));
      } else if (texts.size() > 1) {
        violations.add(Violation.ofParameter(parameter.name(), "must be given only once"));
      } else if (texts.size() == 1) {
        parameter(parameter, texts.getFirst(), values, violations);
      } else if (parameter.required()) {
        violations.add(Violation.ofParameter(parameter.name(), "is required"));
      }
    }
    for (String name : query.parameters().keySet()) {
      if (!queryNames.contains(name)) {
        violations.add(
            Violation.ofParameter(
                ConstraintMessages.shown(name), "is not a parameter of this operation"));
      }
    }
    for (String name : query.broken()) {
      if (!queryNames.contains(name)) {
        violations.add(
            Violation.ofParameter(
                ConstraintMessages.shown(name),
                "is not a parameter of this operation, and is not UTF-8"));
      }
    }
    return values;
  }

  private void parameter(
      Parameter parameter, String text, Map<String, JsonNode> values, List<Violation> violations) {
    Optional<JsonNode> value = parameter.kind().read(text);
    if (value.isEmpty()) {
      violations.add(Violation.ofParameter(parameter.name(), parameter.kind().mustBe()));
      return;
    }
    List<Error> errors = parameter.schema().validate(value.get());
    if (!errors.isEmpty() && parameter.isTime() && text.indexOf(' ') >= 0) {
      // A plus sign that was not escaped means a space. A time has no space, so it is a plus sign.
      JsonNode withPlus = TextNode.valueOf(text.replace(' ', '+'));
      if (parameter.schema().validate(withPlus).isEmpty()) {
        values.put(parameter.name(), withPlus);
        return;
      }
    }
    errors.stream()
        .min(java.util.Comparator.comparingInt(ConstraintMessages::rank))
        .ifPresentOrElse(
            error -> violations.add(Violation.ofParameter(parameter.name(), messages.of(error))),
            () -> values.put(parameter.name(), value.get()));
  }

  private static List<String> header(ServerRequestHeaders headers, HeaderName name) {
    return headers.contains(name) ? headers.all(name, List::of) : List.of();
  }

  // --- body ---

  private void bodyViolations(JsonNode node, Schema schema, List<Violation> violations) {
    checkSurrogates(node, "", violations);
    Map<String, Error> byPointer = new LinkedHashMap<>();
    for (Error error : schema.validate(node)) {
      byPointer.merge(
          ConstraintMessages.pointer(error),
          error,
          (one, other) ->
              ConstraintMessages.rank(other) < ConstraintMessages.rank(one) ? other : one);
    }
    byPointer.forEach(
        (pointer, error) -> violations.add(Violation.ofBody(pointer, messages.of(error))));
  }

  /** Reports unpaired surrogates. JSON escapes can express them, but UTF-8 cannot. */
  private static void checkSurrogates(JsonNode node, String pointer, List<Violation> violations) {
    if (node.isTextual()) {
      if (hasUnpairedSurrogate(node.textValue())) {
        violations.add(Violation.ofBody(pointer, "must not contain an unpaired surrogate"));
      }
    } else {
      for (int i = 0; i < node.size() && node.isArray(); i++) {
        checkSurrogates(node.get(i), pointer + "/" + i, violations);
      }
      for (Map.Entry<String, JsonNode> member : node.properties()) {
        checkSurrogates(
            member.getValue(),
            pointer + "/" + ConstraintMessages.escape(ConstraintMessages.shown(member.getKey())),
            violations);
      }
    }
  }

  private static boolean hasUnpairedSurrogate(String text) {
    return text.codePoints()
        .anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
  }

  // --- media types ---

  /**
   * Returns whether a caller accepts a media type (RFC 9110, section 12.5.1). The most specific
   * range decides, and its weight must not be 0.
   */
  private static boolean accepts(ServerRequestHeaders headers, String mediaType) {
    try {
      List<HttpMediaType> ranges = headers.acceptedTypes();
      int best = -1;
      boolean accepted = ranges.isEmpty();
      for (HttpMediaType range : ranges) {
        int specificity = specificity(range, mediaType);
        if (specificity > best) {
          best = specificity;
          accepted = range.qualityFactor() > 0;
        }
      }
      return accepted;
    } catch (BadRequestException | NumberFormatException | IndexOutOfBoundsException e) {
      // The header cannot be parsed (the server's own parser fails at a single quote), or a weight
      // is not a number.
      return false;
    }
  }

  /**
   * Returns how specific a range is for a media type: 2 for the type itself, 1 for its main type, 0
   * for all types, and -1 if the range does not include it.
   */
  private static int specificity(HttpMediaType range, String mediaType) {
    int slash = mediaType.indexOf('/');
    if (range.type().equals("*")) {
      return 0;
    }
    if (!range.type().equalsIgnoreCase(mediaType.substring(0, slash))) {
      return -1;
    }
    return range.subtype().equals("*")
        ? 1
        : range.subtype().equalsIgnoreCase(mediaType.substring(slash + 1)) ? 2 : -1;
  }

  /** Where a parameter is sent. */
  enum Location {
    PATH,
    QUERY,
    HEADER;

    static Location of(String in) {
      return valueOf(in.toUpperCase(java.util.Locale.ROOT));
    }
  }

  /** How the text of a parameter is parsed. */
  enum Kind {
    STRING("must be text") {
      @Override
      Optional<JsonNode> read(String text) {
        return Optional.of(TextNode.valueOf(text));
      }
    },
    INTEGER("must be a whole number") {
      @Override
      Optional<JsonNode> read(String text) {
        // Java's own parser also accepts a plus sign and digits of other scripts.
        return RequestCheck.INTEGER.matcher(text).matches()
            ? Optional.of(BigIntegerNode.valueOf(new BigInteger(text)))
            : Optional.empty();
      }
    },
    BOOLEAN("must be true or false") {
      @Override
      Optional<JsonNode> read(String text) {
        return switch (text) {
          case "true" -> Optional.of(BooleanNode.TRUE);
          case "false" -> Optional.of(BooleanNode.FALSE);
          default -> Optional.empty();
        };
      }
    };

    private final String mustBe;

    Kind(String mustBe) {
      this.mustBe = mustBe;
    }

    abstract Optional<JsonNode> read(String text);

    String mustBe() {
      return mustBe;
    }

    static Kind of(String type) {
      return valueOf(type.toUpperCase(java.util.Locale.ROOT));
    }
  }

  /**
   * A parameter of the contract.
   *
   * @param isTime whether it is a time as in RFC 3339
   */
  record Parameter(
      String name, Location location, boolean required, Kind kind, boolean isTime, Schema schema) {}

  /**
   * A body of the contract.
   *
   * @param schema the schema of the body
   * @param nullMembers removes members that say the same as their absence
   * @param maxBytes the maximum length, in bytes
   */
  record Body(Schema schema, NullMembers nullMembers, int maxBytes) {}
}
