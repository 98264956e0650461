package io.carechat.domain;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ledger of an endpoint's deliveries, for the partner that it belongs to. Safe for use by many
 * threads. Every method may throw {@link Unavailable}.
 */
public final class PartnerLedger {
  private final Deliveries deliveries;
  private final WebhookLedger ledger;
  private final WebhookEndpoints endpoints;
  private final InstantSource clock;
  private final Runnable onRedelivery;

  /**
   * @param onRedelivery run after redeliveries were asked for: it must be quick
   */
  public PartnerLedger(
      Deliveries deliveries,
      WebhookLedger ledger,
      WebhookEndpoints endpoints,
      InstantSource clock,
      Runnable onRedelivery) {
    this.deliveries = deliveries;
    this.ledger = ledger;
    this.endpoints = endpoints;
    this.clock = clock;
    this.onRedelivery = onRedelivery;
  }

  /** The answers to everything that is asked of an endpoint's ledger. */
  public sealed interface Result<T> {
    /** What was asked for. */
    record Of<T>(T value) implements Result<T> {}

    /** There is no such endpoint, nor any delivery to it. */
    record NoSuchEndpoint<T>() implements Result<T> {}

    /** The endpoint was removed, and nothing is sent to it. Nothing was changed. */
    record EndpointRemoved<T>() implements Result<T> {}

    /** The endpoint has no such delivery. */
    record NoSuchDelivery<T>() implements Result<T> {}

    /** An earlier delivery of the chat is pending. Nothing was changed. */
    record WaitsFor<T>(DeliveryId first) implements Result<T> {}

    /** The credential does not cover it. */
    record NotCovered<T>() implements Result<T> {}
  }

  /**
   * A page of deliveries.
   *
   * @param newestFirst its items
   * @param older leads to the next older page; null if there is nothing older
   * @param newer leads to what is newer, now or later
   */
  public record Page(
      List<Delivery> newestFirst, @Nullable DeliveriesToken older, DeliveriesToken newer) {
    public Page {
      newestFirst = List.copyOf(newestFirst);
    }
  }

  /** A delivery with its attempts, the last {@value Deliveries#MOST_ATTEMPTS}. */
  public record Details(Delivery delivery, List<DeliveryAttempt> attempts) {
    public Details {
      attempts = List.copyOf(attempts);
    }
  }

  /**
   * A page of an endpoint's deliveries: the newest, or the one that a token leads to.
   *
   * @param size null for the token's, or {@link PageSize#DEFAULT} without one
   */
  public Result<Page> list(
      Caller caller,
      TenantInstance place,
      String endpointId,
      Deliveries.Filter filter,
      @Nullable DeliveriesToken token,
      @Nullable PageSize size) {
    if (!caller.may(Scope.MANAGE_WEBHOOKS, place)) {
      return new Result.NotCovered<>();
    }
    if (isUnknown(place, endpointId)) {
      return new Result.NoSuchEndpoint<>();
    }
    PageSize effective = size != null ? size : token == null ? PageSize.DEFAULT : token.pageSize();
    Deliveries.Range range = token == null ? new Deliveries.Range.Newest() : token.range();
    // One more than fits tells whether there is more behind the page.
    List<Delivery> read = deliveries.read(place, endpointId, filter, range, effective.value() + 1);
    boolean more = read.size() > effective.value();
    List<Delivery> page =
        switch (range) {
          case Deliveries.Range.After after when more -> read.subList(1, read.size());
          case Deliveries.Range any when more -> read.subList(0, effective.value());
          case Deliveries.Range any -> read;
        };
    if (page.isEmpty()) {
      return new Result.Of<>(emptyPage(place, endpointId, filter, range, effective));
    }
    Delivery.Place oldest = page.getLast().place();
    boolean olderExist =
        range instanceof Deliveries.Range.After
            ? isAnyBefore(place, endpointId, filter, oldest)
            : more;
    return new Result.Of<>(
        new Page(
            page,
            olderExist ? new DeliveriesToken(effective, oldest, true) : null,
            new DeliveriesToken(effective, page.getFirst().place(), false)));
  }

