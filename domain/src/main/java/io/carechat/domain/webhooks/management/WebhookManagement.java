package io.carechat.domain.webhooks.management;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.chat.Violation;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.PatientUrls;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookEndpoints;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.domain.webhooks.WebhookPayload;
import io.carechat.domain.webhooks.WebhookRegistry;
import io.carechat.domain.webhooks.WebhookSecrets;
import io.carechat.domain.webhooks.WebhookSubscription;
import io.carechat.domain.webhooks.WebhookUrlConflict;
import io.carechat.domain.webhooks.delivery.EndpointHealth;
import io.carechat.domain.webhooks.delivery.EndpointStates;
import io.carechat.domain.webhooks.delivery.TextAccess;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Manages the webhook endpoints of an instance. Safe for use by many threads. Every method may
 * throw {@link Unavailable}. Every method throws {@link AccessDenied} if the caller does not have
 * {@link Scope#MANAGE_WEBHOOKS} in the instance. Methods that take values throw {@link
 * InvalidRequest} with all violations.
 */
public final class WebhookManagement {
  /** The maximum number of endpoints of an instance that were created through the API. */
  public static final int MAX = 100;

  /** The longest time for which a replaced signing key may continue to sign. */
  public static final Duration MAX_OVERLAP = Duration.ofDays(7);

  private static final int KEY_BYTES = 32;
  private static final int ATTEMPTS = 5;
  private static final PatientId NO_PATIENT = new PatientId(new UUID(0, 0));

  private final WebhookEndpoints endpoints;
  private final WebhookRegistry registry;
  private final EndpointStates states;
  private final InstanceEvents events;
  private final WebhookPing ping;
  private final WebhookAddresses addresses;
  private final PatientUrls patientUrls;
  private final TimeOrderedIds ids;
  private final RandomGenerator random;
  private final InstantSource clock;

  /**
   * @param endpoints the endpoints of the registry and of the configuration
   * @param registry stores the endpoints of the API
   * @param states gives the health of endpoints
   * @param events gives the end of the event log
   * @param ping tests endpoints
   * @param addresses decides which addresses are allowed
   * @param patientUrls gives the web pages of chats
   * @param ids makes ids
   * @param random makes keys, so it must be cryptographically strong
   * @param clock gives the time of changes
   */
  public WebhookManagement(
      WebhookEndpoints endpoints,
      WebhookRegistry registry,
      EndpointStates states,
      InstanceEvents events,
      WebhookPing ping,
      WebhookAddresses addresses,
      PatientUrls patientUrls,
      TimeOrderedIds ids,
      RandomGenerator random,
      InstantSource clock) {
    this.endpoints = endpoints;
    this.registry = registry;
    this.states = states;
    this.events = events;
    this.ping = ping;
    this.addresses = addresses;
    this.patientUrls = patientUrls;
    this.ids = ids;
    this.random = random;
    this.clock = clock;
  }

  // --- reading

  /**
   * Returns all endpoints of an instance: those of the configuration first, then those of the API,
   * oldest first.
   */
  public List<ManagedWebhook> list(Caller caller, TenantInstance instance) {
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    endpoints.refresh();
    Map<EndpointId, EndpointHealth> health = states.health(instance);
    return endpoints.of(instance).stream().map(endpoint -> managed(endpoint, health)).toList();
  }

  /**
   * Returns one endpoint of an instance. The result is empty if the instance has no endpoint with
   * that id.
   */
  public Optional<ManagedWebhook> find(Caller caller, TenantInstance instance, EndpointId id) {
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    return current(instance, id).map(this::managed);
  }

  private Optional<WebhookEndpoint> current(TenantInstance instance, EndpointId id) {
    endpoints.refresh();
    return endpoints.find(instance, id);
  }

  private ManagedWebhook managed(WebhookEndpoint endpoint) {
    return managed(endpoint, states.health(endpoint.instance()));
  }

  private ManagedWebhook managed(WebhookEndpoint endpoint, Map<EndpointId, EndpointHealth> health) {
    return new ManagedWebhook(
        new WebhookEndpoint(
            endpoint.instance(),
            endpoint.id(),
            endpoint.subscription(),
            endpoint.secrets().at(now()),
            endpoint.origin()),
        health.getOrDefault(endpoint.id(), EndpointHealth.GOOD));
  }

