package io.carechat.rest.webhooks;

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
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookSecrets;
import io.carechat.domain.webhooks.WebhookSubscription;
import io.carechat.domain.webhooks.delivery.EndpointHealth;
import io.carechat.domain.webhooks.management.ManagedWebhook;
import io.carechat.domain.webhooks.management.WebhookManagement;
import io.carechat.domain.webhooks.management.WebhookResult;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.ConcurrencyLimits;
import io.carechat.rest.http.KeyedRateLimit;
import io.carechat.rest.http.ProblemKind;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.http.RequestContext;
import io.carechat.rest.mapping.ApiMapper;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The contract's operations on webhook endpoints. Safe for use by many threads. */
public final class WebhookOperations implements WebhooksService<RequestContext> {
  /**
   * The limit is small, because a ping may take as long as the endpoint takes to answer, up to a
   * timeout.
   */
  private static final int MAX_PINGS = 32;

  private static final int MAX_PINGS_PER_INSTANCE = 4;

  /** A test calls a server that may belong to somebody else. */
  private static final RateLimits.Limit PING_RATE = new RateLimits.Limit(30, Duration.ofMinutes(1));

  private static final Duration DEFAULT_OVERLAP = Duration.ofDays(1);

  private final WebhookManagement webhooks;
  private final Bulkhead bulkhead;
  private final Bulkhead pings =
      new Bulkhead(
          ConcurrencyLimits.withoutWaiting(MAX_PINGS, MAX_PINGS_PER_INSTANCE, MAX_PINGS, MAX_PINGS),
          "test calls");

  private final KeyedRateLimit<TenantInstance> pingRate =
      new KeyedRateLimit<>(
          PING_RATE, "An instance may make " + PING_RATE.requests() + " test calls a minute.");

  /**
   * @param webhooks manages endpoints
   * @param bulkhead limits concurrent requests that do not call the endpoint
   */
  public WebhookOperations(WebhookManagement webhooks, Bulkhead bulkhead) {
    this.webhooks = webhooks;
    this.bulkhead = bulkhead;
  }

  // --- createWebhook ---

  @Override
  public CreateWebhookResponse createWebhook(RequestContext context, CreateWebhookRequest request) {
    TenantInstance instance = new TenantInstance(request.tenantName(), request.instanceName());
    WebhookResult.OfCreate result =
        bulkhead.run(
            context.caller(),
            () -> webhooks.create(context.caller(), instance, newWebhook(request.body())));
    return switch (result) {
      case WebhookResult.Created(var webhook, var secret) ->
          new CreateWebhookResponse.Created(
              new WebhookWithSecret(webhook(webhook), secret.value()),
              "/api/v1/" + instance + "/webhooks/" + webhook.endpoint().id());
      case WebhookResult.TooMany(int max) ->
          new CreateWebhookResponse.Conflict(
              context.problem(
                  ProblemKind.CONFLICT,
                  "The instance already has "
                      + max
                      + " webhook endpoints, which is the maximum. Delete one first."));
      case WebhookResult.UrlInUse(var existing) ->
          new CreateWebhookResponse.Conflict(urlInUse(context, existing));
      case WebhookResult.TooManyOnServer(int max) ->
          new CreateWebhookResponse.Conflict(tooManyOnServer(context, max));
      case WebhookResult.NoKeyForSecrets() ->
          new CreateWebhookResponse.Conflict(
              context.problem(
                  ProblemKind.CONFLICT,
                  "This installation has no key to encrypt secrets with. Its operator must set"
                      + " secrets.key."));
    };
  }

  private static io.carechat.domain.webhooks.management.NewWebhook newWebhook(NewWebhook body) {
    List<WebhookEventType> types = nullIfEmpty(body.eventTypes());
    List<ClientType> senders = nullIfEmpty(body.senders());
    String description = body.description();
    return new io.carechat.domain.webhooks.management.NewWebhook(
        body.url(),
        switch (body.payload()) {
          case SOURCE -> io.carechat.domain.webhooks.WebhookPayload.SOURCE;
          case STANDARD -> io.carechat.domain.webhooks.WebhookPayload.STANDARD;
          case THIN -> io.carechat.domain.webhooks.WebhookPayload.THIN;
        },
        types == null
            ? Set.of(io.carechat.domain.webhooks.WebhookEventType.MESSAGE_SENT)
            : types(types),
        senders == null ? Set.of(io.carechat.domain.chat.ClientType.values()) : senders(senders),
        description == null ? "" : description,
        !Boolean.FALSE.equals(body.enabled()),
        secret(body.apiKey()),
        secret(body.apiSecret()),
        secret(body.signingSecret()));
  }

