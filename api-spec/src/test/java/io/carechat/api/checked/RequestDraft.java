package io.carechat.api.checked;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.api.runtime.Json;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request for an operation, made of the contract's own examples, to be changed in one place or
 * another. Each change gives a new draft.
 */
public final class RequestDraft {
  private final String method;
  private final String path;
  private final List<String> query;
  private final List<String> headers;
  private final byte @Nullable [] body;

  private RequestDraft(
      String method,
      String path,
      List<String> query,
      List<String> headers,
      byte @Nullable [] body) {
    this.method = method;
    this.path = path;
    this.query = query;
    this.headers = headers;
    this.body = body;
  }

  /**
   * What the contract shows: the examples of what the path and the operation require, and the first
   * example of its body. It has no credential.
   */
  public static RequestDraft of(DescribedOperation operation) {
    String path = operation.route();
    List<String> query = new ArrayList<>();
    List<String> headers = new ArrayList<>();
    for (DescribedOperation.Parameter parameter : operation.parameters()) {
      switch (parameter.in()) {
        case "path" ->
            path = path.replace("{" + parameter.name() + "}", encoded(parameter.example()));
        case "query" -> {
          if (parameter.required()) {
            query.add(parameter.name() + "=" + encoded(parameter.example()));
          }
        }
        default -> {
          if (parameter.required()) {
            headers.add(parameter.name());
            headers.add(parameter.example());
          }
        }
      }
    }
    byte[] body = null;
    if (operation.body().isPresent()) {
      DescribedOperation.Body described = operation.body().get();
      headers.add("Content-Type");
      headers.add(described.mediaType());
      body = Json.write(described.examples().getFirst());
    }
    return new RequestDraft(operation.method(), path, query, headers, body);
  }

  /** As a segment of a path, or a name or value of a query. */
  public static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** The method in capitals. */
  public String method() {
    return method;
  }

  /** The path and the query. */
  public String target() {
    return path + (query.isEmpty() ? "" : "?" + String.join("&", query));
  }

  /** The body; empty if there is none. */
  public byte[] body() {
    return body == null ? new byte[0] : body.clone();
  }

  /** Names and values by turns. */
  public List<String> headers() {
    return List.copyOf(headers);
  }

  /** With another method. */
  public RequestDraft method(String other) {
    return new RequestDraft(other, path, query, headers, body);
  }

  /** With another path. */
  public RequestDraft path(String other) {
    return new RequestDraft(method, other, query, headers, body);
  }

  /** The path, without the query. */
  public String path() {
    return path;
  }

  /** With a part of a query more, written as it is to be sent. */
  public RequestDraft query(String part) {
    List<String> more = new ArrayList<>(query);
    more.add(part);
    return new RequestDraft(method, path, more, headers, body);
  }

  /** Without the parts of the query of a name. */
  public RequestDraft withoutQuery(String name) {
    List<String> less = new ArrayList<>(query);
    less.removeIf(part -> part.startsWith(name + "="));
    return new RequestDraft(method, path, less, headers, body);
  }

  /** With a header in the place of those of its name. */
  public RequestDraft header(String name, String value) {
    List<String> more = new ArrayList<>();
    for (int i = 0; i < headers.size(); i += 2) {
      if (!headers.get(i).equalsIgnoreCase(name)) {
        more.addAll(headers.subList(i, i + 2));
      }
    }
    more.addAll(List.of(name, value));
    return new RequestDraft(method, path, query, more, body);
  }

  /** With another body. */
  public RequestDraft body(byte[] other) {
    return new RequestDraft(method, path, query, headers, other.clone());
  }

  /** With another body. */
  public RequestDraft body(JsonNode other) {
    return body(Json.write(other));
  }

  /**
   * As a request.
   *
   * @param base where the service is, without a slash at the end
   */
  public HttpRequest.Builder toRequest(String base) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + target()))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    for (int i = 0; i < headers.size(); i += 2) {
      request.header(headers.get(i), headers.get(i + 1));
    }
    return request;
  }

  /** As its first line. */
  @Override
  public String toString() {
    return method + " " + target();
  }
}
