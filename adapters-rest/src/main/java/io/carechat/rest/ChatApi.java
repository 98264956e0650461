package io.carechat.rest;

import io.carechat.api.ChatsService;
import io.carechat.api.DeliveriesService;
import io.carechat.api.EventsService;
import io.carechat.api.MessagesService;
import io.carechat.api.PatientsService;
import io.carechat.api.SearchService;
import io.carechat.api.StreamsService;
import io.carechat.api.WebhooksService;
import io.carechat.api.runtime.ApiRoutes;
import io.carechat.api.runtime.Operation;
import io.carechat.domain.access.Credentials;
import io.carechat.domain.feeds.EventFeeds;
import io.carechat.rest.connections.AddressRange;
import io.carechat.rest.connections.ClientAddresses;
import io.carechat.rest.connections.ConnectionMonitor;
import io.carechat.rest.connections.ExchangeMemory;
import io.carechat.rest.connections.ListeningSockets;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.connections.StrictHttp1;
import io.carechat.rest.connections.StrictHttp2;
import io.carechat.rest.console.Console;
import io.carechat.rest.console.ConsoleSettings;
import io.carechat.rest.events.EventOperations;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.Authenticator;
import io.carechat.rest.http.BrowserSessions;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.ConcurrencyLimits;
import io.carechat.rest.http.CrossOrigin;
import io.carechat.rest.http.Metrics;
import io.carechat.rest.http.Problems;
import io.carechat.rest.http.RateLimiter;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.http.RequestFilter;
import io.carechat.rest.http.RequestIds;
import io.carechat.rest.http.ResponseLimiter;
import io.carechat.rest.http.UndecodedBodies;
import io.carechat.rest.inbox.ChatOperations;
import io.carechat.rest.messages.InstanceSearchOperations;
import io.carechat.rest.messages.MessageOperations;
import io.carechat.rest.messages.SearchLimits;
import io.carechat.rest.meta.MetaOperations;
import io.carechat.rest.meta.Readiness;
import io.carechat.rest.patients.PatientOperations;
import io.carechat.rest.webhooks.DeliveryOperations;
import io.carechat.rest.webhooks.WebhookOperations;
import io.github.bucket4j.TimeMeter;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The HTTP server of the API. It speaks HTTP/1.1, and HTTP/2 without TLS. It serves everything that
 * the contract describes, and the page for people with what only that needs.
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
  private static final int MAX_MANAGEMENT_CONNECTIONS = 64;

  /**
   * How many connections may wait to be accepted. If one address opens many at once, those of
   * others must not be dropped: the system tries again only after seconds. Linux takes the smaller
   * of this and net.core.somaxconn.
   */
  private static final int BACKLOG = 4_096;

  /** Helidon's name for the address of health and metrics. */
  private static final String MANAGEMENT = "management";

  /** The public address of an installation on one's own machine. */
  private static final URI LOCAL = URI.create("http://localhost:8080");

  private static final Duration QUIET = Duration.ofMillis(100);

  private final WebServer server;
  private final ListeningSockets sockets;
  private final RequestFilter filter;
  private final ConnectionMonitor connections;
  private final ServerLimits limits;
  private final EventFeeds feeds;
  private boolean closed;

  private ChatApi(
      WebServer server,
      ListeningSockets sockets,
      RequestFilter filter,
      ConnectionMonitor connections,
      ServerLimits limits,
      EventFeeds feeds) {
    this.server = server;
    this.sockets = sockets;
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
   * @param searches how many searches may run at once
   * @param trustedProxies the proxies that say truly where a request comes from
   * @param management where health and metrics are served too; metrics are then served only there
   * @param publicUrl where callers reach the service, without a slash at the end; if it has a path,
   *     a proxy removes that from the paths of requests
   * @param origins the origins whose applications in a browser may call
   * @param console how the page for people is served
   */
  public record Settings(
      String host,
      int port,
      RateLimits rateLimits,
      ServerLimits limits,
      StreamLimits streams,
      SearchLimits searches,
      List<AddressRange> trustedProxies,
      Optional<Listener> management,
      URI publicUrl,
      CrossOrigin origins,
      ConsoleSettings console) {
    /**
     * @throws IllegalArgumentException if the port is out of bounds
     */
    public Settings {
      checkPort(port);
      trustedProxies = List.copyOf(trustedProxies);
    }

    /** Makes settings with the page for people, which nobody may show in a frame. */
    public Settings(
        String host,
        int port,
        RateLimits rateLimits,
        ServerLimits limits,
        StreamLimits streams,
        SearchLimits searches,
        List<AddressRange> trustedProxies,
        Optional<Listener> management,
        URI publicUrl,
        CrossOrigin origins) {
      this(
          host,
          port,
          rateLimits,
          limits,
          streams,
          searches,
          trustedProxies,
          management,
          publicUrl,
          origins,
          ConsoleSettings.DEFAULT);
    }

    /** Makes settings with the address that the contract shows, and without other origins. */
    public Settings(
        String host,
        int port,
        RateLimits rateLimits,
        ServerLimits limits,
        StreamLimits streams,
        SearchLimits searches,
        List<AddressRange> trustedProxies,
        Optional<Listener> management) {
      this(
          host,
          port,
          rateLimits,
          limits,
          streams,
          searches,
          trustedProxies,
          management,
          LOCAL,
          new CrossOrigin(Set.of()));
    }

    /**
     * Makes settings with the default limits of searches, without proxies, and without another
     * address for health and metrics.
     */
    public Settings(
        String host, int port, RateLimits rateLimits, ServerLimits limits, StreamLimits streams) {
      this(
          host,
          port,
          rateLimits,
          limits,
          streams,
          SearchLimits.DEFAULT,
          List.of(),
          Optional.empty());
    }

    /** Makes settings with the default limits. */
    public Settings(String host, int port) {
      this(host, port, RateLimits.DEFAULT, ServerLimits.DEFAULT, StreamLimits.DEFAULT);
    }
  }

  /**
   * An address to listen on.
   *
   * @param host a host name or an address of this machine; {@code 0.0.0.0} for all addresses
   * @param port the port, 0 to 65535; 0 for any free port
   */
  public record Listener(String host, int port) {
    /**
     * @throws IllegalArgumentException if the port is out of bounds
     */
    public Listener {
      checkPort(port);
    }
  }

  private static void checkPort(int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("a port is 0 to 65535");
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
    // Callers that wait for events do not use up the connections of other callers.
    int maxConnections = limits.connections() + settings.streams().open();
    var connections =
        new ConnectionMonitor(
            limits,
            maxConnections,
            new ClientAddresses(settings.trustedProxies()),
            new ExchangeMemory(limits.memory()));
    var limiter = new RateLimiter(settings.rateLimits(), time);
    var filter =
        new RequestFilter(
            ids, problems, connections, metrics, limiter, settings.origins(), System::nanoTime);

    var sessions = new BrowserSessions(useCases.sessions(), settings.publicUrl());
    boolean hasConsole = settings.console().enabled();
    var authenticator =
        new Authenticator(
            credentials, hasConsole ? Optional.of(sessions) : Optional.empty(), limiter);
    var routes =
        new ApiRoutes<>(authenticator, new ResponseLimiter(), settings.publicUrl().getRawPath());
    var bulkhead = new Bulkhead(ConcurrencyLimits.ofRequests(limits.requests()), "requests");
    var searches = new Bulkhead(settings.searches().concurrency(), "searches");
    MessagesService.routes(
        routes, new MessageOperations(useCases.messages(), useCases.search(), bulkhead, searches));
    ChatsService.routes(routes, new ChatOperations(useCases.inbox(), bulkhead));
    SearchService.routes(
        routes, new InstanceSearchOperations(useCases.instanceSearch(), bulkhead, searches));
    var events = new EventOperations(useCases.events(), bulkhead, settings.streams(), clock);
    EventsService.routes(routes, events);
    StreamsService.routes(routes, events);
    WebhooksService.routes(routes, new WebhookOperations(useCases.webhooks(), bulkhead));
    DeliveriesService.routes(routes, new DeliveryOperations(useCases.deliveries(), bulkhead));
    PatientsService.routes(
        routes,
        new PatientOperations(useCases.sessions(), bulkhead, settings.publicUrl(), hasConsole));
    var meta =
        new MetaOperations(readiness, metrics, filter::isClosing, problems, settings.publicUrl());
    meta.addTo(routes, settings.management().isEmpty());
    List<Operation> missing = routes.missing();
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "the contract has operations that nothing serves: " + missing);
    }
    var console =
        new Console(
            settings.console(),
            sessions,
            useCases.identityProviders(),
            authenticator,
            problems,
            settings.publicUrl());

    var sockets = new ListeningSockets();
    var builder =
        WebServer.builder()
            .featuresDiscoverServices(false)
            .shutdownHook(false)
            .host(settings.host())
            .port(settings.port())
            .connectionOptions(connections.socketOptions())
            .maxTcpConnections(maxConnections)
            .backlog(BACKLOG)
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
            .connectionSelectors(protocols(connections))
            .routing(routing -> {
              routing.addFilter(filter).error(Throwable.class, problems::answer).register(routes);
              if (hasConsole) {
                routing.register(console);
              }
            });
    settings
        .management()
        .ifPresent(listener ->
            addManagement(builder, listener, sockets, connections, meta, filter, problems));
    WebServer server =
        WebServer.create(sockets.noting(WebServerConfig.class, builder.buildPrototype()));
    listen(server, settings);
    connections.start();
    return new ChatApi(server, sockets, filter, connections, limits, useCases.events());
  }

  private static List<ServerConnectionSelector> protocols(ConnectionMonitor connections) {
    return List.of(
        new StrictHttp2(
            Http2Config.builder()
                .maxHeaderListSize(MAX_HEADERS)
                .maxConcurrentStreams(MAX_STREAMS)
                .build(),
            connections),
        new StrictHttp1(
            Http1Config.builder()
                .maxPrologueLength(MAX_REQUEST_LINE)
                .maxHeadersSize(MAX_HEADERS)
                .sendKeepAliveHeader(false)
                .build()));
  }

  private static void addManagement(
      WebServerConfig.Builder builder,
      Listener listener,
      ListeningSockets sockets,
      ConnectionMonitor connections,
      MetaOperations meta,
      RequestFilter filter,
      Problems problems) {
    builder.putSocket(
        MANAGEMENT,
        sockets.noting(
            ListenerConfig.class,
            ListenerConfig.builder()
                .host(listener.host())
                .port(listener.port())
                .connectionOptions(connections.socketOptions())
                .maxTcpConnections(MAX_MANAGEMENT_CONNECTIONS)
                .idleConnectionTimeout(Duration.ofDays(365))
                .maxPayloadSize(MAX_BODY_READ)
                .contentEncoding(new UndecodedBodies())
                .errorHandling(ErrorHandling.builder().includeEntity(true).build())
                .directHandlers(problems.directHandlers())
                .protocolsDiscoverServices(false)
                .connectionSelectors(protocols(connections))
                .routing(routing ->
                    routing
                        .addFilter(filter)
                        .error(Throwable.class, problems::answer)
                        .register(meta.management()))
                .build()));
  }

  /** Helidon logs why it cannot listen, and returns as if it did. */
  private static void listen(WebServer server, Settings settings) {
    server.start();
    if (!server.isRunning()) {
      var listener = new Listener(settings.host(), settings.port());
      throw new IllegalStateException(
          bindError(listener)
              .or(() -> settings.management().flatMap(ChatApi::bindError))
              .orElse("cannot listen on " + listener.host() + ":" + listener.port()));
    }
  }

  /** The system's reason, found by binding to the address once more. */
  private static Optional<String> bindError(Listener listener) {
    String failure = "cannot listen on " + listener.host() + ":" + listener.port() + ": ";
    var address = new InetSocketAddress(listener.host(), listener.port());
    if (address.isUnresolved()) {
      return Optional.of(failure + "the host is unknown");
    }
    try (ServerSocketChannel socket = ServerSocketChannel.open()) {
      socket.bind(address);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(failure + e.getMessage());
    }
  }

  /** Returns the port that the server listens on. */
  public int port() {
    return server.port();
  }

  /**
   * Returns whether the server still accepts connections. Once it does not, it never does again:
   * the process should end, so that it is started again.
   */
  public boolean isListening() {
    return sockets.areOpen();
  }

  /** Returns the port of health and metrics, or that of the API if they have none of their own. */
  public int managementPort() {
    int own = server.port(MANAGEMENT);
    return own < 0 ? server.port() : own;
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
