package io.carechat.rest.webhooks;

import io.carechat.api.DeliveriesService;
import io.carechat.api.DeliveryEvent;
import io.carechat.api.DeliveryPage;
import io.carechat.api.DeliveryState;
import io.carechat.api.DeliveryWithAttempts;
import io.carechat.api.Problem;
import io.carechat.api.RedeliveryCount;
import io.carechat.api.RedeliveryState;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageRequest;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.delivery.Delivery;
import io.carechat.domain.webhooks.delivery.DeliveryAttempt;
import io.carechat.domain.webhooks.delivery.DeliveryHistory;
import io.carechat.domain.webhooks.delivery.DeliveryQueries;
import io.carechat.domain.webhooks.delivery.Redeliveries;
import io.carechat.rest.events.EventIds;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.KeyedRateLimit;
import io.carechat.rest.http.ProblemKind;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.http.RequestContext;
import io.carechat.rest.http.RequestRejected;
import io.carechat.rest.mapping.ApiMapper;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The contract's operations on the deliveries of webhook endpoints. Safe for use by many threads.
 */
public final class DeliveryOperations implements DeliveriesService<RequestContext> {
  /** For each instance: each is a call, and the server may belong to somebody else. */
  private static final RateLimits.Limit SINGLE = new RateLimits.Limit(60, Duration.ofMinutes(1));

  /** For each webhook: the redelivery of all may be a million calls. */
  private static final RateLimits.Limit MANY = new RateLimits.Limit(10, Duration.ofHours(1));

  /** How long to wait for an earlier redelivery of many. It is made in batches. */
  private static final int SECONDS_FOR_EARLIER = 60;

  private record Webhook(TenantInstance instance, EndpointId endpoint) {}

  private final KeyedRateLimit<TenantInstance> single =
      new KeyedRateLimit<>(
          SINGLE,
          "An instance may ask for "
              + SINGLE.requests()
              + " single redeliveries a minute. Redeliver everything since a time instead.");
  private final KeyedRateLimit<Webhook> many =
      new KeyedRateLimit<>(
          MANY,
          "Everything of a webhook may be redelivered " + MANY.requests() + " times an hour.");
  private final DeliveryHistory history;
  private final Bulkhead bulkhead;

  /**
   * @param history reads deliveries and asks for redeliveries
   * @param bulkhead limits concurrent requests
   */
  public DeliveryOperations(DeliveryHistory history, Bulkhead bulkhead) {
    this.history = history;
    this.bulkhead = bulkhead;
  }

  @Override
  public ListDeliveriesResponse listDeliveries(
      RequestContext context, ListDeliveriesRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    EndpointId endpoint = ApiMapper.endpointId(request.webhookId());
    var filter =
        new DeliveryQueries.Filter(
            state(request.state()),
            request.patientId() == null ? null : new PatientId(request.patientId()),
            request.from(),
            request.to());
    PageRequest<Delivery.Key> page =
        ApiMapper.page(request.pageToken(), request.pageSize(), DeliveryTokens::read);
    return bulkhead
        .run(
            context.caller(),
            () -> history.list(context.caller(), instance, endpoint, filter, page))
        .<ListDeliveriesResponse>map(found -> new ListDeliveriesResponse.Ok(page(found)))
        .orElseGet(() -> new ListDeliveriesResponse.NotFound(context.noSuchWebhook()));
  }

  @Override
  public GetDeliveryResponse getDelivery(RequestContext context, GetDeliveryRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    EndpointId endpoint = ApiMapper.endpointId(request.webhookId());
    DeliveryId id = id(request.deliveryId());
    return switch (bulkhead.run(
        context.caller(), () -> history.get(context.caller(), instance, endpoint, id))) {
      case DeliveryHistory.Found(var delivery, var attempts) ->
          new GetDeliveryResponse.Ok(withAttempts(delivery, attempts));
      case DeliveryHistory.NoSuchEndpoint() ->
          new GetDeliveryResponse.NotFound(context.noSuchWebhook());
      case DeliveryHistory.NoSuchDelivery() ->
          new GetDeliveryResponse.NotFound(noSuchDelivery(context));
    };
  }

  @Override
  public RedeliverResponse redeliver(RequestContext context, RedeliverRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    EndpointId endpoint = ApiMapper.endpointId(request.webhookId());
    DeliveryId id = id(request.deliveryId());
    return switch (bulkhead.run(
        context.caller(),
        () ->
            history.redeliver(
                context.caller(), instance, endpoint, id, () -> single.take(instance)))) {
      case DeliveryHistory.Redelivered(var delivery) ->
          new RedeliverResponse.Accepted(delivery(delivery));
      case DeliveryHistory.NoSuchEndpoint() ->
          new RedeliverResponse.NotFound(context.noSuchWebhook());
      case DeliveryHistory.NoSuchDelivery() ->
          new RedeliverResponse.NotFound(noSuchDelivery(context));
      case DeliveryHistory.WaitsFor(var first) ->
          new RedeliverResponse.Conflict(
              context.problem(
                  ProblemKind.CONFLICT,
                  "The delivery waits for "
                      + first
                      + ", an earlier delivery of its chat. Redeliver that one instead."));
      case DeliveryHistory.EndpointRemoved() -> new RedeliverResponse.Conflict(removed(context));
    };
  }