  // --- listWebhooks, getWebhook ---

  @Override
  public ListWebhooksResponse listWebhooks(RequestContext context, ListWebhooksRequest request) {
    TenantInstance instance = new TenantInstance(request.tenantName(), request.instanceName());
    return new ListWebhooksResponse.Ok(
        new WebhookList(
            bulkhead.run(context.caller(), () -> webhooks.list(context.caller(), instance)).stream()
                .map(WebhookOperations::webhook)
                .toList()));
  }

  @Override
  public GetWebhookResponse getWebhook(RequestContext context, GetWebhookRequest request) {
    TenantInstance instance = new TenantInstance(request.tenantName(), request.instanceName());
    EndpointId id = ApiMapper.endpointId(request.webhookId());
    return bulkhead
        .run(context.caller(), () -> webhooks.find(context.caller(), instance, id))
        .<GetWebhookResponse>map(found -> new GetWebhookResponse.Ok(webhook(found)))
        .orElseGet(() -> new GetWebhookResponse.NotFound(context.noSuchWebhook()));
  }

  // --- changeWebhook, deleteWebhook ---

  @Override
  public ChangeWebhookResponse changeWebhook(RequestContext context, ChangeWebhookRequest request) {
    TenantInstance instance = new TenantInstance(request.tenantName(), request.instanceName());
    WebhookChange body = request.body();
    List<WebhookEventType> types = nullIfEmpty(body.eventTypes());
    List<ClientType> senders = nullIfEmpty(body.senders());
    var change =
        new io.carechat.domain.webhooks.management.WebhookChange(
            body.url(),
            types == null ? null : types(types),
            senders == null ? null : senders(senders),
            body.description(),
            body.enabled(),
            secret(body.apiKey()),
            secret(body.apiSecret()));
    return switch (bulkhead.run(
        context.caller(),
        () ->
            webhooks.change(
                context.caller(),
                instance,
                ApiMapper.endpointId(request.webhookId()),
                body.version(),
                change))) {
      case WebhookResult.Changed(var webhook) -> new ChangeWebhookResponse.Ok(webhook(webhook));
      case WebhookResult.NoSuchWebhook() ->
          new ChangeWebhookResponse.NotFound(context.noSuchWebhook());
      case WebhookResult.IsConfigured() -> new ChangeWebhookResponse.Conflict(configured(context));
      case WebhookResult.UrlInUse(var existing) ->
          new ChangeWebhookResponse.Conflict(urlInUse(context, existing));
      case WebhookResult.TooManyOnServer(int max) ->
          new ChangeWebhookResponse.Conflict(tooManyOnServer(context, max));
      case WebhookResult.OtherVersion() ->
          new ChangeWebhookResponse.Conflict(
              context.problem(
                  ProblemKind.CONFLICT,
                  "The endpoint has been changed since that version. Get it and decide again."));
    };
  }

  @Override
  public DeleteWebhookResponse deleteWebhook(RequestContext context, DeleteWebhookRequest request) {
    TenantInstance instance = new TenantInstance(request.tenantName(), request.instanceName());
    return switch (bulkhead.run(
        context.caller(),
        () ->
            webhooks.delete(
                context.caller(), instance, ApiMapper.endpointId(request.webhookId())))) {
      case WebhookResult.Deleted() -> new DeleteWebhookResponse.NoContent();
      case WebhookResult.NoSuchWebhook() ->
          new DeleteWebhookResponse.NotFound(context.noSuchWebhook());
      case WebhookResult.IsConfigured() -> new DeleteWebhookResponse.Conflict(configured(context));
    };
  }

  // --- pingWebhook, rotateWebhookSecret ---

  @Override
  public PingWebhookResponse pingWebhook(RequestContext context, PingWebhookRequest request) {
    TenantInstance instance = new TenantInstance(request.tenantName(), request.instanceName());
    EndpointId id = ApiMapper.endpointId(request.webhookId());
    return pings
        .run(
            context.caller(),
            () -> webhooks.ping(context.caller(), instance, id, () -> pingRate.take(instance)))
        .<PingWebhookResponse>map(answer -> new PingWebhookResponse.Ok(outcome(answer)))
        .orElseGet(() -> new PingWebhookResponse.NotFound(context.noSuchWebhook()));
  }

