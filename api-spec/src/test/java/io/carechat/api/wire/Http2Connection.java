package io.carechat.api.wire;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A connection of HTTP/2 without TLS (RFC 9113) that takes no byte of any response: the window of
 * each of its streams is 0 bytes. Reading gives up after a minute. For use by one thread.
 */
public final class Http2Connection implements AutoCloseable {
  /** The type of a frame with the headers of a response. */
  public static final int HEADERS = 1;

  /** The type of a frame that ends a stream early. */
  public static final int RST_STREAM = 3;

  /** The type of a frame that ends the connection. */
  public static final int GOAWAY = 7;

  private static final int SETTINGS = 4;
  private static final int INITIAL_WINDOW_SIZE = 4;

  // The static table of HPACK (RFC 7541, appendix A), as whole fields or as names.
  private static final int METHOD_GET = 0x82;
  private static final int SCHEME_HTTP = 0x86;
  private static final int AUTHORITY = 1;
  private static final int PATH = 4;

  /** A field whose name is in no table, and which is not put there (section 6.2.2). */
  private static final int NEW_NAME = 0;

  private static final int END_OF_STREAM_AND_HEADERS = 5;
  private static final int END_OF_HEADERS = 4;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final DataOutputStream out;
  private int nextStream = 1;

  /**
   * A frame.
   *
   * @param type as in section 6 of the RFC
   * @param stream 0 for the whole connection
   */
  public record Frame(int type, int stream) {}

  /**
   * Connects, and sends the settings.
   *
   * @param from an address of this machine to connect from
   */
  public Http2Connection(String from, int port) throws IOException {
    socket.bind(new InetSocketAddress(from, 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(60_000);
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(socket.getOutputStream());
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(SETTINGS, 0, 0, new byte[] {0, INITIAL_WINDOW_SIZE, 0, 0, 0, 0});
    out.flush();
  }

  /** Sends a request without a body. */
  public void get(String path, Map<String, String> headers) throws IOException {
    request(path, headers, END_OF_STREAM_AND_HEADERS);
  }

  /** Sends the headers of a request with a body that never comes. */
  public void begin(String path, Map<String, String> headers) throws IOException {
    request(path, headers, END_OF_HEADERS);
  }

  private void request(String path, Map<String, String> headers, int flags) throws IOException {
    var block = new ByteArrayOutputStream();
    block.write(METHOD_GET);
    block.write(SCHEME_HTTP);
    block.write(AUTHORITY);
    string(block, "localhost");
    block.write(PATH);
    string(block, path);
    for (Map.Entry<String, String> header : headers.entrySet()) {
      block.write(NEW_NAME);
      string(block, header.getKey());
      string(block, header.getValue());
    }
    frame(HEADERS, flags, nextStream, block.toByteArray());
    out.flush();
    nextStream += 2;
  }

  private static void string(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int prefix = 0x7f;
    if (bytes.length < prefix) {
      block.write(bytes.length);
    } else {
      block.write(prefix);
      int rest = bytes.length - prefix;
      for (; rest >= 0x80; rest >>>= 7) {
        block.write((rest & 0x7f) | 0x80);
      }
      block.write(rest);
    }
    block.writeBytes(bytes);
  }

  private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    out.writeByte(payload.length >>> 16);
    out.writeShort(payload.length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload);
  }

  /**
   * Reads the next frame.
   *
   * @throws IOException if the connection has ended
   */
  public Frame read() throws IOException {
    int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int _ = in.readUnsignedByte();
    int stream = in.readInt();
    in.skipNBytes(length);
    return new Frame(type, stream);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
