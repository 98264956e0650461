package io.carechat.contracttests.pacts;

import au.com.dius.pact.provider.ProviderResponse;
import au.com.dius.pact.provider.junit5.HttpTestTarget;
import com.nimbusds.jwt.JWTClaimsSet;
import io.carechat.api.checked.Exchange;
import io.carechat.api.checked.ExchangeCheck;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.TestIssuer;
import io.carechat.domain.chat.TenantInstance;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hc.core5.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * Sends a pact's requests to the running service, with real credentials instead of the pact's
 * examples. Checks each exchange against the contract.
 */
final class CredentialTarget extends HttpTestTarget {
  /** The instance in a path, and the patient if the path has one. */
  private static final Pattern INSTANCE =
      Pattern.compile("/api/v1/([^/]+)/([^/]+)/(?:patients/([^/?]+))?.*");

  private final RunningService service;
  private final Supplier<ExampleCredential> credential;

  CredentialTarget(RunningService service, Supplier<ExampleCredential> credential) {
    super(service.url().getHost(), service.url().getPort());
    this.service = service;
    this.credential = credential;
  }

  @Override
  public ProviderResponse executeInteraction(@Nullable Object client, @Nullable Object request) {
    if (request instanceof HttpRequest http) {
      Matcher path = INSTANCE.matcher(http.getPath());
      if (path.matches()) {
        replaceCredentials(http, path);
      }
    }
    ProviderResponse answer = super.executeInteraction(client, request);
    if (request instanceof HttpRequest http) {
      check(http, answer);
    }
    return answer;
  }

  /**
   * @throws IllegalStateException if the service does not do what its contract describes
   */
  private static void check(HttpRequest request, ProviderResponse answer) {
    // The library splits values at their commas.
    Map<String, List<String>> headers = new TreeMap<>();
    Objects.requireNonNull(answer.getHeaders())
        .forEach((name, values) -> headers.put(name, List.of(String.join(", ", values))));
    try {
      ExchangeCheck.check(
          Exchange.answered(
              request.getMethod(),
              request.getPath(),
              Objects.requireNonNull(answer.getStatusCode()),
              headers,
              answer.getBody() == null ? new byte[0] : answer.getBody().orElse(new byte[0])));
    } catch (AssertionError e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  private void replaceCredentials(HttpRequest request, Matcher path) {
    if (request.containsHeader("X-API-KEY")) {
      request.setHeader("X-API-KEY", service.apiKey(key()));
    }
    if (request.containsHeader("Authorization")) {
      var instance = new TenantInstance(path.group(1), path.group(2));
      UUID patient = path.group(3) == null ? UUID.randomUUID() : UUID.fromString(path.group(3));
      request.setHeader(
          "Authorization", "Bearer " + service.issuer().sign(claims(instance, patient)));
    }
  }

  private RunningService.ApiKey key() {
    return switch (credential.get()) {
      case ExampleCredential.Good() -> RunningService.ApiKey.PARTNER;
      case ExampleCredential.Expired() -> RunningService.ApiKey.EXPIRED;
      case ExampleCredential.OfAnother() -> RunningService.ApiKey.OTHER_INSTANCE;
      case ExampleCredential.Without(String scope) ->
          switch (scope) {
            case "messages:send-as-care-team" -> RunningService.ApiKey.NO_CARE_TEAM;
            case "messages:send",
                "messages:search-instance",
                "patients:sign-in",
                "webhooks:manage" ->
                RunningService.ApiKey.READER;
            case "messages:read" -> RunningService.ApiKey.SENDER;
            default -> throw new IllegalArgumentException("There is no scope " + scope);
          };
    };
  }

  private JWTClaimsSet.Builder claims(TenantInstance instance, UUID patient) {
    return switch (credential.get()) {
      case ExampleCredential.Good() ->
          TestIssuer.patient(instance, patient, RunningService.ALL_SCOPES);
      case ExampleCredential.Expired() ->
          TestIssuer.patient(instance, patient, RunningService.ALL_SCOPES)
              .expirationTime(Date.from(Instant.EPOCH));
      case ExampleCredential.OfAnother() ->
          TestIssuer.patient(instance, UUID.randomUUID(), RunningService.ALL_SCOPES);
      case ExampleCredential.Without(String scope) ->
          TestIssuer.patient(
              instance,
              patient,
              Arrays.stream(RunningService.ALL_SCOPES.split(" ", -1))
                  .filter(each -> !each.equals(scope))
                  .collect(Collectors.joining(" ")));
    };
  }
}
