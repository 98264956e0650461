package io.carechat.rest.keys;

import io.carechat.api.ApiKey;
import io.carechat.api.ApiKeyList;
import io.carechat.api.ApiKeyWithSecret;
import io.carechat.api.KeyManager;
import io.carechat.api.KeysService;
import io.carechat.api.NewApiKey;
import io.carechat.api.NewBreakGlassKey;
import io.carechat.api.Problem;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.KeyId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Violation;
import io.carechat.domain.keys.KeyManagement;
import io.carechat.domain.keys.KeyResult;
import io.carechat.domain.keys.NewKey;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.ProblemKind;
import io.carechat.rest.http.RequestContext;
import io.carechat.rest.mapping.ApiMapper;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The contract's operations on API keys. Safe for use by many threads. */
public final class KeyOperations implements KeysService<RequestContext> {
  private static final String SCOPES =
      Arrays.stream(Scope.values()).map(Scope::wireName).collect(Collectors.joining(", "));

  private final KeyManagement keys;
  private final Bulkhead bulkhead;

  /**
   * @param keys manages keys
   * @param bulkhead limits concurrent requests
   */
  public KeyOperations(KeyManagement keys, Bulkhead bulkhead) {
    this.keys = keys;
    this.bulkhead = bulkhead;
  }

  @Override
  public ListKeysResponse listKeys(RequestContext context, ListKeysRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    return new ListKeysResponse.Ok(
        new ApiKeyList(
            bulkhead.run(context.caller(), () -> keys.list(context.caller(), instance)).stream()
                .map(KeyOperations::key)
                .toList()));
  }

  @Override
  public GetKeyResponse getKey(RequestContext context, GetKeyRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    var id = new KeyId(request.keyId());
    return bulkhead
        .run(context.caller(), () -> keys.find(context.caller(), instance, id))
        .<GetKeyResponse>map(found -> new GetKeyResponse.Ok(key(found)))
        .orElseGet(() -> new GetKeyResponse.NotFound(context.noSuchKey()));
  }

  @Override
  public CreateKeyResponse createKey(RequestContext context, CreateKeyRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    NewApiKey body = request.body();
    return switch (bulkhead.run(
        context.caller(), () -> keys.create(context.caller(), instance, newKey(body)))) {
      case KeyResult.Created(var key, var secret) ->
          new CreateKeyResponse.Created(
              new ApiKeyWithSecret(key(key), secret.value()), location(instance, key.id()));
      case KeyResult.TooMany(int max) ->
          new CreateKeyResponse.Conflict(
              tooMany(context, "valid API keys", max, "Revoke one first."));
    };
  }

  private static NewKey newKey(NewApiKey body) {
    String note = body.note();
    return new NewKey(
        scopes(body.scopes()),
        note == null ? "" : note,
        body.certificateThumbprint(),
        body.expiresAt());
  }

  private static Set<Scope> scopes(List<String> names) {
    var scopes = EnumSet.noneOf(Scope.class);
    var violations = new ArrayList<Violation>();
    for (int i = 0; i < names.size(); i++) {
      var scope = Scope.ofWireName(names.get(i));
      if (scope.isPresent()) {
        scopes.add(scope.get());
      } else {
        violations.add(new Violation("scopes/" + i, "must be one of " + SCOPES));
      }
    }
    if (!violations.isEmpty()) {
      throw new InvalidRequest(violations);
    }
    return scopes;
  }

  @Override
  public CreateBreakGlassKeyResponse createBreakGlassKey(
      RequestContext context, CreateBreakGlassKeyRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    NewBreakGlassKey body = request.body();
    Integer minutes = body.minutes();
    var wanted =
        new io.carechat.domain.keys.NewBreakGlassKey(
            body.reason(),
            minutes == null ? KeyManagement.MAX_BREAK_GLASS_LIFETIME : Duration.ofMinutes(minutes));
    return switch (bulkhead.run(
        context.caller(), () -> keys.createBreakGlass(context.caller(), instance, wanted))) {
      case KeyResult.Created(var key, var secret) ->
          new CreateBreakGlassKeyResponse.Created(
              new ApiKeyWithSecret(key(key), secret.value()), location(instance, key.id()));
      case KeyResult.TooMany(int max) ->
          new CreateBreakGlassKeyResponse.Conflict(
              tooMany(
                  context,
                  "valid break-glass keys",
                  max,
                  "Use one of them, or wait until one has expired."));
    };
  }

  @Override
  public RevokeKeyResponse revokeKey(RequestContext context, RevokeKeyRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    var id = new KeyId(request.keyId());
    return switch (bulkhead.run(
        context.caller(), () -> keys.revoke(context.caller(), instance, id))) {
      case KeyResult.Revoked() -> new RevokeKeyResponse.NoContent();
      case KeyResult.NoSuchKey() -> new RevokeKeyResponse.NotFound(context.noSuchKey());
      case KeyResult.IsConfigured() ->
          new RevokeKeyResponse.Conflict(
              context.problem(
                  ProblemKind.CONFLICT,
                  "This key belongs to the installation's configuration. Only the operator can"
                      + " remove it."));
    };
  }

  private static String location(TenantInstance instance, KeyId id) {
    return "/api/v1/" + instance + "/keys/" + id;
  }

  private static Problem tooMany(RequestContext context, String what, int max, String advice) {
    return context.problem(
        ProblemKind.CONFLICT,
        "The instance already has " + max + " " + what + ", which is the maximum. " + advice);
  }

  // --- to the contract ---

  private static ApiKey key(io.carechat.domain.keys.ApiKey key) {
    io.carechat.domain.keys.ApiKey.Creation created = key.created();
    @Nullable Instant createdAt = created == null ? null : created.at();
    @Nullable String createdBy = created == null ? null : created.by();
    @Nullable LocalDate lastUsedOn = key.lastUsedOn();
    return new ApiKey(
        key.id().value(),
        key.scopes().stream().sorted().map(Scope::wireName).toList(),
        key.note(),
        created == null ? KeyManager.CONFIGURATION : KeyManager.API,
        key.isBreakGlass(),
        key.reason(),
        key.certificate(),
        createdAt,
        createdBy,
        key.expiresAt(),
        key.revokedAt(),
        lastUsedOn == null ? null : lastUsedOn.toString());
  }
}
