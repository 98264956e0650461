package io.carechat.rest.connections;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Samples;
import io.carechat.rest.ServedApi;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.RawConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers of HTTP/2 with which Helidon would be busy for ever, and streams that are reset. */
final class StrictHttp2Test {
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final Duration LONG = Duration.ofSeconds(60);

  /** GET, http, /health/live, and a host. */
  private static ByteArrayOutputStream request() {
    var block = new ByteArrayOutputStream();
    block.writeBytes(new byte[] {(byte) 0x82, (byte) 0x86, 4});
    text(block, "/health/live");
    block.write(1);
    text(block, "localhost");
    return block;
  }

  private static void text(ByteArrayOutputStream block, String text) {
    int rest = text.length() - 0x7f;
    block.write(Math.min(text.length(), 0x7f));
    if (rest >= 0) {
      for (; rest >= 0x80; rest >>>= 7) {
        block.write((rest & 0x7f) | 0x80);
      }
      block.write(rest);
    }
    block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Adds a header that is to be kept. */
  private static void keep(ByteArrayOutputStream block, String name, String value) {
    block.write(0x40);
    text(block, name);
    text(block, value);
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    var frame = new ByteArrayOutputStream();
    frame.writeBytes(
        new byte[] {
          (byte) (payload.length >>> 16),
          (byte) (payload.length >>> 8),
          (byte) payload.length,
          (byte) type,
          (byte) flags,
          0,
          0,
          0,
          (byte) stream
        });
    frame.writeBytes(payload);
    return frame.toByteArray();
  }

  private static RawConnection connect(ServedApi api) throws IOException {
    return new RawConnection(api.port())
        .send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .send(frame(SETTINGS, 0, 0, new byte[0]));
  }

  /** Returns the type of the first frame that answers a request or ends the connection. */
  private static int answer(RawConnection connection) throws IOException {
    while (true) {
      byte[] header = connection.readBytes(9);
      byte[] _ =
          connection.readBytes(
              (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | (header[2] & 0xff));
      if (header[3] == HEADERS || header[3] == RST_STREAM || header[3] == GOAWAY) {
        return header[3];
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4_096, 8_000})
  void aHeaderThatIsLargerThanTheTableEndsTheConnection(int length) throws IOException {
    try (ServedApi api = new ServedApi();
        RawConnection connection = connect(api)) {
      ByteArrayOutputStream block = request();
      keep(block, "x-long", "x".repeat(length));
      connection.send(frame(HEADERS, 5, 1, block.toByteArray()));
      assertThat(answer(connection)).isEqualTo(GOAWAY);
      assertThat(api.get("/health/live", null).status()).isEqualTo(200);
    }
  }

  @Test
  void soDoesOneThatComesInPieces() throws IOException {
    try (ServedApi api = new ServedApi();
        RawConnection connection = connect(api)) {
      ByteArrayOutputStream block = request();
      keep(block, "x-long", "x".repeat(5_000));
      byte[] whole = block.toByteArray();
      connection.send(frame(HEADERS, 1, 1, Arrays.copyOf(whole, 100)));
      connection.send(frame(9, 0, 1, Arrays.copyOfRange(whole, 100, 2_000)));
      connection.send(frame(9, 4, 1, Arrays.copyOfRange(whole, 2_000, whole.length)));
      assertThat(answer(connection)).isEqualTo(GOAWAY);
    }
  }

  @Test
  void soDoesASmallOneIfTheTableWasMadeSmaller() throws IOException {
    try (ServedApi api = new ServedApi();
        RawConnection connection = connect(api)) {
      var block = new ByteArrayOutputStream();
      block.write(0x20);
      block.writeBytes(request().toByteArray());
      keep(block, "x", "y");
      connection.send(frame(HEADERS, 5, 1, block.toByteArray()));
      assertThat(answer(connection)).isEqualTo(GOAWAY);
    }
  }

  /** They fill the table, and the oldest are forgotten. */
  @Test
  void othersAreKept() throws IOException {
    try (ServedApi api = new ServedApi();
        RawConnection connection = connect(api)) {
      for (int i = 0; i < 20; i++) {
        ByteArrayOutputStream block = request();
        keep(block, "x-long", String.valueOf(i % 10).repeat(3_000));
        // The same again, by its index.
        block.write(0x80 | 62);
        connection.send(frame(HEADERS, 5, 1 + 2 * i, block.toByteArray()));
        assertThat(answer(connection)).isEqualTo(HEADERS);
      }
    }
  }

  /** A long header that is not to be kept is read. */
  @Test
  void aLongHeaderThatIsNotKeptIsTaken() throws IOException {
    try (ServedApi api = new ServedApi();
        RawConnection connection = connect(api)) {
      ByteArrayOutputStream block = request();
      block.write(0);
      text(block, "x-long");
      text(block, "x".repeat(8_000));
      connection.send(frame(HEADERS, 5, 1, block.toByteArray()));
      assertThat(answer(connection)).isEqualTo(HEADERS);
    }
  }

  private static byte[] streamRequest(int stream) {
    var block = new ByteArrayOutputStream();
    block.writeBytes(new byte[] {(byte) 0x82, (byte) 0x86, 4});
    text(block, "/api/v1/" + Samples.THIS_INSTANCE + "/events/stream");
    block.write(1);
    text(block, "localhost");
    block.write(0);
    text(block, "x-api-key");
    text(block, ServedApi.KEY);
    return frame(HEADERS, 5, stream, block.toByteArray());
  }

  private static byte[] reset(int stream) {
    return frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
  }

  /** Helidon would stream on, and the places would be taken until the connection ends. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStreamThatIsResetGivesItsPlaceBack(boolean atOnce) throws IOException {
    var limits = new StreamLimits(1, 1, 1, 1, LONG, LONG, LONG);
    try (ServedApi api = new ServedApi(ServedApi.GENEROUS, ServerLimits.DEFAULT, limits);
        RawConnection connection = connect(api)) {
      for (int stream = 1; stream <= 41; stream += 2) {
        if (atOnce) {
          var both = new ByteArrayOutputStream();
          both.writeBytes(streamRequest(stream));
          both.writeBytes(reset(stream));
          connection.send(both.toByteArray());
        } else {
          connection.send(streamRequest(stream));
          awaitHeaders(connection);
          connection.send(reset(stream));
        }
      }
      awaitPlace(api);
    }
  }

  /** The ends of streams before may come first. */
  private static void awaitHeaders(RawConnection connection) throws IOException {
    int answer = answer(connection);
    while (answer == RST_STREAM) {
      answer = answer(connection);
    }
    assertThat(answer).isEqualTo(HEADERS);
  }

  private static void awaitPlace(ServedApi api) throws IOException {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (true) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      try (RawConnection other = new RawConnection(api.port())) {
        other.send(
            "GET /api/v1/"
                + Samples.THIS_INSTANCE
                + "/events/stream HTTP/1.1\r\nHost: localhost\r\nX-API-KEY: "
                + ServedApi.KEY
                + "\r\n\r\n");
        if (other.readLine().startsWith("HTTP/1.1 200")) {
          return;
        }
      }
    }
  }
}
