package io.carechat.rest.console;

import io.carechat.rest.http.RawConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A connection with HTTP/2 from the first byte on (prior knowledge), which Java's own client cannot
 * make without TLS. It sends one request after the other, and reads bodies.
 */
final class Http2Connection implements AutoCloseable {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  private final RawConnection connection;
  private int stream = -1;

  Http2Connection(int port) throws IOException {
    connection =
        new RawConnection(port)
            .send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            .send(frame(SETTINGS, 0, 0, new byte[0]));
  }

  /**
   * Sends GET, and gives the body of the answer.
   *
   * @param headers names in small letters, each followed by its value
   */
  String get(String path, String... headers) throws IOException {
    stream += 2;
    var block = new ByteArrayOutputStream();
    // GET, http, the path and the host, with the indexes of RFC 7541, appendix A.
    block.writeBytes(new byte[] {(byte) 0x82, (byte) 0x86, 4});
    text(block, path);
    block.write(1);
    text(block, "localhost");
    for (int i = 0; i < headers.length; i += 2) {
      // Both the name and the value as they are, not to be kept.
      block.write(0);
      text(block, headers[i]);
      text(block, headers[i + 1]);
    }
    connection.send(frame(HEADERS, END_STREAM | END_HEADERS, stream, block.toByteArray()));
    return body();
  }

  private String body() throws IOException {
    var body = new ByteArrayOutputStream();
    while (true) {
      byte[] header = connection.readBytes(9);
      byte[] payload =
          connection.readBytes(
              (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | (header[2] & 0xff));
      switch (header[3]) {
        case DATA -> body.writeBytes(payload);
        case RST_STREAM, GOAWAY -> throw new IOException("refused");
        default -> {
          // Headers, settings and windows do not matter here.
        }
      }
      boolean ofStream = header[8] == stream;
      if (ofStream && (header[4] & END_STREAM) != 0 && header[3] <= HEADERS) {
        return body.toString(StandardCharsets.UTF_8);
      }
    }
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

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
