package io.carechat.bootstrap.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.carechat.rest.http.Tracing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TracesTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String TRACEPARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

  /** What is traced here. */
  public interface Port {
    String call(String argument);
  }

  /** A collector that keeps what it receives: protobuf, whose texts can be read in it. */
  private static final class Collector implements AutoCloseable {
    private final HttpServer server;
    private final List<byte[]> received = new CopyOnWriteArrayList<>();

    Collector() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/v1/traces",
          exchange -> {
            received.add(exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
          });
      server.start();
    }

    URI endpoint() {
      return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces");
    }

    String texts() {
      var all = new StringBuilder();
      received.forEach(bytes -> all.append(new String(bytes, StandardCharsets.ISO_8859_1)));
      return all.toString();
    }

    /** Waits until a text was received. */
    void await(String text) {
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (!texts().contains(text) && System.nanoTime() - end < 0) {
        Thread.onSpinWait();
      }
    }

    /** Whether the bytes of an id in hexadecimal digits were received. */
    boolean has(String id) {
      byte[] bytes = HexFormat.of().parseHex(id);
      return texts().contains(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  private static Tracing.Answer answer(int status) {
    return new Tracing.Answer("sendMessage", "/api/v1/{tenantName}/messages", status);
  }

  @Test
  void aRequestAndWhatItCallsAreOneTrace() throws Exception {
    var headers = new AtomicReference<@Nullable String>();
    try (var collector = new Collector()) {
      try (Traces traces = Traces.start(Optional.of(collector.endpoint()))) {
        Port port =
            traces.traced(
                Port.class,
                argument -> {
                  headers.set(Traces.headers().get("traceparent"));
                  return argument + "!";
                });
        traces.request(
            "POST",
            TRACEPARENT,
            () -> assertThat(port.call("planted")).isEqualTo("planted!"),
            () -> answer(201));
        collector.await("sendMessage");
      }
      assertThat(headers.get()).startsWith("00-" + TRACE + "-").isNotEqualTo(TRACEPARENT);
      assertThat(collector.texts())
          .contains("POST /api/v1/{tenantName}/messages", "sendMessage", "Port.call", "carechat")
          .doesNotContain("planted");
      assertThat(collector.has(TRACE)).isTrue();
    }
  }

  @Test
  void whatIsNoTraceparentBeginsANewTraceAndIsNotRepeated() throws Exception {
    try (var collector = new Collector()) {
      try (Traces traces = Traces.start(Optional.of(collector.endpoint()))) {
        for (String wrong : List.of("planted", TRACEPARENT + "-planted", "00-planted-01", "")) {
          traces.request(
              "GET",
              wrong,
              () -> assertThat(Traces.headers().get("traceparent")).doesNotContain(TRACE),
              () -> answer(200));
        }
        collector.await("sendMessage");
      }
      assertThat(collector.texts()).contains("sendMessage").doesNotContain("planted");
    }
  }

  @Test
  void anExceptionPassesAndOnlyItsClassIsRecorded() throws Exception {
    try (var collector = new Collector()) {
      try (Traces traces = Traces.start(Optional.of(collector.endpoint()))) {
        Port port =
            traces.tracedClient(
                Port.class,
                argument -> {
                  throw new IllegalStateException(argument);
                });
        assertThatThrownBy(() -> port.call("planted"))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("planted");
        collector.await("java.lang.IllegalStateException");
      }
      assertThat(collector.texts())
          .contains("java.lang.IllegalStateException")
          .doesNotContain("planted");
    }
  }

  @Test
  void aCollectorThatIsDownCostsNothingButTheTraces() throws Exception {
    URI nobody;
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = URI.create("http://127.0.0.1:" + free.getLocalPort() + "/v1/traces");
    }
    long start = System.nanoTime();
    try (Traces traces = Traces.start(Optional.of(nobody))) {
      Port port = traces.traced(Port.class, argument -> argument);
      for (int i = 0; i < 20_000; i++) {
        traces.request("GET", null, () -> port.call("x"), () -> answer(200));
      }
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
  }

  /** A collector that accepts connections and says nothing must not make anybody wait either. */
  @Test
  void aCollectorThatHangsDelaysTheEndByItsTimeoutOnly() throws Exception {
    try (var silent = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
      long start = System.nanoTime();
      try (Traces traces =
          Traces.start(
              Optional.of(
                  URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/v1/traces")))) {
        traces.request("GET", null, () -> {}, () -> answer(200));
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
    }
  }

  @Test
  void withoutACollectorNothingIsWrapped() {
    try (Traces traces = Traces.start(Optional.empty())) {
      Port port = argument -> argument;
      assertThat(traces.traced(Port.class, port)).isSameAs(port);
      traces.request(
          "GET",
          TRACEPARENT,
          () -> assertThat(Traces.headers()).isEmpty(),
          () -> {
            throw new AssertionError("nobody asks");
          });
    }
  }
}
