package io.carechat.rest;

import io.carechat.api.ChatsService;
import io.carechat.api.DeliveriesService;
import io.carechat.api.EventsService;
import io.carechat.api.MessagesService;
import io.carechat.api.SearchService;
import io.carechat.api.StreamsService;
import io.carechat.api.WebhooksService;
import io.carechat.api.runtime.ApiRoutes;
import io.carechat.api.runtime.Operation;
import io.carechat.domain.access.Credentials;
import io.carechat.domain.feeds.EventFeeds;
import io.carechat.rest.events.EventOperations;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.Authenticator;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.ConnectionMonitor;
import io.carechat.rest.http.Metrics;
import io.carechat.rest.http.Problems;
import io.carechat.rest.http.RateLimiter;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.http.RequestFilter;
import io.carechat.rest.http.RequestIds;
import io.carechat.rest.http.ResponseLimiter;
import io.carechat.rest.http.ServerLimits;
import io.carechat.rest.http.UndecodedBodies;
import io.carechat.rest.inbox.ChatOperations;
import io.carechat.rest.messages.InstanceSearchOperations;
import io.carechat.rest.messages.MessageOperations;
import io.carechat.rest.meta.MetaOperations;
import io.carechat.rest.meta.Readiness;
import io.carechat.rest.webhooks.DeliveryOperations;
import io.carechat.rest.webhooks.WebhookOperations;
import io.github.bucket4j.TimeMeter;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http2.Http2Config;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The HTTP server of the API. It speaks HTTP/1.1, and HTTP/2 without TLS. It serves everything that
 * the contract describes, and nothing else.
 */
public final class ChatApi implements AutoCloseable {
  // Large enough for the token of a search and its query when all of their characters are escaped.
  private static final int MAX_REQUEST_LINE = 16_384;
  private static final int MAX_HEADERS = 16_384;

  /**
   * The maximum number of bytes of a body that are read. The contract allows fewer. The server
   * reads and discards the bytes above the contract's limit, so that the caller receives the
   * response with status 413.
   */
  private static final int MAX_BODY_READ = 1_048_576;

  private static final int MAX_STREAMS = 100;

  /**
   * The maximum total size, in bytes, of the responses over 64 KiB that are being written at the
   * same time. The objects that these responses were made of are also in memory, and take about the
   * same space again.
   */
  public static final long LARGE_RESPONSES = Runtime.getRuntime().maxMemory() / 16;

  private static final long LARGE_RESPONSES_PER_CREDENTIAL = LARGE_RESPONSES / 4;
  private static final Duration QUIET = Duration.ofMillis(100);

  private final WebServer server;
  private final RequestFilter filter;
  private final ConnectionMonitor connections;
  private final ServerLimits limits;
  private final EventFeeds feeds;
  private boolean closed;

  private ChatApi(
      WebServer server,
      RequestFilter filter,
      ConnectionMonitor connections,
      ServerLimits limits,
      EventFeeds feeds) {
    this.server = server;
    this.feeds = feeds;
    this.filter = filter;
    this.connections = connections;
    this.limits = limits;
  }

  /**
   * How the server listens.
   *
   * @param host a host name or an address of this machine; {@code 0.0.0.0} for all addresses
   * @param port the port, 0 to 65535; 0 for any free port
   * @param rateLimits how often callers may call
   * @param limits the limits of the server
   * @param streams the limits of streams
   */
  public record Settings(
      String host, int port, RateLimits rateLimits, ServerLimits limits, StreamLimits streams) {
    /**
     * @throws IllegalArgumentException if the port is out of bounds
     */
    public Settings {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("a port is 0 to 65535");
      }
    }