  @Override
  public RotateWebhookSecretResponse rotateWebhookSecret(
      RequestContext context, RotateWebhookSecretRequest request) {
    TenantInstance instance = new TenantInstance(request.tenantName(), request.instanceName());
    SecretRotation body = request.body();
    Integer seconds = body.overlapSeconds();
    Duration overlap = seconds == null ? DEFAULT_OVERLAP : Duration.ofSeconds(seconds);
    return switch (bulkhead.run(
        context.caller(),
        () ->
            webhooks.rotate(
                context.caller(),
                instance,
                ApiMapper.endpointId(request.webhookId()),
                overlap,
                secret(body.signingSecret())))) {
      case WebhookResult.Rotated(var webhook, var secret) ->
          new RotateWebhookSecretResponse.Ok(
              new WebhookWithSecret(webhook(webhook), secret.value()));
      case WebhookResult.NoSuchWebhook() ->
          new RotateWebhookSecretResponse.NotFound(context.noSuchWebhook());
      case WebhookResult.IsConfigured() ->
          new RotateWebhookSecretResponse.Conflict(configured(context));
    };
  }

  // --- from the contract ---

  /**
   * Treats an empty list as missing. Some generated clients send an empty array when their caller
   * gave none.
   */
  private static <T> @Nullable List<T> nullIfEmpty(@Nullable List<T> list) {
    return list == null || list.isEmpty() ? null : list;
  }

  private static Set<io.carechat.domain.webhooks.WebhookEventType> types(
      List<WebhookEventType> types) {
    return types.stream()
        .map(type ->
            switch (type) {
              case MESSAGE_SENT -> io.carechat.domain.webhooks.WebhookEventType.MESSAGE_SENT;
              case CHAT_READ -> io.carechat.domain.webhooks.WebhookEventType.CHAT_READ;
            })
        .collect(Collectors.toSet());
  }

  private static Set<io.carechat.domain.chat.ClientType> senders(List<ClientType> senders) {
    return senders.stream().map(WebhookOperations::side).collect(Collectors.toSet());
  }

  private static io.carechat.domain.chat.ClientType side(ClientType sender) {
    return switch (sender) {
      case PATIENT -> io.carechat.domain.chat.ClientType.PATIENT;
      case CARE_TEAM -> io.carechat.domain.chat.ClientType.CARE_TEAM;
    };
  }

  private static @Nullable Secret secret(@Nullable String text) {
    return text == null ? null : new Secret(text);
  }

  // --- to the contract ---

  private static Webhook webhook(ManagedWebhook webhook) {
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
        endpoint.id().toString(),
        subscription.url().toString(),
        switch (subscription.payload()) {
          case SOURCE -> WebhookPayload.SOURCE;
          case STANDARD -> WebhookPayload.STANDARD;
          case THIN -> WebhookPayload.THIN;
        },
        subscription.eventTypes().stream().sorted().map(ApiMapper::eventType).toList(),
        subscription.senders().stream().sorted().map(ApiMapper::clientType).toList(),
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

  private static PingOutcome outcome(WebhookAnswer answer) {
    return switch (answer) {
      case WebhookAnswer.Answered(int status, var retryAfter, var firstBytes, var took) ->
          new PingOutcome(status >= 200 && status < 300, status, took.toMillis(), firstBytes, null);
      case WebhookAnswer.Failed(var reason, var took) ->
          new PingOutcome(false, null, took.toMillis(), "", reason);
    };
  }

  // --- problems ---

  private static Problem urlInUse(RequestContext context, EndpointId existing) {
    return context.problem(
        ProblemKind.CONFLICT,
        "The endpoint "
            + existing
            + " of this instance already has this URL. Change that endpoint, or delete it first.");
  }

  private static Problem tooManyOnServer(RequestContext context, int max) {
    return context.problem(
        ProblemKind.CONFLICT,
        "The instance already has "
            + max
            + " webhook endpoints with this host and port, which is the maximum. Delete one"
            + " first.");
  }

  private static Problem configured(RequestContext context) {
    return context.problem(
        ProblemKind.CONFLICT,
        "This endpoint belongs to the installation's configuration. Only the operator can change"
            + " it.");
  }
}
