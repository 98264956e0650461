package io.carechat.rest;

import io.carechat.api.DeliveriesService;
import io.carechat.api.DeliveryEvent;
import io.carechat.api.DeliveryPage;
import io.carechat.api.DeliveryState;
import io.carechat.api.DeliveryWithAttempts;
import io.carechat.api.PageMeta;
import io.carechat.api.Problem;
import io.carechat.api.RedeliveryCount;
import io.carechat.api.RedeliveryState;
import io.carechat.api.WebhookEventType;
import io.carechat.api.runtime.Fault;
import io.carechat.domain.Deliveries;
import io.carechat.domain.DeliveriesToken;
import io.carechat.domain.Delivery;
import io.carechat.domain.DeliveryAttempt;
import io.carechat.domain.DeliveryId;
import io.carechat.domain.PageSize;
import io.carechat.domain.PartnerLedger;
import io.carechat.domain.PartnerLedger.Result;
import io.carechat.domain.PatientId;
import io.carechat.domain.TenantInstance;
import io.carechat.domain.WebhookLedger;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The contract's operations with a webhook's deliveries, on the domain. */
final class DeliveryOperations implements DeliveriesService<Visit> {
  private final PartnerLedger ledger;
  private final Room room;

  DeliveryOperations(PartnerLedger ledger, Room room) {
    this.ledger = ledger;
    this.room = room;
  }

  @Override
  public ListDeliveriesResponse listDeliveries(Visit visit, ListDeliveriesRequest request) {
    DeliveriesToken token;
    try {
      token = request.pageToken() == null ? null : PageTokens.readDeliveries(request.pageToken());
    } catch (PageTokens.Fault e) {
      return new ListDeliveriesResponse.BadRequest(
          Wire.invalidToken(visit, Fault.ofParameter("pageToken", e.rule())));
    }
    var filter =
        new Deliveries.Filter(
            state(request.state()),
            request.patientId() == null ? null : new PatientId(request.patientId()),
            request.from(),
            request.to());
    PageSize size = Wire.pageSize(request.pageSize());
    Result<PartnerLedger.Page> result =
        room.with(() ->
            ledger.list(
                visit.caller(),
                new TenantInstance(request.tenantName(), request.instanceName()),
                request.webhookId(),
                filter,
                token,
                size));
    return switch (result) {
      case Result.Of<PartnerLedger.Page>(var page) -> new ListDeliveriesResponse.Ok(wire(page));
      case Result.NotCovered<PartnerLedger.Page>() ->
          new ListDeliveriesResponse.Forbidden(Wire.forbidden(visit));
      case Result.NoSuchEndpoint<PartnerLedger.Page>() ->
          new ListDeliveriesResponse.NotFound(noSuchWebhook(visit));
      case Result.NoSuchDelivery<PartnerLedger.Page>() -> throw impossible(result);
      case Result.WaitsFor<PartnerLedger.Page>(var first) -> throw impossible(result);
      case Result.EndpointRemoved<PartnerLedger.Page>() -> throw impossible(result);
    };
  }

  @Override
  public GetDeliveryResponse getDelivery(Visit visit, GetDeliveryRequest request) {
    Result<PartnerLedger.Details> result =
        room.with(() ->
            ledger.get(
                visit.caller(),
                new TenantInstance(request.tenantName(), request.instanceName()),
                request.webhookId(),
                id(request.deliveryId())));
    return switch (result) {
      case Result.Of<PartnerLedger.Details>(var details) ->
          new GetDeliveryResponse.Ok(wire(details));
      case Result.NotCovered<PartnerLedger.Details>() ->
          new GetDeliveryResponse.Forbidden(Wire.forbidden(visit));
      case Result.NoSuchEndpoint<PartnerLedger.Details>() ->
          new GetDeliveryResponse.NotFound(noSuchWebhook(visit));
      case Result.NoSuchDelivery<PartnerLedger.Details>() ->
          new GetDeliveryResponse.NotFound(noSuchDelivery(visit));
      case Result.WaitsFor<PartnerLedger.Details>(var first) -> throw impossible(result);
      case Result.EndpointRemoved<PartnerLedger.Details>() -> throw impossible(result);
    };
  }

