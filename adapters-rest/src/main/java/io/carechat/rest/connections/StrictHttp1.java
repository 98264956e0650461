package io.carechat.rest.connections;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.DirectHandler;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.regex.Pattern;

/**
 * HTTP/1.1 as Helidon serves it, without what RFC 9112 does not allow but Helidon does. A proxy in
 * front of the service may understand such a request differently, and then lets one request through
 * inside of another one.
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
  private static final byte[] END_OF_REQUEST_LINE = " HTTP/1.1".getBytes(StandardCharsets.US_ASCII);
  private static final Pattern CHUNK_SIZE = Pattern.compile("[0-9A-Fa-f]{1,8}");

  private final ServerConnectionSelector helidon;

  /**
   * @param config how Helidon serves HTTP/1.1
   */
  public StrictHttp1(Http1Config config) {
    this.helidon = Http1ConnectionSelector.builder().config(config).build();
  }

  @Override
  public int bytesToIdentifyConnection() {
    return helidon.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return helidon.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return helidon.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    return helidon.connection(new StrictContext(context, new StrictReader(context.dataReader())));
  }

  /** Reads the same bytes as another reader, and checks what Helidon takes as it is. */
  private static final class StrictReader extends DataReader {
    // Whether the last bytes that were read may be the data of a chunk.
    private boolean afterBody;
    // Set once a body is not as it must be. Closing it must not wait for the rest of it.
    private boolean refused;

    @SuppressWarnings("removal") // There is no other way to extend the class.
    StrictReader(DataReader reader) {
      super(() -> {
        reader.ensureAvailable();
        return reader.readBytes(reader.available());
      });
    }

    /** Reads the line of a request, or a value of {@code Connection}. */
    @Override
    public byte[] readBytes(int length) {
      byte[] line = super.readBytes(length);
      afterBody = false;
      if (line.length > END_OF_REQUEST_LINE.length
          && hasSmallLetter(line)
          && Arrays.equals(
              line,
              line.length - END_OF_REQUEST_LINE.length,
              line.length,
              END_OF_REQUEST_LINE,
              0,
              END_OF_REQUEST_LINE.length)) {
        throw refused("the method has small letters", Status.BAD_REQUEST_400);
      }
      return line;
    }

    /** Returns whether the first word has a small letter. */
    private static boolean hasSmallLetter(byte[] line) {
      for (byte b : line) {
        if (b == ' ') {
          return false;
        }
        if (b >= 'a' && b <= 'z') {
          return true;
        }
      }
      return false;
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
        if (!startsWithNewLine()) {
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

  /** A connection with another reader. */
  private record StrictContext(ConnectionContext connection, DataReader dataReader)
      implements ConnectionContext {
    @Override
    public ListenerContext listenerContext() {
      return connection.listenerContext();
    }

    @Override
    public ExecutorService executor() {
      return connection.executor();
    }

    @Override
    public DataWriter dataWriter() {
      return connection.dataWriter();
    }

    @Override
    public Router router() {
      return connection.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
      return connection.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
      return connection.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
      return connection.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
      return connection.localPeer();
    }

    @Override
    public boolean isSecure() {
      return connection.isSecure();
    }

    @Override
    public String socketId() {
      return connection.socketId();
    }

    @Override
    public String childSocketId() {
      return connection.childSocketId();
    }
  }
}