  @Override
  public RedeliverAllResponse redeliverAll(RequestContext context, RedeliverAllRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    EndpointId endpoint = ApiMapper.endpointId(request.webhookId());
    Redeliveries.Redeliverable which =
        request.body().state() == RedeliveryState.ALL
            ? Redeliveries.Redeliverable.ALL
            : Redeliveries.Redeliverable.DEAD;
    Instant since = request.body().since();
    var webhook = new Webhook(instance, endpoint);
    return switch (bulkhead.run(
        context.caller(),
        () ->
            history.redeliverAll(
                context.caller(), instance, endpoint, which, since, () -> many.take(webhook)))) {
      case DeliveryHistory.AllRedelivered(int count) ->
          new RedeliverAllResponse.Accepted(new RedeliveryCount(count));
      case DeliveryHistory.StillRedelivering() -> {
        many.giveBack(webhook);
        throw new RequestRejected.TooManyRequests(
            "An earlier redelivery of this webhook is not finished. Wait until it is.",
            SECONDS_FOR_EARLIER);
      }
      case DeliveryHistory.NoSuchEndpoint() ->
          new RedeliverAllResponse.NotFound(context.noSuchWebhook());
      case DeliveryHistory.EndpointRemoved() -> new RedeliverAllResponse.Conflict(removed(context));
    };
  }

  // --- from the contract ---

  /** Returns the id of a delivery. The contract has already checked its form. */
  private static DeliveryId id(String text) {
    byte[] bytes = HexFormat.of().parseHex(text, 2, text.length());
    var buffer = ByteBuffer.wrap(bytes);
    return new DeliveryId(new UUID(buffer.getLong(), buffer.getLong()));
  }

  private static io.carechat.domain.webhooks.delivery.@Nullable DeliveryState state(
      @Nullable DeliveryState value) {
    return switch (value) {
      case PENDING -> io.carechat.domain.webhooks.delivery.DeliveryState.PENDING;
      case DELIVERED -> io.carechat.domain.webhooks.delivery.DeliveryState.DELIVERED;
      case DEAD -> io.carechat.domain.webhooks.delivery.DeliveryState.DEAD;
      case null -> null;
    };
  }

  // --- to the contract ---

  private static DeliveryPage page(Page<Delivery, Delivery.Key> page) {
    return new DeliveryPage(
        ApiMapper.meta(page, DeliveryTokens::write),
        page.newestFirst().stream().map(DeliveryOperations::delivery).toList());
  }

  private static io.carechat.api.Delivery delivery(Delivery delivery) {
    return new io.carechat.api.Delivery(
        delivery.id().toString(),
        event(delivery),
        delivery.chat().patient().value(),
        delivery.message().toString(),
        state(delivery.state()),
        delivery.attempts(),
        delivery.createdAt(),
        delivery.redeliveredAt(),
        delivery.nextAttemptAt(),
        waitsFor(delivery));
  }

  private static DeliveryWithAttempts withAttempts(
      Delivery delivery, List<DeliveryAttempt> attempts) {
    return new DeliveryWithAttempts(
        delivery.id().toString(),
        event(delivery),
        delivery.chat().patient().value(),
        delivery.message().toString(),
        state(delivery.state()),
        delivery.attempts(),
        delivery.createdAt(),
        delivery.redeliveredAt(),
        delivery.nextAttemptAt(),
        waitsFor(delivery),
        attempts.stream().map(DeliveryOperations::attempt).toList());
  }

  private static io.carechat.api.DeliveryAttempt attempt(DeliveryAttempt attempt) {
    boolean answered = attempt.status() != null;
    return new io.carechat.api.DeliveryAttempt(
        attempt.number(),
        attempt.endedAt(),
        Math.toIntExact(attempt.took().toMillis()),
        attempt.status(),
        answered ? attempt.note() : null,
        answered ? null : attempt.note());
  }

  private static DeliveryEvent event(Delivery delivery) {
    return new DeliveryEvent(
        EventIds.write(delivery.event()), ApiMapper.eventType(delivery.type()));
  }

  private static DeliveryState state(io.carechat.domain.webhooks.delivery.DeliveryState state) {
    return switch (state) {
      case PENDING -> DeliveryState.PENDING;
      case DELIVERED -> DeliveryState.DELIVERED;
      case DEAD -> DeliveryState.DEAD;
    };
  }

  private static @Nullable String waitsFor(Delivery delivery) {
    return delivery.waitsFor() == null ? null : delivery.waitsFor().toString();
  }

  // --- problems ---

  private static Problem removed(RequestContext context) {
    return context.problem(
        ProblemKind.CONFLICT,
        "The webhook endpoint was deleted, so nothing is sent to it. Its delivery history can only"
            + " be read.");
  }

  private static Problem noSuchDelivery(RequestContext context) {
    return context.problem(
        ProblemKind.NOT_FOUND, "The webhook has no delivery with this deliveryId.");
  }
}
