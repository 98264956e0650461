package io.carechat.contracttests.faults;

import io.carechat.contracttests.running.TestIssuer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Requests that must be refused, of callers who take what is not theirs. Each costs the service
 * little. A request that is not refused is an {@link AssertionError}.
 */
final class Trespasses {
  /** Statuses of requests that were not looked at, because their sender uses too much already. */
  private static final Set<Integer> BUSY = Set.of(429, 503);

  private final Attack.Target target;
  private final Map<String, Trespass> all = new LinkedHashMap<>();

  /** A request, and what it may get. */
  private record Trespass(String request, Set<Integer> statuses) {}

  Trespasses(Attack.Target target) {
    this.target = target;
    Chat own = target.chat();
    Chat victim = target.victim();
    String scopes = "messages:read messages:send";
    add(
        "a token of an issuer for another tenant",
        get(
            victim.path(),
            bearer(
                target
                    .secondIssuer()
                    .sign(
                        TestIssuer.patient(victim.instance(), victim.patient(), scopes)
                            .issuer(TestCluster.SECOND_ISSUER)))),
        401);
    add(
        "a token with a key that nobody knows",
        get(
            victim.path(),
            bearer(
                new TestIssuer()
                    .sign(
                        TestIssuer.patient(victim.instance(), victim.patient(), scopes),
                        UUID.randomUUID().toString()))),
        401);
    add(
        "a token with a forged signature",
        get(
            victim.path(),
            bearer(
                new TestIssuer()
                    .sign(TestIssuer.patient(victim.instance(), victim.patient(), scopes)))),
        401);
    add("another tenant's chat", get(victim.path(), key(own.apiKey())), 403);
    add(
        "an endpoint for texts, with a key that may not read",
        "POST /api/v1/"
            + own.instance()
            + "/webhooks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            + key(target.managersKey())
            + body("{\"url\":\"https://partner.example/hooks\",\"payload\":\"STANDARD\"}"),
        403);
    add(
        "an upgrade to HTTP/2",
        String.join(
            "\r\n",
            "GET /health/live HTTP/1.1",
            "Host: x",
            "Connection: Upgrade, HTTP2-Settings, close",
            "Upgrade: h2c",
            "HTTP2-Settings: AAMAAABkAAQAAP__",
            "\r\n"),
        200);
    add("an escaped path", get("/%6detrics", ""), 404);
    add("a path with dots", get("/api/../metrics", ""), 404);
    add("a method in small letters", get("/metrics", "").replace("GET", "get"), 400, 404, 405, 501);
    add("a method that there is not", get("/metrics", "").replace("GET", "TRACE"), 404, 405, 501);
    add(
        "a chunk with a sign",
        "POST "
            + own.path()
            + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
            + key(own.apiKey())
            + "Transfer-Encoding: chunked\r\n\r\n+f\r\n{\"message\":\"x\"}\r\n0\r\n\r\n",
        400);
  }

  private void add(String title, String request, Integer... statuses) {
    all.put(title, new Trespass(request, Set.of(statuses)));
  }

  private static String get(String path, String header) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + "\r\n";
  }

  private static String bearer(String token) {
    return "Authorization: Bearer " + token + "\r\n";
  }

  private static String key(String key) {
    return "X-API-KEY: " + key + "\r\n";
  }

  private static String body(String json) {
    return "Content-Type: application/json\r\nContent-Length: " + json.length() + "\r\n\r\n" + json;
  }

  /**
   * Makes each of them once.
   *
   * @throws AssertionError if one was not refused
   * @throws IOException if the service ended the connection without a response, which it may
   */
  void tryAll() throws IOException {
    for (Map.Entry<String, Trespass> each : all.entrySet()) {
      Trespass trespass = each.getValue();
      int status = status(trespass.request());
      if (!BUSY.contains(status) && !trespass.statuses().contains(status)) {
        throw new AssertionError(each.getKey() + " got " + status);
      }
    }
  }

  private int status(String request) throws IOException {
    try (Socket socket = target.connect();
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      String line = in.readLine();
      if (line == null || !line.startsWith("HTTP/1.1 ")) {
        throw new IOException("no response");
      }
      return Integer.parseInt(line.substring(9, 12));
    }
  }
}
