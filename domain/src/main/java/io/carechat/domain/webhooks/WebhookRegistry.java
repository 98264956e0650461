package io.carechat.domain.webhooks;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the endpoints that are made by the API, with their secrets encrypted. Safe for use by many
 * threads and by several nodes. Every method may throw {@link Unavailable}.
 */
public interface WebhookRegistry {
  /**
   * A number that is new after every change of any endpoint. What is read after it has at least the
   * changes that it counts.
   */
  long revision();

  /** The endpoints of an instance, oldest first. */
  List<WebhookEndpoint> of(TenantInstance instance);

  /** Whether it has a key to encrypt secrets with. Without one, nothing can be added. */
  boolean keepsSecrets();

  /**
   * Adds an endpoint whose id is new.
   *
   * @param enabled whether it is called; if not, its deliveries wait from the first
   * @param max how many an instance may have, counted together with the new one
   * @return false if it would have more; nothing was added then
   * @throws IllegalStateException if it has no key for secrets, or the endpoint is not of the API
   */
  boolean add(WebhookEndpoint endpoint, boolean enabled, int max);

  /**
   * Replaces an endpoint by its next version. The change, and its being enabled or disabled, happen
   * both or neither.
   *
   * @param changed its version is one more than that of the former
   * @param enabled whether it is called from now on; null to leave that as it is
   * @return false if there is no such endpoint, or not in that version; nothing was changed then
   */
  boolean replace(WebhookEndpoint changed, @Nullable Boolean enabled);

  /**
   * Removes an endpoint. Deliveries that wait because it was disabled become due, so that they can
   * be given up.
   *
   * @return false if the instance has none of that id; nothing was changed then
   */
  boolean remove(TenantInstance instance, EndpointId id);
}