  // --- creating

  /**
   * Creates an endpoint. Every event that is committed after this has returned is delivered to it.
   * No event that could be read before this was called is delivered to it.
   *
   * @throws AccessDenied also if the endpoint would receive texts that the caller may not read
   * @throws InvalidRequest with all violations, if the values are not valid
   */
  public WebhookResult.OfCreate create(Caller caller, TenantInstance instance, NewWebhook wanted) {
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    TextAccess.require(caller, instance, wanted.payload());
    var violations = new ArrayList<Violation>();
    URI url = address(instance, wanted.url(), violations);
    checkTypes(wanted.payload(), wanted.eventTypes(), violations);
    checkCredential(wanted.payload(), wanted.apiKey(), wanted.apiSecret(), violations);
    Secret given = signingKey(wanted.signingSecret(), violations);
    if (url == null || !violations.isEmpty()) {
      throw new InvalidRequest(violations);
    }
    if (!registry.keepsSecrets()) {
      return new WebhookResult.NoKeyForSecrets();
    }
    Secret signingKey = given == null ? newSigningKey() : given;
    Instant now = now();
    var endpoint =
        new WebhookEndpoint(
            instance,
            EndpointId.ofApi(ids.next()),
            new WebhookSubscription(
                url, wanted.payload(), wanted.eventTypes(), wanted.senders(), wanted.description()),
            new WebhookSecrets(wanted.apiKey(), wanted.apiSecret(), signingKey, null, null),
            new WebhookEndpoint.Origin.Api(events.end(), 1, now, now));
    try {
      WebhookUrlConflict.check(endpoint.id(), url, configuredUrls(instance));
      if (!registry.add(endpoint, wanted.enabled(), MAX)) {
        return new WebhookResult.TooMany(MAX);
      }
    } catch (WebhookUrlConflict conflict) {
      return conflict.existing() == null
          ? new WebhookResult.TooManyOnServer(WebhookUrlConflict.MAX_ON_SERVER)
          : new WebhookResult.UrlInUse(conflict.existing());
    }
    endpoints.refresh();
    return new WebhookResult.Created(managed(endpoint), signingSecret(signingKey));
  }

  /** The registry does not know the endpoints of the configuration. */
  private Map<EndpointId, URI> configuredUrls(TenantInstance instance) {
    return endpoints.of(instance).stream()
        .filter(endpoint -> endpoint.origin() instanceof WebhookEndpoint.Origin.Configuration)
        .collect(Collectors.toMap(WebhookEndpoint::id, WebhookEndpoint::url));
  }

  // --- changing

  /**
   * Changes an endpoint. A caller who may not read messages may only disable an endpoint that
   * receives texts, and change its description.
   *
   * @throws AccessDenied also if the endpoint receives texts that the caller may not read
   * @param version the version that the caller wants to change; null for the current one
   * @throws InvalidRequest with all violations, if the values are not valid
   */
  public WebhookResult.OfChange change(
      Caller caller,
      TenantInstance instance,
      EndpointId id,
      @Nullable Long version,
      WebhookChange change) {
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    for (int i = 0; i < ATTEMPTS; i++) {
      WebhookEndpoint before = current(instance, id).orElse(null);
      if (before == null) {
        return new WebhookResult.NoSuchWebhook();
      }
      if (!onlyRestricts(change)) {
        TextAccess.require(caller, instance, before.subscription().payload());
      }
      if (!(before.origin() instanceof WebhookEndpoint.Origin.Api origin)) {
        return new WebhookResult.IsConfigured();
      }
      if (version != null && version != origin.version()) {
        return new WebhookResult.OtherVersion();
      }
      WebhookEndpoint changed = changed(before, origin, change);
      try {
        if (!changed.url().equals(before.url())) {
          WebhookUrlConflict.check(id, changed.url(), configuredUrls(instance));
        }
        if (replace(changed, change.enabled())) {
          return new WebhookResult.Changed(managed(changed));
        }
      } catch (WebhookUrlConflict conflict) {
        return conflict.existing() == null
            ? new WebhookResult.TooManyOnServer(WebhookUrlConflict.MAX_ON_SERVER)
            : new WebhookResult.UrlInUse(conflict.existing());
      }
    }
    throw beingChanged();
  }

