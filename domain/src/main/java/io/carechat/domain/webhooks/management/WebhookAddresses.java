package io.carechat.domain.webhooks.management;

import io.carechat.domain.chat.TenantInstance;
import java.net.URI;
import java.util.Optional;

/**
 * Decides which addresses endpoints may have, as far as that can be decided without resolving host
 * names.
 */
@FunctionalInterface
public interface WebhookAddresses {
  /**
   * Returns why an address is refused, as the end of a sentence that begins with the parameter's
   * name. The result is empty if it is allowed.
   *
   * @param instance the instance that the endpoint belongs to; some addresses are only for certain
   *     instances
   */
  Optional<String> faultIn(TenantInstance instance, URI url);
}
