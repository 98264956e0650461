package io.carechat.rest.connections;

import static io.carechat.rest.ServedApi.KEY;
import static io.carechat.rest.ServedApi.messages;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.rest.ServedApi;
import io.carechat.rest.http.RawConnection;
import io.carechat.rest.http.Received;
import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Proxies, load balancers and tools that speak HTTP/1.0, or write targets in absolute form. */
final class Http10Test {
  private static final String CREDENTIAL = "X-API-KEY: " + KEY + "\r\n";

  /** What HAProxy, nginx, ab and an old wget send. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /health/ready HTTP/1.0\r\n\r\n",
        "GET /health/ready HTTP/1.0\r\nHost: carechat\r\nConnection: close\r\n\r\n",
        "GET /health/ready HTTP/1.0\r\nConnection: Keep-Alive\r\nHost: localhost:8080\r\nAccept: */*\r\n\r\n",
        "HEAD /health/ready HTTP/1.0\r\n\r\n",
      })
  void isServedAndTheConnectionCloses(String request) throws IOException {
    try (ServedApi api = new ServedApi();
        RawConnection connection = new RawConnection(api.port())) {
      connection.send(request);
      Received answer = request.startsWith("HEAD") ? connection.readHead() : connection.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.headers().get("connection")).containsExactly("close");
      assertThat(answer.headers())
          .containsKey("content-length")
          .doesNotContainKey("transfer-encoding");
      assertThat(connection.isEnded()).isTrue();
    }
  }

  @Test
  void aHealthCheckWithoutAnythingElseIsServed() throws IOException {
    try (ServedApi api = new ServedApi();
        RawConnection connection = new RawConnection(api.port())) {
      // HAProxy's "option httpchk" without a method or a path.
      Received answer = connection.send("OPTIONS / HTTP/1.0\r\n\r\n").read();
      assertThat(answer.status()).isEqualTo(204);
    }
  }

  @Test
  void aMessageIsSentAndFound() throws IOException {
    try (ServedApi api = new ServedApi()) {
      String body = "{\"message\":\"by an old proxy\"}";
      // As nginx passes it on, in pieces that cut lines.
      String request =
          "POST "
              + messages()
              + " HTTP/1.0\r\nHost: carechat\r\nConnection: close\r\nContent-Length: "
              + body.length()
              + "\r\nContent-Type: application/json\r\n"
              + CREDENTIAL
              + "\r\n"
              + body;
      for (int cut : List.of(1, 10, request.indexOf("\r\n") + 1, request.indexOf("\r\n\r\n") + 3)) {
        try (RawConnection connection = new RawConnection(api.port())) {
          connection.send(request.substring(0, cut));
          assertThat(connection.send(request.substring(cut)).read().status()).isEqualTo(201);
          assertThat(connection.isEnded()).isTrue();
        }
      }
      try (RawConnection connection = new RawConnection(api.port())) {
        Received page =
            connection.send("GET " + messages() + " HTTP/1.0\r\n" + CREDENTIAL + "\r\n").read();
        assertThat(page.text()).contains("by an old proxy");
      }
    }
  }

  @Test
  void comesAfterARequestOfHttp11OnTheSameConnection() throws IOException {
    try (ServedApi api = new ServedApi();
        RawConnection connection = new RawConnection(api.port())) {
      String modern = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
      connection.send(modern + "GET /health/ready HTTP/1.0\r\n\r\n" + modern);
      assertThat(connection.read().headers()).doesNotContainKey("connection");
      assertThat(connection.read().headers().get("connection")).containsExactly("close");
      assertThat(connection.isEnded()).isTrue();
    }
  }

  @Test
  void aStreamHasNoChunksAndEndsWithTheConnection() throws IOException {
    try (ServedApi api = new ServedApi();
        RawConnection connection = new RawConnection(api.port())) {
      connection.send(
          "GET "
              + messages().replace("/messages", "/events/stream")
              + " HTTP/1.0\r\nTE: trailers\r\n"
              + CREDENTIAL
              + "\r\n");
      Received head = connection.readHead();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.headers()).doesNotContainKeys("transfer-encoding", "content-length");
      assertThat(connection.readLine()).isEqualTo("retry: 2000");
      assertThat(connection.readLine()).startsWith("id: ");
      assertThat(api.sent(messages(), "€ of a stream").status()).isEqualTo(201);
      String line = connection.readLine();
      while (!line.contains("€ of a stream")) {
        assertThat(line).isNotEqualTo("0").doesNotMatch("[0-9a-f]+");
        line = connection.readLine();
      }
      api.api.close();
      while (!line.isEmpty()) {
        line = connection.readLine();
      }
      assertThat(connection.isEnded()).isTrue();
    }
  }

  /** Nothing that HTTP/1.1 does not allow is let in by the older version. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\ntransfer-encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}",
        "POST / HTTP/1.0\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.0\r\nHost:\r\n\r\n",
        "GET / HTTP/1.0\r\n folded: x\r\n\r\n",
        "GET / HTTP/1.0\r\nno colon\r\n\r\n",
        "GET / HTTP/1.0\nHost: a\n\n",
        "GET / HTTP/1.0\r\nHost: a\n\r\n\r\n",
        "GET / HTTP/1.0\r\nTE: x\nHost: b\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: a\u0000b\r\n\r\n",
        "get / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.2\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "GET /\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
      })
  void isReadAsStrictlyAsHttp11(String request) throws IOException {
    try (ServedApi api = new ServedApi();
        RawConnection connection = new RawConnection(api.port())) {
      Received answer = connection.send(request).read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.text()).contains("\"code\":\"invalid-request\"");
      assertThat(connection.isEnded()).isTrue();
    }
  }

  @Test
  void itsHeadersAreBounded() throws IOException {
    try (ServedApi api = new ServedApi();
        RawConnection connection = new RawConnection(api.port())) {
      connection.send("GET / HTTP/1.0\r\n" + ("X: " + "x".repeat(1_000) + "\r\n").repeat(17));
      assertThat(connection.read().status()).isEqualTo(431);
    }
    try (ServedApi api = new ServedApi();
        RawConnection connection = new RawConnection(api.port())) {
      connection.send("GET / HTTP/1.0\r\nX: " + "x".repeat(17_000));
      assertThat(connection.read().status()).isEqualTo(431);
    }
    // Lines that are left out count too.
    try (ServedApi api = new ServedApi();
        RawConnection connection = new RawConnection(api.port())) {
      connection.send("GET / HTTP/1.0\r\n" + ("TE: " + "x".repeat(1_000) + "\r\n").repeat(17));
      assertThat(connection.read().status()).isEqualTo(431);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:8080",
        "HTTP://carechat.example",
        "https://carechat.example:443",
        "http://[::1]:8080",
        "http://under_score.internal"
      })
  void targetsInAbsoluteFormAreServed(String authority) throws IOException {
    try (ServedApi api = new ServedApi()) {
      for (String version : List.of("HTTP/1.1", "HTTP/1.0")) {
        try (RawConnection connection = new RawConnection(api.port())) {
          connection.send(
              "GET "
                  + authority
                  + messages()
                  + "?pageSize=1 "
                  + version
                  + "\r\nHost: other\r\n"
                  + CREDENTIAL
                  + "\r\n");
          assertThat(connection.read().status()).isEqualTo(200);
        }
        try (RawConnection connection = new RawConnection(api.port())) {
          connection.send("GET " + authority + " " + version + "\r\nHost: other\r\n\r\n");
          assertThat(connection.read().status()).isEqualTo(302);
        }
      }
    }
  }

  /** What a proxy may have forbidden in the usual form is not reached by the absolute one. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://user@localhost/health/live",
        "http:///health/live",
        "http:/health/live",
        "ftp://localhost/health/live",
        "http://localhost/health/../health/live",
        "http://localhost//health/live",
        "http://localhost\\\\health/live",
        "http://localhost/http://localhost/health/live"
      })
  void othersAreNot(String target) throws IOException {
    try (ServedApi api = new ServedApi();
        RawConnection connection = new RawConnection(api.port())) {
      connection.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(connection.read().status()).isIn(400, 404);
    }
  }

  /** Helidon asks with the bytes that it has so far, which may be a part of the preface. */
  @Test
  void waitsForTheWholePrefaceOfHttp2() {
    var selector = new StrictHttp1(Http1Config.create());
    byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    for (int length = 1; length <= preface.length; length++) {
      byte[] beginning = Arrays.copyOf(preface, length);
      assertThat(selector.supports(BufferData.create(beginning)))
          .isEqualTo(ServerConnectionSelector.Support.UNKNOWN);
      beginning[length - 1]++;
      assertThat(selector.supports(BufferData.create(beginning)))
          .isEqualTo(ServerConnectionSelector.Support.SUPPORTED);
    }
  }
}
