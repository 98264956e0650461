package io.carechat.rest.connections;

import static io.carechat.rest.ServedApi.GENEROUS;
import static io.carechat.rest.ServedApi.KEY;
import static io.carechat.rest.ServedApi.messages;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.api.wire.Http2Connection;
import io.carechat.rest.ChatApi;
import io.carechat.rest.ServedApi;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.LogCapture;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.http.RawConnection;
import io.carechat.rest.http.Received;
import io.carechat.rest.messages.SearchLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers who try to take the server from others. They come from another address. */
final class HostileCallersTest {
  private static final String ATTACKER = "127.0.0.2";
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int STREAMS = 100;

  private static ServerLimits limits() {
    return new ServerLimits(
        1_000, 1_000, LONG, LONG, LONG, Duration.ofSeconds(1), Duration.ofSeconds(1));
  }

  private static ServedApi withMemory(long bytes) {
    return new ServedApi(GENEROUS, limits().withMemory(bytes));
  }

  /** Asks for the same many times and takes nothing. Returns how many were not reset. */
  private static int ask(
      List<Http2Connection> connections, String path, Map<String, String> headers)
      throws IOException {
    for (Http2Connection connection : connections) {
      for (int i = 0; i < STREAMS; i++) {
        connection.get(path, headers);
      }
    }
    int held = 0;
    for (Http2Connection connection : connections) {
      Map<Integer, Integer> first = new HashMap<>();
      while (first.size() < STREAMS) {
        Http2Connection.Frame frame = connection.read();
        if (frame.type() == Http2Connection.HEADERS || frame.type() == Http2Connection.RST_STREAM) {
          Integer _ = first.putIfAbsent(frame.stream(), frame.type());
        }
      }
      held += (int) first.values().stream().filter(type -> type == Http2Connection.HEADERS).count();
    }
    return held;
  }

  private static List<Http2Connection> connect(ServedApi api, int count) throws IOException {
    var connections = new ArrayList<Http2Connection>();
    for (int i = 0; i < count; i++) {
      connections.add(new Http2Connection(ATTACKER, api.port()));
    }
    return connections;
  }

  @Test
  void holdsOnlyAShareOfOpenPagesThatNobodyTakes() throws IOException {
    long memory = 32_000_000;
    try (ServedApi api = withMemory(memory)) {
      int length = api.get("/docs", null).body().length;
      List<Http2Connection> attackers = connect(api, 8);
      int held = ask(attackers, "/docs", Map.of());
      assertThat(held).isPositive();
      assertThat((long) held * (ExchangeMemory.BASE + length)).isLessThanOrEqualTo(memory / 4);
      assertThat(api.get("/docs", null).status()).isEqualTo(200);
      assertThat(api.get(messages()).status()).isEqualTo(200);
      for (Http2Connection attacker : attackers) {
        attacker.close();
      }
    }
  }

  @Test
  void holdsOnlyAShareOfSmallAnswersThatAPatientDoesNotTake() throws IOException {
    long memory = 32_000_000;
    try (ServedApi api = withMemory(memory)) {
      assertThat(api.sent(messages(), "€".repeat(5_000)).status()).isEqualTo(201);
      String page = messages() + "?pageSize=1";
      int length = api.get(page).body().length;
      List<Http2Connection> attackers = connect(api, 8);
      int held =
          ask(attackers, page, Map.of("authorization", "Bearer " + ServedApi.PATIENTS_TOKEN));
      // Some of them are the small ones that refuse.
      assertThat(held).isPositive();
      assertThat((long) held * ExchangeMemory.BASE).isLessThanOrEqualTo(memory / 128);
      // Others of the same instance.
      assertThat(api.get(page).status()).isEqualTo(200);
      assertThat(api.get(page, ServedApi.NURSES_TOKEN).status()).isEqualTo(200);
      assertThat(length).isLessThan(65_536);
      for (Http2Connection attacker : attackers) {
        attacker.close();
      }
    }
  }

