package io.carechat.rest.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.api.runtime.Json;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An answer, however it was got. Header names in any case. */
public final class Received {
  private final int status;
  private final Map<String, List<String>> headers;
  private final byte[] body;

  public Received(int status, Map<String, List<String>> headers, byte[] body) {
    this.status = status;
    this.headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    this.headers.putAll(headers);
    this.body = body;
  }

  public int status() {
    return status;
  }

  public byte[] body() {
    return body;
  }

  public Map<String, List<String>> headers() {
    return headers;
  }

  public static Received of(HttpResponse<byte[]> response) {
    return new Received(response.statusCode(), response.headers().map(), response.body());
  }

  public List<String> all(String name) {
    return headers.getOrDefault(name, List.of());
  }

  public String header(String name) {
    List<String> values = all(name);
    if (values.size() != 1) {
      throw new AssertionError(name + " is there " + values.size() + " times");
    }
    return values.getFirst();
  }

  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  public JsonNode json() {
    return Json.read(body);
  }

  public String code() {
    return json().path("code").asText();
  }
}
