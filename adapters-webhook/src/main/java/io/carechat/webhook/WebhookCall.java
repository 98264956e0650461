package io.carechat.webhook;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.webhook.WebhookConnection.ResponseLimitException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.ParseException;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response: resolves the host, checks the addresses, connects to one of them,
 * sends and receives. One thread executes it, and another thread may {@link #abort} it at any time.
 */
final class WebhookCall {
  /** What a call that takes too long was waiting for. */
  private enum Stage {
    RESOLVING("the host name was not resolved within "),
    CONNECTING("connect timed out after "),
    HANDSHAKE("TLS: the handshake was not finished within "),
    WAITING("no complete answer within ");

    private final String timeout;

    Stage(String timeout) {
      this.timeout = timeout;
    }
  }

  /** More addresses of one name are not tried: the time for each of them would be too short. */
  private static final int MAX_ADDRESSES = 3;

  /**
   * How long a body is read that ends only with the connection. The status is known, and that is
   * what counts. An endpoint that sends no length often forgets to close the connection.
   */
  private static final Duration UNTERMINATED_BODY = Duration.ofMillis(500);

  private static final int MAX_DETAIL = 200;

  /** The library has no parameter by which its hooks for connecting could get the call. */
  private static final ScopedValue<WebhookCall> CURRENT = ScopedValue.newInstance();

  private final HttpWebhookSender.Settings settings;
  private final Resolver resolver;
  private final WebhookConnections connections;
  private final URI url;
  private final int port;
  private final TenantInstance instance;
  private final ClassicHttpRequest request;
  private volatile Stage stage = Stage.RESOLVING;
  private volatile @Nullable Unterminated unterminated;
  private volatile boolean showsAnswer;
  private @Nullable EndpointHost host;
  private List<InetAddress> addresses = List.of();
  private int triedAddresses;
  private long connectDeadlineNanos;
  private @Nullable WebhookConnection connection;
  private @Nullable ConnectionEndpoint endpoint;
  private boolean aborted;

  /** A response of which only the end of the connection would show that it is complete. */
  private record Unterminated(ClassicHttpResponse response, ByteArrayOutputStream body) {}

  WebhookCall(
      HttpWebhookSender.Settings settings,
      Resolver resolver,
      WebhookConnections connections,
      WebhookEndpoint to,
      ClassicHttpRequest request) {
    this.settings = settings;
    this.resolver = resolver;
    this.connections = connections;
    this.url = to.url();
    this.port = AddressPolicy.port(url);
    this.instance = to.instance();
    this.request = request;
  }

  /**
   * The call that the current thread executes.
   *
   * @throws java.util.NoSuchElementException if it executes none
   */
  static WebhookCall current() {
    return CURRENT.get();
  }

  /**
   * Sends the request and receives the response.
   *
   * @throws WebhookCallException if there is no response
   */
  WebhookResponse execute() throws WebhookCallException {
    try {
      return ScopedValue.where(CURRENT, this).call(this::checkAndSend);
    } catch (IOException e) {
      throw new WebhookCallException(reason(e), e);
    } catch (IllegalStateException e) {
      if (connections.isClosed()) {
        throw new WebhookCallException("the connection broke: the sender is closed", e);
      }
      throw e;
    }
  }

  private WebhookResponse checkAndSend() throws IOException {
    boolean https = AddressPolicy.isHttps(url);
    if (!https && !settings.addresses().allowsHttp()) {
      throw new WebhookCallException("http is not allowed, only https");
    }
    EndpointHost to = EndpointHost.parse(url.getHost());
    host = to;
    var route = new HttpRoute(new HttpHost(https ? "https" : "http", to.name(), port), null, https);
    ConnectionEndpoint leased = connections.lease(route);
    boolean reusable = false;
    try {
      hold(leased);
      Reply reply = send(to, leased);
      reusable = reply.reusable();
      return reply.response();
    } catch (ParseException e) {
      throw new WebhookCallException("the answer's head is malformed", e);
    } catch (HttpException e) {
      throw new WebhookCallException("the answer is not HTTP/1.1", e);
    } finally {
      connections.release(route, leased, letGo() && reusable);
    }
  }

  /**
   * @param reusable whether another request may follow on the connection
   */
  private record Reply(WebhookResponse response, boolean reusable) {}

  private Reply send(EndpointHost to, ConnectionEndpoint leased) throws IOException, HttpException {
    if (leased.isConnected()) {
      try {
        return send(leased);
      } catch (IOException | HttpException failed) {
        if ((connection != null && connection.hasReceived()) || isAborted()) {
          throw failed;
        }
        // The endpoint closed the connection while it was idle. If the request arrived all the
        // same, the receiver recognises the repetition by its id.
        leased.close(CloseMode.IMMEDIATE);
      }
    }
    addresses = checkedAddresses(to);
    connectDeadlineNanos = System.nanoTime() + settings.connectTimeout().toNanos();
    connections.connect(leased);
    return send(leased);
  }

  private Reply send(ConnectionEndpoint connected) throws IOException, HttpException {
    stage = Stage.WAITING;
    ClassicHttpResponse response =
        connected.execute(
            "webhook",
            request,
            (message, leased, context) -> {
              var used = (WebhookConnection) leased;
              checkStillAllowed(used);
              connection = used;
              return used.exchange(message);
            },
            HttpClientContext.create());
    return receive(response, Objects.requireNonNull(connection));
  }

  /**
   * An idle connection may have been made for an endpoint of another instance, which may be in a
   * network that this one may not be in.
   *
   * @throws IOException if this endpoint may not have the connection's address
   */
  private void checkStillAllowed(WebhookConnection used) throws IOException {
    InetAddress address = used.remote();
    if (!settings.addresses().allows(address, port, instance)) {
      throw new WebhookCallException("address " + address.getHostAddress() + " is not allowed");
    }
  }

  /** Reads the body, but no more of it than the limit allows. */
  private Reply receive(ClassicHttpResponse response, WebhookConnection from) throws IOException {
    var body = new ByteArrayOutputStream();
    showsAnswer = settings.addresses().showsAnswers(from.remote(), port, instance);
    HttpEntity entity = response.getEntity();
    if (entity != null && from.endsWithConnection()) {
      unterminated = new Unterminated(response, body);
      readForAMoment(entity.getContent(), body, from);
      return new Reply(response(response, body), false);
    }
    boolean complete = entity == null || read(entity.getContent(), body);
    return new Reply(response(response, body), complete && from.isReusableAfter(response));
  }

  /** Reads to the end and keeps the beginning; false if the limit comes first. */
  private static boolean read(InputStream in, ByteArrayOutputStream beginning) throws IOException {
    var bytes = new byte[1_024];
    try {
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        beginning.write(bytes, 0, Math.min(count, WebhookResponse.MAX_BYTES - beginning.size()));
      }
      return true;
    } catch (ResponseLimitException | MessageConstraintException tooLong) {
      return false;
    }
  }

  /** Reads what comes within {@link #UNTERMINATED_BODY}, and keeps the beginning. */
  private static void readForAMoment(
      InputStream in, ByteArrayOutputStream beginning, WebhookConnection from) throws IOException {
    long deadline = System.nanoTime() + UNTERMINATED_BODY.toNanos();
    var bytes = new byte[1_024];
    try {
      for (long rest = deadline - System.nanoTime();
          rest > 0;
          rest = deadline - System.nanoTime()) {
        from.setSocketTimeout(Timeout.ofMilliseconds(Math.max(1, rest / 1_000_000)));
        int count = in.read(bytes);
        if (count < 0) {
          return;
        }
        beginning.write(bytes, 0, Math.min(count, WebhookResponse.MAX_BYTES - beginning.size()));
      }
    } catch (SocketTimeoutException | ResponseLimitException enough) {
      // The status is known.
    }
  }

  private WebhookResponse response(ClassicHttpResponse response, ByteArrayOutputStream body) {
    Header retryAfter = response.getLastHeader(HttpHeaders.RETRY_AFTER);
    return new WebhookResponse(
        response.getCode(),
        retryAfter == null ? null : retryAfter.getValue(),
        showsAnswer ? WebhookResponse.beginning(body.toByteArray()) : "");
  }

  /** The addresses of a host, looked up once, if every one of them is allowed. */
  private List<InetAddress> checkedAddresses(EndpointHost of) throws IOException {
    stage = Stage.RESOLVING;
    InetAddress literal = of.literal();
    List<InetAddress> all =
        literal != null ? List.of(literal) : List.of(resolver.resolve(of.name()));
    for (InetAddress address : all) {
      if (!settings.addresses().allows(address, port, instance)) {
        throw new WebhookCallException("address " + address.getHostAddress() + " is not allowed");
      }
    }
    return all.subList(0, Math.min(all.size(), MAX_ADDRESSES));
  }

  /** The addresses to connect to, each of them allowed, in the order in which they are tried. */
  List<InetAddress> addresses() {
    return addresses;
  }

  /**
   * A socket to connect to the next address. The addresses share the time for connecting.
   *
   * @throws SocketException if the call was aborted
   */
  Socket newSocket() throws SocketException {
    if (isAborted()) {
      throw new SocketException("aborted");
    }
    stage = Stage.CONNECTING;
    return new ConnectingSocket();
  }

  /** Notes that the connection is made and that TLS begins; returns the host to verify. */
  EndpointHost beginHandshake() {
    stage = Stage.HANDSHAKE;
    return Objects.requireNonNull(host);
  }

  private final class ConnectingSocket extends Socket {
    ConnectingSocket() {
      // Not by the proxy of the environment, which would look the name up by itself.
      super(Proxy.NO_PROXY);
    }

    @Override
    public void connect(SocketAddress address, int timeoutMillis) throws IOException {
      long rest = connectDeadlineNanos - System.nanoTime();
      long share = TimeUnit.NANOSECONDS.toMillis(rest / (addresses.size() - triedAddresses));
      triedAddresses++;
      try {
        super.connect(address, (int) Math.max(1, share));
      } catch (SocketTimeoutException e) {
        throw new WebhookCallException(late(Stage.CONNECTING), e);
      } catch (IOException e) {
        // The library would add the address to the message.
        throw new WebhookCallException("connect failed: " + detail(e), e);
      }
    }
  }

  private synchronized void hold(ConnectionEndpoint leased) throws SocketException {
    if (aborted) {
      throw new SocketException("aborted");
    }
    endpoint = leased;
  }

  /** Ends the hold on the endpoint; false if the call was aborted meanwhile. */
  private synchronized boolean letGo() {
    endpoint = null;
    return !aborted;
  }

  private synchronized boolean isAborted() {
    return aborted;
  }

  /** Ends the call, whatever it is waiting for. */
  synchronized void abort() {
    aborted = true;
    if (endpoint != null) {
      endpoint.close(CloseMode.IMMEDIATE);
    }
  }

  /** The reason why a call that takes too long has failed. */
  String timeoutReason() {
    return late(stage);
  }

  /**
   * The response of a call that takes too long, if only its end is missing: its head was received,
   * and the head announces that the body ends when the endpoint closes the connection. Endpoints
   * forget to close it.
   *
   * @return null if there is no such response
   */
  @Nullable WebhookResponse responseWithoutEnd() {
    Unterminated received = unterminated;
    return received == null ? null : response(received.response(), received.body());
  }

  private String reason(IOException e) {
    return switch (e) {
      case WebhookCallException call -> call.reason();
      case ResponseLimitException tooLong ->
          "the answer's head is longer than " + settings.answerLimit() + " bytes";
      case MalformedChunkCodingException malformed -> "the answer's chunks are malformed";
      case MessageConstraintException emptyLineOrTooManyHeaders -> "the answer's head is malformed";
      case UnknownHostException unknown -> "the host name does not resolve";
      case SSLException tls -> "TLS: " + detail(tls);
      default -> "the connection broke: " + detail(e);
    };
  }

  /** What the system says of an error. Parts of it may come from the endpoint. */
  private static String detail(IOException e) {
    String text = WebhookResponse.printable(String.valueOf(e.getMessage())).replace('\n', ' ');
    return text.codePointCount(0, text.length()) > MAX_DETAIL
        ? text.substring(0, text.offsetByCodePoints(0, MAX_DETAIL)) + "…"
        : text;
  }

  private String late(Stage at) {
    return at.timeout
        + seconds(at == Stage.CONNECTING ? settings.connectTimeout() : settings.exchangeTimeout());
  }

  private static String seconds(Duration duration) {
    String text = BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
    return text + " s";
  }
}
