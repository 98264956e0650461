package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.paging.Window;
import io.carechat.domain.webhooks.DeliveryId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries as those read them who manage an instance's endpoints. Nothing of another instance
 * is ever found. Safe for use by many threads. Every method may throw {@link Unavailable}.
 */
public interface DeliveryQueries {
  /** How many of a delivery's attempts are shown, the last ones. */
  int MAX_ATTEMPTS = 100;

  /**
   * Which deliveries of an endpoint.
   *
   * @param state null for all
   * @param patient null for all
   * @param from created then or later; null for all
   * @param to created before that; null for all
   */
  record Filter(
      @Nullable DeliveryState state,
      @Nullable PatientId patient,
      @Nullable Instant from,
      @Nullable Instant to) {
    /** All of them. */
    public static final Filter ALL = new Filter(null, null, null, null);
  }

  /**
   * Up to {@code limit} deliveries of an endpoint, newest first: those of the window that are
   * nearest to its border. A delivery that is recorded later is after all that were ever returned.
   *
   * @param limit 1 or more
   */
  List<Delivery> read(
      TenantInstance instance,
      EndpointId endpointId,
      Filter filter,
      Window<Delivery.Key> window,
      int limit);

  /** One delivery of an endpoint; empty if the endpoint has none of that id. */
  Optional<Delivery> find(TenantInstance instance, EndpointId endpointId, DeliveryId id);

  /**
   * The attempts of a delivery of an endpoint, in their order, the last {@value #MAX_ATTEMPTS};
   * none if the endpoint has no delivery of that id.
   */
  List<DeliveryAttempt> attempts(TenantInstance instance, EndpointId endpointId, DeliveryId id);

  /** Whether any delivery to an endpoint was recorded. */
  boolean anyOf(TenantInstance instance, EndpointId endpointId);
}
