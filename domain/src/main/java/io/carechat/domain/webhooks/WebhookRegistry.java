package io.carechat.domain.webhooks;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stores the endpoints that are created through the API. Their secrets are encrypted. Safe for use
 * by many threads and by several nodes. Every method may throw {@link Unavailable}.
 */
public interface WebhookRegistry {
  /**
   * Returns a number that changes with every change of any endpoint. What is read after this call
   * contains at least the changes up to this revision.
   */
  long revision();

  /** Returns the endpoints of an instance, oldest first. */
  List<WebhookEndpoint> of(TenantInstance instance);

  /**
   * Returns whether there is a key to encrypt secrets with. Without one, no endpoint can be added.
   */
  boolean keepsSecrets();

  /**
   * Adds an endpoint with a new id.
   *
   * @param enabled whether the endpoint is called; if not, its deliveries wait until it is enabled
   * @param max the maximum number of endpoints of an instance, including the new one
   * @return false if the instance would have more; then nothing was added
   * @throws WebhookUrlConflict if the URL is refused because of the instance's other endpoints
   *     here, as {@link WebhookUrlConflict#check} says, whatever is added at the same time
   * @throws IllegalStateException if there is no key for secrets, or the endpoint's origin is not
   *     the API
   */
  boolean add(WebhookEndpoint endpoint, boolean enabled, int max);

  /**
   * Replaces an endpoint by its next version. The change, and enabling or disabling the endpoint,
   * are one transaction.
   *
   * @param changed the new version, whose version number is one more than that of the stored one
   * @param enabled whether the endpoint is called from now on; null not to change that
   * @return false if there is no such endpoint, or it has another version; then nothing was changed
   * @throws WebhookUrlConflict if the URL changes and is refused, as {@link
   *     WebhookUrlConflict#checkChange} says
   */
  boolean replace(WebhookEndpoint changed, @Nullable Boolean enabled);

  /**
   * Removes an endpoint. Deliveries that wait because it was disabled become due, so that they are
   * given up.
   *
   * @return false if the instance has no endpoint with that id; then nothing was changed
   */
  boolean remove(TenantInstance instance, EndpointId id);
}
