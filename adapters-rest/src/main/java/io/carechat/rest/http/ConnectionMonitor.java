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
 * Closes connections on which a caller takes too long: to send a request's headers or body, to read
 * an answer, or to ask again. Helidon's own time limits look at idle connections only, so that
 * somebody who sends a byte now and then, or none at all, could hold a connection for ever.
 *
 * <p>It learns of a connection when Helidon configures the accepted socket, which is the only place
 * before the first byte, and of requests by {@link #begin}.
 */
public final class ConnectionMonitor implements AutoCloseable {
  /** The request that this thread serves. */
  public static final ScopedValue<Exchange> CURRENT = ScopedValue.newInstance();

  private static final Duration PERIOD = Duration.ofMillis(250);

  private final ServerLimits limits;
  private final Map<Peers, Connection> connections = new ConcurrentHashMap<>();
  private final Thread sweeper;

  public ConnectionMonitor(ServerLimits limits) {
    this.limits = limits;
    this.sweeper =
        Thread.ofPlatform().daemon().name("carechat-connection-watch").unstarted(this::watch);
  }

  /** Begins to watch. */
  public void start() {
    sweeper.start();
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(PERIOD);
        sweep();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  /** The two ends of a connection, which no other open one has. */
  private record Peers(SocketAddress remote, SocketAddress local) {}

  /** Options for accepted sockets, to be given to the server. */
  public SocketOptions socketOptions() {
    return new WatchedSockets(
        SocketOptions.builder().tcpNoDelay(true).socketKeepAlive(true).build());
  }

  /** Tells that a request's headers are in; to be closed when its answer is written. */
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

  /** A request under way. */
  public final class Exchange implements AutoCloseable {
    // Null if the connection was closed in the meantime.
    private final @Nullable Connection connection;
    private volatile long deadline;
    private volatile boolean limited = true;

    private Exchange(@Nullable Connection connection, long deadline) {
      this.connection = connection;
      this.deadline = deadline;
    }

    /** The answer is held back for as long as this, and has the usual time after that. */
    public void mayWait(Duration wait) {
      deadline = System.nanoTime() + limits.exchange().toNanos() + wait.toNanos();
    }

    /** From now on it may go on for any time. */
    public void mayTakeItsTime() {
      limited = false;
    }

    /** Until {@link #mayTakeItsTime}, its connection is closed when this time is over. */
    public void mustEndWithin(Duration time) {
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
    // With HTTP/2 there may be several.
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
     * First only the input is ended, which lets a reader finish in good order; if that does not end
     * the connection until the next time, it is closed under whoever writes to it.
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
        // It is closed already, which is all that was wanted.
        ended = true;
      }
    }
  }

  /** Socket options that tell of each accepted connection. */
  private final class WatchedSockets implements SocketOptions {
    private final SocketOptions options;

    WatchedSockets(SocketOptions options) {
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