  /** A reader that turns round on an empty page finds the delivery at the border as well. */
  private Page emptyPage(
      TenantInstance place,
      String endpointId,
      Deliveries.Filter filter,
      Deliveries.Range range,
      PageSize size) {
    return switch (range) {
      case Deliveries.Range.Newest() ->
          new Page(List.of(), null, new DeliveriesToken(size, DeliveriesToken.START, false));
      case Deliveries.Range.Before(Delivery.Place border) ->
          new Page(List.of(), null, new DeliveriesToken(size, border.previous(), false));
      case Deliveries.Range.After(Delivery.Place border) ->
          new Page(
              List.of(),
              isAnyBefore(place, endpointId, filter, border.next())
                  ? new DeliveriesToken(size, border.next(), true)
                  : null,
              new DeliveriesToken(size, border, false));
    };
  }

  private boolean isAnyBefore(
      TenantInstance place, String endpointId, Deliveries.Filter filter, Delivery.Place border) {
    return !deliveries
        .read(place, endpointId, filter, new Deliveries.Range.Before(border), 1)
        .isEmpty();
  }

  /** One delivery, with its attempts. */
  public Result<Details> get(
      Caller caller, TenantInstance place, String endpointId, DeliveryId id) {
    if (!caller.may(Scope.MANAGE_WEBHOOKS, place)) {
      return new Result.NotCovered<>();
    }
    Optional<Delivery> delivery = deliveries.find(place, endpointId, id);
    if (delivery.isEmpty()) {
      return missing(place, endpointId);
    }
    return new Result.Of<>(new Details(delivery.get(), deliveries.attempts(place, endpointId, id)));
  }

  /** Has a delivery made again, and gives it as it then stands. */
  public Result<Delivery> redeliver(
      Caller caller, TenantInstance place, String endpointId, DeliveryId id) {
    if (!caller.may(Scope.MANAGE_WEBHOOKS, place)) {
      return new Result.NotCovered<>();
    }
    if (isRemoved(place, endpointId)) {
      return deliveries.find(place, endpointId, id).isPresent()
          ? new Result.EndpointRemoved<>()
          : missing(place, endpointId);
    }
    return switch (ledger.redeliver(place, endpointId, id, now())) {
      case Redelivered.Due() -> {
        onRedelivery.run();
        yield deliveries
            .find(place, endpointId, id)
            .<Result<Delivery>>map(Result.Of::new)
            .orElseGet(Result.NoSuchDelivery::new);
      }
      case Redelivered.WaitsFor(DeliveryId first) -> new Result.WaitsFor<>(first);
      case Redelivered.NoSuchDelivery() -> missing(place, endpointId);
    };
  }

  /**
   * Has many deliveries made again.
   *
   * @param since only those created then or later; null for all
   * @return how many, up to {@link WebhookLedger#MOST_COUNTED}
   */
  public Result<Integer> redeliverAll(
      Caller caller,
      TenantInstance place,
      String endpointId,
      WebhookLedger.Redeliverable which,
      @Nullable Instant since) {
    if (!caller.may(Scope.MANAGE_WEBHOOKS, place)) {
      return new Result.NotCovered<>();
    }
    if (isRemoved(place, endpointId)) {
      return deliveries.anyOf(place, endpointId)
          ? new Result.EndpointRemoved<>()
          : new Result.NoSuchEndpoint<>();
    }
    Instant from = since == null ? Instant.EPOCH : since;
    int count = ledger.redeliverAll(place, endpointId, which, from, now());
    onRedelivery.run();
    return new Result.Of<>(count);
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private <T> Result<T> missing(TenantInstance place, String endpointId) {
    return isUnknown(place, endpointId)
        ? new Result.NoSuchEndpoint<>()
        : new Result.NoSuchDelivery<>();
  }

  /** Whether it is not there now; it may never have been. */
  private boolean isRemoved(TenantInstance place, String endpointId) {
    endpoints.refresh();
    return endpoints.find(place, endpointId).isEmpty();
  }

  /** An endpoint that was removed keeps its ledger. */
  private boolean isUnknown(TenantInstance place, String endpointId) {
    return endpoints.find(place, endpointId).isEmpty() && !deliveries.anyOf(place, endpointId);
  }
}
