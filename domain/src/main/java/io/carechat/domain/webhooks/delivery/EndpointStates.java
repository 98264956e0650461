package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.webhooks.WebhookRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * Records which endpoints are failing and which are disabled. Safe for use by many threads and by
 * several nodes. Every method may throw {@link Unavailable}.
 *
 * <p>Partners enable and disable an endpoint with {@link WebhookRegistry#replace}.
 */
public interface EndpointStates {
  /**
   * Returns the health of the instance's endpoints that are failing or disabled. All other
   * endpoints are {@link EndpointHealth#GOOD}.
   */
  Map<EndpointId, EndpointHealth> health(TenantInstance instance);

  /**
   * Enables an endpoint. Its waiting deliveries become due. If very many chats wait, only some of
   * them continue at once. The others continue with {@link Redeliveries#continueBatch}. The
   * endpoint gets a new version.
   *
   * @return whether the endpoint was disabled before
   */
  boolean enable(TenantInstance instance, EndpointId id);

  /**
   * Disables the endpoints that have failed for longer than is tolerated. Such an endpoint had two
   * failures at least {@code tolerated} apart, and no success between them or since. For each one,
   * an {@link InstanceEvent.EndpointDisabled} is logged in the same transaction, and the endpoint
   * gets a new version. Failures less than a minute apart may count as one.
   *
   * @param tolerated how long failures are tolerated
   * @param now the current time
   * @return how many endpoints were disabled
   */
  int disableFailing(Duration tolerated, Instant now);
}
