package io.carechat.webhook;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.WebhookSender;
import io.carechat.domain.webhooks.management.WebhookPing;
import io.carechat.webhook.AnswerReader.Answer;
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

/**
 * Posts deliveries over HTTP/1.1 as the contract of webhooks says, signed as Standard Webhooks
 * 1.0.0 does. It calls only what its {@link AddressPolicy} allows, on the very address that was
 * checked, follows no redirect, uses no proxy, and is done within {@link Settings#exchangeTimeout}
 * whatever the endpoint does. Connections are kept for some seconds and used again. Safe for use by
 * many threads.
 */
public final class HttpWebhookSender implements WebhookSender, WebhookPing, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(HttpWebhookSender.class.getName());

  /**
   * Within which bounds endpoints are called.
   *
   * @param connectTimeout for connecting to an address, or to each in turn of the several that a
   *     name has
   * @param exchangeTimeout for everything from resolving the name to the answer's last byte
   * @param answerLimit how many bytes of an answer are read at most
   */
  public record Settings(
      AddressPolicy addresses, Duration connectTimeout, Duration exchangeTimeout, int answerLimit) {
    /**
     * @throws IllegalArgumentException if a bound is not positive
     */
    public Settings {
      if (!connectTimeout.isPositive() || !exchangeTimeout.isPositive() || answerLimit < 1) {
        throw new IllegalArgumentException("Every bound must be positive");
      }
    }

    /** The bounds that the contract promises to partners: 5 s, 15 s and 64 KiB. */
    public static Settings of(AddressPolicy addresses) {
      return new Settings(addresses, Duration.ofSeconds(5), Duration.ofSeconds(15), 64 * 1024);
    }
  }

  private final LookupThreads lookups;
  private final Exchange.Means means;
  private final InstantSource clock;
  private final IdleConnections idle = new IdleConnections(System::nanoTime);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * @param tls whose trust decides which certificates are good; names are always verified
   * @param clock for the timestamps that are signed, and for {@code Retry-After}
   */
  public HttpWebhookSender(Settings settings, SSLContext tls, InstantSource clock) {
    this(settings, tls, clock, InetAddress::getAllByName);
  }

  HttpWebhookSender(Settings settings, SSLContext tls, InstantSource clock, Resolver resolver) {
    this.lookups = new LookupThreads(resolver);
    this.means = new Exchange.Means(settings, lookups, tls.getSocketFactory(), idle);
    this.clock = clock;
  }

  @Override
  public WebhookAnswer send(WebhookEndpoint endpoint, ClaimedDelivery delivery) {
    return post(endpoint, delivery.id(), Bodies.of(endpoint.subscription().payload(), delivery));
  }

  @Override
  public WebhookAnswer ping(WebhookEndpoint endpoint, DeliveryId id, URI patientUrl, Instant at) {
    return post(endpoint, id, Bodies.ping(endpoint, patientUrl, at));
  }

  private WebhookAnswer post(WebhookEndpoint endpoint, DeliveryId id, byte[] body) {
    long start = System.nanoTime();
    byte[] request = Post.request(endpoint, id, body, clock.instant());
    var exchange = new Exchange(means, endpoint.url(), request);
    // On a thread of its own, because finding a name's address cannot be interrupted: it may take
    // as long as it likes, but nobody waits for it.
    Future<Answer> future = threads.submit(exchange::answer);
    try {
      Answer answer =
          future.get(means.settings().exchangeTimeout().toNanos(), TimeUnit.NANOSECONDS);
      return new WebhookAnswer.Answered(
          answer.status(),
          RetryAfter.parse(answer.retryAfter(), clock.instant()),
          answer.firstBytes(),
          since(start));
    } catch (TimeoutException late) {
      return new WebhookAnswer.Failed(exchange.abort(), since(start));
    } catch (InterruptedException stop) {
      String _ = exchange.abort();
      Thread.currentThread().interrupt();
      return new WebhookAnswer.Failed("interrupted, because the service stops", since(start));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CallFailed failed) {
        return new WebhookAnswer.Failed(failed.reason(), since(start));
      }
      // Some of what an endpoint sends ends in a runtime exception, of TLS providers for instance.
      // It must not keep the delivery from being settled.
      LOG.log(System.Logger.Level.ERROR, "A webhook call failed unexpectedly.", e.getCause());
      return new WebhookAnswer.Failed("an unexpected fault of the sender", since(start));
    }
  }

  private static Duration since(long startNanos) {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** Closes the connections. Calls that are under way fail. */
  @Override
  public void close() {
    threads.shutdownNow();
    lookups.close();
    idle.close();
  }
}
