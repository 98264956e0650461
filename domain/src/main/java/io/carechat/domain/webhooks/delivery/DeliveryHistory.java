package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageRequest;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookEndpoints;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of an endpoint, for the partner that owns the endpoint. The history of a deleted
 * endpoint is kept. Safe for use by many threads. Every method may throw {@link Unavailable}. Every
 * method throws {@link AccessDenied} if the caller does not have {@link Scope#MANAGE_WEBHOOKS} in
 * the instance.
 */
public final class DeliveryHistory {
  private final DeliveryQueries deliveries;
  private final Redeliveries redeliveries;
  private final WebhookEndpoints endpoints;
  private final InstantSource clock;
  private final Runnable onRedelivery;

  /**
   * @param deliveries reads deliveries
   * @param redeliveries starts redeliveries
   * @param endpoints the endpoints that exist
   * @param clock a clock that all nodes share
   * @param onRedelivery is run after redeliveries were asked for; it must be quick
   */
  public DeliveryHistory(
      DeliveryQueries deliveries,
      Redeliveries redeliveries,
      WebhookEndpoints endpoints,
      InstantSource clock,
      Runnable onRedelivery) {
    this.deliveries = deliveries;
    this.redeliveries = redeliveries;
    this.endpoints = endpoints;
    this.clock = clock;
    this.onRedelivery = onRedelivery;
  }

  /** The result of reading one delivery. */
  public sealed interface GetResult permits Found, NoSuchEndpoint, NoSuchDelivery {}

  /** The result of redelivering one delivery. */
  public sealed interface RedeliverResult
      permits Redelivered, NoSuchEndpoint, NoSuchDelivery, EndpointRemoved, WaitsFor {}

  /** The result of redelivering many deliveries. */
  public sealed interface RedeliverAllResult
      permits AllRedelivered, StillRedelivering, NoSuchEndpoint, EndpointRemoved {}

  /**
   * A delivery with its attempts.
   *
   * @param delivery the delivery
   * @param attempts the last {@value DeliveryQueries#MAX_ATTEMPTS} attempts, oldest first
   */
  public record Found(Delivery delivery, List<DeliveryAttempt> attempts) implements GetResult {
    /** Copies the list. */
    public Found {
      attempts = List.copyOf(attempts);
    }
  }

  /**
   * The delivery will be made again.
   *
   * @param delivery the delivery as it is now
   */
  public record Redelivered(Delivery delivery) implements RedeliverResult {}

  /**
   * Deliveries will be made again.
   *
   * @param count how many, counted up to {@link Redeliveries#MAX_COUNTED}
   */
  public record AllRedelivered(int count) implements RedeliverAllResult {}

  /** An earlier redelivery of many is not finished yet. Nothing was changed. */
  public record StillRedelivering() implements RedeliverAllResult {}

  /** There is no such endpoint, and no delivery to it. */
  public record NoSuchEndpoint() implements GetResult, RedeliverResult, RedeliverAllResult {}

  /** The endpoint has no such delivery. */
  public record NoSuchDelivery() implements GetResult, RedeliverResult {}

  /** The endpoint was deleted, so nothing is sent to it. Nothing was changed. */
  public record EndpointRemoved() implements RedeliverResult, RedeliverAllResult {}

  /**
   * An earlier delivery of the chat is pending. Nothing was changed.
   *
   * @param first the earlier delivery
   */
  public record WaitsFor(DeliveryId first) implements RedeliverResult {}

  /**
   * Returns a page of an endpoint's deliveries, newest first. The result is empty if there is no
   * such endpoint, and no delivery to it.
   */
  public Optional<Page<Delivery, Delivery.Key>> list(
      Caller caller,
      TenantInstance instance,
      EndpointId endpointId,
      DeliveryQueries.Filter filter,
      PageRequest<Delivery.Key> request) {
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    if (isUnknown(instance, endpointId)) {
      return Optional.empty();
    }
    PageSize size = request.size();
    Window<Delivery.Key> window = request.window();
    Slice<Delivery> slice =
        Slice.read(
            window,
            size.value(),
            (part, limit) -> deliveries.read(instance, endpointId, filter, part, limit),
            Delivery::key,
            Delivery.Key.NEIGHBOURS);
    return Optional.of(Page.of(slice, window, size, Delivery::key, Delivery.Key.NEIGHBOURS));
  }

  /** Returns one delivery with its attempts. */
  public GetResult get(
      Caller caller, TenantInstance instance, EndpointId endpointId, DeliveryId id) {
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    Optional<Delivery> delivery = deliveries.find(instance, endpointId, id);
    if (delivery.isPresent()) {
      return new Found(delivery.get(), deliveries.attempts(instance, endpointId, id));
    }
    return isUnknown(instance, endpointId) ? new NoSuchEndpoint() : new NoSuchDelivery();
  }

  /**
   * Asks for one delivery to be made again, as {@link Redeliveries#redeliver} does.
   *
   * @param admission is run once the caller is known to be allowed to do this, before anything is
   *     changed; if it throws, nothing is changed
   * @throws AccessDenied also if the endpoint receives texts that the caller may not read
   */
  public RedeliverResult redeliver(
      Caller caller,
      TenantInstance instance,
      EndpointId endpointId,
      DeliveryId id,
      Runnable admission) {
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    Optional<WebhookEndpoint> endpoint = current(instance, endpointId);
    if (endpoint.isEmpty()) {
      return deliveries.find(instance, endpointId, id).isPresent()
          ? new EndpointRemoved()
          : missing(instance, endpointId);
    }
    TextAccess.require(caller, instance, endpoint.get().subscription().payload());
    admission.run();
    return switch (redeliveries.redeliver(instance, endpointId, id, now())) {
      case Redeliveries.Outcome.Due() -> {
        onRedelivery.run();
        yield deliveries
            .find(instance, endpointId, id)
            .<RedeliverResult>map(Redelivered::new)
            .orElseGet(NoSuchDelivery::new);
      }
      case Redeliveries.Outcome.WaitsFor(DeliveryId first) -> new WaitsFor(first);
      case Redeliveries.Outcome.NoSuchDelivery() -> missing(instance, endpointId);
    };
  }

  /**
   * Asks for many deliveries to be made again, as {@link Redeliveries#redeliverAll} does.
   *
   * @param which the states of the deliveries
   * @param since only deliveries that were planned at this time or later; null for all
   * @param admission as for {@link #redeliver}
   * @throws AccessDenied also if the endpoint receives texts that the caller may not read
   */
  public RedeliverAllResult redeliverAll(
      Caller caller,
      TenantInstance instance,
      EndpointId endpointId,
      Redeliveries.Redeliverable which,
      @Nullable Instant since,
      Runnable admission) {
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    Optional<WebhookEndpoint> endpoint = current(instance, endpointId);
    if (endpoint.isEmpty()) {
      return deliveries.anyOf(instance, endpointId) ? new EndpointRemoved() : new NoSuchEndpoint();
    }
    TextAccess.require(caller, instance, endpoint.get().subscription().payload());
    admission.run();
    Instant from = since == null ? Instant.EPOCH : since;
    OptionalInt count = redeliveries.redeliverAll(instance, endpointId, which, from, now());
    if (count.isEmpty()) {
      return new StillRedelivering();
    }
    onRedelivery.run();
    return new AllRedelivered(count.getAsInt());
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private RedeliverResult missing(TenantInstance instance, EndpointId endpointId) {
    return isUnknown(instance, endpointId) ? new NoSuchEndpoint() : new NoSuchDelivery();
  }

  /** Returns the endpoint if it exists now. */
  private Optional<WebhookEndpoint> current(TenantInstance instance, EndpointId endpointId) {
    endpoints.refresh();
    return endpoints.find(instance, endpointId);
  }

  private boolean isUnknown(TenantInstance instance, EndpointId endpointId) {
    return endpoints.find(instance, endpointId).isEmpty()
        && !deliveries.anyOf(instance, endpointId);
  }
}
