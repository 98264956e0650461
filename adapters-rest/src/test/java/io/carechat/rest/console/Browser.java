package io.carechat.rest.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.rest.ServedApi;
import io.carechat.rest.http.Described;
import io.carechat.rest.http.RawConnection;
import io.carechat.rest.http.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * As much of a browser as these tests need: it keeps cookies, and tells that its requests come from
 * the service's own page. Every request has a connection of its own.
 */
final class Browser {
  static final String SESSION = "__Host-carechat";
  static final String LOGIN = "__Host-carechat-login";

  private final ServedApi served;
  private final Map<String, String> cookies = new LinkedHashMap<>();

  Browser(ServedApi served) {
    this.served = served;
  }

  /** Another browser, into which somebody has copied the cookies of this one. */
  Browser stolen() {
    var thief = new Browser(served);
    thief.cookies.putAll(cookies);
    return thief;
  }

  /** The value of a cookie. */
  String cookie(String name) {
    String value = cookies.get(name);
    assertThat(value).as(name).isNotNull();
    return String.valueOf(value);
  }

  boolean hasCookie(String name) {
    return cookies.containsKey(name);
  }

  void setCookie(String name, String value) {
    cookies.put(name, value);
  }

  Received get(String path, String... headers) {
    return send("GET", path, null, headers);
  }

  /** Asks for the session's state. */
  Received state() {
    Received state = get("/session");
    assertThat(state.status()).isEqualTo(200);
    assertThat(state.header("cache-control")).isEqualTo("no-store");
    return state;
  }

  boolean isSignedIn() {
    return state().json().path("signedIn").asBoolean();
  }

  /** The header that a request needs which changes something. */
  String csrf() {
    return "X-CSRF-Token: " + state().json().path("csrfToken").asText();
  }

  /** Uses a sign-in link. */
  Received useLink(String token) {
    return post("/session/link", "{\"token\":\"" + token + "\"}");
  }

  Received post(String path, String json, String... headers) {
    return send("POST", path, json, headers);
  }

  /** Sends a request as the page does, with the cookies. */
  Received send(String method, String path, @Nullable String json, String... headers) {
    return exchange(method, path, json, "Sec-Fetch-Site: same-origin", headers);
  }

  /** Sends a request that a page of another site has caused, though browsers keep the cookie. */
  Received fromElsewhere(
      String method, String path, @Nullable String json, String site, String... headers) {
    return exchange(method, path, json, site, headers);
  }

  private Received exchange(
      String method, String path, @Nullable String json, String site, String... headers) {
    var request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
    if (!site.isEmpty()) {
      request.append(site).append("\r\n");
    }
    if (!cookies.isEmpty()) {
      request
          .append("Cookie: theme=dark; ")
          .append(
              cookies.entrySet().stream()
                  .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                  .collect(Collectors.joining("; ")))
          .append("\r\n");
    }
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    byte[] body = json == null ? new byte[0] : json.getBytes(StandardCharsets.UTF_8);
    if (json != null) {
      request.append("Content-Type: application/json\r\n");
    }
    request.append("Content-Length: ").append(body.length).append("\r\n\r\n");
    try (RawConnection connection = new RawConnection(served.port())) {
      connection.send(request.toString()).send(body);
      Received answer = method.equals("HEAD") ? connection.readHead() : connection.read();
      if (path.startsWith("/api/")) {
        Described.check(method, path, answer);
      }
      Described.problem(answer);
      answer.all("set-cookie").forEach(this::keep);
      return answer;
    } catch (IOException e) {
      throw new AssertionError("no answer to " + method + " " + path, e);
    }
  }

  private void keep(String setCookie) {
    String[] pair = setCookie.split(";", 2)[0].split("=", 2);
    if (setCookie.contains("Expires=Thu, 1 Jan 1970 ")) {
      cookies.remove(pair[0]);
    } else {
      cookies.put(pair[0], pair[1]);
    }
  }
}
