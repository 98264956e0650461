package io.carechat.domain;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ledger as those read it who manage an instance's endpoints. Nothing of another instance is
 * ever found. Safe for use by many threads. Every method may throw {@link Unavailable}.
 */
public interface Deliveries {
  /** How many of a delivery's attempts are shown, the last ones. */
  int MOST_ATTEMPTS = 100;

  /**
   * Which deliveries of an endpoint.
   *
   * @param state null for all
   * @param patient null for all
   * @param from created then or later; null for all
   * @param to created before that; null for all
   */
  record Filter(
      WebhookLedger.@Nullable State state,
      @Nullable PatientId patient,
      @Nullable Instant from,
      @Nullable Instant to) {
    /** All of them. */
    public static final Filter ALL = new Filter(null, null, null, null);
  }

  /** A part of an endpoint's deliveries. */
  sealed interface Range {
    /** The newest. */
    record Newest() implements Range {}

    /** Those directly before a place. */
    record Before(Delivery.Place border) implements Range {}

    /** Those directly after a place. */
    record After(Delivery.Place border) implements Range {}
  }

  /**
   * Up to {@code limit} deliveries of an endpoint, newest first: those of the range that are
   * nearest to its border. A delivery that enters the ledger later is after all that were ever
   * returned.
   *
   * @param limit 1 or more
   */
  List<Delivery> read(
      TenantInstance place, String endpointId, Filter filter, Range range, int limit);

  /** One delivery of an endpoint; empty if the endpoint has none of that id. */
  Optional<Delivery> find(TenantInstance place, String endpointId, DeliveryId id);

  /**
   * The attempts of a delivery of an endpoint, in their order, the last {@value #MOST_ATTEMPTS};
   * none if the endpoint has no delivery of that id.
   */
  List<DeliveryAttempt> attempts(TenantInstance place, String endpointId, DeliveryId id);

  /** Whether the ledger has any delivery of an endpoint. */
  boolean anyOf(TenantInstance place, String endpointId);
}
