package io.carechat.domain;

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
 * Manages the webhook endpoints of an instance, for whoever has {@link Scope#MANAGE_WEBHOOKS}
 * there. Safe for use by many threads. Every method may throw {@link Unavailable}.
 *
 * <p>Whether an endpoint is enabled is in the {@link WebhookLedger}, where the service itself
 * disables one too; all else is in the {@link WebhookRegistry}.
 */
public final class Webhooks {
  /** How many an instance may have that were made by the API. */
  public static final int MOST = 100;

  /** How long a replaced signing key may sign on. */
  public static final Duration LONGEST_OVERLAP = Duration.ofDays(7);

  private static final int KEY_BYTES = 32;
  private static final int ATTEMPTS = 5;
  private static final PatientId NO_PATIENT = new PatientId(new UUID(0, 0));

  private final WebhookEndpoints endpoints;
  private final WebhookRegistry registry;
  private final WebhookLedger ledger;
  private final InstanceEvents events;
  private final WebhookPing ping;
  private final WebhookAddresses addresses;
  private final WebhookDispatch.PatientUrls patientUrls;
  private final TimeOrderedIds ids;
  private final RandomGenerator random;
  private final InstantSource clock;

  /**
   * @param endpoints those of the registry and of the configuration
   * @param random makes keys: it must be cryptographically strong
   */
  public Webhooks(
      WebhookEndpoints endpoints,
      WebhookRegistry registry,
      WebhookLedger ledger,
      InstanceEvents events,
      WebhookPing ping,
      WebhookAddresses addresses,
      WebhookDispatch.PatientUrls patientUrls,
      TimeOrderedIds ids,
      RandomGenerator random,
      InstantSource clock) {
    this.endpoints = endpoints;
    this.registry = registry;
    this.ledger = ledger;
    this.events = events;
    this.ping = ping;
    this.addresses = addresses;
    this.patientUrls = patientUrls;
    this.ids = ids;
    this.random = random;
    this.clock = clock;
  }

  // --- reading

  /** All of an instance. */
  public WebhookResult.OfList list(Caller caller, TenantInstance place) {
    if (!caller.may(Scope.MANAGE_WEBHOOKS, place)) {
      return new Forbidden(Scope.MANAGE_WEBHOOKS);
    }
    endpoints.refresh();
    Map<String, EndpointHealth> health = ledger.health(place);
    return new WebhookResult.Listed(
        endpoints.of(place).stream().map(endpoint -> managed(endpoint, health)).toList());
  }

  /** One of an instance. */
  public WebhookResult.OfFind find(Caller caller, TenantInstance place, String id) {
    if (!caller.may(Scope.MANAGE_WEBHOOKS, place)) {
      return new Forbidden(Scope.MANAGE_WEBHOOKS);
    }
    Optional<WebhookEndpoint> endpoint = current(place, id);
    return endpoint.isPresent()
        ? new WebhookResult.Found(managed(endpoint.get()))
        : new WebhookResult.NoSuchWebhook();
  }

  private Optional<WebhookEndpoint> current(TenantInstance place, String id) {
    endpoints.refresh();
    return endpoints.find(place, id);
  }

  private ManagedWebhook managed(WebhookEndpoint endpoint) {
    return managed(endpoint, ledger.health(endpoint.place()));
  }

  private ManagedWebhook managed(WebhookEndpoint endpoint, Map<String, EndpointHealth> health) {
    return new ManagedWebhook(
        new WebhookEndpoint(
            endpoint.place(),
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
  public WebhookResult.OfCreate create(Caller caller, TenantInstance place, NewWebhook wanted) {
    if (!caller.may(Scope.MANAGE_WEBHOOKS, place)) {
      return new Forbidden(Scope.MANAGE_WEBHOOKS);
    }
    var faults = new ArrayList<WebhookFault>();
    URI url = address(wanted.url(), faults);
    checkTypes(wanted.payload(), wanted.eventTypes(), faults);
    checkCredential(wanted.payload(), wanted.apiKey(), wanted.apiSecret(), faults);
    Secret given = signingKey(wanted.signingSecret(), faults);
    if (url == null || !faults.isEmpty()) {
      return new WebhookResult.Invalid(faults);
    }
    if (!registry.keepsSecrets()) {
      return new WebhookResult.NoKeyForSecrets();
    }
    Secret signingKey = given == null ? newSigningKey() : given;
    Instant now = now();
    var endpoint =
        new WebhookEndpoint(
            place,
            WebhookEndpoint.idOf(ids.next()),
            new WebhookSubscription(
                url, wanted.payload(), wanted.eventTypes(), wanted.senders(), wanted.description()),
            new WebhookSecrets(wanted.apiKey(), wanted.apiSecret(), signingKey, null, null),
            new WebhookEndpoint.Origin.Api(events.end(), 1, now, now));
    if (!wanted.enabled()) {
      // Before anybody can plan for it.
      boolean _ = ledger.disable(place, endpoint.id());
    }
    if (!registry.add(endpoint, MOST)) {
      boolean _ = ledger.enable(place, endpoint.id());
      return new WebhookResult.TooMany(MOST);
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
      TenantInstance place,
      String id,
      @Nullable Long version,
      WebhookChange change) {
    if (!caller.may(Scope.MANAGE_WEBHOOKS, place)) {
      return new Forbidden(Scope.MANAGE_WEBHOOKS);
    }
    for (int i = 0; i < ATTEMPTS; i++) {
      WebhookEndpoint before = current(place, id).orElse(null);
      if (before == null) {
        return new WebhookResult.NoSuchWebhook();
      }
      if (!(before.origin() instanceof WebhookEndpoint.Origin.Api origin)) {
        return new WebhookResult.OfConfiguration();
      }
      if (version != null && version != origin.version()) {
        return new WebhookResult.OtherVersion();
      }
      var faults = new ArrayList<WebhookFault>();
      WebhookEndpoint changed = changed(before, origin, change, faults);
      if (changed == null) {
        return new WebhookResult.Invalid(faults);
      }
      if (replace(changed)) {
        if (change.enabled() != null) {
          boolean _ = change.enabled() ? ledger.enable(place, id) : ledger.disable(place, id);
        }
        return new WebhookResult.Changed(managed(changed));
      }
    }
    throw beingChanged();
  }

  private @Nullable WebhookEndpoint changed(
      WebhookEndpoint before,
      WebhookEndpoint.Origin.Api origin,
      WebhookChange change,
      List<WebhookFault> faults) {
    WebhookSubscription subscription = before.subscription();
    WebhookSecrets secrets = before.secrets();
    URI url = change.url() == null ? subscription.url() : address(change.url(), faults);
    Set<WebhookEventType> eventTypes = or(change.eventTypes(), subscription.eventTypes());
    checkTypes(subscription.payload(), eventTypes, faults);
    Secret apiKey = change.apiKey() == null ? secrets.apiKey() : change.apiKey();
    Secret apiSecret = change.apiSecret() == null ? secrets.apiSecret() : change.apiSecret();
    checkCredential(subscription.payload(), apiKey, apiSecret, faults);
    if (url == null || !faults.isEmpty()) {
      return null;
    }
    return new WebhookEndpoint(
        before.place(),
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
      TenantInstance place,
      String id,
      Duration overlap,
      @Nullable Secret signingSecret) {
    if (overlap.isNegative() || overlap.compareTo(LONGEST_OVERLAP) > 0) {
      throw new IllegalArgumentException("An overlap is up to " + LONGEST_OVERLAP);
    }
    if (!caller.may(Scope.MANAGE_WEBHOOKS, place)) {
      return new Forbidden(Scope.MANAGE_WEBHOOKS);
    }
    var faults = new ArrayList<WebhookFault>();
    Secret given = signingKey(signingSecret, faults);
    if (!faults.isEmpty()) {
      return new WebhookResult.Invalid(faults);
    }
    Secret next = given == null ? newSigningKey() : given;
    for (int i = 0; i < ATTEMPTS; i++) {
      WebhookEndpoint before = current(place, id).orElse(null);
      if (before == null) {
        return new WebhookResult.NoSuchWebhook();
      }
      if (!(before.origin() instanceof WebhookEndpoint.Origin.Api origin)) {
        return new WebhookResult.OfConfiguration();
      }
      WebhookSecrets secrets = before.secrets().rotated(next, now().plus(overlap));
      if (secrets.equals(before.secrets())) {
        return new WebhookResult.Rotated(managed(before), signingSecret(next));
      }
      var rotated =
          new WebhookEndpoint(place, id, before.subscription(), secrets, origin.changedAt(now()));
      if (replace(rotated)) {
        return new WebhookResult.Rotated(managed(rotated), signingSecret(next));
      }
    }
    throw beingChanged();
  }

  private boolean replace(WebhookEndpoint changed) {
    boolean replaced = registry.replace(changed);
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
  public WebhookResult.OfDelete delete(Caller caller, TenantInstance place, String id) {
    if (!caller.may(Scope.MANAGE_WEBHOOKS, place)) {
      return new Forbidden(Scope.MANAGE_WEBHOOKS);
    }
    WebhookEndpoint endpoint = current(place, id).orElse(null);
    if (endpoint != null && endpoint.origin() instanceof WebhookEndpoint.Origin.Configuration) {
      return new WebhookResult.OfConfiguration();
    }
    boolean removed = registry.remove(place, id);
    endpoints.refresh();
    if (WebhookEndpoint.isIdOfApi(id)) {
      // What was held back becomes due, finds no endpoint, and is given up. If it was removed
      // before,
      // that may have broken off here.
      boolean _ = ledger.enable(place, id);
    }
    return removed ? new WebhookResult.Deleted() : new WebhookResult.NoSuchWebhook();
  }

  // --- testing

  /** Calls an endpoint once with a test, also if it is disabled, and waits for what comes of it. */
  public WebhookResult.OfPing ping(Caller caller, TenantInstance place, String id) {
    if (!caller.may(Scope.MANAGE_WEBHOOKS, place)) {
      return new Forbidden(Scope.MANAGE_WEBHOOKS);
    }
    WebhookEndpoint endpoint = current(place, id).orElse(null);
    if (endpoint == null) {
      return new WebhookResult.NoSuchWebhook();
    }
    return new WebhookResult.Pinged(
        ping.ping(
            endpoint,
            new DeliveryId(ids.next()),
            patientUrls.of(new ChatId(place, NO_PATIENT)),
            now()));
  }

  // --- checks

  private @Nullable URI address(String text, List<WebhookFault> faults) {
    URI url;
    try {
      url = URI.create(text);
    } catch (IllegalArgumentException notOne) {
      faults.add(new WebhookFault("url", "must be a URL, as RFC 3986 writes it"));
      return null;
    }
    Optional<String> fault = WebhookSubscription.faultIn(url).or(() -> addresses.faultIn(url));
    fault.ifPresent(rule -> faults.add(new WebhookFault("url", rule)));
    return fault.isPresent() ? null : url;
  }

  private static void checkTypes(
      WebhookPayload payload, Set<WebhookEventType> eventTypes, List<WebhookFault> faults) {
    if (!WebhookSubscription.fit(payload, eventTypes)) {
      faults.add(
          new WebhookFault(
              "eventTypes",
              "must be message.sent alone with the payload SOURCE, which has no other"));
    }
  }

  private static void checkCredential(
      WebhookPayload payload,
      @Nullable Secret apiKey,
      @Nullable Secret apiSecret,
      List<WebhookFault> faults) {
    boolean needed = payload == WebhookPayload.SOURCE || apiKey != null || apiSecret != null;
    checkHeaderValue("apiKey", apiKey, needed, faults);
    checkHeaderValue("apiSecret", apiSecret, needed, faults);
  }

  private static void checkHeaderValue(
      String member, @Nullable Secret value, boolean needed, List<WebhookFault> faults) {
    if (value == null) {
      if (needed) {
        faults.add(
            new WebhookFault(
                member,
                "is required: apiKey and apiSecret are given both or, with the payloads STANDARD and"
                    + " THIN, not at all"));
      }
    } else if (!WebhookSecrets.isHeaderValue(value.value())) {
      faults.add(
          new WebhookFault(
              member, "must be visible ASCII characters, with spaces only between them"));
    }
  }

  /** The key of a secret that was given, without its prefix; null if none was, or none of use. */
  private static @Nullable Secret signingKey(@Nullable Secret secret, List<WebhookFault> faults) {
    if (secret == null) {
      return null;
    }
    String text = secret.value();
    String key =
        text.startsWith(WebhookSecrets.PREFIX)
            ? text.substring(WebhookSecrets.PREFIX.length())
            : "";
    if (!WebhookSecrets.isSigningKey(key)) {
      faults.add(
          new WebhookFault(
              "signingSecret", "must be whsec_ and 24 to 64 bytes in standard base64"));
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
