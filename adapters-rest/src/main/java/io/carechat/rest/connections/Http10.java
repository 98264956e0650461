package io.carechat.rest.connections;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * Writes responses for HTTP/1.0 (RFC 1945) on a connection that Helidon serves as HTTP/1.1. {@link
 * StrictHttp1} reads the requests. A request is translated: it asks to close the connection, and
 * has a {@code Host}. The response is written without chunks, which HTTP/1.0 does not know. One
 * whose length is not known ends with the connection (RFC 9112, section 6.3).
 *
 * <p>This is the writer of a connection. For use by the thread of the connection.
 */
final class Http10 implements DataWriter {
  private static final byte[] END_OF_LINE = "\r\n".getBytes(StandardCharsets.US_ASCII);

  private final DataWriter writer;
  private boolean current;
  // Whether the response would have chunks, and whether its headers are written already.
  private boolean chunked;
  private boolean afterHeaders;

  /**
   * @param writer writes to the socket
   */
  Http10(DataWriter writer) {
    this.writer = writer;
  }

  /** A connection that may be asked in HTTP/1.0. */
  interface Connection {
    /** Returns what this connection has of HTTP/1.0. */
    Http10 http10();
  }

  /**
   * Begins a request.
   *
   * @param isOld whether it uses HTTP/1.0
   */
  void begin(boolean isOld) {
    current = isOld;
    chunked = false;
    afterHeaders = false;
  }

  /** The headers of a request of HTTP/1.0. */
  static final class Headers {
    /** They have no meaning in HTTP/1.0, or one that the connection cannot keep. */
    private static final Set<String> LEFT_OUT = Set.of("connection", "keep-alive", "expect", "te");

    private final StringBuilder lines = new StringBuilder("\r\nConnection: close\r\n");
    private boolean hasHost;
    private boolean hasTransferEncoding;
    private boolean hasControl;
    private int length;

    /** Adds a line, without its end. */
    void add(String line) {
      int colon = line.indexOf(':');
      String name = line.substring(0, Math.max(colon, 0)).toLowerCase(Locale.ROOT);
      hasHost |= name.equals("host");
      hasTransferEncoding |= name.equals("transfer-encoding");
      length += line.length() + 2;
      if (!LEFT_OUT.contains(name)) {
        lines.append(line).append("\r\n");
      } else {
        // Helidon checks the others.
        hasControl |= line.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f);
      }
    }

    /** Returns how many characters were added, with those of the lines that are left out. */
    int length() {
      return length;
    }

    /** Returns whether a line that is left out has a control character. */
    boolean haveControl() {
      return hasControl;
    }

    /** Returns whether the length of the body is said in a way that HTTP/1.0 does not know. */
    boolean haveTransferEncoding() {
      return hasTransferEncoding;
    }

    /** Returns the end of the request line, and headers for HTTP/1.1, without the empty line. */
    byte[] translated() {
      // HTTP/1.0 does not require Host, and nothing here depends on it.
      return (hasHost ? lines : lines.append("Host: localhost\r\n"))
          .toString()
          .getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  /** Notices that Helidon is about to write a response in chunks, and does not let it say so. */
  static final class WithoutChunks implements Http1ConnectionListener {
    @Override
    public void headers(ConnectionContext context, io.helidon.http.Headers headers) {
      if (context instanceof Connection connection
          && connection.http10().current
          && headers instanceof WritableHeaders<?> response
          && response.containsToken(HeaderValues.TRANSFER_ENCODING_CHUNKED)) {
        response.remove(HeaderNames.TRANSFER_ENCODING);
        connection.http10().chunked = true;
      }
    }
  }

  /** Returns what to write in the place of a chunk, of which Helidon writes one at a time. */
  private BufferData translated(BufferData buffer) {
    if (!chunked) {
      return buffer;
    }
    if (!afterHeaders) {
      afterHeaders = true;
      return buffer;
    }
    String size = buffer.readString(buffer.indexOf((byte) '\n') + 1, StandardCharsets.US_ASCII);
    byte[] data = new byte[Integer.parseInt(size.strip(), 16)];
    int read = buffer.read(data);
    buffer.skip(END_OF_LINE.length);
    if (read != data.length || buffer.available() != 0) {
      throw new IllegalStateException("a buffer that is not one chunk");
    }
    return BufferData.create(data);
  }

  @Override
  public void write(BufferData... buffers) {
    for (BufferData buffer : buffers) {
      write(buffer);
    }
  }

  @Override
  public void write(BufferData buffer) {
    writer.write(translated(buffer));
  }

  @Override
  public void writeNow(BufferData... buffers) {
    for (BufferData buffer : buffers) {
      writeNow(buffer);
    }
  }

  @Override
  public void writeNow(BufferData buffer) {
    writer.writeNow(translated(buffer));
  }

  @Override
  public void flush() {
    writer.flush();
  }

  @Override
  public void close() {
    writer.close();
  }
}
