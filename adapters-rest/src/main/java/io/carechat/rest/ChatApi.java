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
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.http.RequestFilter;
import io.carechat.rest.http.RequestIds;
import io.carechat.rest.http.ResponseLimiter;
import io.carechat.rest.http.ServerLimits;
import io.carechat.rest.inbox.ChatOperations;
import io.carechat.rest.messages.InstanceSearchOperations;
import io.carechat.rest.messages.MessageOperations;
import io.carechat.rest.meta.MetaOperations;
import io.carechat.rest.meta.Readiness;
import io.carechat.rest.webhooks.DeliveryOperations;
import io.carechat.rest.webhooks.WebhookOperations;
import io.github.bucket4j.TimeMeter;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http2.Http2Config;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The HTTP API, listening: HTTP/1.1, and HTTP/2 without TLS. Everything that the contract describes
 * is served, and nothing else.
 */
public final class ChatApi implements AutoCloseable {
  // A token of a search and its query, all of whose characters have to be escaped, fit in.
  private static final int MAX_REQUEST_LINE = 16_384;
  private static final int MAX_HEADERS = 16_384;

  /**
   * How much of a body is read at all. The contract allows less; what is over that is read, and
   * thrown away, so that the caller gets to see its 413.
   */
  private static final int MAX_BODY_READ = 1_048_576;

  private static final int MAX_STREAMS = 100;

  /**
   * How many bytes answers of more than 64 KB may have that are being written, all together. What
   * they are made of is held as well, and has about as many again.
   */
  public static final long LARGE_ANSWERS = Runtime.getRuntime().maxMemory() / 16;

  private static final long LARGE_ANSWERS_OF_ONE = LARGE_ANSWERS / 4;
  private static final Duration QUIET = Duration.ofMillis(100);

  private final WebServer server;
  private final RequestFilter entrance;
  private final ConnectionMonitor connections;
  private final ServerLimits limits;
  private final EventFeeds feeds;
  private boolean closed;

  private ChatApi(
      WebServer server,
      RequestFilter entrance,
      ConnectionMonitor connections,
      ServerLimits limits,
      EventFeeds feeds) {
    this.server = server;
    this.feeds = feeds;
    this.entrance = entrance;
    this.connections = connections;
    this.limits = limits;
  }

  /**
   * How it listens.
   *
   * @param host a name or an address of this machine; {@code 0.0.0.0} for all
   * @param port 0 for a free one
   */
  public record Settings(
      String host, int port, RateLimits rateLimits, ServerLimits limits, StreamLimits streams) {
    /**
     * @throws IllegalArgumentException if the port is none
     */
    public Settings {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("a port is 0 to 65535");
      }
    }

    /** With the default limits. */
    public Settings(String host, int port) {
      this(host, port, RateLimits.DEFAULT, ServerLimits.DEFAULT, StreamLimits.DEFAULT);
    }
  }

  /**
   * Listens. What it is given must be safe for use by many threads; it stays the caller's to close.
   *
   * @param useCases what it serves; the waiting of its events is ended when this is closed
   * @param clock for the ids of requests, and the times at which streams are opened
   * @throws RuntimeException if it cannot listen there
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
   * As the other.
   *
   * @param time for the rate limits
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
    var entrance = new RequestFilter(ids, problems, connections, metrics);

    var routes =
        new ApiRoutes<>(
            new Authenticator(credentials, settings.rateLimits(), time),
            new ResponseLimiter(LARGE_ANSWERS, LARGE_ANSWERS_OF_ONE));
    var bulkhead = new Bulkhead(limits.requests());
    MessagesService.routes(
        routes, new MessageOperations(useCases.messages(), useCases.search(), bulkhead));
    ChatsService.routes(routes, new ChatOperations(useCases.inbox(), bulkhead));
    SearchService.routes(routes, new InstanceSearchOperations(useCases.instanceSearch(), bulkhead));
    var events = new EventOperations(useCases.events(), bulkhead, settings.streams(), clock);
    EventsService.routes(routes, events);
    StreamsService.routes(routes, events);
    WebhooksService.routes(routes, new WebhookOperations(useCases.webhooks(), bulkhead));
    DeliveriesService.routes(routes, new DeliveryOperations(useCases.ledger(), bulkhead));
    new MetaOperations(readiness, metrics, entrance::isClosing, problems).addTo(routes);
    List<Operation> missing = routes.missing();
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "the contract has operations that nothing answers: " + missing);
    }

    WebServer server =
        WebServer.builder()
            .featuresDiscoverServices(false)
            .shutdownHook(false)
            .host(settings.host())
            .port(settings.port())
            .connectionOptions(connections.socketOptions())
            // Those who wait take nothing from those who ask.
            .maxTcpConnections(limits.connections() + settings.streams().open())
            // The ConnectionWatch knows better: for Helidon a stream is idle since it began.
            .idleConnectionTimeout(Duration.ofDays(365))
            .maxPayloadSize(MAX_BODY_READ)
            .shutdownGracePeriod(limits.stop())
            .contentEncoding(
                ContentEncodingContext.builder().contentEncodingsDiscoverServices(false).build())
            // For Problems only, which answers with words of its own.
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
                routing
                    .addFilter(entrance)
                    .error(Throwable.class, problems::answer)
                    .register(routes))
            .build();
    server.start();
    connections.start();
    return new ChatApi(server, entrance, connections, limits, useCases.events());
  }

  /** Where it listens. */
  public int port() {
    return server.port();
  }

  /**
   * Stops in good order, within the drain and stop times of {@link ServerLimits}: first streams
   * end, every answer tells its caller to close the connection, and readiness is denied; once
   * requests cease, or the drain time is over, nothing new is accepted; what is under way is
   * finished. A second call does nothing.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    entrance.beginClosing();
    feeds.endWaiting();
    awaitQuiet();
    server.stop();
    connections.close();
  }

  /** Until no request has been under way for a moment, or the drain time is over. */
  private void awaitQuiet() {
    long end = System.nanoTime() + limits.drain().toNanos();
    long quietSince = System.nanoTime();
    long seen = entrance.begun();
    while (System.nanoTime() < end) {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      if (entrance.underWay() > 0 || entrance.begun() != seen) {
        seen = entrance.begun();
        quietSince = System.nanoTime();
      } else if (System.nanoTime() - quietSince > QUIET.toNanos()) {
        return;
      }
    }
  }
}