  private static boolean onlyRestricts(WebhookChange change) {
    return change.url() == null
        && change.eventTypes() == null
        && change.senders() == null
        && change.apiKey() == null
        && change.apiSecret() == null
        && !Boolean.TRUE.equals(change.enabled());
  }

  private WebhookEndpoint changed(
      WebhookEndpoint before, WebhookEndpoint.Origin.Api origin, WebhookChange change) {
    var violations = new ArrayList<Violation>();
    WebhookSubscription subscription = before.subscription();
    WebhookSecrets secrets = before.secrets();
    URI url =
        change.url() == null
            ? subscription.url()
            : address(before.instance(), change.url(), violations);
    Set<WebhookEventType> eventTypes = or(change.eventTypes(), subscription.eventTypes());
    checkTypes(subscription.payload(), eventTypes, violations);
    Secret apiKey = change.apiKey() == null ? secrets.apiKey() : change.apiKey();
    Secret apiSecret = change.apiSecret() == null ? secrets.apiSecret() : change.apiSecret();
    checkCredential(subscription.payload(), apiKey, apiSecret, violations);
    if (url == null || !violations.isEmpty()) {
      throw new InvalidRequest(violations);
    }
    return new WebhookEndpoint(
        before.instance(),
        before.id(),
        new WebhookSubscription(
            url,
            subscription.payload(),
            eventTypes,
            or(change.senders(), subscription.senders()),
            or(change.description(), subscription.description())),
        new WebhookSecrets(
            apiKey,
            apiSecret,
            secrets.signingKey(),
            secrets.otherSigningKey(),
            secrets.otherUntil()),
        origin.changedAt(now()));
  }

  private static <T> T or(@Nullable T wanted, T present) {
    return wanted == null ? present : wanted;
  }

  /**
   * Gives an endpoint a new signing key. The present key also signs until the overlap is over. If a
   * rotation is already in progress, the key that was being replaced stops signing. If the given
   * key is already the new signing key, nothing changes, not even the end of the overlap. So a
   * caller may safely repeat a request.
   *
   * @param overlap how long the present key continues to sign, up to {@link #MAX_OVERLAP}
   * @param signingSecret the new key with the prefix {@code whsec_}; null to make a new key
   * @throws IllegalArgumentException if the overlap is out of bounds
   * @throws InvalidRequest if the key is not valid
   */
  public WebhookResult.OfRotate rotate(
      Caller caller,
      TenantInstance instance,
      EndpointId id,
      Duration overlap,
      @Nullable Secret signingSecret) {
    if (overlap.isNegative() || overlap.compareTo(MAX_OVERLAP) > 0) {
      throw new IllegalArgumentException("The longest overlap is " + MAX_OVERLAP);
    }
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    var violations = new ArrayList<Violation>();
    Secret given = signingKey(signingSecret, violations);
    if (!violations.isEmpty()) {
      throw new InvalidRequest(violations);
    }
    Secret next = given == null ? newSigningKey() : given;
    for (int i = 0; i < ATTEMPTS; i++) {
      WebhookEndpoint before = current(instance, id).orElse(null);
      if (before == null) {
        return new WebhookResult.NoSuchWebhook();
      }
      if (!(before.origin() instanceof WebhookEndpoint.Origin.Api origin)) {
        return new WebhookResult.IsConfigured();
      }
      WebhookSecrets secrets = before.secrets().rotated(next, now().plus(overlap));
      if (secrets.equals(before.secrets())) {
        return new WebhookResult.Rotated(managed(before), signingSecret(next));
      }
      var rotated =
          new WebhookEndpoint(
              instance, id, before.subscription(), secrets, origin.changedAt(now()));
      if (replace(rotated, null)) {
        return new WebhookResult.Rotated(managed(rotated), signingSecret(next));
      }
    }
    throw beingChanged();
  }

  private boolean replace(WebhookEndpoint changed, @Nullable Boolean enabled) {
    boolean replaced = registry.replace(changed, enabled);
    endpoints.refresh();
    return replaced;
  }

  private static Unavailable beingChanged() {
    return new Unavailable("other requests keep changing the endpoint", Duration.ofSeconds(1));
  }

