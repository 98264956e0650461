package io.carechat.domain.webhooks;

import io.carechat.domain.chat.EndpointId;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when an endpoint may not have a URL because of the instance's other endpoints. Without
 * this rule one message could be sent to the same server a hundred times. Nothing was changed.
 *
 * <p>It has no stack trace, because it describes a fault of the request and not of the program.
 */
public final class WebhookUrlConflict extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The maximum number of endpoints of an instance that have the same host and port. */
  public static final int MAX_ON_SERVER = 10;

  private final transient @Nullable EndpointId existing;

  private WebhookUrlConflict(String message, @Nullable EndpointId existing) {
    super(message, null, false, false);
    this.existing = existing;
  }

  /**
   * Checks the URL of an endpoint that is to be added, or that gets another URL.
   *
   * @param id the endpoint; it is not compared with itself
   * @param url the new URL
   * @param present the URLs of the instance's endpoints
   * @throws WebhookUrlConflict if another endpoint has the same URL, however it is written, or
   *     {@link #MAX_ON_SERVER} others have the same host and port
   */
  public static void check(EndpointId id, URI url, Map<EndpointId, URI> present) {
    NormalizedUrl wanted = NormalizedUrl.of(url);
    int onServer = 0;
    for (Map.Entry<EndpointId, URI> other : present.entrySet()) {
      NormalizedUrl theirs = NormalizedUrl.of(other.getValue());
      if (!other.getKey().equals(id)) {
        if (theirs.value().equals(wanted.value())) {
          throw new WebhookUrlConflict("Another endpoint has this URL.", other.getKey());
        }
        onServer += theirs.server().equals(wanted.server()) ? 1 : 0;
      }
    }
    if (onServer >= MAX_ON_SERVER) {
      throw new WebhookUrlConflict("Too many endpoints have this host and port.", null);
    }
  }

  /**
   * Checks an endpoint that replaces its previous version, as {@link #check} does. An endpoint that
   * keeps its URL is never refused: it may be older than the rule.
   */
  public static void checkChange(EndpointId id, URI url, Map<EndpointId, URI> present) {
    URI before = present.get(id);
    if (before != null && !NormalizedUrl.of(before).equals(NormalizedUrl.of(url))) {
      check(id, url, present);
    }
  }

  /**
   * Returns the endpoint that has the same URL. The result is null if too many others have the same
   * host and port.
   */
  public @Nullable EndpointId existing() {
    return existing;
  }
}
