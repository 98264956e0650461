package io.carechat.api.runtime;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import io.carechat.api.runtime.RequestRefused.InvalidRequest;
import io.carechat.api.runtime.RequestRefused.NotAcceptable;
import io.carechat.api.runtime.RequestRefused.PayloadTooLarge;
import io.carechat.api.runtime.RequestRefused.UnsupportedMediaType;
import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.http.BadRequestException;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpMediaType;
import io.helidon.http.RequestException;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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

/** What the contract demands of a request for one operation. Safe for any thread. */
final class RequestCheck {

  /**
   * More faults than this are not told: a body of nothing but faults would make an answer larger
   * than itself.
   */
  static final int MAX_FAULTS = 100;

  private static final String JSON = "application/json";
  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,99})");

  private final List<Parameter> parameters;
  private final @Nullable Body body;
  private final List<String> answersWith;
  private final Sentences sentences;
  private final Set<String> queryNames;

  /**
   * @param answersWith the media types of which the caller must take one, the usual one first
   */
  RequestCheck(
      List<Parameter> parameters,
      @Nullable Body body,
      List<String> answersWith,
      Sentences sentences) {
    this.parameters = List.copyOf(parameters);
    this.body = body;
    this.answersWith = List.copyOf(answersWith);
    this.sentences = sentences;
    this.queryNames =
        parameters.stream()
            .filter(parameter -> parameter.place() == Place.QUERY)
            .map(Parameter::name)
            .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Checks a request and reads its body.
   *
   * @return what it holds
   * @throws RequestRefused if it breaks the contract
   */
  Arguments check(ServerRequest request) {
    if (answersWith.stream().noneMatch(type -> accepts(request.headers(), type))) {
      throw new NotAcceptable(answersWith.getFirst());
    }
    JsonNode bodyNode = null;
    List<Violation> bodyFaults = new ArrayList<>();
    if (body != null) {
      byte[] bytes = bytes(request, body.maxBytes());
      if (bytes.length == 0) {
        bodyFaults.add(Violation.ofBody("", "is missing; it must be a JSON object"));
      } else {
        bodyNode = Json.read(bytes);
        bodyFaults(bodyNode, body.schema(), bodyFaults);
      }
    }
    List<Violation> faults = new ArrayList<>();
    Map<String, JsonNode> values = parameters(request, faults);
    faults.addAll(bodyFaults);
    if (!faults.isEmpty()) {
      throw new InvalidRequest(faults.subList(0, Math.min(faults.size(), MAX_FAULTS)));
    }
    return new Arguments(values, bodyNode);
  }

  // --- parameters ---

  private Map<String, JsonNode> parameters(ServerRequest request, List<Violation> faults) {
    QueryString query = QueryString.parse(request.query().rawValue());
    Map<String, JsonNode> values = new HashMap<>();
    for (Parameter parameter : parameters) {
      List<String> texts =
          switch (parameter.place()) {
            case PATH -> List.of(request.path().pathParameters().get(parameter.name()));
            case HEADER -> header(request.headers(), HeaderNames.create(parameter.name()));
            case QUERY -> query.parameters().getOrDefault(parameter.name(), List.of());
          };
      if (query.broken().contains(parameter.name()) && parameter.place() == Place.QUERY) {
        faults.add(Violation.ofParameter(parameter.name(), "must be UTF-8 with percent escapes"));
      } else if (texts.size() > 1) {
        faults.add(Violation.ofParameter(parameter.name(), "must be given once only"));
      } else if (texts.size() == 1) {
        parameter(parameter, texts.getFirst(), values, faults);
      } else if (parameter.required()) {
        faults.add(Violation.ofParameter(parameter.name(), "is required"));
      }
    }
    for (String name : query.parameters().keySet()) {
      if (!queryNames.contains(name)) {
        faults.add(
            Violation.ofParameter(Sentences.shown(name), "is not a parameter of this operation"));
      }
    }
    for (String name : query.broken()) {
      if (!queryNames.contains(name)) {
        faults.add(
            Violation.ofParameter(
                Sentences.shown(name), "is not a parameter of this operation, and not UTF-8"));
      }
    }
    return values;
  }

  private void parameter(
      Parameter parameter, String text, Map<String, JsonNode> values, List<Violation> faults) {
    Optional<JsonNode> value = parameter.kind().read(text);
    if (value.isEmpty()) {
      faults.add(Violation.ofParameter(parameter.name(), parameter.kind().mustBe()));
      return;
    }
    List<Error> errors = parameter.schema().validate(value.get());
    errors.stream()
        .min(java.util.Comparator.comparingInt(Sentences::rank))
        .ifPresentOrElse(
            error -> faults.add(Violation.ofParameter(parameter.name(), sentences.of(error))),
            () -> values.put(parameter.name(), value.get()));
  }

  private static List<String> header(ServerRequestHeaders headers, HeaderName name) {
    return headers.contains(name) ? headers.all(name, List::of) : List.of();
  }

  // --- body ---

  private static byte[] bytes(ServerRequest request, int limit) {
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    if (request.headers().contentLength().orElse(0) > limit) {
      throw new PayloadTooLarge(limit);
    }
    byte[] bytes;
    boolean json = isPlainJson(request.headers());
    // A body that is chunked may turn out to be empty, and then its type does not matter.
    try (InputStream in = request.content().inputStream()) {
      bytes = in.readNBytes(limit + 1);
    } catch (IOException | UncheckedIOException | InsufficientDataAvailableException e) {
      throw new CloseConnectionException("the caller left before its body was in", e);
    } catch (NumberFormatException e) {
      // Thrown by the server's reader of chunks, with what the caller wrote in its message.
      throw RequestException.builder()
          .type(DirectHandler.EventType.BAD_REQUEST)
          .message("Chunk size is invalid")
          .build();
    }
    if (bytes.length > limit) {
      throw new PayloadTooLarge(limit);
    }
    if (bytes.length > 0 && !json) {
      throw new UnsupportedMediaType();
    }
    return bytes;
  }

  private void bodyFaults(JsonNode node, Schema schema, List<Violation> faults) {
    halves(node, "", faults);
    Map<String, Error> told = new LinkedHashMap<>();
    for (Error error : schema.validate(node)) {
      told.merge(
          Sentences.pointer(error),
          error,
          (one, other) -> Sentences.rank(other) < Sentences.rank(one) ? other : one);
    }
    told.forEach((pointer, error) -> faults.add(Violation.ofBody(pointer, sentences.of(error))));
  }

  /** JSON's escapes can write half of a surrogate pair, which no UTF-8 can. */
  private static void halves(JsonNode node, String pointer, List<Violation> faults) {
    if (node.isTextual()) {
      if (hasHalf(node.textValue())) {
        faults.add(Violation.ofBody(pointer, "must not have an unpaired surrogate"));
      }
    } else {
      for (int i = 0; i < node.size() && node.isArray(); i++) {
        halves(node.get(i), pointer + "/" + i, faults);
      }
      for (Map.Entry<String, JsonNode> member : node.properties()) {
        halves(
            member.getValue(),
            pointer + "/" + Sentences.escape(Sentences.shown(member.getKey())),
            faults);
      }
    }
  }

  private static boolean hasHalf(String text) {
    return text.codePoints()
        .anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
  }

  // --- media types ---

  private static boolean isPlainJson(ServerRequestHeaders headers) {
    if (headers.contains(HeaderNames.CONTENT_ENCODING)
        && !headers.get(HeaderNames.CONTENT_ENCODING).get().equalsIgnoreCase("identity")) {
      return false;
    }
    try {
      return headers
          .contentType()
          .filter(type -> specificity(type, JSON) == 2)
          .filter(type -> type.charset().orElse("UTF-8").equalsIgnoreCase("UTF-8"))
          .isPresent();
    } catch (BadRequestException e) {
      return false;
    }
  }

  /** RFC 9110, section 12.5.1: the most specific range decides, and its weight must not be 0. */
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
    } catch (BadRequestException | NumberFormatException e) {
      // A header that cannot be read, or a weight that is not a number.
      return false;
    }
  }

  /**
   * How precisely a media type or range means another type, from 2 down to 0; -1 if it does not.
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

  /** Where a parameter is. */
  enum Place {
    PATH,
    QUERY,
    HEADER;

    static Place of(String in) {
      return valueOf(in.toUpperCase(java.util.Locale.ROOT));
    }
  }

  /** How a parameter's text is read. */
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
        // Java's own parser takes a plus sign and digits of other scripts.
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

  /** A parameter of the contract. */
  record Parameter(String name, Place place, boolean required, Kind kind, Schema schema) {}

  /** The body that the contract has. */
  record Body(Schema schema, int maxBytes) {}
}
