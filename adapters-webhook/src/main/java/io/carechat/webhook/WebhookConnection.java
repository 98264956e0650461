package io.carechat.webhook;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.impl.io.DefaultManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ContentLengthStrategy;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.http.message.LazyLaxLineParser;
import org.apache.hc.core5.http.message.MessageSupport;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.CharArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A connection of Apache HttpClient to an endpoint that may be hostile. It adds three things: a
 * limit for the bytes of a response, head and body together; an error when the endpoint closes the
 * connection before the response is complete; and strict parsing of the first line.
 *
 * <p>One thread uses it at a time. Any thread may close it.
 */
final class WebhookConnection extends DefaultManagedHttpClientConnection {
  /** The response is longer than the limit. */
  static final class ResponseLimitException extends IOException {
    private static final long serialVersionUID = 1;

    ResponseLimitException(int limit) {
      super("more than " + limit + " bytes");
    }
  }

  private static final Http1Config CONFIG =
      Http1Config.custom()
          // There may be thousands of connections, and each has two buffers.
          .setBufferSize(4_096)
          // The limit of bytes is enough for a line. It is not enough for the number of headers:
          // each needs some 200 bytes of memory, however short it is.
          .setMaxLineLength(-1)
          .setMaxHeaderCount(5_000)
          .setMaxEmptyLineCount(1)
          .build();

