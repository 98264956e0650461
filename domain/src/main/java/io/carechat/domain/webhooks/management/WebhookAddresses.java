package io.carechat.domain.webhooks.management;

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
   */
  Optional<String> faultIn(URI url);
}
