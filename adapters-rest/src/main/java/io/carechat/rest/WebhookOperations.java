package io.carechat.rest;

import io.carechat.api.ClientType;
import io.carechat.api.NewWebhook;
import io.carechat.api.PingOutcome;
import io.carechat.api.Problem;
import io.carechat.api.SecretRotation;
import io.carechat.api.Webhook;
import io.carechat.api.WebhookChange;
import io.carechat.api.WebhookEventType;
import io.carechat.api.WebhookList;
import io.carechat.api.WebhookManager;
import io.carechat.api.WebhookPayload;
import io.carechat.api.WebhookWithSecret;
import io.carechat.api.WebhooksService;
import io.carechat.api.runtime.Fault;
import io.carechat.domain.EndpointHealth;
import io.carechat.domain.ManagedWebhook;
import io.carechat.domain.Secret;
import io.carechat.domain.TenantInstance;
import io.carechat.domain.WebhookAnswer;
import io.carechat.domain.WebhookEndpoint;
import io.carechat.domain.WebhookFault;
import io.carechat.domain.WebhookResult;
import io.carechat.domain.WebhookSecrets;
import io.carechat.domain.WebhookSubscription;
import io.carechat.domain.Webhooks;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The contract's operations with webhook endpoints, on the domain. */
final class WebhookOperations implements WebhooksService<Visit> {
  /** A test may take as long as the endpoint likes, up to its timeout. */
  private static final int PINGS_AT_ONCE = 32;

  private static final int PINGS_OF_AN_INSTANCE = 4;

  private static final Duration USUAL_OVERLAP = Duration.ofDays(1);

  private final Webhooks webhooks;
  private final Room room;
  private final SharedRoom pings = new SharedRoom(PINGS_AT_ONCE, PINGS_OF_AN_INSTANCE);

  /**
   * @param room for what does not call the endpoint
   */
  WebhookOperations(Webhooks webhooks, Room room) {
    this.webhooks = webhooks;
    this.room = room;
  }

  // --- createWebhook ---

