package io.carechat.rest.connections;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.DirectHandler;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * HTTP/1.1 as Helidon serves it, with what RFC 9112 demands and Helidon lacks, and without what it
 * does not allow but Helidon does.
 *
 * <p>These are served too:
 *
 * <ul>
 *   <li>HTTP/1.0, for proxies and load balancers that speak it. Such a request is translated before
 *       Helidon reads it ({@link Http10}). Its response has no chunks, and ends the connection.
 *   <li>The absolute form of a request's target, such as {@code http://host/path} (section 3.2.2).
 * </ul>
 *
 * <p>These are refused. A proxy in front of the service may understand such a request differently,
 * and then lets one request through inside of another one.
 *
 * <ul>
 *   <li>The size of a chunk must be hexadecimal digits and nothing else. The data of a chunk must
 *       end with CRLF (section 7.1).
 *   <li>A line of a chunked body has at most {@value #LONGEST_CHUNK_LINE} bytes. Helidon would read
 *       on for ever.
 *   <li>A method has capital letters. Helidon would treat {@code get} as {@code GET}, but methods
 *       are case-sensitive (section 3.1).
 *   <li>A chunk has at most {@value #LONGEST_CHUNK} bytes, because Helidon holds the whole chunk in
 *       memory.
 *   <li>{@code Upgrade} is ignored. A client that wants HTTP/2 without TLS must know that the
 *       server speaks it (RFC 9113, section 3.3). Otherwise a caller could reach, through a proxy
 *       that passes on an upgrade, paths that the proxy does not allow.
 * </ul>
 */
public final class StrictHttp1 implements ServerConnectionSelector {
  private static final int LONGEST_CHUNK = 131_072;
  private static final int LONGEST_CHUNK_LINE = 64;
  private static final String HTTP_1_0 = " HTTP/1.0";
  private static final String HTTP_1_1 = " HTTP/1.1";
  private static final byte[] HTTP_2 =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** A request line with an absolute target. The authority has no user information. */
  private static final Pattern ABSOLUTE =
      Pattern.compile("([^ ]+ )(?i:https?)://[A-Za-z0-9.\\-_:\\[\\]]+([/?][^ ]*)?( [^ ]+)");

  private static final Pattern CHUNK_SIZE = Pattern.compile("[0-9A-Fa-f]{1,8}");

  private final ServerConnectionSelector helidon;
  private final int maxHeaders;

  /**
   * @param config how Helidon serves HTTP/1.1
   */
  public StrictHttp1(Http1Config config) {
    this.helidon =
        Http1ConnectionSelector.builder()
            // Helidon's own listener, which writes a trace, must go: it calls one or none.
            .config(
                Http1Config.builder(config)
                    .sendListeners(List.of(new Http10.WithoutChunks()))
                    .build())
            .build();
    this.maxHeaders = config.maxHeadersSize();
  }

  @Override
  public int bytesToIdentifyConnection() {
    return helidon.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    // Whatever is not HTTP/2 gets an answer. Helidon would close the connection without one.
    return isBeginningOfHttp2(data) ? Support.UNKNOWN : Support.SUPPORTED;
  }

  /** Returns whether more bytes are needed to know whether a connection is one of HTTP/2. */
  private static boolean isBeginningOfHttp2(BufferData data) {
    int length = data.available();
    // Helidon recognizes HTTP/2 only if there is at least one byte more.
    if (length > HTTP_2.length) {
      return false;
    }
    byte[] bytes = new byte[length];
    int _ = data.read(bytes);
    return Arrays.equals(bytes, 0, length, HTTP_2, 0, length);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return helidon.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    var http10 = new Http10(context.dataWriter());
    return helidon.connection(
        new StrictContext(
            context, new StrictReader(context.dataReader(), http10, maxHeaders), http10));
  }

  /** Reads the same bytes as another reader, and checks what Helidon takes as it is. */
  private static final class StrictReader extends DataReader {
    private final Source source;
    private final Http10 http10;
    private final int maxHeaders;
    // Whether the next line is that of a request, and not a header or a part of a body.
    private boolean beforeRequest = true;
    // Whether the last bytes that were read may be the data of a chunk.
    private boolean afterBody;
    // Set once a body is not as it must be. Closing it must not wait for the rest of it.
    private boolean refused;

    StrictReader(DataReader reader, Http10 http10, int maxHeaders) {
      this(new Source(reader), http10, maxHeaders);
    }

    @SuppressWarnings("removal") // There is no other way to extend the class.
    private StrictReader(Source source, Http10 http10, int maxHeaders) {
      super(source);
      this.source = source;
      this.http10 = http10;
      this.maxHeaders = maxHeaders;
    }

    /** Reads the line of a request, or a value of {@code Connection}. */
    @Override
    public byte[] readBytes(int length) {
      byte[] bytes = super.readBytes(length);
      afterBody = false;
      if (!beforeRequest) {
        return bytes;
      }
      beforeRequest = false;
      String line = new String(bytes, StandardCharsets.ISO_8859_1);
      boolean isOld = line.endsWith(HTTP_1_0);
      if (!isOld && !line.endsWith(HTTP_1_1)) {
        return bytes;
      }
      if (hasSmallLetter(line)) {
        throw refused("the method has small letters", Status.BAD_REQUEST_400);
      }
      http10.begin(isOld);
      if (isOld) {
        translateHeaders();
        line = line.substring(0, line.length() - HTTP_1_0.length()) + HTTP_1_1;
      }
      return withoutAuthority(line).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Returns whether the first word has a small letter. */
    private static boolean hasSmallLetter(String line) {
      return line.substring(0, line.indexOf(' ')).chars().anyMatch(c -> c >= 'a' && c <= 'z');
    }

    /** Turns a target in absolute form into the usual one. */
    private static String withoutAuthority(String line) {
      Matcher absolute = ABSOLUTE.matcher(line);
      if (!absolute.matches()) {
        return line;
      }
      String path = Objects.requireNonNullElse(absolute.group(2), "");
      return absolute.group(1) + (path.startsWith("/") ? path : "/" + path) + absolute.group(3);
    }

    /** Reads the headers of a request of HTTP/1.0, and puts others in their place. */
    private void translateHeaders() {
      super.skip(2);
      var headers = new Http10.Headers();
      try {
        while (headers.length() <= maxHeaders && !super.startsWithNewLine()) {
          int length = super.findNewLine(maxHeaders);
          if (length == maxHeaders) {
            break;
          }
          headers.add(super.readAsciiString(length));
          super.skip(2);
        }
      } catch (IncorrectNewLineException e) {
        throw refused("a line does not end with CRLF", Status.BAD_REQUEST_400);
      }
      if (headers.length() > maxHeaders) {
        throw refused("the headers are too long", Status.create(431));
      }
      if (headers.haveControl()) {
        throw refused("a header has a control character", Status.BAD_REQUEST_400);
      }
      if (headers.haveTransferEncoding()) {
        throw refused("HTTP/1.0 has no Transfer-Encoding", Status.BAD_REQUEST_400);
      }
      int rest = super.available();
      source.putBack(headers.translated(), rest == 0 ? new byte[0] : super.readBytes(rest));
    }

    /** Says, among others, whether the headers of a request are over. */
    @Override
    public boolean startsWithNewLine() {
      boolean isEmptyLine = super.startsWithNewLine();
      beforeRequest |= isEmptyLine;
      return isEmptyLine;
    }

    /** Reads the size of a chunk, or the empty line after the last one. */
    @Override
    public String readLine() {
      requireValid();
      afterBody = false;
      int length;
      try {
        length = findNewLine(LONGEST_CHUNK_LINE);
      } catch (IncorrectNewLineException e) {
        throw refused("a line of the body does not end with CRLF", Status.BAD_REQUEST_400);
      }
      if (length >= LONGEST_CHUNK_LINE) {
        throw refused("the size of a chunk is too long", Status.BAD_REQUEST_400);
      }
      String line = readAsciiString(length);
      skip(2);
      if (!line.isEmpty() && !CHUNK_SIZE.matcher(line).matches()) {
        throw refused("the size of a chunk is not hexadecimal", Status.BAD_REQUEST_400);
      }
      if (!line.isEmpty() && Long.parseLong(line, 16) > LONGEST_CHUNK) {
        throw refused("a chunk is too large", Status.REQUEST_ENTITY_TOO_LARGE_413);
      }
      return line;
    }

    /** Reads a part of a body. */
    @Override
    public BufferData readBuffer(int length) {
      requireValid();
      afterBody = false;
      BufferData data = super.readBuffer(length);
      afterBody = true;
      return data;
    }

    /** Skips the end of a line, among others the one after the data of a chunk. */
    @Override
    public void skip(int length) {
      if (afterBody && length == 2) {
        afterBody = false;
        if (!super.startsWithNewLine()) {
          throw refused("a chunk does not end with CRLF", Status.BAD_REQUEST_400);
        }
      }
      super.skip(length);
    }

    private void requireValid() {
      if (refused) {
        throw refused("the body is not as it must be", Status.BAD_REQUEST_400);
      }
    }

    private RequestException refused(String message, Status status) {
      refused = true;
      return RequestException.builder()
          .type(DirectHandler.EventType.BAD_REQUEST)
          .status(status)
          .setKeepAlive(false)
          .message(message)
          .build();
    }
  }

  /** What another reader has, after what was put back. */
  private static final class Source implements Supplier<byte[]> {
    private final DataReader reader;
    private final Deque<byte[]> first = new ArrayDeque<>();

    Source(DataReader reader) {
      this.reader = reader;
    }

    @Override
    public byte[] get() {
      if (!first.isEmpty()) {
        return first.removeFirst();
      }
      reader.ensureAvailable();
      return reader.readBytes(reader.available());
    }

    void putBack(byte[]... parts) {
      first.addAll(List.of(parts));
    }
  }

  /** A connection that may be asked in HTTP/1.0. */
  private static final class StrictContext extends OtherContext implements Http10.Connection {
    private final Http10 http10;

    StrictContext(ConnectionContext connection, DataReader reader, Http10 http10) {
      super(connection, reader, http10);
      this.http10 = http10;
    }

    @Override
    public Http10 http10() {
      return http10;
    }
  }
}
