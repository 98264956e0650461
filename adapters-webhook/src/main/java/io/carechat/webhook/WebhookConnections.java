package io.carechat.webhook;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * The connections to endpoints. This is a pool of Apache HttpClient. It asks the {@link
 * WebhookCall} of the current thread which address to connect to. That address is checked when a
 * connection is made. An idle connection keeps its address, even if the name is changed to another
 * address later.
 *
 * <p>The number of connections in use is not limited here, because one slow endpoint must not block
 * the others. Safe for use by many threads.
 */
final class WebhookConnections implements AutoCloseable {
  /**
   * How many connections may be idle, and for how long.
   *
   * @param perRoute to one scheme, host and port
   * @param total to all of them
   * @param time after which an idle connection is not used any more. It is closed when another call
   *     ends after that time
   */
  record IdleLimits(int perRoute, int total, Duration time) {
    static final IdleLimits DEFAULT = new IdleLimits(64, 1_000, Duration.ofSeconds(10));
  }

  private static final long CLOSE_EXPIRED_NANOS = Duration.ofSeconds(1).toNanos();

  /** Never reached: the number of connections is not limited, so there is nothing to wait for. */
  private static final Timeout LEASE_TIMEOUT = Timeout.ofMinutes(1);

  private final IdleLimits idleLimits;
  private final PoolingHttpClientConnectionManager manager;
  private final AtomicLong expiredClosedNanos = new AtomicLong(System.nanoTime());
  private final Object releasing = new Object();

  WebhookConnections(int responseLimit, SSLContext tls, IdleLimits idleLimits) {
    this.idleLimits = idleLimits;
    SSLSocketFactory sockets = tls.getSocketFactory();
    TlsSocketStrategy tlsStrategy =
        (socket, host, port, config, context) -> {
          try {
            return upgrade(sockets, socket, port);
          } catch (IOException e) {
            // After an IOException the library would try the next address of the name.
            throw new UncheckedIOException(e);
          }
        };
    var operator =
        new DefaultHttpClientConnectionOperator(
            proxy -> WebhookCall.current().newSocket(),
            null,
            new CheckedAddresses(),
            RegistryBuilder.<TlsSocketStrategy>create()
                .register(URIScheme.HTTPS.id, tlsStrategy)
                .build());
    this.manager =
        new PoolingHttpClientConnectionManager(
            operator,
            PoolConcurrencyPolicy.STRICT,
            PoolReusePolicy.LIFO,
            TimeValue.NEG_ONE_MILLISECOND,
            socket -> new WebhookConnection(responseLimit));
    manager.setMaxTotal(Integer.MAX_VALUE);
    manager.setDefaultMaxPerRoute(Integer.MAX_VALUE);
    // No time limit for single reads: the deadline of the call holds for all of them together.
    manager.setDefaultSocketConfig(SocketConfig.custom().setSoTimeout(Timeout.DISABLED).build());
    manager.setDefaultTlsConfig(TlsConfig.custom().setHandshakeTimeout(Timeout.DISABLED).build());
    manager.setDefaultConnectionConfig(
        ConnectionConfig.custom()
            // Not validated before use, which would take a millisecond: a call is repeated if its
            // connection turns out to be closed.
            .setValidateAfterInactivity(TimeValue.NEG_ONE_MILLISECOND)
            .build());
  }

  private static SSLSocket upgrade(SSLSocketFactory sockets, Socket socket, int port)
      throws IOException {
    EndpointHost host = WebhookCall.current().beginHandshake();
    SSLSocket upgraded = (SSLSocket) sockets.createSocket(socket, host.name(), port, true);
    SSLParameters parameters = upgraded.getSSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    if (host.literal() == null) {
      parameters.setServerNames(List.of(new SNIHostName(host.name())));
    }
    upgraded.setSSLParameters(parameters);
    upgraded.startHandshake();
    return upgraded;
  }

  /**
   * Takes the idle connection of a route that was used last, or makes an endpoint that is not
   * connected yet. The caller must {@link #release} it.
   *
   * @throws IllegalStateException if the pool is closed
   */
  ConnectionEndpoint lease(HttpRoute route) throws IOException {
    try {
      return manager.lease("webhook", route, Timeout.DISABLED, null).get(LEASE_TIMEOUT);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("The pool gave no connection", e);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /**
   * Connects an endpoint for the {@link WebhookCall} of the current thread.
   *
   * @throws IllegalStateException if the pool is closed
   */
  void connect(ConnectionEndpoint endpoint) throws IOException {
    try {
      manager.connect(endpoint, null, HttpClientContext.create());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * Gives an endpoint back.
   *
   * @param reusable whether another request may follow on its connection, which is closed otherwise
   */
  void release(HttpRoute route, ConnectionEndpoint endpoint, boolean reusable) {
    closeExpired();
    if (!reusable || !keep(route, endpoint)) {
      manager.release(endpoint, null, null);
    }
  }

  /** Keeps a connection for other calls; false if enough of them are idle. */
  private boolean keep(HttpRoute route, ConnectionEndpoint endpoint) {
    synchronized (releasing) {
      if (manager.getStats(route).getAvailable() >= idleLimits.perRoute()
          || manager.getTotalStats().getAvailable() >= idleLimits.total()) {
        return false;
      }
      manager.release(endpoint, null, TimeValue.of(idleLimits.time()));
      return true;
    }
  }

  private void closeExpired() {
    long now = System.nanoTime();
    long last = expiredClosedNanos.get();
    if (now - last >= CLOSE_EXPIRED_NANOS && expiredClosedNanos.compareAndSet(last, now)) {
      manager.closeExpired();
    }
  }

  /** Whether {@link #close} was called. */
  boolean isClosed() {
    return manager.isClosed();
  }

  /** Closes every connection, idle or in use. */
  @Override
  public void close() {
    manager.close();
  }

  /** Returns the addresses that the call has checked. It never looks a name up. */
  private static final class CheckedAddresses implements DnsResolver {
    @Override
    public List<InetSocketAddress> resolve(String host, int port) {
      return WebhookCall.current().addresses().stream()
          .map(address -> new InetSocketAddress(address, port))
          .toList();
    }

    @Override
    public InetAddress[] resolve(String host) {
      return WebhookCall.current().addresses().toArray(InetAddress[]::new);
    }

    @Override
    public String resolveCanonicalHostname(String host) throws UnknownHostException {
      throw new UnknownHostException(host);
    }
  }
}