    /** Makes settings with the default limits. */
    public Settings(String host, int port) {
      this(host, port, RateLimits.DEFAULT, ServerLimits.DEFAULT, StreamLimits.DEFAULT);
    }
  }

  /**
   * Starts the server. All arguments must be safe for use by many threads. The caller must close
   * them after this server.
   *
   * @param settings how to listen
   * @param useCases what to serve; closing the server ends the waiting of {@code useCases.events()}
   * @param credentials checks the credentials of requests
   * @param readiness says whether the service is ready
   * @param metrics counts responses
   * @param clock gives the time of request ids and of opening streams
   * @throws IllegalStateException if the server cannot listen at the given address; the message
   *     names the host, the port and the reason
   */
  public static ChatApi start(
      Settings settings,
      UseCases useCases,
      Credentials credentials,
      Readiness readiness,
      Metrics metrics,
      InstantSource clock) {
    return start(
        settings, useCases, credentials, readiness, metrics, clock, TimeMeter.SYSTEM_NANOTIME);
  }

  /**
   * Starts the server with another clock for the rate limits.
   *
   * @param time the clock for the rate limits
   */
  static ChatApi start(
      Settings settings,
      UseCases useCases,
      Credentials credentials,
      Readiness readiness,
      Metrics metrics,
      InstantSource clock,
      TimeMeter time) {
    ServerLimits limits = settings.limits();
    var ids = new RequestIds(clock, () -> ThreadLocalRandom.current().nextLong());
    var problems = new Problems(ids);
    var connections = new ConnectionMonitor(limits);
    var filter = new RequestFilter(ids, problems, connections, metrics);

    var routes =
        new ApiRoutes<>(
            new Authenticator(credentials, new RateLimiter(settings.rateLimits(), time)),
            new ResponseLimiter(LARGE_RESPONSES, LARGE_RESPONSES_PER_CREDENTIAL));
    var bulkhead = new Bulkhead(limits.requests());
    MessagesService.routes(
        routes, new MessageOperations(useCases.messages(), useCases.search(), bulkhead));
    ChatsService.routes(routes, new ChatOperations(useCases.inbox(), bulkhead));
    SearchService.routes(routes, new InstanceSearchOperations(useCases.instanceSearch(), bulkhead));
    var events = new EventOperations(useCases.events(), bulkhead, settings.streams(), clock);
    EventsService.routes(routes, events);
    StreamsService.routes(routes, events);
    WebhooksService.routes(routes, new WebhookOperations(useCases.webhooks(), bulkhead));
    DeliveriesService.routes(routes, new DeliveryOperations(useCases.deliveries(), bulkhead));
    new MetaOperations(readiness, metrics, filter::isClosing, problems).addTo(routes);
    List<Operation> missing = routes.missing();
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "the contract has operations that nothing serves: " + missing);
    }

    WebServer server =
        WebServer.builder()
            .featuresDiscoverServices(false)
            .shutdownHook(false)
            .host(settings.host())
            .port(settings.port())
            .connectionOptions(connections.socketOptions())
            // Callers that wait for events do not use up the connections of other callers.
            .maxTcpConnections(limits.connections() + settings.streams().open())
            // ConnectionMonitor closes idle connections. Helidon would count a stream as idle from
            // its start.
            .idleConnectionTimeout(Duration.ofDays(365))
            .maxPayloadSize(MAX_BODY_READ)
            .shutdownGracePeriod(limits.stop())
            .contentEncoding(new UndecodedBodies())
            // Gives error responses a body. Problems writes that body itself.
            .errorHandling(ErrorHandling.builder().includeEntity(true).build())
            .directHandlers(problems.directHandlers())
            .protocolsDiscoverServices(false)
            .addProtocol(
                Http1Config.builder()
                    .maxPrologueLength(MAX_REQUEST_LINE)
                    .maxHeadersSize(MAX_HEADERS)
                    .sendKeepAliveHeader(false)
                    .build())
            .addProtocol(
                Http2Config.builder()
                    .maxHeaderListSize(MAX_HEADERS)
                    .maxConcurrentStreams(MAX_STREAMS)
                    .build())
            .routing(routing ->
                routing.addFilter(filter).error(Throwable.class, problems::answer).register(routes))
            .build();
    listen(server, settings);
    connections.start();
    return new ChatApi(server, filter, connections, limits, useCases.events());
  }

  /** Helidon logs why it cannot listen, and returns as if it did. */
  private static void listen(WebServer server, Settings settings) {
    server.start();
    if (!server.isRunning()) {
      throw new IllegalStateException(
          "cannot listen on " + settings.host() + ":" + settings.port() + bindError(settings));
    }
  }

  /** The system's reason, found by binding to the address once more. */
  private static String bindError(Settings settings) {
    var address = new InetSocketAddress(settings.host(), settings.port());
    if (address.isUnresolved()) {
      return ": the host is unknown";
    }
    try (ServerSocketChannel socket = ServerSocketChannel.open()) {
      socket.bind(address);
      return "";
    } catch (IOException e) {
      return ": " + e.getMessage();
    }
  }

  /** Returns the port that the server listens on. */
  public int port() {
    return server.port();
  }

  /**
   * Stops the server gracefully, within the drain and stop times of {@link ServerLimits}. First the
   * streams end, readiness is denied, and every response tells its caller to close the connection.
   * Once no more requests come, or the drain time is over, the server accepts no new connections
   * and finishes the requests in flight. A second call does nothing.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    filter.beginClosing();
    feeds.endWaiting();
    awaitQuiet();
    server.stop();
    connections.close();
  }

  /** Waits until no request has been in flight for {@link #QUIET}, or the drain time is over. */
  private void awaitQuiet() {
    long end = System.nanoTime() + limits.drain().toNanos();
    long quietSince = System.nanoTime();
    long lastStarted = filter.started();
    while (System.nanoTime() < end) {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      if (filter.inFlight() > 0 || filter.started() != lastStarted) {
        lastStarted = filter.started();
        quietSince = System.nanoTime();
      } else if (System.nanoTime() - quietSince > QUIET.toNanos()) {
        return;
      }
    }
  }
}
