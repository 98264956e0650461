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
 * Which endpoints fail, and which are disabled. Safe for use by many threads and by several nodes.
 * Every method may throw {@link Unavailable}.
 *
 * <p>A partner enables and disables an endpoint with {@link WebhookRegistry#replace}.
 */
public interface EndpointStates {
  /**
   * The health of the instance's endpoints that fail or are disabled. Endpoints that are {@link
   * EndpointHealth#GOOD} are left out.
   */
  Map<EndpointId, EndpointHealth> health(TenantInstance instance);

  /**
   * Lets a disabled endpoint have its deliveries again, beginning with what waits. If very many
   * chats wait, only some of them go on at once, and the others with {@link
   * Redeliveries#continueBatch}.
   *
   * @return whether it was disabled
   */
  boolean enable(TenantInstance instance, EndpointId id);

  /**
   * Disables the endpoints that have failed for longer than is tolerated: those that had a failure
   * at least {@code tolerated} after another, and no success between them or since. An {@link
   * InstanceEvent.EndpointDisabled} of each is in the log, both or neither. Failures less than a
   * minute apart may count as one.
   *
   * @return how many there were
   */
  int disableFailing(Duration tolerated, Instant now);
}
