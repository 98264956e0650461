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
import io.carechat.domain.webhooks.delivery.EndpointHealth;
import io.carechat.domain.webhooks.delivery.EndpointStates;
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
import org.jspecify.annotations.Nullable;

/**
 * Manages the webhook endpoints of an instance. Safe for use by many threads. Every method may
 * throw {@link Unavailable}, and {@link AccessDenied} if the caller lacks {@link
 * Scope#MANAGE_WEBHOOKS} there; those that take values throw {@link InvalidRequest} with everything
 * that is wrong.
 */
public final class WebhookManagement {
  /** How many an instance may have that were made by the API. */
  public static final int MAX = 100;

  /** How long a replaced signing key may sign on. */
  public static final Duration LONGEST_OVERLAP = Duration.ofDays(7);

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
   * @param endpoints those of the registry and of the configuration
   * @param random makes keys: it must be cryptographically strong
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

  /** All of an instance: those of the configuration, then those of the API, oldest first. */
  public List<ManagedWebhook> list(Caller caller, TenantInstance instance) {
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    endpoints.refresh();
    Map<EndpointId, EndpointHealth> health = states.health(instance);
    return endpoints.of(instance).stream().map(endpoint -> managed(endpoint, health)).toList();
  }

  /** One of an instance; empty if it has none of that id. */
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

  // --- making

  /**
   * Makes an endpoint. Every event that is committed after this has returned is delivered to it,
   * and none that could be read before it was called.
   */
  public WebhookResult.OfCreate create(Caller caller, TenantInstance instance, NewWebhook wanted) {
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    var violations = new ArrayList<Violation>();
    URI url = address(wanted.url(), violations);
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
    if (!registry.add(endpoint, wanted.enabled(), MAX)) {
      return new WebhookResult.TooMany(MAX);
    }
    endpoints.refresh();
    return new WebhookResult.Created(managed(endpoint), signingSecret(signingKey));
  }

  // --- changing

  /**
   * Changes an endpoint.
   *
   * @param version which version is meant to be changed; null for whichever there is
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
      if (!(before.origin() instanceof WebhookEndpoint.Origin.Api origin)) {
        return new WebhookResult.IsConfigured();
      }
      if (version != null && version != origin.version()) {
        return new WebhookResult.OtherVersion();
      }
      WebhookEndpoint changed = changed(before, origin, change);
      if (replace(changed, change.enabled())) {
        return new WebhookResult.Changed(managed(changed));
      }
    }
    throw beingChanged();
  }

  private WebhookEndpoint changed(
      WebhookEndpoint before, WebhookEndpoint.Origin.Api origin, WebhookChange change) {
    var violations = new ArrayList<Violation>();
    WebhookSubscription subscription = before.subscription();
    WebhookSecrets secrets = before.secrets();
    URI url = change.url() == null ? subscription.url() : address(change.url(), violations);
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
   * Gives an endpoint a new signing key. The one before signs besides it until the overlap is over;
   * one that was being replaced already signs no more. A key that is given and signs already as the
   * new one changes nothing, the overlap neither, so that the same may safely be asked again.
   *
   * @param overlap up to {@link #LONGEST_OVERLAP}
   * @param signingSecret the new key, with {@code whsec_} in front; null for one made here
   */
  public WebhookResult.OfRotate rotate(
      Caller caller,
      TenantInstance instance,
      EndpointId id,
      Duration overlap,
      @Nullable Secret signingSecret) {
    if (overlap.isNegative() || overlap.compareTo(LONGEST_OVERLAP) > 0) {
      throw new IllegalArgumentException("An overlap is up to " + LONGEST_OVERLAP);
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
    return new Unavailable("others keep changing the endpoint", Duration.ofSeconds(1));
  }

  /**
   * Removes an endpoint. What waits for it is given up and not sent; a call that is under way, or
   * begins on another node within the next second, may still arrive.
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
   * Calls an endpoint once with a test, also if it is disabled, and waits for what comes of it.
   * Empty if the instance has no such endpoint.
   */
  public Optional<WebhookAnswer> ping(Caller caller, TenantInstance instance, EndpointId id) {
    caller.require(Scope.MANAGE_WEBHOOKS, instance);
    return current(instance, id)
        .map(endpoint ->
            ping.ping(
                endpoint,
                new DeliveryId(ids.next()),
                patientUrls.of(new ChatId(instance, NO_PATIENT)),
                now()));
  }

  // --- checks

  private @Nullable URI address(String text, List<Violation> violations) {
    URI url;
    try {
      url = URI.create(text);
    } catch (IllegalArgumentException notOne) {
      violations.add(new Violation("url", "must be a URL, as RFC 3986 writes it"));
      return null;
    }
    Optional<String> fault = WebhookSubscription.faultIn(url).or(() -> addresses.faultIn(url));
    fault.ifPresent(rule -> violations.add(new Violation("url", rule)));
    return fault.isPresent() ? null : url;
  }

  private static void checkTypes(
      WebhookPayload payload, Set<WebhookEventType> eventTypes, List<Violation> violations) {
    if (!WebhookSubscription.fit(payload, eventTypes)) {
      violations.add(
          new Violation(
              "eventTypes",
              "must be message.sent alone with the payload SOURCE, which has no other"));
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
                "is required: apiKey and apiSecret are given both or, with the payloads STANDARD and"
                    + " THIN, not at all"));
      }
    } else if (!WebhookSecrets.isHeaderValue(value.value())) {
      violations.add(
          new Violation(member, "must be visible ASCII characters, with spaces only between them"));
    }
  }

  /** The key of a secret that was given, without its prefix; null if none was, or none of use. */
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