  /**
   * Deletes an endpoint. Its pending deliveries are given up and not sent. A call that is in
   * progress, or that another node begins within the next second, may still arrive.
   */
  public WebhookResult.OfDelete delete(Caller caller, TenantInstance instance, EndpointId id) {
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    WebhookEndpoint endpoint = current(instance, id).orElse(null);
    if (endpoint != null && endpoint.origin() instanceof WebhookEndpoint.Origin.Configuration) {
      return new WebhookResult.IsConfigured();
    }
    boolean removed = registry.remove(instance, id);
    endpoints.refresh();
    return removed ? new WebhookResult.Deleted() : new WebhookResult.NoSuchWebhook();
  }

  // --- testing

  /**
   * Calls an endpoint once with a test, even if it is disabled, and waits for the result. The
   * result is empty if the instance has no such endpoint.
   *
   * @param admission is run once the caller is known to be allowed to do this, before the endpoint
   *     is called; if it throws, the endpoint is not called
   * @throws AccessDenied also if the endpoint receives texts that the caller may not read
   */
  public Optional<WebhookAnswer> ping(
      Caller caller, TenantInstance instance, EndpointId id, Runnable admission) {
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    Optional<WebhookEndpoint> found = current(instance, id);
    found.ifPresent(
        endpoint -> TextAccess.require(caller, instance, endpoint.subscription().payload()));
    return found.map(endpoint -> {
      admission.run();
      return ping.ping(
          endpoint,
          new DeliveryId(ids.next()),
          patientUrls.of(new ChatId(instance, NO_PATIENT)),
          now());
    });
  }

  // --- checks

  private @Nullable URI address(TenantInstance instance, String text, List<Violation> violations) {
    Optional<String> fault =
        WebhookSubscription.faultIn(text).or(() -> addresses.faultIn(instance, URI.create(text)));
    fault.ifPresent(rule -> violations.add(new Violation("url", rule)));
    return fault.isPresent() ? null : URI.create(text);
  }

  private static void checkTypes(
      WebhookPayload payload, Set<WebhookEventType> eventTypes, List<Violation> violations) {
    if (!WebhookSubscription.fit(payload, eventTypes)) {
      violations.add(
          new Violation(
              "eventTypes",
              "must be only message.sent with the payload SOURCE, which supports no other event"));
    }
  }

  private static void checkCredential(
      WebhookPayload payload,
      @Nullable Secret apiKey,
      @Nullable Secret apiSecret,
      List<Violation> violations) {
    boolean needed = payload == WebhookPayload.SOURCE || apiKey != null || apiSecret != null;
    checkHeaderValue("apiKey", apiKey, needed, violations);
    checkHeaderValue("apiSecret", apiSecret, needed, violations);
  }

  private static void checkHeaderValue(
      String member, @Nullable Secret value, boolean needed, List<Violation> violations) {
    if (value == null) {
      if (needed) {
        violations.add(
            new Violation(
                member,
                "is required: send both apiKey and apiSecret or, with the payloads STANDARD and"
                    + " THIN, neither"));
      }
    } else if (!WebhookSecrets.isHeaderValue(value.value())) {
      violations.add(
          new Violation(member, "must be visible ASCII characters, with spaces only between them"));
    }
  }

  /**
   * Returns the key of a given secret, without its prefix. The result is null if no secret was
   * given or it is not valid.
   */
  private static @Nullable Secret signingKey(@Nullable Secret secret, List<Violation> violations) {
    if (secret == null) {
      return null;
    }
    String text = secret.value();
    String key =
        text.startsWith(WebhookSecrets.PREFIX)
            ? text.substring(WebhookSecrets.PREFIX.length())
            : "";
    if (!WebhookSecrets.isSigningKey(key)) {
      violations.add(
          new Violation("signingSecret", "must be whsec_ and 24 to 64 bytes in standard base64"));
      return null;
    }
    return new Secret(key);
  }

  private Secret newSigningKey() {
    byte[] bytes = new byte[KEY_BYTES];
    random.nextBytes(bytes);
    return new Secret(Base64.getEncoder().encodeToString(bytes));
  }

  private static Secret signingSecret(Secret key) {
    return new Secret(WebhookSecrets.PREFIX + key.value());
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
