package io.carechat.rest.connections;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.FairShares;
import io.carechat.domain.chat.Unavailable;
import io.carechat.rest.connections.ExchangeMemory.Owner;
import io.carechat.rest.connections.ExchangeMemory.Owner.Kind;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.http2.Http2ErrorCode;
import io.helidon.http.http2.Http2Exception;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Watches all connections and the requests on them, and bounds what one caller takes of the server.
 *
 * <ul>
 *   <li>A caller that takes too long to send the headers or the body of a request, to read a
 *       response, or to send the next request is disconnected. Helidon's own timeouts cover only
 *       idle connections. So a caller that sends a byte now and then could keep a connection open
 *       for ever.
 *   <li>An address may have only a share of the connections. If most connections are in use, those
 *       that have been idle for longest are closed.
 *   <li>Exchanges may hold only so much memory, as {@link ExchangeMemory} counts it. If most of
 *       that is in use, callers without a valid credential must read their responses within a
 *       second.
 * </ul>
 *
 * <p>The monitor is notified of a connection when Helidon configures the accepted socket, because
 * that is the only hook before the first byte. It is notified of requests by {@link #begin}.
 */
public final class ConnectionMonitor implements AutoCloseable {
  /** The exchange of the request that this thread serves. */
  public static final ScopedValue<Exchange> CURRENT = ScopedValue.newInstance();

  private static final Duration PERIOD = Duration.ofMillis(250);

  /** What a caller without a credential has to read its response while memory is scarce. */
  private static final Duration HURRY = Duration.ofSeconds(1);

  /**
   * How much of a body of unknown length Helidon may hold before anybody reads it: 32 frames of
   * HTTP/2 with 16 KiB each. A chunk of HTTP/1.1 is smaller ({@link StrictHttp1}).
   */
  private static final long UNKNOWN_BODY = 524_288;

  /** The most that the contract allows in a body. The server discards what is above that. */
  private static final long LONGEST_BODY = 131_072;

  /** More streams than one connection may have open at once. */
  private static final int MAX_RESET_EARLY = 1_000;

  /**
   * How many requests of one address are worked on at once. It is more than the processors need,
   * because most requests wait for the database for most of their time.
   */
  private static final int TURNS_PER_ADDRESS = 128;

  /** Only the memory of exchanges bounds how many requests wait for their turn. */
  private static final int UNBOUNDED = Integer.MAX_VALUE;

  private static final Duration MAX_WAIT_FOR_TURN = Duration.ofSeconds(10);

  private final FairShares turns =
      new FairShares(UNBOUNDED, MAX_WAIT_FOR_TURN, UNBOUNDED, System::nanoTime);
  private final ServerLimits limits;
  private final int maxConnections;
  private final ClientAddresses addresses;
  private final ExchangeMemory memory;
  private final Map<Peers, Connection> connections = new ConcurrentHashMap<>();
  private final Map<String, Integer> byAddress = new ConcurrentHashMap<>();
  private final Thread sweeper;

  /**
   * @param limits the limits of connections and exchanges
   * @param maxConnections the maximum number of connections, those of streams included
   * @param addresses finds out where connections and requests come from
   * @param memory counts the memory of exchanges
   */
  public ConnectionMonitor(
      ServerLimits limits, int maxConnections, ClientAddresses addresses, ExchangeMemory memory) {
    this.limits = limits;
    this.maxConnections = maxConnections;
    this.addresses = addresses;
    this.memory = memory;
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
   * response is written. It may be {@linkplain Exchange#isRefused refused}.
   */
  public Exchange begin(ServerRequest request) {
    SocketAddress peer = request.remotePeer().address();
    Connection connection = connections.get(new Peers(peer, request.localPeer().address()));
    boolean http1 = request.prologue().protocolVersion().equals("1.1");
    String address = addresses.of(peer, request.headers());
    ExchangeMemory.Reservation reservation = memory.reservation();
    boolean mayBeAnybody =
        addresses.isTrustedProxy(peer) && address.equals(ClientAddresses.of(peer));
    boolean hasBody = request.content().hasEntity();
    long bytes = ExchangeMemory.BASE + bodySize(request.headers(), http1, hasBody);
    boolean fits =
        (mayBeAnybody || reservation.count(List.of(new Owner(Kind.ADDRESS, address))))
            && reservation.add(bytes);
    var exchange =
        new Exchange(
            connection,
            request.id(),
            address,
            http1,
            hasBody,
            !fits,
            reservation,
            System.nanoTime());
    if (connection != null) {
      connection.add(exchange);
    }
    return exchange;
  }

  /**
   * Records that a caller has reset a stream of HTTP/2 (RFC 9113, section 6.4): it does not want
   * the response any more. Helidon only stops reading the request, so this ends the exchange.
   *
   * @param connection the connection of the stream
   * @param stream the number of the stream
   */
  void reset(ConnectionContext connection, int stream) {
    Connection monitored =
        connections.get(
            new Peers(connection.remotePeer().address(), connection.localPeer().address()));
    if (monitored != null) {
      monitored.reset(stream);
    }
  }

  private static long bodySize(ServerRequestHeaders headers, boolean http1, boolean hasEntity) {
    if (!hasEntity) {
      return 0;
    }
    if (headers.contains(HeaderNames.CONTENT_LENGTH)) {
      return Math.min(headers.contentLength().orElse(LONGEST_BODY), LONGEST_BODY);
    }
    return http1 ? LONGEST_BODY : UNKNOWN_BODY;
  }

  /** Stops watching. Connections stay as they are. */
  @Override
  public void close() {
    sweeper.interrupt();
  }

  private void accepted(SocketChannel socket) {
    try {
      SocketAddress peer = socket.getRemoteAddress();
      String address = addresses.isTrustedProxy(peer) ? null : ClientAddresses.of(peer);
      if (address != null
          && byAddress.merge(address, 1, Integer::sum) > limits.connectionsPerAddress()) {
        forget(address);
        throw new IOException("the address has the maximum number of connections");
      }
      connections.put(
          new Peers(peer, socket.getLocalAddress()),
          new Connection(socket, address, System.nanoTime() + limits.firstRequest().toNanos()));
    } catch (IOException e) {
      // Helidon closes the socket.
      throw new UncheckedIOException(e);
    }
  }

  private void forget(@Nullable String address) {
    if (address != null) {
      byAddress.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    boolean scarce = memory.isScarce();
    for (Connection connection : connections.values()) {
      if (connection.socket.isOpen() && connection.isLate(now, scarce)) {
        connection.end();
      }
    }
    int excess = connections.size() - maxConnections * 3 / 4;
    if (excess > 0) {
      closeIdle(now, excess);
    }
    connections
        .values()
        .removeIf(connection -> {
          if (connection.socket.isOpen()) {
            return false;
          }
          connection.endExchanges();
          forget(connection.address);
          return true;
        });
  }

  /** Closes connections without a request in flight, those that wait for longest first. */
  private void closeIdle(long now, int count) {
    List<Connection> idle =
        connections.values().stream()
            .filter(connection -> connection.idleFor(now) >= HURRY.toNanos())
            .sorted(Comparator.comparingLong((Connection c) -> c.idleFor(now)).reversed())
            .limit(count)
            .toList();
    idle.forEach(Connection::abort);
  }

  /** A request in flight. */
  public final class Exchange implements AutoCloseable {
    // Null if the connection was closed meanwhile.
    private final @Nullable Connection connection;
    private final int stream;
    private final String address;
    private final boolean http1;
    private final boolean hasBody;
    private final boolean refused;
    private final ExchangeMemory.Reservation reservation;
    private final long begun;
    private volatile long deadline;
    private volatile boolean limited = true;
    private volatile boolean identified;
    private @Nullable Thread writer;
    private @Nullable Thread waiter;
    private boolean abandoned;
    private boolean interrupted;

    /** Used by the thread of the request only. */
    private FairShares.@Nullable Permit turn;

    private Exchange(
        @Nullable Connection connection,
        int stream,
        String address,
        boolean http1,
        boolean hasBody,
        boolean refused,
        ExchangeMemory.Reservation reservation,
        long now) {
      this.connection = connection;
      this.stream = stream;
      this.address = address;
      this.http1 = http1;
      this.hasBody = hasBody;
      this.refused = refused;
      this.reservation = reservation;
      this.begun = now;
      this.deadline = now + limits.exchange().toNanos();
    }

    /** Returns the address that the request comes from. */
    public String address() {
      return address;
    }

    /** Returns whether the request has a body, which may still be arriving. */
    public boolean hasBody() {
      return hasBody;
    }

    /**
     * Waits for the turn of this request. One address can make thousands of requests ready at once
     * with HTTP/2. Virtual threads run in the order in which they became ready, and a request of
     * another address would wait until all of these have used the processor. So only some requests
     * of an address are worked on at once. The turn ends when the response is written or held back.
     *
     * @throws Unavailable if there are too many requests of the address
     */
    public void awaitTurn() {
      try {
        turn = turns.acquire(List.of(new FairShares.Share(address, TURNS_PER_ADDRESS)));
      } catch (FairShares.Exhausted e) {
        throw new Unavailable("the address has too many requests in progress", HURRY, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Unavailable("the wait for a turn was interrupted", HURRY, e);
      }
    }

    /** Ends the turn, if it has not ended yet. What comes next depends on the caller. */
    public void endTurn() {
      if (turn != null) {
        turn.close();
        turn = null;
      }
    }

    /** Returns whether the request uses HTTP/1.1. */
    public boolean isHttp1() {
      return http1;
    }

    /** Returns whether there is no memory for the request, so that it must not be carried out. */
    public boolean isRefused() {
      return refused;
    }

    /**
     * Records whose request this is. From now on it uses the shares of the caller's credential and
     * instance instead of that of its address.
     *
     * @return whether these shares are large enough
     */
    public boolean identify(Caller caller) {
      identified = true;
      Kind kind = caller instanceof Caller.PatientUser ? Kind.PATIENT : Kind.CREDENTIAL;
      return reservation.count(
          List.of(
              new Owner(kind, caller.credentialId()),
              new Owner(Kind.INSTANCE, caller.instance().toString())));
    }

    /**
     * Reserves memory until the end of this exchange.
     *
     * @param bytes how much
     * @return whether there is so much
     */
    public boolean hold(long bytes) {
      return reservation.add(bytes);
    }

    /**
     * Writes a response, or a part of it. With HTTP/2, the thread may wait for the caller to allow
     * more bytes. Helidon does not end that when the connection ends, so the monitor interrupts it.
     *
     * @param write writes, and fails if its thread is interrupted
     * @throws CloseConnectionException if the caller has left, or takes nothing
     */
    public void write(Runnable write) {
      endTurn();
      synchronized (this) {
        requireReader();
        writer = Thread.currentThread();
      }
      try {
        write.run();
      } catch (Http2Exception | UncheckedIOException left) {
        throw new CloseConnectionException("the caller has left, or takes nothing", left);
      } finally {
        synchronized (this) {
          writer = null;
          clearInterrupt();
        }
      }
    }

    /** Waits for something, and can be interrupted. */
    @FunctionalInterface
    public interface Waiting<T> {
      /** Waits, and returns what it has waited for. */
      T get() throws InterruptedException;
    }

    /**
     * Waits for something to write. This ends when the connection ends, and with HTTP/2 also when
     * the caller resets the stream.
     *
     * @throws CloseConnectionException if the caller has left
     * @throws InterruptedException if somebody else interrupts the thread
     */
    public <T> T await(Waiting<T> waiting) throws InterruptedException {
      synchronized (this) {
        requireReader();
        waiter = Thread.currentThread();
      }
      try {
        return waiting.get();
      } catch (InterruptedException e) {
        synchronized (this) {
          requireReader();
        }
        throw e;
      } finally {
        synchronized (this) {
          waiter = null;
          clearInterrupt();
        }
      }
    }

    private void requireReader() {
      if (abandoned) {
        throw new CloseConnectionException(
            "the caller has reset the stream",
            new Http2Exception(Http2ErrorCode.CANCEL, "the stream was reset"));
      }
    }

    private void clearInterrupt() {
      if (interrupted) {
        interrupted = false;
        boolean _ = Thread.interrupted();
      }
    }

    /** Ends the exchange, because the connection is closed. */
    private synchronized void disconnected() {
      abandoned = true;
      interrupt(writer);
      interrupt(waiter);
    }

    /**
     * Ends the exchange, because the caller has reset the stream. A thread that writes is not
     * interrupted: that would close the connection, which has other streams.
     */
    private synchronized void abandon() {
      abandoned = true;
      interrupt(waiter);
    }

    private void interrupt(@Nullable Thread thread) {
      if (thread != null) {
        interrupted = true;
        thread.interrupt();
      }
    }

    /**
     * Releases the memory that this exchange holds, because another limit covers it from now on.
     */
    public void release() {
      endTurn();
      reservation.clear();
    }

    /** Closes the connection at once. */
    public void disconnect() {
      if (connection != null) {
        connection.abort();
      }
    }

    /**
     * Returns an exception that ends the exchange without a response. With HTTP/2 it resets the
     * stream. The connection is closed if it uses HTTP/1.1, or if a body may still be arriving:
     * Helidon would keep that.
     */
    public CloseConnectionException reset() {
      if (http1 || hasBody) {
        disconnect();
      }
      return new CloseConnectionException(
          "the caller uses too much",
          new Http2Exception(Http2ErrorCode.ENHANCE_YOUR_CALM, "the caller uses too much"));
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

    private boolean isLate(long now, boolean scarce) {
      return limited
          && (now - deadline > 0 || (scarce && !identified && now - begun > HURRY.toNanos()));
    }

    /** Stops monitoring. Open connections stay open. */
    @Override
    public void close() {
      endTurn();
      reservation.close();
      if (connection != null) {
        long now = System.nanoTime();
        connection.idleSince = now;
        connection.idleDeadline = now + limits.idle().toNanos();
        connection.exchanges.remove(this);
      }
    }
  }

  private static final class Connection {
    private final SocketChannel socket;
    // Null if it has no share.
    private final @Nullable String address;
    // With HTTP/2 there may be several at a time.
    private final Set<Exchange> exchanges = ConcurrentHashMap.newKeySet();
    private final LinkedHashSet<Integer> resetEarly = new LinkedHashSet<>();
    private volatile long idleDeadline;
    private volatile long idleSince = System.nanoTime();
    private boolean ended;

    Connection(SocketChannel socket, @Nullable String address, long firstDeadline) {
      this.socket = socket;
      this.address = address;
      this.idleDeadline = firstDeadline;
    }

    boolean isLate(long now, boolean scarce) {
      return exchanges.isEmpty()
          ? now - idleDeadline > 0
          : exchanges.stream().anyMatch(exchange -> exchange.isLate(now, scarce));
    }

    /** Returns for how long there has been no request in flight, in nanoseconds. */
    long idleFor(long now) {
      return exchanges.isEmpty() ? now - idleSince : 0;
    }

    /**
     * Ends the connection in two steps. The first call closes only the input, which lets a reader
     * end gracefully. If the connection is still open at the next check, it is closed completely,
     * even while somebody writes to it.
     */
    void end() {
      if (ended) {
        abort();
        return;
      }
      ended = true;
      try {
        socket.shutdownInput();
      } catch (IOException e) {
        // The connection is closed already.
      }
    }

    /** Ends the waiting of threads that write to the connection, which is closed. */
    void endExchanges() {
      exchanges.forEach(Exchange::disconnected);
    }

    void add(Exchange exchange) {
      exchanges.add(exchange);
      boolean isReset;
      synchronized (resetEarly) {
        isReset = resetEarly.remove(exchange.stream);
      }
      if (isReset) {
        exchange.abandon();
      }
    }

    /** A stream may be reset before its request is known here. */
    void reset(int stream) {
      synchronized (resetEarly) {
        resetEarly.add(stream);
        if (resetEarly.size() > MAX_RESET_EARLY) {
          resetEarly.removeFirst();
        }
      }
      for (Exchange exchange : exchanges) {
        if (exchange.stream == stream) {
          exchange.abandon();
        }
      }
    }

    /** Closes the connection at once. */
    void abort() {
      try {
        socket.close();
      } catch (IOException e) {
        // The connection is closed already.
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
