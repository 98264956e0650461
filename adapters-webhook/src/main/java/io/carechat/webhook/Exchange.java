package io.carechat.webhook;
import io.carechat.webhook.AnswerReader.Answer;
import io.carechat.webhook.Connection.Origin;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer: finds the address, checks it, connects to it, writes and reads. One
 * thread does that, and another may {@link #abort} it at any time.
 */
final class Exchange {
  /** What every exchange has in common. */
  record Means(
      HttpWebhookSender.Settings settings,
      Resolver resolver,
      SSLSocketFactory tls,
      IdleConnections idle) {}

  /** What an exchange that takes too long was waiting for. */
  private enum Stage {
    RESOLVING("the host name was not resolved within "),
    CONNECTING("connect timed out after "),
    HANDSHAKE("TLS: the handshake was not finished within "),
    WAITING("no complete answer within ");

    private final String late;

    Stage(String late) {
      this.late = late;
    }
  }

  /** More addresses of one name are not tried: time for each would be too short. */
  private static final int MOST_ADDRESSES = 3;

  private static final int LONGEST_DETAIL = 200;

  private final Means means;
  private final URI url;
  private final byte[] request;
  private volatile Stage stage = Stage.RESOLVING;
  private @Nullable Socket socket;
  private boolean aborted;

  /**
   * @param request head and body
   */
  Exchange(Means means, URI url, byte[] request) {
    this.means = means;
    this.url = url;
    this.request = request;
  }

  /**
   * Does it.
   *
   * @throws CallFailed if there is no answer
   */
  Answer answer() throws CallFailed {
    try {
      boolean https = "https".equals(url.getScheme());
      if (!https && !means.settings().addresses().allowsHttp()) {
        throw new CallFailed("http is not allowed, only https");
      }
      EndpointHost host = EndpointHost.parse(url.getHost());
      int port = url.getPort() >= 0 ? url.getPort() : https ? 443 : 80;
      return answer(host, new Origin(https, host.name(), port));
    } catch (IOException e) {
      throw new CallFailed(reason(e));
    }
  }

  private Answer answer(EndpointHost host, Origin origin) throws IOException, CallFailed {
    Connection kept = means.idle().take(origin);
    if (kept != null) {
      var reader = new AnswerReader(kept.in(), means.settings().answerLimit());
      try {
        hold(kept.socket());
        return talk(origin, kept, reader);
      } catch (IOException | CallFailed failed) {
        if (reader.hasBegun() || isAborted()) {
          throw failed;
        }
        // It was closed while it was idle. Should the request have arrived all the same, then the
        // receiver knows the repetition by its id.
      }
    }
    Connection fresh = connect(host, origin);
    return talk(origin, fresh, new AnswerReader(fresh.in(), means.settings().answerLimit()));
  }

  private Answer talk(Origin origin, Connection connection, AnswerReader reader)
      throws IOException, CallFailed {
    boolean reusable = false;
    try {
      stage = Stage.WAITING;
      connection.out().write(request);
      connection.out().flush();
      Answer answer = reader.read();
      reusable = answer.complete();
      return answer;
    } finally {
      if (reusable && letGo()) {
        means.idle().give(origin, connection);
      } else {
        connection.close();
      }
    }
  }

  private Connection connect(EndpointHost host, Origin origin) throws IOException, CallFailed {
    List<InetAddress> addresses = checkedAddresses(host);
    Socket connected = connect(addresses, origin.port());
    try {
      if (!origin.tls()) {
        return new Connection(connected, connected.getInputStream(), connected.getOutputStream());
      }
      stage = Stage.HANDSHAKE;
      SSLSocket secured =
          (SSLSocket) means.tls().createSocket(connected, host.name(), origin.port(), true);
      SSLParameters parameters = secured.getSSLParameters();
      parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      if (host.literal() == null) {
        parameters.setServerNames(List.of(new SNIHostName(host.name())));
      }
      secured.setSSLParameters(parameters);
      secured.startHandshake();
      return new Connection(connected, secured.getInputStream(), secured.getOutputStream());
    } catch (IOException | RuntimeException failed) {
      Connection.closeQuietly(connected);
      throw failed;
    }
  }

  /** The addresses of a host, asked for once, if every one of them is allowed. */
  private List<InetAddress> checkedAddresses(EndpointHost host) throws IOException, CallFailed {
    stage = Stage.RESOLVING;
    InetAddress literal = host.literal();
    List<InetAddress> addresses =
        literal != null ? List.of(literal) : List.of(means.resolver().resolve(host.name()));
    for (InetAddress address : addresses) {
      if (!means.settings().addresses().allows(address)) {
        throw new CallFailed("address " + address.getHostAddress() + " is not allowed");
      }
    }
    return addresses;
  }

  /** Connects to the first of the addresses that answers, which share the time for connecting. */
  private Socket connect(List<InetAddress> addresses, int port) throws IOException {
    stage = Stage.CONNECTING;
    long deadline = System.nanoTime() + means.settings().connectTimeout().toNanos();
    int tries = Math.min(addresses.size(), MOST_ADDRESSES);
    IOException last = new UnknownHostException();
    for (int i = 0; i < tries; i++) {
      long share = (deadline - System.nanoTime()) / (tries - i);
      // Without the proxy of the environment: it would resolve the name by itself.
      var candidate = new Socket(Proxy.NO_PROXY);
      try {
        hold(candidate);
        candidate.setTcpNoDelay(true);
        candidate.connect(
            new InetSocketAddress(addresses.get(i), port),
            (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(share)));
        return candidate;
      } catch (IOException failed) {
        Connection.closeQuietly(candidate);
        last = failed;
      }
    }
    throw last;
  }

  private synchronized void hold(Socket next) throws SocketException {
    if (aborted) {
      Connection.closeQuietly(next);
      throw new SocketException("aborted");
    }
    socket = next;
  }

  /** Ends the hold on the connection; false if the exchange was aborted meanwhile. */
  private synchronized boolean letGo() {
    socket = null;
    return !aborted;
  }

  private synchronized boolean isAborted() {
    return aborted;
  }

  /**
   * Ends the exchange wherever it is.
   *
   * @return the reason, for one that took too long
   */
  synchronized String abort() {
    aborted = true;
    if (socket != null) {
      Connection.closeQuietly(socket);
    }
    return stage.late + seconds(means.settings().exchangeTimeout());
  }

  private String reason(IOException e) {
    return switch (e) {
      case UnknownHostException unknown -> "the host name does not resolve";
      case SocketTimeoutException late ->
          Stage.CONNECTING.late + seconds(means.settings().connectTimeout());
      case SSLException tls -> "TLS: " + detail(tls);
      default ->
          (stage == Stage.CONNECTING ? "connect failed: " : "the connection broke: ") + detail(e);
    };
  }

  /** What the system says of a fault; parts of it may be the other side's. */
  private static String detail(IOException e) {
    String text = AnswerReader.printable(String.valueOf(e.getMessage())).replace('\n', ' ');
    return text.length() > LONGEST_DETAIL ? text.substring(0, LONGEST_DETAIL) + "…" : text;
  }

  private static String seconds(Duration duration) {
    String text = BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
    return text + " s";
  }
}