  private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] [1-9][0-9]{2}( .*)?");
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

  private final int responseLimit;
  private final Parser parser;
  private int received;
  private boolean endsWithConnection;

  /**
   * @param responseLimit how many bytes of a response are read at most
   */
  WebhookConnection(int responseLimit) {
    this(responseLimit, new Parser());
  }

  private WebhookConnection(int responseLimit, Parser parser) {
    super(
        "webhook", null, null, CONFIG, WebhookConnection::bodyLength, null, null, config -> parser);
    this.responseLimit = responseLimit;
    this.parser = parser;
  }

  /**
   * The address that it is connected to.
   *
   * @throws ConnectionClosedException if it is not connected any more
   */
  InetAddress remote() throws ConnectionClosedException {
    return switch (getRemoteAddress()) {
      case InetSocketAddress remote -> remote.getAddress();
      case null, default -> throw new ConnectionClosedException();
    };
  }

  /**
   * Sends a request and reads the head of its response. The interim responses before it are read
   * and ignored. The body, if there is one, is the response's entity and is not read yet.
   *
   * @throws IOException if the connection breaks or is closed, or the response breaks a rule or the
   *     limit
   */
  ClassicHttpResponse exchange(ClassicHttpRequest request) throws IOException, HttpException {
    received = 0;
    endsWithConnection = false;
    sendRequestHeader(request);
    sendRequestEntity(request);
    flush();
    ClassicHttpResponse response = receiveResponseHeader();
    // A switch of protocols is final: HTTP ends with it on this connection.
    while (response.getCode() < HttpStatus.SC_SUCCESS
        && response.getCode() != HttpStatus.SC_SWITCHING_PROTOCOLS) {
      response = receiveResponseHeader();
    }
    if (MessageSupport.canResponseHaveBody(Method.POST.name(), response)) {
      receiveResponseEntity(response);
    }
    return response;
  }

  /** Whether the current response has begun. */
  boolean hasReceived() {
    return received > 0;
  }

  /** Whether the body of the current response ends where the connection ends. */
  boolean endsWithConnection() {
    return endsWithConnection;
  }

  /**
   * Whether another request may follow.
   *
   * @param response the current response, whose body has been read to its end
   */
  boolean isReusableAfter(ClassicHttpResponse response) {
    boolean keepsAlive =
        response.getVersion().greaterEquals(HttpVersion.HTTP_1_1)
            && Arrays.stream(response.getHeaders(HttpHeaders.CONNECTION))
                .allMatch(header -> "keep-alive".equalsIgnoreCase(header.getValue()));
    // Two ways to find the end of the body are an attempt to confuse whoever reads it.
    boolean ambiguous =
        response.containsHeader(HttpHeaders.TRANSFER_ENCODING)
            && response.containsHeader(HttpHeaders.CONTENT_LENGTH);
    return keepsAlive
        && !ambiguous
        && !endsWithConnection
        && response.getCode() != HttpStatus.SC_SWITCHING_PROTOCOLS
        && !parser.hasUnreadBytes();
  }

  private static long bodyLength(HttpMessage response) {
    Header encoding = response.getLastHeader(HttpHeaders.TRANSFER_ENCODING);
    if (encoding != null) {
      return "chunked".equalsIgnoreCase(encoding.getValue())
          ? ContentLengthStrategy.CHUNKED
          : ContentLengthStrategy.UNDEFINED;
    }
    Header length = response.getFirstHeader(HttpHeaders.CONTENT_LENGTH);
    return length == null ? ContentLengthStrategy.UNDEFINED : Long.parseLong(length.getValue());
  }

  @Override
  protected InputStream createContentInputStream(
      long length, SessionInputBuffer buffer, InputStream in) {
    endsWithConnection = length == ContentLengthStrategy.UNDEFINED;
    return super.createContentInputStream(length, buffer, in);
  }

  @Override
  public void bind(Socket socket) throws IOException {
    bind(
        new SocketHolder(socket) {
          @Override
          protected InputStream getInputStream(Socket bound) throws IOException {
            return new ResponseStream(super.getInputStream(bound));
          }
        });
  }

  @Override
  public void bind(SSLSocket tls, Socket socket) throws IOException {
    bind(
        new SocketHolder(tls, socket) {
          @Override
          protected InputStream getInputStream(Socket bound) throws IOException {
            return new ResponseStream(super.getInputStream(bound));
          }
        });
  }

  /**
   * Closes the socket at once, in every mode. The last message of TLS is not sent: an endpoint that
   * reads nothing would hold up whoever sends it.
   */
  @Override
  public void close(CloseMode mode) {
    SocketHolder holder = getSocketHolder();
    if (holder != null) {
      try {
        // Before the immediate mode can ask for a reset: what the endpoint has not read yet of the
        // request shall still reach it.
        holder.getBaseSocket().close();
      } catch (IOException alreadyBroken) {
        // The next line closes what is left.
      }
    }
    super.close(CloseMode.IMMEDIATE);
  }

  @Override
  public void close() {
    close(CloseMode.IMMEDIATE);
  }

  /** Does nothing: the superclass would log the headers, and secrets are among them. */
  @Override
  protected void onRequestSubmitted(ClassicHttpRequest request) {}

  /** Does nothing, as for requests. */
  @Override
  protected void onResponseReceived(ClassicHttpResponse response) {}

  /** The bytes that the endpoint sends, as far as they may be read. */
  private final class ResponseStream extends InputStream {
    private final InputStream in;

    ResponseStream(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      var single = new byte[1];
      return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (received == responseLimit) {
        throw new ResponseLimitException(responseLimit);
      }
      int count = in.read(bytes, offset, Math.min(length, responseLimit - received));
      if (count >= 0) {
        received += count;
      } else if (!endsWithConnection) {
        // The library takes the end of the connection for the end of a head or of trailers.
        throw new WebhookCallException(
            hasReceived() ? "the answer broke off" : "the connection was closed without an answer");
      }
      return count;
    }
  }

  /** Refuses what the library would tolerate. */
  private static final class Parser extends DefaultHttpResponseParser {
    private @Nullable SessionInputBuffer buffer;

    Parser() {
      // Nobody forwards this response, so a space before a colon does no harm.
      super(CONFIG, LazyLaxLineParser.INSTANCE, null);
    }

    boolean hasUnreadBytes() {
      return buffer != null && buffer.length() > 0;
    }

    @Override
    public ClassicHttpResponse parse(SessionInputBuffer from, InputStream in)
        throws IOException, HttpException {
      buffer = from;
      ClassicHttpResponse response = super.parse(from, in);
      List<String> lengths =
          Stream.of(response.getHeaders(HttpHeaders.CONTENT_LENGTH))
              .map(Header::getValue)
              .distinct()
              .toList();
      if (lengths.size() > 1 || !lengths.stream().allMatch(l -> LENGTH.matcher(l).matches())) {
        throw new WebhookCallException("the answer's length is malformed");
      }
      return response;
    }

    @Override
    protected ClassicHttpResponse createMessage(CharArrayBuffer statusLine)
        throws IOException, HttpException {
      if (!STATUS_LINE.matcher(statusLine).matches()) {
        throw new WebhookCallException("the answer is not HTTP/1.1");
      }
      return super.createMessage(statusLine);
    }
  }
}
