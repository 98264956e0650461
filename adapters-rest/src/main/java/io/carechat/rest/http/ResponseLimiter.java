package io.carechat.rest.http;

import io.carechat.api.runtime.ResponseSender;
import io.carechat.domain.chat.Unavailable;
import io.carechat.rest.connections.ConnectionMonitor;
import java.time.Duration;

/**
 * Limits the memory of responses that are being written. A slow caller may take as long to read a
 * response as an exchange may take. Safe for use by many threads.
 */
public final class ResponseLimiter implements ResponseSender<RequestContext> {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  /** The objects that a response was made of are in memory too, and take about the same space. */
  private static final int COPIES = 2;

  /**
   * Sends a response, or refuses it at once. A response that waited for its turn would take up
   * memory too.
   *
   * @throws Unavailable if there is no memory for it
   */
  @Override
  public void send(RequestContext context, int bytes, Runnable send) {
    ConnectionMonitor.Exchange exchange = ConnectionMonitor.CURRENT.get();
    if (!exchange.hold((long) COPIES * bytes)) {
      throw new Unavailable("responses that are not being read use the memory", RETRY_AFTER);
    }
    exchange.write(send);
  }
}
