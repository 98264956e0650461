package io.carechat.rest.http;

import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections of callers that take too long to send the headers or the body of a request, to
 * read a response, or to send the next request. Helidon's own timeouts cover only idle connections.
 * So a caller that sends a byte now and then could keep a connection open for ever.
 *
 * <p>The monitor is notified of a connection when Helidon configures the accepted socket, because
 * that is the only hook before the first byte. It is notified of requests by {@link #begin}.
 */
public final class ConnectionMonitor implements AutoCloseable {
  /** The exchange of the request that this thread serves. */
  public static final ScopedValue<Exchange> CURRENT = ScopedValue.newInstance();

  private static final Duration PERIOD = Duration.ofMillis(250);

  private final ServerLimits limits;
  private final Map<Peers, Connection> connections = new ConcurrentHashMap<>();
  private final Thread sweeper;

  /**
   * @param limits the limits of connections and exchanges
   */
  public ConnectionMonitor(ServerLimits limits) {
    this.limits = limits;
    this.sweeper =
        Thread.ofPlatform().daemon().name("carechat-connection-monitor").unstarted(this::monitor);
  }

  /** Starts the monitoring thread. */
  public void start() {
    sweeper.start();
  }

  private void monitor() {
    try {
      while (true) {
        Thread.sleep(PERIOD);
        sweep();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  /** The addresses of both ends of a connection. No two open connections have the same. */
  private record Peers(SocketAddress remote, SocketAddress local) {}

  /** Returns options for accepted sockets. The server must be configured with them. */
  public SocketOptions socketOptions() {
    return new MonitoredSockets(
        SocketOptions.builder().tcpNoDelay(true).socketKeepAlive(true).build());
  }

  /**
   * Records that the headers of a request were received. The result must be closed when the
   * response is written.
   */
  Exchange begin(ServerRequest request) {
    Connection connection =
        connections.get(new Peers(request.remotePeer().address(), request.localPeer().address()));
    Exchange exchange = new Exchange(connection, System.nanoTime() + limits.exchange().toNanos());
    exchange.begin();
    return exchange;
  }

  /** Stops watching. Connections stay as they are. */
  @Override
  public void close() {
    sweeper.interrupt();
  }

  private void accepted(SocketChannel socket) {
    try {
      connections.put(
          new Peers(socket.getRemoteAddress(), socket.getLocalAddress()),
          new Connection(socket, System.nanoTime() + limits.firstRequest().toNanos()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    connections
        .values()
        .removeIf(connection -> {
          if (connection.socket.isOpen() && connection.isLate(now)) {
            connection.end();
          }
          return !connection.socket.isOpen();
        });
  }

  /** A request in flight. */
  public final class Exchange implements AutoCloseable {
    // Null if the connection was closed meanwhile.
    private final @Nullable Connection connection;
    private volatile long deadline;
    private volatile boolean limited = true;

    private Exchange(@Nullable Connection connection, long deadline) {
      this.connection = connection;
      this.deadline = deadline;
    }

    /**
     * Extends the time limit of this exchange, because its response is held back.
     *
     * @param wait for how long the response is held back at most
     */
    public void extendTimeLimit(Duration wait) {
      deadline = System.nanoTime() + limits.exchange().toNanos() + wait.toNanos();
    }

    /** Removes the time limit of this exchange. */
    public void clearTimeLimit() {
      limited = false;
    }

    /**
     * Sets a new time limit, which lasts until {@link #clearTimeLimit}. When it is over, the
     * connection is closed.
     *
     * @param time from now
     */
    public void setTimeLimit(Duration time) {
      deadline = System.nanoTime() + time.toNanos();
      limited = true;
    }

    private boolean isLate(long now) {
      return limited && now - deadline > 0;
    }

    private void begin() {
      if (connection != null) {
        connection.exchanges.add(this);
      }
    }

    /** Stops monitoring. Open connections stay open. */
    @Override
    public void close() {
      if (connection != null) {
        connection.idleDeadline = System.nanoTime() + limits.idle().toNanos();
        connection.exchanges.remove(this);
      }
    }
  }

  private static final class Connection {
    private final SocketChannel socket;
    // With HTTP/2 there may be several at a time.
    private final Set<Exchange> exchanges = ConcurrentHashMap.newKeySet();
    private volatile long idleDeadline;
    private boolean ended;

    Connection(SocketChannel socket, long firstDeadline) {
      this.socket = socket;
      this.idleDeadline = firstDeadline;
    }

    boolean isLate(long now) {
      return exchanges.isEmpty()
          ? now - idleDeadline > 0
          : exchanges.stream().anyMatch(exchange -> exchange.isLate(now));
    }

    /**
     * Ends the connection in two steps. The first call closes only the input, which lets a reader
     * end gracefully. If the connection is still open at the next check, it is closed completely,
     * even while somebody writes to it.
     */
    void end() {
      try {
        if (ended) {
          socket.close();
        } else {
          ended = true;
          socket.shutdownInput();
        }
      } catch (IOException e) {
        // The connection is closed already.
        ended = true;
      }
    }
  }

  /** Socket options that notify the monitor of each accepted connection. */
  private final class MonitoredSockets implements SocketOptions {
    private final SocketOptions options;

    MonitoredSockets(SocketOptions options) {
      this.options = options;
    }

    @Override
    public void configureSocket(SocketChannel socket) {
      SocketOptions.super.configureSocket(socket);
      accepted(socket);
    }

    @Override
    public Map<SocketOption<?>, Object> socketOptions() {
      return options.socketOptions();
    }

    @Override
    public Duration connectTimeout() {
      return options.connectTimeout();
    }

    @Override
    public Duration readTimeout() {
      return options.readTimeout();
    }

    @Override
    public Optional<Integer> socketReceiveBufferSize() {
      return options.socketReceiveBufferSize();
    }

    @Override
    public Optional<Integer> socketSendBufferSize() {
      return options.socketSendBufferSize();
    }

    @Override
    public boolean socketReuseAddress() {
      return options.socketReuseAddress();
    }

    @Override
    public boolean socketKeepAlive() {
      return options.socketKeepAlive();
    }

    @Override
    public boolean tcpNoDelay() {
      return options.tcpNoDelay();
    }
  }
}
