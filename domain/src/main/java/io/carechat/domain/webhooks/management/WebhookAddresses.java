package io.carechat.domain.webhooks.management;

import java.net.URI;
import java.util.Optional;

/** Which addresses endpoints may have, as far as that can be seen without looking names up. */
@FunctionalInterface
public interface WebhookAddresses {
  /** Why an address is refused, to be read after its name; empty if it is not. */
  Optional<String> faultIn(URI url);
}
