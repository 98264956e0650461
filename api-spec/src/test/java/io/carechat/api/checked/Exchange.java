package io.carechat.api.checked;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A request and its answer. Names of headers are in any case. */
public final class Exchange {
  private final String method;
  private final String target;
  private final Optional<Asked> asked;
  private final int status;
  private final Map<String, List<String>> headers;
  private final byte[] body;

  private Exchange(
      String method,
      String target,
      Optional<Asked> asked,
      int status,
      Map<String, List<String>> headers,
      byte[] body) {
    this.method = method;
    this.target = target;
    this.asked = asked;
    this.status = status;
    this.headers = anyCase(headers);
    this.body = body;
  }

  /** What is known of a request besides its first line. */
  private static final class Asked {
    private final Map<String, List<String>> headers;
    private final byte[] body;

    Asked(Map<String, List<String>> headers, byte[] body) {
      this.headers = anyCase(headers);
      this.body = body;
    }
  }

  /**
   * An answer to a request of which only its first line is known.
   *
   * @param target the path and the query, as they were sent
   */
  public static Exchange answered(
      String method, String target, int status, Map<String, List<String>> headers, byte[] body) {
    return new Exchange(method, target, Optional.empty(), status, headers, body);
  }

  /** The same answer, to a request of which all is known. */
  public Exchange to(Map<String, List<String>> requestHeaders, byte[] requestBody) {
    return new Exchange(
        method, target, Optional.of(new Asked(requestHeaders, requestBody)), status, headers, body);
  }

  static Map<String, List<String>> anyCase(Map<String, List<String>> headers) {
    Map<String, List<String>> sorted = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach((name, values) -> sorted.put(name, List.copyOf(values)));
    return sorted;
  }

  String method() {
    return method;
  }

  /** The path, without the query. */
  String path() {
    return target.replaceFirst("[?#].*", "");
  }

  /** The query as it was sent, empty if there is none. */
  String query() {
    int mark = target.indexOf('?');
    return mark < 0 ? "" : target.substring(mark + 1);
  }

  /** Whether more than the first line of the request is known. */
  boolean isRequestKnown() {
    return asked.isPresent();
  }

  /** The values of a header of the request. */
  List<String> requestHeader(String name) {
    return asked.orElseThrow().headers.getOrDefault(name, List.of());
  }

  byte[] requestBody() {
    return asked.orElseThrow().body;
  }

  int status() {
    return status;
  }

  /** The values of a header of the answer. */
  List<String> header(String name) {
    return headers.getOrDefault(name, List.of());
  }

  /** The media type of the answer, without parameters; empty if there is none. */
  String mediaType() {
    List<String> types = header("Content-Type");
    return types.isEmpty() ? "" : types.getFirst().replaceFirst(";.*", "").trim();
  }

  byte[] body() {
    return body;
  }

  /** For messages of failures. */
  @Override
  public String toString() {
    String text = new String(body, StandardCharsets.UTF_8);
    return method
        + " "
        + target
        + "\n-> "
        + status
        + " "
        + headers
        + "\n"
        + text.substring(0, Math.min(text.length(), 2_000));
  }
}
