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
 * Reads deliveries, for callers that manage an instance's endpoints. Deliveries of other instances
 * are never found. Safe for use by many threads. Every method may throw {@link Unavailable}.
 */
public interface DeliveryQueries {
  /** The maximum number of attempts of a delivery that are returned. They are the last ones. */
  int MAX_ATTEMPTS = 100;

  /**
   * Conditions on deliveries of an endpoint.
   *
   * @param state only deliveries in this state; null for all
   * @param patient only deliveries of this patient's chat; null for all
   * @param from only deliveries that were planned at this time or later; null for no bound
   * @param to only deliveries that were planned before this time; null for no bound
   */
  record Filter(
      @Nullable DeliveryState state,
      @Nullable PatientId patient,
      @Nullable Instant from,
      @Nullable Instant to) {}

  /**
   * Returns up to {@code limit} deliveries of an endpoint, newest first. If the window has more, it
   * returns those nearest to the cursor. A delivery that is planned later comes after all that were
   * ever returned.
   *
   * @param limit the maximum number of deliveries, 1 or more
   */
  List<Delivery> read(
      TenantInstance instance,
      EndpointId endpointId,
      Filter filter,
      Window<Delivery.Key> window,
      int limit);

  /**
   * Returns one delivery of an endpoint. The result is empty if the endpoint has no delivery with
   * that id.
   */
  Optional<Delivery> find(TenantInstance instance, EndpointId endpointId, DeliveryId id);

  /**
   * Returns the last {@value #MAX_ATTEMPTS} attempts of a delivery of an endpoint, oldest first.
   * The list is empty if the endpoint has no delivery with that id.
   */
  List<DeliveryAttempt> attempts(TenantInstance instance, EndpointId endpointId, DeliveryId id);

  /** Returns whether any delivery to an endpoint is recorded. */
  boolean anyOf(TenantInstance instance, EndpointId endpointId);
}
