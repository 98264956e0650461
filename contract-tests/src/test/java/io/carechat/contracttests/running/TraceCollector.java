package io.carechat.contracttests.running;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Receives traces by OTLP and keeps them, as protobuf. Texts, and the bytes of ids, can be found in
 * that as they are. Safe for use by several threads.
 */
public final class TraceCollector implements AutoCloseable {
  private final HttpServer server;
  private final StringBuilder received = new StringBuilder();

  TraceCollector() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/v1/traces",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          synchronized (received) {
            received.append(new String(body, StandardCharsets.ISO_8859_1));
          }
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces");
  }

  /** Everything that was received, each byte as a character. */
  public String received() {
    synchronized (received) {
      return received.toString();
    }
  }

  /** Whether a span of a trace was received. */
  public boolean has(String traceId) {
    return received()
        .contains(new String(HexFormat.of().parseHex(traceId), StandardCharsets.ISO_8859_1));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