  @Override
  public RedeliverResponse redeliver(Visit visit, RedeliverRequest request) {
    Result<Delivery> result =
        room.with(() ->
            ledger.redeliver(
                visit.caller(),
                new TenantInstance(request.tenantName(), request.instanceName()),
                request.webhookId(),
                id(request.deliveryId())));
    return switch (result) {
      case Result.Of<Delivery>(var delivery) -> new RedeliverResponse.Accepted(wire(delivery));
      case Result.NotCovered<Delivery>() -> new RedeliverResponse.Forbidden(Wire.forbidden(visit));
      case Result.NoSuchEndpoint<Delivery>() ->
          new RedeliverResponse.NotFound(noSuchWebhook(visit));
      case Result.NoSuchDelivery<Delivery>() ->
          new RedeliverResponse.NotFound(noSuchDelivery(visit));
      case Result.WaitsFor<Delivery>(var first) ->
          new RedeliverResponse.Conflict(
              Problems.of(
                  ProblemKind.CONFLICT,
                  "The delivery waits for "
                      + first
                      + ", an earlier one of its chat. Redeliver that one.",
                  visit.requestId()));
      case Result.EndpointRemoved<Delivery>() -> new RedeliverResponse.Conflict(removed(visit));
    };
  }

  @Override
  public RedeliverAllResponse redeliverAll(Visit visit, RedeliverAllRequest request) {
    WebhookLedger.Redeliverable which =
        request.body().state() == RedeliveryState.ALL
            ? WebhookLedger.Redeliverable.ALL
            : WebhookLedger.Redeliverable.DEAD;
    Result<Integer> result =
        room.with(() ->
            ledger.redeliverAll(
                visit.caller(),
                new TenantInstance(request.tenantName(), request.instanceName()),
                request.webhookId(),
                which,
                request.body().since()));
    return switch (result) {
      case Result.Of<Integer>(var count) ->
          new RedeliverAllResponse.Accepted(new RedeliveryCount(count));
      case Result.NotCovered<Integer>() ->
          new RedeliverAllResponse.Forbidden(Wire.forbidden(visit));
      case Result.NoSuchEndpoint<Integer>() ->
          new RedeliverAllResponse.NotFound(noSuchWebhook(visit));
      case Result.NoSuchDelivery<Integer>() -> throw impossible(result);
      case Result.EndpointRemoved<Integer>() -> new RedeliverAllResponse.Conflict(removed(visit));
      case Result.WaitsFor<Integer>(var first) -> throw impossible(result);
    };
  }

  private static IllegalStateException impossible(Result<?> result) {
    return new IllegalStateException("no answer to what was asked: " + result);
  }

  // --- from the wire ---

  /** The contract has checked its form. */
  private static DeliveryId id(String text) {
    byte[] bytes = HexFormat.of().parseHex(text, 2, text.length());
    var buffer = ByteBuffer.wrap(bytes);
    return new DeliveryId(new UUID(buffer.getLong(), buffer.getLong()));
  }

  private static WebhookLedger.@Nullable State state(@Nullable DeliveryState asked) {
    return switch (asked) {
      case PENDING -> WebhookLedger.State.PENDING;
      case DELIVERED -> WebhookLedger.State.DELIVERED;
      case DEAD -> WebhookLedger.State.DEAD;
      case null -> null;
    };
  }

  // --- to the wire ---

  private static DeliveryPage wire(PartnerLedger.Page page) {
    List<io.carechat.api.Delivery> content =
        page.newestFirst().stream().map(DeliveryOperations::wire).toList();
    return new DeliveryPage(
        new PageMeta(
            page.older() == null ? null : PageTokens.write(page.older()),
            PageTokens.write(page.newer()),
            content.size(),
            !content.isEmpty()),
        content);
  }

  private static io.carechat.api.Delivery wire(Delivery delivery) {
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

  private static DeliveryWithAttempts wire(PartnerLedger.Details details) {
    Delivery delivery = details.delivery();
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
        details.attempts().stream().map(DeliveryOperations::wire).toList());
  }

  private static io.carechat.api.DeliveryAttempt wire(DeliveryAttempt attempt) {
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
    WebhookEventType type =
        switch (delivery.type()) {
          case MESSAGE_SENT -> WebhookEventType.MESSAGE_SENT;
          case CHAT_READ -> WebhookEventType.CHAT_READ;
        };
    return new DeliveryEvent(EventIds.write(delivery.event()), type);
  }

  private static DeliveryState state(WebhookLedger.State state) {
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

  private static Problem noSuchWebhook(Visit visit) {
    return Problems.of(
        ProblemKind.NOT_FOUND,
        "The instance has no webhook endpoint with this webhookId.",
        visit.requestId());
  }

  private static Problem removed(Visit visit) {
    return Problems.of(
        ProblemKind.CONFLICT,
        "The webhook endpoint was deleted, and nothing is sent to it. Its ledger can only be read.",
        visit.requestId());
  }

  private static Problem noSuchDelivery(Visit visit) {
    return Problems.of(
        ProblemKind.NOT_FOUND,
        "The webhook has no delivery with this deliveryId.",
        visit.requestId());
  }
}
