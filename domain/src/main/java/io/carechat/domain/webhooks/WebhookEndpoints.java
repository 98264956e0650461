package io.carechat.domain.webhooks;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.util.List;
import java.util.Optional;

/**
 * The endpoints of all instances, as far as this node knows them. May be a second behind what other
 * nodes have changed, unless it is brought up to date. Safe for use by many threads. May throw
 * {@link Unavailable}.
 */
public interface WebhookEndpoints {
  /** Brings it up to date: from now on it shows at least all that was committed before the call. */
  void refresh();

  /** Those of an instance: those of the configuration, then those of the API, oldest first. */
  List<WebhookEndpoint> of(TenantInstance instance);

  /** One of an instance; empty if that instance has none of that id, whether or not another has. */
  Optional<WebhookEndpoint> find(TenantInstance instance, EndpointId id);
}