  @Override
  public CreateWebhookResponse createWebhook(Visit visit, CreateWebhookRequest request) {
    TenantInstance place = new TenantInstance(request.tenantName(), request.instanceName());
    WebhookResult.OfCreate result =
        room.with(() -> webhooks.create(visit.caller(), place, wanted(request.body())));
    return switch (result) {
      case WebhookResult.Created(var webhook, var secret) ->
          new CreateWebhookResponse.Created(
              new WebhookWithSecret(wire(webhook), secret.value()),
              "/api/v1/" + place + "/webhooks/" + webhook.endpoint().id());
      case WebhookResult.Invalid(var faults) ->
          new CreateWebhookResponse.BadRequest(invalid(visit, faults));
      case WebhookResult.TooMany(int most) ->
          new CreateWebhookResponse.Conflict(
              conflict(
                  visit,
                  "The instance has "
                      + most
                      + " webhook endpoints and may not have more; delete one first."));
      case WebhookResult.NoKeyForSecrets() ->
          new CreateWebhookResponse.Conflict(
              conflict(
                  visit,
                  "This installation has no key to encrypt secrets with; its operator has to set"
                      + " secrets.key."));
      case io.carechat.domain.Forbidden forbidden ->
          new CreateWebhookResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  private static io.carechat.domain.NewWebhook wanted(NewWebhook body) {
    List<WebhookEventType> types = given(body.eventTypes());
    List<ClientType> senders = given(body.senders());
    String description = body.description();
    return new io.carechat.domain.NewWebhook(
        body.url(),
        switch (body.payload()) {
          case SOURCE -> io.carechat.domain.WebhookPayload.SOURCE;
          case STANDARD -> io.carechat.domain.WebhookPayload.STANDARD;
          case THIN -> io.carechat.domain.WebhookPayload.THIN;
        },
        types == null ? Set.of(io.carechat.domain.WebhookEventType.MESSAGE_SENT) : types(types),
        senders == null ? Set.of(io.carechat.domain.ClientType.values()) : senders(senders),
        description == null ? "" : description,
        !Boolean.FALSE.equals(body.enabled()),
        secret(body.apiKey()),
        secret(body.apiSecret()),
        secret(body.signingSecret()));
  }

  // --- listWebhooks, getWebhook ---

  @Override
  public ListWebhooksResponse listWebhooks(Visit visit, ListWebhooksRequest request) {
    TenantInstance place = new TenantInstance(request.tenantName(), request.instanceName());
    return switch (room.with(() -> webhooks.list(visit.caller(), place))) {
      case WebhookResult.Listed(var all) ->
          new ListWebhooksResponse.Ok(
              new WebhookList(all.stream().map(WebhookOperations::wire).toList()));
      case io.carechat.domain.Forbidden forbidden ->
          new ListWebhooksResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  @Override
  public GetWebhookResponse getWebhook(Visit visit, GetWebhookRequest request) {
    TenantInstance place = new TenantInstance(request.tenantName(), request.instanceName());
    return switch (room.with(() -> webhooks.find(visit.caller(), place, request.webhookId()))) {
      case WebhookResult.Found(var webhook) -> new GetWebhookResponse.Ok(wire(webhook));
      case WebhookResult.NoSuchWebhook() -> new GetWebhookResponse.NotFound(notFound(visit));
      case io.carechat.domain.Forbidden forbidden ->
          new GetWebhookResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  // --- changeWebhook, deleteWebhook ---

  @Override
  public ChangeWebhookResponse changeWebhook(Visit visit, ChangeWebhookRequest request) {
    TenantInstance place = new TenantInstance(request.tenantName(), request.instanceName());
    WebhookChange body = request.body();
    List<WebhookEventType> types = given(body.eventTypes());
    List<ClientType> senders = given(body.senders());
    var change =
        new io.carechat.domain.WebhookChange(
            body.url(),
            types == null ? null : types(types),
            senders == null ? null : senders(senders),
            body.description(),
            body.enabled(),
            secret(body.apiKey()),
            secret(body.apiSecret()));
    return switch (room.with(
        () ->
            webhooks.change(visit.caller(), place, request.webhookId(), body.version(), change))) {
      case WebhookResult.Changed(var webhook) -> new ChangeWebhookResponse.Ok(wire(webhook));
      case WebhookResult.Invalid(var faults) ->
          new ChangeWebhookResponse.BadRequest(invalid(visit, faults));
      case WebhookResult.NoSuchWebhook() -> new ChangeWebhookResponse.NotFound(notFound(visit));
      case WebhookResult.OfConfiguration() ->
          new ChangeWebhookResponse.Conflict(ofConfiguration(visit));
      case WebhookResult.OtherVersion() ->
          new ChangeWebhookResponse.Conflict(
              conflict(
                  visit,
                  "The endpoint has been changed since that version; get it, and decide again."));
      case io.carechat.domain.Forbidden forbidden ->
          new ChangeWebhookResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  @Override
  public DeleteWebhookResponse deleteWebhook(Visit visit, DeleteWebhookRequest request) {
    TenantInstance place = new TenantInstance(request.tenantName(), request.instanceName());
    return switch (room.with(() -> webhooks.delete(visit.caller(), place, request.webhookId()))) {
      case WebhookResult.Deleted() -> new DeleteWebhookResponse.NoContent();
      case WebhookResult.NoSuchWebhook() -> new DeleteWebhookResponse.NotFound(notFound(visit));
      case WebhookResult.OfConfiguration() ->
          new DeleteWebhookResponse.Conflict(ofConfiguration(visit));
      case io.carechat.domain.Forbidden forbidden ->
          new DeleteWebhookResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  // --- pingWebhook, rotateWebhookSecret ---

  @Override
  public PingWebhookResponse pingWebhook(Visit visit, PingWebhookRequest request) {
    TenantInstance place = new TenantInstance(request.tenantName(), request.instanceName());
    return switch (pings.with(
        place, () -> webhooks.ping(visit.caller(), place, request.webhookId()))) {
      case WebhookResult.Pinged(var answer) -> new PingWebhookResponse.Ok(wire(answer));
      case WebhookResult.NoSuchWebhook() -> new PingWebhookResponse.NotFound(notFound(visit));
      case io.carechat.domain.Forbidden forbidden ->
          new PingWebhookResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  @Override
  public RotateWebhookSecretResponse rotateWebhookSecret(
      Visit visit, RotateWebhookSecretRequest request) {
    TenantInstance place = new TenantInstance(request.tenantName(), request.instanceName());
    SecretRotation body = request.body();
    Integer seconds = body.overlapSeconds();
    Duration overlap = seconds == null ? USUAL_OVERLAP : Duration.ofSeconds(seconds);
    return switch (room.with(
        () ->
            webhooks.rotate(
                visit.caller(),
                place,
                request.webhookId(),
                overlap,
                secret(body.signingSecret())))) {
      case WebhookResult.Rotated(var webhook, var secret) ->
          new RotateWebhookSecretResponse.Ok(new WebhookWithSecret(wire(webhook), secret.value()));
      case WebhookResult.Invalid(var faults) ->
          new RotateWebhookSecretResponse.BadRequest(invalid(visit, faults));
      case WebhookResult.NoSuchWebhook() ->
          new RotateWebhookSecretResponse.NotFound(notFound(visit));
      case WebhookResult.OfConfiguration() ->
          new RotateWebhookSecretResponse.Conflict(ofConfiguration(visit));
      case io.carechat.domain.Forbidden forbidden ->
          new RotateWebhookSecretResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  // --- from the wire ---

  /** Some clients that are generated send an empty array where their caller gave none. */
  private static <T> @Nullable List<T> given(@Nullable List<T> list) {
    return list == null || list.isEmpty() ? null : list;
  }

  private static Set<io.carechat.domain.WebhookEventType> types(List<WebhookEventType> types) {
    return types.stream()
        .map(type ->
            switch (type) {
              case MESSAGE_SENT -> io.carechat.domain.WebhookEventType.MESSAGE_SENT;
              case CHAT_READ -> io.carechat.domain.WebhookEventType.CHAT_READ;
            })
        .collect(Collectors.toSet());
  }

  private static Set<io.carechat.domain.ClientType> senders(List<ClientType> senders) {
    return senders.stream()
        .map(sender ->
            switch (sender) {
              case PATIENT -> io.carechat.domain.ClientType.PATIENT;
              case CARE_TEAM -> io.carechat.domain.ClientType.CARE_TEAM;
            })
        .collect(Collectors.toSet());
  }

  private static @Nullable Secret secret(@Nullable String text) {
    return text == null ? null : new Secret(text);
  }

  // --- to the wire ---

  private static Webhook wire(ManagedWebhook webhook) {
    WebhookEndpoint endpoint = webhook.endpoint();
    WebhookSubscription subscription = endpoint.subscription();
    WebhookSecrets secrets = endpoint.secrets();
    EndpointHealth.Disabled disabled = webhook.health().disabled();
    WebhookEndpoint.Origin.Api api =
        switch (endpoint.origin()) {
          case WebhookEndpoint.Origin.Api made -> made;
          case WebhookEndpoint.Origin.Configuration configured -> null;
        };
    return new Webhook(
        endpoint.id(),
        subscription.url().toString(),
        switch (subscription.payload()) {
          case SOURCE -> WebhookPayload.SOURCE;
          case STANDARD -> WebhookPayload.STANDARD;
          case THIN -> WebhookPayload.THIN;
        },
        subscription.eventTypes().stream()
            .sorted()
            .map(type ->
                switch (type) {
                  case MESSAGE_SENT -> WebhookEventType.MESSAGE_SENT;
                  case CHAT_READ -> WebhookEventType.CHAT_READ;
                })
            .toList(),
        subscription.senders().stream()
            .sorted()
            .map(sender ->
                switch (sender) {
                  case PATIENT -> ClientType.PATIENT;
                  case CARE_TEAM -> ClientType.CARE_TEAM;
                })
            .toList(),
        subscription.description(),
        webhook.enabled(),
        webhook.health().failingSince(),
        disabled == null ? null : disabled.at(),
        disabled == null || disabled.reason() == null ? null : disabled.reason().name(),
        api == null ? WebhookManager.CONFIGURATION : WebhookManager.API,
        secrets.apiKey() != null,
        secrets.otherUntil(),
        api == null ? null : api.version(),
        api == null ? null : api.createdAt(),
        api == null ? null : api.updatedAt());
  }

  private static PingOutcome wire(WebhookAnswer answer) {
    return switch (answer) {
      case WebhookAnswer.Answered(int status, var retryAfter, var firstBytes, var took) ->
          new PingOutcome(status >= 200 && status < 300, status, took.toMillis(), firstBytes, null);
      case WebhookAnswer.Failed(var reason, var took) ->
          new PingOutcome(false, null, took.toMillis(), "", reason);
    };
  }

  // --- problems ---

  private static Problem invalid(Visit visit, List<WebhookFault> faults) {
    return Problems.of(
        ProblemKind.INVALID_REQUEST,
        (faults.size() == 1 ? "1 fault" : faults.size() + " faults") + ", listed in errors.",
        faults.stream().map(fault -> Fault.ofBody("/" + fault.member(), fault.rule())).toList(),
        visit.requestId());
  }

  private static Problem notFound(Visit visit) {
    return Problems.of(
        ProblemKind.NOT_FOUND,
        "The instance has no webhook endpoint with this webhookId.",
        visit.requestId());
  }

  private static Problem ofConfiguration(Visit visit) {
    return conflict(
        visit,
        "This endpoint is in the installation's configuration; only its operator changes it.");
  }

  private static Problem conflict(Visit visit, String detail) {
    return Problems.of(ProblemKind.CONFLICT, detail, visit.requestId());
  }
}