  /**
   * Virtual threads run in the order in which they became ready, so thousands of requests at once
   * would be before those of others.
   */
  @Test
  void onlySomeRequestsOfAnAddressAreWorkedOnAtOnce() throws Exception {
    int some = 128;
    var begun = new Semaphore(0);
    var end = new CountDownLatch(1);
    try (ServedApi api = new ServedApi(GENEROUS, limits())) {
      api.log.before =
          () -> {
            begun.release();
            await(end);
          };
      List<Http2Connection> attackers = connect(api, 3);
      for (Http2Connection attacker : attackers) {
        for (int i = 0; i < STREAMS; i++) {
          attacker.get(messages(), Map.of("x-api-key", KEY));
        }
      }
      assertThat(begun.tryAcquire(some, 60, TimeUnit.SECONDS)).isTrue();
      api.log.before = begun::release;
      // Another address.
      assertThat(api.get(messages()).status()).isEqualTo(200);
      assertThat(begun.drainPermits()).isEqualTo(1);
      end.countDown();
      for (Http2Connection attacker : attackers) {
        for (int answered = 0; answered < STREAMS; ) {
          answered += attacker.read().type() == Http2Connection.HEADERS ? 1 : 0;
        }
        attacker.close();
      }
      assertThat(begun.drainPermits()).isEqualTo(3 * STREAMS - some);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Test
  void whoWaitsDelaysNobodyOfTheSameAddress() throws IOException {
    String body = "POST " + messages() + " HTTP/1.1\r\nHost: x\r\nX-API-KEY: " + KEY;
    String events =
        "GET "
            + messages().replace("/messages", "/events")
            + "?waitSeconds=30 HTTP/1.1\r\nHost: x\r\nX-API-KEY: "
            + KEY;
    try (ServedApi api = new ServedApi(GENEROUS, limits())) {
      var waiting = new ArrayList<RawConnection>();
      for (int i = 0; i < 130; i++) {
        waiting.add(
            new RawConnection(api.port())
                .send(
                    body
                        + "\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"message\":"));
        waiting.add(new RawConnection(api.port()).send(events + "\r\n\r\n"));
      }
      assertThat(api.get(messages()).status()).isEqualTo(200);
      for (RawConnection connection : waiting) {
        connection.close();
      }
    }
  }

  /** Helidon would log the path, which has a patient's id, and a stack trace. */
  @Test
  void nothingElseIsLoggedOfWhoTakesNothing() throws IOException {
    var rates = new RateLimits(new RateLimits.Limit(5, Duration.ofMinutes(1)), GENEROUS.failures());
    try (LogCapture logs = new LogCapture()) {
      try (ServedApi api = new ServedApi(rates, limits())) {
        List<Http2Connection> attackers = connect(api, 4);
        int _ = ask(attackers.subList(0, 2), messages(), Map.of("x-api-key", KEY));
        int _ = ask(attackers.subList(2, 4), "/docs", Map.of());
        for (Http2Connection attacker : attackers) {
          attacker.close();
        }
      }
      assertThat(logs.linesOf("io.carechat.access")).isNotEmpty();
      assertThat(logs.lines())
          .noneMatch(line -> line.contains(ServedApi.PATIENT.toString()))
          .noneMatch(line -> line.contains(" WARNING "))
          .noneMatch(line -> line.contains(" SEVERE "));
    }
  }

  /** Helidon would hold what arrives of a body that nobody reads. */
  @Test
  void disconnectsWhoSendsBodiesThatNeverEnd() throws IOException {
    try (ServedApi api = withMemory(8_000_000);
        Http2Connection attacker = new Http2Connection(ATTACKER, api.port())) {
      for (int i = 0; i < 16; i++) {
        attacker.begin("/docs", Map.of());
      }
      boolean ended = false;
      while (!ended) {
        try {
          ended = attacker.read().type() == Http2Connection.GOAWAY;
        } catch (IOException e) {
          ended = true;
        }
      }
      assertThat(api.get(messages()).status()).isEqualTo(200);
    }
  }

  @Test
  void anAddressHasAShareOfTheConnections() throws IOException {
    try (ServedApi api = new ServedApi(GENEROUS, limits().withConnections(1_000, 10))) {
      var held = new ArrayList<RawConnection>();
      for (int i = 0; i < 10; i++) {
        held.add(new RawConnection(ATTACKER, api.port(), 0));
        assertThat(held.getLast().send(health()).read().status()).isEqualTo(200);
      }
      try (var tooMany = new RawConnection(ATTACKER, api.port(), 0)) {
        assertThat(tooMany.isEnded()).isTrue();
      }
      assertThat(api.get("/health/live", null).status()).isEqualTo(200);
      held.removeLast().close();
      // The place is free again when the server has noticed the end.
      Received again = null;
      while (again == null) {
        try (var next = new RawConnection(ATTACKER, api.port(), 0)) {
          again = next.send(health()).read();
        } catch (IOException refused) {
          Thread.onSpinWait();
        }
      }
      assertThat(again.status()).isEqualTo(200);
      for (RawConnection connection : held) {
        connection.close();
      }
    }
  }

  @Test
  void idleConnectionsMakeRoom() throws IOException {
    var streams = new StreamLimits(1, 1, 1, 1, LONG, LONG, LONG);
    try (ServedApi api = new ServedApi(GENEROUS, limits().withConnections(39, 10), streams)) {
      var held = new ArrayList<RawConnection>();
      for (int i = 0; i < 40; i++) {
        held.add(new RawConnection("127.0.0." + (2 + i / 10), api.port(), 0));
      }
      // All connections are taken. Nobody waits for the 60 s that an idle one may last.
      assertThat(api.get("/health/live", null).status()).isEqualTo(200);
      assertThat(api.get(messages()).status()).isEqualTo(200);
      for (RawConnection connection : held) {
        connection.close();
      }
    }
  }

  private static String health() {
    return "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
  }

  private static ServedApi behind(String proxy, RateLimits rates, ServerLimits limits) {
    return new ServedApi(
        new ChatApi.Settings(
            "127.0.0.1",
            0,
            rates,
            limits,
            StreamLimits.DEFAULT,
            SearchLimits.DEFAULT,
            List.of(AddressRange.parse(proxy)),
            Optional.empty()));
  }

  @Test
  void callersWithoutACredentialHaveALimitForEachAddress() throws IOException {
    var rates =
        new RateLimits(
            GENEROUS.perGroup(),
            GENEROUS.failures(),
            new RateLimits.Limit(2, Duration.ofMinutes(1)));
    try (ServedApi api = behind("127.0.0.1", rates, limits())) {
      assertThat(forwarded(api, "192.0.2.1").status()).isEqualTo(200);
      assertThat(forwarded(api, "192.0.2.1").status()).isEqualTo(200);
      Received tooMany = forwarded(api, "192.0.2.1");
      assertThat(tooMany.status()).isEqualTo(429);
      assertThat(tooMany.header("connection")).isEqualTo("close");
      assertThat(tooMany.header("retry-after")).isEqualTo("30");
      // What a caller writes before the proxy's own entry is not believed.
      assertThat(forwarded(api, "192.0.2.9, 192.0.2.1").status()).isEqualTo(429);
      assertThat(forwarded(api, "192.0.2.2").status()).isEqualTo(200);
      // A whole IPv6 network is one address.
      assertThat(forwarded(api, "2001:db8::1").status()).isEqualTo(200);
      assertThat(forwarded(api, "[2001:db8::2]:4711").status()).isEqualTo(200);
      assertThat(forwarded(api, "2001:db8::3").status()).isEqualTo(429);
      // Not a trusted proxy.
      try (var direct = new RawConnection(ATTACKER, api.port(), 0)) {
        for (int i = 0; i < 2; i++) {
          assertThat(direct.send(forwardedFor("192.0.2.7" + i)).read().status()).isEqualTo(200);
        }
        assertThat(direct.send(forwardedFor("192.0.2.73")).read().status()).isEqualTo(429);
        assertThat(direct.isEnded()).isTrue();
      }
      // A credential is not refused for what others of the address do.
      assertThat(api.get(messages()).status()).isEqualTo(200);
    }
  }

  private static String forwardedFor(String address) {
    return "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + address + "\r\n\r\n";
  }

  private static Received forwarded(ServedApi api, String address) throws IOException {
    try (var proxy = new RawConnection(api.port())) {
      return proxy.send(forwardedFor(address)).read();
    }
  }

  @Test
  void anInvalidCredentialDoesNotHelpPastThatLimit() throws IOException {
    var rates =
        new RateLimits(
            GENEROUS.perGroup(),
            GENEROUS.failures(),
            new RateLimits.Limit(2, Duration.ofMinutes(1)));
    try (ServedApi api = new ServedApi(rates, limits());
        var connection = new RawConnection(ATTACKER, api.port(), 0)) {
      String request = "GET /health/live HTTP/1.1\r\nHost: x\r\nX-API-KEY: none\r\n\r\n";
      for (int i = 0; i < 3; i++) {
        assertThat(connection.send(request).read().status()).isEqualTo(200);
      }
      assertThat(connection.isEnded()).isTrue();
    }
  }

  @Test
  void theLogOfRequestsWithoutACredentialIsBounded() throws IOException {
    try (ServedApi api = new ServedApi(GENEROUS, limits());
        LogCapture logs = new LogCapture();
        var connection = new RawConnection(ATTACKER, api.port(), 0)) {
      int requests = 5_000;
      long start = System.nanoTime();
      for (int i = 0; i < requests; i++) {
        assertThat(connection.send(health()).read().status()).isEqualTo(200);
      }
      long seconds = (System.nanoTime() - start) / 1_000_000_000 + 2;
      int lines = logs.linesOf("io.carechat.access").size();
      assertThat(lines).isLessThanOrEqualTo((int) Math.min(requests, seconds * 201));
      assertThat(api.get(messages()).status()).isEqualTo(200);
    }
  }

  @Test
  void thereIsNoUpgrade() throws IOException {
    try (ServedApi api = new ServedApi();
        var connection = new RawConnection(api.port())) {
      Received answer =
          connection
              .send(
                  String.join(
                      "\r\n",
                      "GET /health/live HTTP/1.1",
                      "Host: x",
                      "Connection: Upgrade, HTTP2-Settings",
                      "Upgrade: h2c",
                      "HTTP2-Settings: AAMAAABkAAQAAP__",
                      "\r\n"))
              .read();
      assertThat(answer.status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+f\r\n{\"message\":\"x\"}\r\n0\r\n\r\n",
        "0xf\r\n{\"message\":\"x\"}\r\n0\r\n\r\n",
        "-f\r\n{\"message\":\"x\"}\r\n0\r\n\r\n",
        " f\r\n{\"message\":\"x\"}\r\n0\r\n\r\n",
        "f;a=b\r\n{\"message\":\"x\"}\r\n0\r\n\r\n",
        "f\r\n{\"message\":\"x\"}XX0\r\n\r\n",
        "f\r\n{\"message\":\"x\"}\n\n0\r\n\r\n",
        "f\r\n{\"message\":\"x\"}\r\n0\r\nX: y\r\n\r\n",
        "0000000000000000000000000000000000000000000000000000000000000000000000000000f\r\n",
        "100001\r\n"
      })
  void chunksThatAreNotWrittenAsTheyMustAreRefused(String body) throws IOException {
    try (ServedApi api = new ServedApi();
        var connection = new RawConnection(api.port())) {
      Received answer = connection.send(chunked(body)).read();
      assertThat(answer.status()).isBetween(400, 413);
      assertThat(answer.code()).isIn("invalid-request", "payload-too-large");
      assertThat(connection.isEnded()).isTrue();
      assertThat(api.get(messages()).json().path("content")).isEmpty();
    }
  }

  @Test
  void chunksThatAreWrittenAsTheyMustAreRead() throws IOException {
    try (ServedApi api = new ServedApi();
        var connection = new RawConnection(api.port())) {
      for (String body :
          List.of(
              "f\r\n{\"message\":\"x\"}\r\n0\r\n\r\n",
              "2\r\n{\"\r\n2\r\nme\r\n00B\r\nssage\":\"x\"}\r\n0\r\n\r\n")) {
        assertThat(connection.send(chunked(body)).read().status()).isEqualTo(201);
      }
    }
  }

  private static String chunked(String body) {
    return "POST "
        + messages()
        + " HTTP/1.1\r\nHost: x\r\nX-API-KEY: "
        + KEY
        + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        + body;
  }

  @ParameterizedTest
  @ValueSource(strings = {"get", "Get", "gET"})
  void methodsHaveCapitalLetters(String method) throws IOException {
    try (ServedApi api = new ServedApi();
        var connection = new RawConnection(api.port())) {
      Received answer =
          connection.send(method + " /health/live HTTP/1.1\r\nHost: x\r\n\r\n").read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(connection.isEnded()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/%6detrics", "/metric%73", "/%4Detrics", "/health%2dx", "/health/liv%65"})
  void whatNeedsNoEscapeHasNone(String path) {
    try (ServedApi api = new ServedApi()) {
      assertThat(api.get(path, null).status()).isEqualTo(404);
      Received refused = api.get(messages().replace("/messages", "/%6dessages"));
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.code()).isEqualTo("invalid-request");
    }
  }

  @Test
  void healthAndMetricsCanHaveAnAddressOfTheirOwn() throws IOException {
    try (ServedApi api =
        new ServedApi(
            new ChatApi.Settings(
                "127.0.0.1",
                0,
                GENEROUS,
                limits(),
                StreamLimits.DEFAULT,
                SearchLimits.DEFAULT,
                List.of(),
                Optional.of(new ChatApi.Listener("127.0.0.1", 0))))) {
      assertThat(api.get("/metrics", null).status()).isEqualTo(404);
      assertThat(api.get("/health/ready", null).status()).isEqualTo(200);
      assertThat(api.api.managementPort()).isNotEqualTo(api.port());
      for (String path : List.of("/metrics", "/health/live", "/health/ready")) {
        try (var connection = new RawConnection(api.api.managementPort())) {
          assertThat(
                  connection.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").read().status())
              .isEqualTo(200);
        }
      }
      try (var connection = new RawConnection(api.api.managementPort())) {
        assertThat(
                connection
                    .send(
                        "GET "
                            + messages()
                            + " HTTP/1.1\r\nHost: x\r\nX-API-KEY: "
                            + KEY
                            + "\r\n\r\n")
                    .read()
                    .status())
            .isEqualTo(404);
      }
    }
  }
}
