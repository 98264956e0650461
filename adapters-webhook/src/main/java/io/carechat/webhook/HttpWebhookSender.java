package io.carechat.webhook;

import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.WebhookSender;
import io.carechat.domain.webhooks.management.WebhookPing;
import io.carechat.webhook.WebhookConnections.IdleLimits;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.http.ClassicHttpRequest;

/**
 * Sends deliveries by HTTP/1.1 as the contract of webhooks describes, with the signature of
 * Standard Webhooks 1.0.0. It calls only addresses that its {@link AddressPolicy} allows, and
 * connects to exactly the address that was checked. It follows no redirect and uses no proxy. Each
 * call ends within {@link Settings#exchangeTimeout}, whatever the endpoint does. Connections are
 * kept for some seconds and used again. Safe for use by many threads.
 */
public final class HttpWebhookSender implements WebhookSender, WebhookPing, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(HttpWebhookSender.class.getName());

  /**
   * Where endpoints may be, and the limits of a call.
   *
   * @param connectTimeout for connecting; several addresses of one name share it
   * @param exchangeTimeout for everything from resolving the name to the last byte of the response
   * @param answerLimit how many bytes of a response, head and body together, are read at most
   */
  public record Settings(
      AddressPolicy addresses, Duration connectTimeout, Duration exchangeTimeout, int answerLimit) {
    /**
     * @throws IllegalArgumentException if a limit is not positive
     */
    public Settings {
      if (!connectTimeout.isPositive() || !exchangeTimeout.isPositive() || answerLimit < 1) {
        throw new IllegalArgumentException("Every limit must be positive");
      }
    }

    /** The limits that the contract promises to partners: 5 s, 15 s and 64 KiB. */
    public static Settings of(AddressPolicy addresses) {
      return new Settings(addresses, Duration.ofSeconds(5), Duration.ofSeconds(15), 64 * 1024);
    }
  }

  private final Settings settings;
  private final LookupThreads resolver;
  private final WebhookConnections connections;
  private final InstantSource clock;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * @param tls decides which certificates are trusted; the host name is always verified
   * @param clock for the timestamps that are signed, and for {@code Retry-After}
   */
  public HttpWebhookSender(Settings settings, SSLContext tls, InstantSource clock) {
    this(settings, tls, clock, InetAddress::getAllByName, IdleLimits.DEFAULT);
  }

  HttpWebhookSender(
      Settings settings,
      SSLContext tls,
      InstantSource clock,
      Resolver resolver,
      IdleLimits idleLimits) {
    this.settings = settings;
    this.resolver = new LookupThreads(resolver);
    this.connections = new WebhookConnections(settings.answerLimit(), tls, idleLimits);
    this.clock = clock;
  }

  @Override
  public WebhookAnswer send(WebhookEndpoint endpoint, ClaimedDelivery delivery) {
    return post(
        endpoint,
        delivery.id(),
        WebhookPayloadWriter.of(endpoint.subscription().payload(), delivery));
  }

  @Override
  public WebhookAnswer ping(WebhookEndpoint endpoint, DeliveryId id, URI patientUrl, Instant at) {
    return post(endpoint, id, WebhookPayloadWriter.ping(endpoint, patientUrl, at));
  }

  private WebhookAnswer post(WebhookEndpoint endpoint, DeliveryId id, byte[] body) {
    long start = System.nanoTime();
    ClassicHttpRequest request = WebhookRequest.of(endpoint, id, body, clock.instant());
    var call = new WebhookCall(settings, resolver, connections, endpoint, request);
    // On a thread of its own, because looking a name up cannot be interrupted. It may take any
    // time, but nobody waits for it.
    Future<WebhookResponse> future = threads.submit(call::execute);
    try {
      return answered(
          future.get(settings.exchangeTimeout().toNanos(), TimeUnit.NANOSECONDS), start);
    } catch (TimeoutException late) {
      String reason = call.timeoutReason();
      call.abort();
      WebhookResponse withoutEnd = call.responseWithoutEnd();
      return withoutEnd == null
          ? new WebhookAnswer.Failed(reason, since(start))
          : answered(withoutEnd, start);
    } catch (InterruptedException stop) {
      call.abort();
      Thread.currentThread().interrupt();
      return new WebhookAnswer.Failed("interrupted because the service is stopping", since(start));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof WebhookCallException failed) {
        return new WebhookAnswer.Failed(failed.reason(), since(start));
      }
      // Some of what an endpoint sends leads to a runtime exception, of a TLS provider for
      // instance. The delivery must be settled all the same.
      LOG.log(System.Logger.Level.ERROR, "A webhook call failed unexpectedly.", e.getCause());
      return new WebhookAnswer.Failed("an unexpected error of the sender", since(start));
    }
  }

  private WebhookAnswer answered(WebhookResponse response, long startNanos) {
    return new WebhookAnswer.Answered(
        response.status(),
        RetryAfter.parse(response.retryAfter(), clock.instant()),
        response.firstBytes(),
        since(startNanos));
  }

  private static Duration since(long startNanos) {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** Closes the connections. Calls that have not ended yet fail. */
  @Override
  public void close() {
    threads.shutdownNow();
    resolver.close();
    connections.close();
  }
}
