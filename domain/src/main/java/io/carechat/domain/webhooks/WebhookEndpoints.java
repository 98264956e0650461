package io.carechat.domain.webhooks;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.util.List;
import java.util.Optional;

/**
 * The endpoints of all instances, as this node knows them. Without {@link #refresh}, changes by
 * other nodes may be visible up to a second late. Safe for use by many threads. May throw {@link
 * Unavailable}.
 */
public interface WebhookEndpoints {
  /**
   * Updates what this node knows. From now on, everything that was committed before this call is
   * visible.
   */
  void refresh();

  /**
   * Returns the endpoints of an instance: those of the configuration first, then those of the API,
   * oldest first.
   */
  List<WebhookEndpoint> of(TenantInstance instance);

  /**
   * Returns one endpoint of an instance. The result is empty if the instance has no endpoint with
   * that id, even if another instance has one.
   */
  Optional<WebhookEndpoint> find(TenantInstance instance, EndpointId id);
}
