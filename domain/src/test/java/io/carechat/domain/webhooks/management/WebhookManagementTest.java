package io.carechat.domain.webhooks.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.carechat.domain.access.AccessAssertions;
import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.chat.Violation;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.paging.Window;
import io.carechat.domain.webhooks.CachedWebhookEndpoints;
import io.carechat.domain.webhooks.InMemoryWebhookRegistry;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookEndpoints;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.domain.webhooks.WebhookPayload;
import io.carechat.domain.webhooks.WebhookRegistry;
import io.carechat.domain.webhooks.WebhookRegistryContract;
import io.carechat.domain.webhooks.WebhookSecrets;
import io.carechat.domain.webhooks.WebhookSubscription;
import io.carechat.domain.webhooks.WebhookUrlConflict;
import io.carechat.domain.webhooks.delivery.Delivery;
import io.carechat.domain.webhooks.delivery.DeliveryContract;
import io.carechat.domain.webhooks.delivery.DeliveryPlanner;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.domain.webhooks.delivery.EndpointHealth;
import io.carechat.domain.webhooks.delivery.InMemoryDeliveryStore;
import io.carechat.domain.webhooks.delivery.RetryPolicy;
import io.carechat.domain.webhooks.delivery.WebhookDispatcher;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WebhookManagementTest {
  private static final TenantInstance INSTANCE = Samples.THIS_INSTANCE;
  private static final EndpointId CONFIGURED = new EndpointId("configured");
  private static final EndpointId UNKNOWN = new EndpointId("unknown");
  private static final String URL = "https://partner.example/hooks";
  private static final Secret KEY = new Secret("planted-key");
  private static final Secret SECRET = new Secret("planted-secret");
  private static final Caller PARTNER =
      partner(INSTANCE, Scope.MANAGE_WEBHOOKS, Scope.READ_MESSAGES);

  private final ManualClock clock = new ManualClock(Samples.NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final InMemoryDeliveryStore store = new InMemoryDeliveryStore();
  private final WebhookRegistry registry = store.registry();
  private final List<String> calls = new ArrayList<>();
  private final WebhookEndpoint configured =
      new WebhookEndpoint(
          INSTANCE,
          CONFIGURED,
          URI.create(URL),
          KEY,
          SECRET,
          List.of(WebhookRegistryContract.newKey()));
  private final CachedWebhookEndpoints endpoints =
      new CachedWebhookEndpoints(List.of(configured), registry, System::nanoTime);
  private final WebhookManagement webhooks = webhooks(registry, endpoints);

  private WebhookManagement webhooks(WebhookRegistry kept) {
    return webhooks(kept, new CachedWebhookEndpoints(List.of(), kept, System::nanoTime));
  }

  private WebhookManagement webhooks(WebhookRegistry kept, WebhookEndpoints known) {
    var random = new Random(1);
    return new WebhookManagement(
        known,
        kept,
        store,
        log,
        (endpoint, id, patientUrl, at) -> {
          calls.add(endpoint.id() + " " + patientUrl);
          return new WebhookAnswer.Answered(204, null, "", Duration.ofMillis(3));
        },
        (instance, url) ->
            url.getHost().startsWith("forbidden") ? Optional.of("is forbidden") : Optional.empty(),
        chat -> URI.create("https://chat.example/" + chat.patient()),
        new TimeOrderedIds(clock, random),
        random,
        clock);
  }

  private static Caller partner(TenantInstance instance, Scope... scopes) {
    return new Caller.Partner("partner", instance, Set.of(scopes));
  }

  /** Each has a server of its own, because a server may have only a few endpoints. */
  private static NewWebhook wanted(WebhookPayload payload) {
    return new NewWebhook(
        "https://" + Samples.newUuid() + ".partner.example/hooks",
        payload,
        Set.of(WebhookEventType.MESSAGE_SENT),
        Set.of(ClientType.values()),
        "a note",
        true,
        KEY,
        SECRET,
        null);
  }

  private static NewWebhook wanted(
      String url,
      WebhookPayload payload,
      Set<WebhookEventType> types,
      @Nullable Secret apiKey,
      @Nullable Secret apiSecret,
      @Nullable Secret signingSecret) {
    return new NewWebhook(
        url,
        payload,
        types,
        Set.of(ClientType.values()),
        "",
        true,
        apiKey,
        apiSecret,
        signingSecret);
  }

  private static WebhookChange change(
      @Nullable String url, @Nullable Set<WebhookEventType> types, @Nullable Boolean enabled) {
    return new WebhookChange(url, types, null, null, enabled, null, null);
  }

  private WebhookResult.Created created(NewWebhook wanted) {
    return (WebhookResult.Created) webhooks.create(PARTNER, INSTANCE, wanted);
  }

  private EndpointId newId() {
    return created(wanted(WebhookPayload.SOURCE)).webhook().endpoint().id();
  }

  private ManagedWebhook found(EndpointId id) {
    return webhooks.find(PARTNER, INSTANCE, id).orElseThrow();
  }

  private static long version(ManagedWebhook webhook) {
    return ((WebhookEndpoint.Origin.Api) webhook.endpoint().origin()).version();
  }

  // --- access

  static Stream<Caller> strangers() {
    return Stream.of(
        partner(Samples.OTHER_INSTANCE, Scope.values()),
        partner(Samples.OTHER_TENANT, Scope.values()),
        partner(
            INSTANCE,
            Scope.READ_MESSAGES,
            Scope.SEND_MESSAGES,
            Scope.SEND_AS_CARE_TEAM,
            Scope.SEARCH_INSTANCE),
        new Caller.PatientUser(
            "patient", INSTANCE, Set.of(Scope.values()), new PatientId(Samples.newUuid())));
  }

  @ParameterizedTest
  @MethodSource("strangers")
  void nobodyElseManagesAnything(Caller stranger) {
    EndpointId id = newId();
    ManagedWebhook before = found(id);

    assertDenied(() -> webhooks.create(stranger, INSTANCE, wanted(WebhookPayload.SOURCE)));
    assertDenied(() -> webhooks.list(stranger, INSTANCE));
    for (EndpointId any : List.of(id, CONFIGURED, UNKNOWN)) {
      assertDenied(() -> webhooks.find(stranger, INSTANCE, any));
      assertDenied(() -> webhooks.change(stranger, INSTANCE, any, null, change(null, null, false)));
      assertDenied(() -> webhooks.rotate(stranger, INSTANCE, any, Duration.ZERO, null));
      assertDenied(() -> webhooks.ping(stranger, INSTANCE, any, () -> {}));
      assertDenied(() -> webhooks.delete(stranger, INSTANCE, any));
    }
    assertThat(registry.of(INSTANCE)).containsExactly(before.endpoint());
    assertThat(found(id)).isEqualTo(before);
    assertThat(calls).isEmpty();
  }

  private static void assertDenied(ThrowingCallable call) {
    AccessAssertions.assertDenied(Scope.MANAGE_WEBHOOKS, call);
  }

  /** Even an invalid request of a stranger is denied, not called invalid. */
  @ParameterizedTest
  @MethodSource("strangers")
  void deniesStrangersBeforeItLooksForViolations(Caller stranger) {
    var wrong = wanted("", WebhookPayload.SOURCE, Set.of(), null, null, new Secret("planted"));

    assertDenied(() -> webhooks.create(stranger, INSTANCE, wrong));
    assertDenied(
        () -> webhooks.change(stranger, INSTANCE, UNKNOWN, null, change("", Set.of(), null)));
    assertDenied(
        () -> webhooks.rotate(stranger, INSTANCE, UNKNOWN, Duration.ZERO, new Secret("planted")));
  }

  @Test
  void theEndpointsOfAnotherInstanceAreNotThere() {
    EndpointId id = newId();
    ManagedWebhook before = found(id);
    for (TenantInstance other : List.of(Samples.OTHER_INSTANCE, Samples.OTHER_TENANT)) {
      Caller caller = partner(other, Scope.MANAGE_WEBHOOKS, Scope.READ_MESSAGES);
      var nothing = new WebhookResult.NoSuchWebhook();
      assertThat(webhooks.list(caller, other)).isEmpty();
      for (EndpointId any : List.of(id, CONFIGURED)) {
        assertThat(webhooks.find(caller, other, any)).isEmpty();
        assertThat(webhooks.change(caller, other, any, null, change(null, null, false)))
            .isEqualTo(nothing);
        assertThat(webhooks.rotate(caller, other, any, Duration.ZERO, null)).isEqualTo(nothing);
        assertThat(webhooks.ping(caller, other, any, () -> {})).isEmpty();
        assertThat(webhooks.delete(caller, other, any)).isEqualTo(nothing);
      }
    }
    assertThat(found(id)).isEqualTo(before);
    assertThat(calls).isEmpty();
  }

  // --- creating

  @Test
  void createsAnEndpointWithItsOwnKey() {
    Samples.stored(log, Samples.newChat(), "before");
    WebhookResult.Created created = created(wanted(WebhookPayload.SOURCE));
    // Endpoints of the same time would be listed by their ids, which are random.
    clock.move(Duration.ofMillis(1));
    WebhookResult.Created another = created(wanted(WebhookPayload.SOURCE));

    WebhookEndpoint endpoint = created.webhook().endpoint();
    assertThat(endpoint.id().value()).matches("we[0-9a-f]{32}");
    assertThat(endpoint.id().isOfApi()).isTrue();
    assertThat(endpoint.origin())
        .isEqualTo(
            new WebhookEndpoint.Origin.Api(new LogPosition(1, 1), 1, Samples.NOON, Samples.NOON));
    assertThat(created.webhook().enabled()).isTrue();
    assertThat(created.signingSecret().value()).matches("whsec_[A-Za-z0-9+/]{43}=");
    assertThat(created.signingSecret()).isNotEqualTo(another.signingSecret());
    assertThat(endpoint.secrets().signingKeysAt(Samples.NOON))
        .containsExactly(new Secret(created.signingSecret().value().substring(6)));
    assertThat(found(endpoint.id())).isEqualTo(created.webhook());
    assertThat(webhooks.list(PARTNER, INSTANCE))
        .containsExactly(
            new ManagedWebhook(configured, EndpointHealth.GOOD),
            created.webhook(),
            another.webhook());
  }

  @Test
  void acceptsThePartnersOwnKey() {
    Secret own = new Secret("whsec_" + WebhookRegistryContract.newKey().value());
    WebhookResult.Created created =
        created(
            wanted(
                URL + "/own",
                WebhookPayload.THIN,
                Set.of(WebhookEventType.values()),
                null,
                null,
                own));

    assertThat(created.signingSecret()).isEqualTo(own);
    assertThat(created.webhook().endpoint().secrets().apiKey()).isNull();
  }

  @Test
  void reportsEveryViolationAtOnceAndRepeatsNoSecret() {
    var wrong =
        wanted(
            "ftp://partner.example/",
            WebhookPayload.SOURCE,
            Set.of(WebhookEventType.values()),
            new Secret("planted\r\nX-Other: 1"),
            null,
            new Secret("whsec_planted"));

    assertThatThrownBy(() -> webhooks.create(PARTNER, INSTANCE, wrong))
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            invalid -> {
              assertThat(invalid.violations())
                  .extracting(Violation::member)
                  .containsExactly("url", "eventTypes", "apiKey", "apiSecret", "signingSecret");
              assertThat(invalid.violations().toString()).doesNotContain("planted");
              assertThat(invalid.toString()).doesNotContain("planted");
            });
    assertThat(registry.of(INSTANCE)).isEmpty();
  }

  @Test
  void givesNoTextsToWhoeverMayNotReadMessages() {
    Caller manager = partner(INSTANCE, Scope.MANAGE_WEBHOOKS);
    for (WebhookPayload payload : List.of(WebhookPayload.SOURCE, WebhookPayload.STANDARD)) {
      assertMayNotRead(() -> webhooks.create(manager, INSTANCE, wanted(payload)));
      EndpointId id = created(wanted(payload)).webhook().endpoint().id();
      ManagedWebhook before = found(id);
      for (WebhookChange widening :
          List.of(
              change("https://elsewhere.example/", null, null),
              change(null, Set.of(WebhookEventType.MESSAGE_SENT), null),
              change(null, null, true),
              new WebhookChange(null, null, Set.of(ClientType.PATIENT), null, null, null, null),
              new WebhookChange(null, null, null, null, null, KEY, SECRET))) {
        assertMayNotRead(() -> webhooks.change(manager, INSTANCE, id, null, widening));
      }
      assertMayNotRead(() -> webhooks.ping(manager, INSTANCE, id, () -> {}));
      assertThat(found(id)).isEqualTo(before);

      // What gives nobody a text needs one scope.
      assertThat(webhooks.find(manager, INSTANCE, id)).contains(before);
      assertThat(webhooks.change(manager, INSTANCE, id, null, change(null, null, false)))
          .isInstanceOf(WebhookResult.Changed.class);
      assertThat(webhooks.rotate(manager, INSTANCE, id, Duration.ZERO, null))
          .isInstanceOf(WebhookResult.Rotated.class);
      assertThat(webhooks.delete(manager, INSTANCE, id)).isEqualTo(new WebhookResult.Deleted());
    }
    assertThat(registry.of(INSTANCE)).isEmpty();
    assertThat(calls).isEmpty();
  }

  private static void assertMayNotRead(ThrowingCallable call) {
    AccessAssertions.assertDenied(Scope.READ_MESSAGES, call);
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            AccessDenied.class,
            denied ->
                assertThat(denied.detail()).contains("webhooks:manage").contains("messages:read"));
  }

  @Test
  void aFormWithoutTextsNeedsOnlyTheScopeForManaging() {
    Caller manager = partner(INSTANCE, Scope.MANAGE_WEBHOOKS);
    var created =
        (WebhookResult.Created) webhooks.create(manager, INSTANCE, wanted(WebhookPayload.THIN));
    EndpointId id = created.webhook().endpoint().id();

    assertThat(
            webhooks.change(
                manager, INSTANCE, id, null, change("https://elsewhere.example/", null, true)))
        .isInstanceOf(WebhookResult.Changed.class);
    assertThat(webhooks.ping(manager, INSTANCE, id, () -> {})).isPresent();
  }

  @Test
  void refusesTheUrlOfAnotherEndpointAndNamesIt() {
    EndpointId id = newId();
    String taken = found(id).endpoint().url().toString();
    EndpointId other = newId();
    var inUse = new WebhookResult.UrlInUse(id);
    var inConfiguration = new WebhookResult.UrlInUse(CONFIGURED);

    assertThat(webhooks.create(PARTNER, INSTANCE, at(taken))).isEqualTo(inUse);
    assertThat(webhooks.create(PARTNER, INSTANCE, at(URL.replace("partner", "PARTNER"))))
        .isEqualTo(inConfiguration);
    assertThat(webhooks.change(PARTNER, INSTANCE, other, null, change(taken, null, null)))
        .isEqualTo(inUse);
    assertThat(webhooks.change(PARTNER, INSTANCE, other, null, change(URL, null, null)))
        .isEqualTo(inConfiguration);
    assertThat(webhooks.change(PARTNER, INSTANCE, id, null, change(taken, null, null)))
        .isInstanceOf(WebhookResult.Changed.class);
    assertThat(webhooks.list(PARTNER, INSTANCE)).hasSize(3);
  }

  @Test
  void refusesTooManyEndpointsOfOneServer() {
    for (int i = 0; i < WebhookUrlConflict.MAX_ON_SERVER; i++) {
      created(at("https://one.example/" + i));
    }
    var tooMany = new WebhookResult.TooManyOnServer(WebhookUrlConflict.MAX_ON_SERVER);

    assertThat(webhooks.create(PARTNER, INSTANCE, at("https://one.example/x"))).isEqualTo(tooMany);
    assertThat(
            webhooks.change(
                PARTNER, INSTANCE, newId(), null, change("https://one.example/x", null, null)))
        .isEqualTo(tooMany);
  }

  private static NewWebhook at(String url) {
    return wanted(
        url, WebhookPayload.STANDARD, Set.of(WebhookEventType.MESSAGE_SENT), null, null, null);
  }

  @Test
  void refusesAddressesThatAreInvalidOrNotAllowed() {
    for (String url :
        List.of("https://forbidden.example/", "https://a b/", "not a url", "", "//")) {
      var wanted =
          wanted(
              url,
              WebhookPayload.STANDARD,
              Set.of(WebhookEventType.MESSAGE_SENT),
              null,
              null,
              null);
      assertInvalid(() -> webhooks.create(PARTNER, INSTANCE, wanted), "url");
    }
    assertThat(registry.of(INSTANCE)).isEmpty();
  }

  @Test
  void createsNoMoreThanAnInstanceMayHave() {
    for (int i = 0; i < WebhookManagement.MAX; i++) {
      created(wanted(WebhookPayload.SOURCE));
    }
    NewWebhook disabled =
        new NewWebhook(
            URL + "/disabled",
            WebhookPayload.SOURCE,
            Set.of(WebhookEventType.MESSAGE_SENT),
            Set.of(ClientType.PATIENT),
            "",
            false,
            KEY,
            SECRET,
            null);

    assertThat(webhooks.create(PARTNER, INSTANCE, disabled))
        .isEqualTo(new WebhookResult.TooMany(WebhookManagement.MAX));
    assertThat(registry.of(INSTANCE)).hasSize(WebhookManagement.MAX);
    assertThat(DeliveryContract.disabled(store, INSTANCE)).isEmpty();
  }

  @Test
  void createsNothingWithoutAKeyForSecrets() {
    assertThat(
            webhooks(new InMemoryWebhookRegistry(false, store))
                .create(PARTNER, INSTANCE, wanted(WebhookPayload.SOURCE)))
        .isEqualTo(new WebhookResult.NoKeyForSecrets());
  }

  private static void assertInvalid(ThrowingCallable call, String... members) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            invalid ->
                assertThat(invalid.violations())
                    .extracting(Violation::member)
                    .containsExactly(members));
  }

  // --- changing

  @Test
  void changesWhatIsGivenAndNothingElse() {
    EndpointId id = newId();
    WebhookEndpoint before = found(id).endpoint();
    clock.move(Duration.ofSeconds(5));
    var changed =
        (WebhookResult.Changed)
            webhooks.change(
                PARTNER,
                INSTANCE,
                id,
                1L,
                new WebhookChange(
                    "https://elsewhere.example/",
                    null,
                    Set.of(ClientType.PATIENT),
                    null,
                    null,
                    null,
                    new Secret("another")));

    WebhookEndpoint after = changed.webhook().endpoint();
    assertThat(found(id)).isEqualTo(changed.webhook());
    assertThat(after)
        .isEqualTo(
            new WebhookEndpoint(
                INSTANCE,
                id,
                new WebhookSubscription(
                    URI.create("https://elsewhere.example/"),
                    WebhookPayload.SOURCE,
                    Set.of(WebhookEventType.MESSAGE_SENT),
                    Set.of(ClientType.PATIENT),
                    "a note"),
                new WebhookSecrets(
                    KEY, new Secret("another"), before.secrets().signingKey(), null, null),
                new WebhookEndpoint.Origin.Api(
                    LogPosition.START, 2, Samples.NOON, Samples.NOON.plusSeconds(5))));
  }

  @Test
  void changesOnlyTheVersionThatWasMeant() {
    EndpointId id = newId();
    assertThat(webhooks.change(PARTNER, INSTANCE, id, 1L, change(null, null, false)))
        .isInstanceOf(WebhookResult.Changed.class);
    ManagedWebhook before = found(id);

    assertThat(webhooks.change(PARTNER, INSTANCE, id, 1L, change(URL + "2", null, true)))
        .isEqualTo(new WebhookResult.OtherVersion());
    assertThat(found(id)).isEqualTo(before);
    assertThat(webhooks.change(PARTNER, INSTANCE, id, null, change(URL + "2", null, null)))
        .isInstanceOf(WebhookResult.Changed.class);
    assertThat(version(found(id))).isEqualTo(3);
  }

  @Test
  void changesNothingIfTheChangeIsInvalid() {
    EndpointId id = newId();
    ManagedWebhook before = found(id);

    var wrong =
        new WebhookChange(
            "https://forbidden.example/",
            Set.of(WebhookEventType.CHAT_READ),
            null,
            null,
            false,
            new Secret("planted\n"),
            null);

    assertInvalid(
        () -> webhooks.change(PARTNER, INSTANCE, id, null, wrong), "url", "eventTypes", "apiKey");
    assertThat(found(id)).isEqualTo(before);
  }

  @Test
  void disablesAndEnables() {
    EndpointId id = newId();

    webhooks.change(PARTNER, INSTANCE, id, null, change(null, null, false));
    assertThat(found(id).enabled()).isFalse();
    assertThat(DeliveryContract.disabled(store, INSTANCE)).containsExactly(id);
    webhooks.change(PARTNER, INSTANCE, id, null, change(null, null, true));
    assertThat(found(id).enabled()).isTrue();
    assertThat(DeliveryContract.disabled(store, INSTANCE)).isEmpty();
  }

  /** A change that did not happen leaves the endpoint enabled or disabled as it was. */
  @Test
  void aChangeThatFailsCanBeRepeatedAndNeverHappensByHalf() {
    EndpointId id = newId();
    webhooks.change(PARTNER, INSTANCE, id, null, change(null, null, false));
    ManagedWebhook before = found(id);
    var failing = new FailingRegistry();
    WebhookManagement broken = webhooks(failing);

    assertThatThrownBy(
            () -> broken.change(PARTNER, INSTANCE, id, 2L, change(URL + "2", null, true)))
        .isInstanceOf(Unavailable.class);
    assertThat(found(id)).isEqualTo(before);

    failing.works = true;
    assertThat(broken.change(PARTNER, INSTANCE, id, 2L, change(URL + "2", null, true)))
        .isInstanceOf(WebhookResult.Changed.class);
    assertThat(found(id).enabled()).isTrue();
    assertThat(found(id).endpoint().url()).hasToString(URL + "2");
  }

  /** Is unavailable for changes until it works. */
  private final class FailingRegistry implements WebhookRegistry {
    private boolean works;

    @Override
    public long revision() {
      return registry.revision();
    }

    @Override
    public List<WebhookEndpoint> of(TenantInstance instance) {
      return registry.of(instance);
    }

    @Override
    public boolean keepsSecrets() {
      return true;
    }

    @Override
    public boolean add(WebhookEndpoint endpoint, boolean enabled, int max) {
      throw new AssertionError("nothing is added");
    }

    @Override
    public boolean replace(WebhookEndpoint changed, @Nullable Boolean enabled) {
      if (!works) {
        throw new Unavailable("The registry is unavailable.", Duration.ofSeconds(1));
      }
      return registry.replace(changed, enabled);
    }

    @Override
    public boolean remove(TenantInstance instance, EndpointId id) {
      throw new AssertionError("nothing is removed");
    }
  }

  /** What waits must be given up, so a deleted endpoint is not disabled any more. */
  @Test
  void deletesADisabledEndpointTogetherWithItsBeingDisabled() {
    EndpointId id = newId();
    webhooks.change(PARTNER, INSTANCE, id, null, change(null, null, false));

    assertThat(webhooks.delete(PARTNER, INSTANCE, id)).isEqualTo(new WebhookResult.Deleted());
    assertThat(webhooks.delete(PARTNER, INSTANCE, id)).isEqualTo(new WebhookResult.NoSuchWebhook());
    assertThat(DeliveryContract.disabled(store, INSTANCE)).isEmpty();
  }

  @Test
  void createsADisabledEndpoint() {
    var made =
        (WebhookResult.Created)
            webhooks.create(
                PARTNER,
                INSTANCE,
                new NewWebhook(
                    URL + "/disabled",
                    WebhookPayload.SOURCE,
                    Set.of(WebhookEventType.MESSAGE_SENT),
                    Set.of(ClientType.PATIENT),
                    "",
                    false,
                    KEY,
                    SECRET,
                    null));

    assertThat(made.webhook().enabled()).isFalse();
    assertThat(found(made.webhook().endpoint().id())).isEqualTo(made.webhook());
  }

  @Test
  void leavesTheConfigurationToTheOperator() {
    var operators = new WebhookResult.IsConfigured();
    assertThat(webhooks.change(PARTNER, INSTANCE, CONFIGURED, null, change(null, null, false)))
        .isEqualTo(operators);
    assertThat(webhooks.rotate(PARTNER, INSTANCE, CONFIGURED, Duration.ZERO, null))
        .isEqualTo(operators);
    assertThat(webhooks.delete(PARTNER, INSTANCE, CONFIGURED)).isEqualTo(operators);
    assertThat(found(CONFIGURED)).isEqualTo(new ManagedWebhook(configured, EndpointHealth.GOOD));
  }

  // --- keys

  @Test
  void rotatesWithAnOverlap() {
    WebhookResult.Created created = created(wanted(WebhookPayload.SOURCE));
    EndpointId id = created.webhook().endpoint().id();
    clock.move(Duration.ofSeconds(1));
    var rotated =
        (WebhookResult.Rotated) webhooks.rotate(PARTNER, INSTANCE, id, Duration.ofMinutes(5), null);

    WebhookSecrets secrets = found(id).endpoint().secrets();
    Secret next = new Secret(rotated.signingSecret().value().substring(6));
    Secret former = new Secret(created.signingSecret().value().substring(6));
    assertThat(next).isNotEqualTo(former);
    assertThat(secrets.signingKeysAt(clock.instant())).containsExactly(next, former);
    assertThat(secrets.signingKeysAt(clock.instant().plusSeconds(300))).containsExactly(next);
    assertThat(secrets.apiKey()).isEqualTo(KEY);
    assertThat(version(found(id))).isEqualTo(2);
  }

  @Test
  void rotatesAtOnceToThePartnersOwnKey() {
    EndpointId id = newId();
    Secret own = new Secret("whsec_" + WebhookRegistryContract.newKey().value());
    assertInvalid(
        () -> webhooks.rotate(PARTNER, INSTANCE, id, Duration.ZERO, new Secret("whsec_planted")),
        "signingSecret");
    assertThat(version(found(id))).isOne();

    assertThat(webhooks.rotate(PARTNER, INSTANCE, id, Duration.ZERO, own))
        .isInstanceOfSatisfying(
            WebhookResult.Rotated.class,
            rotated -> assertThat(rotated.signingSecret()).isEqualTo(own));
    assertThat(found(id).endpoint().secrets().signingKeysAt(clock.instant()))
        .containsExactly(new Secret(own.value().substring(6)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> webhooks.rotate(PARTNER, INSTANCE, id, Duration.ofDays(8), null));
  }

  /** If the answer was lost, the request is repeated: the receiver may know only the former key. */
  @Test
  void aRotationToTheKeyThatSignsAlreadyChangesNothing() {
    WebhookResult.Created created = created(wanted(WebhookPayload.SOURCE));
    EndpointId id = created.webhook().endpoint().id();
    Secret own = new Secret("whsec_" + WebhookRegistryContract.newKey().value());
    WebhookResult first = webhooks.rotate(PARTNER, INSTANCE, id, Duration.ofMinutes(5), own);

    clock.move(Duration.ofMinutes(1));
    WebhookResult again = webhooks.rotate(PARTNER, INSTANCE, id, Duration.ofMinutes(5), own);

    assertThat(again).isEqualTo(first);
    WebhookSecrets secrets = found(id).endpoint().secrets();
    Secret next = new Secret(own.value().substring(6));
    Secret former = new Secret(created.signingSecret().value().substring(6));
    assertThat(secrets.signingKeysAt(clock.instant())).containsExactly(next, former);
    assertThat(secrets.otherUntil()).isEqualTo(Samples.NOON.plusSeconds(300));
    assertThat(version(found(id))).isEqualTo(2);
  }

  @Test
  void anOverlapIsShownUntilItIsOver() {
    EndpointId id = newId();
    webhooks.rotate(PARTNER, INSTANCE, id, Duration.ofMinutes(5), null);
    clock.move(Duration.ofSeconds(299));
    assertThat(found(id).endpoint().secrets().otherUntil())
        .isEqualTo(Samples.NOON.plusSeconds(300));

    clock.move(Duration.ofSeconds(1));

    List<ManagedWebhook> listed = webhooks.list(PARTNER, INSTANCE);
    var changed =
        (WebhookResult.Changed)
            webhooks.change(PARTNER, INSTANCE, id, null, change(null, null, true));
    var atOnce =
        (WebhookResult.Rotated) webhooks.rotate(PARTNER, INSTANCE, id, Duration.ZERO, null);
    assertThat(Stream.of(found(id), listed.getLast(), changed.webhook(), atOnce.webhook()))
        .allSatisfy(webhook ->
            assertThat(webhook.endpoint().secrets())
                .extracting(WebhookSecrets::otherSigningKey, WebhookSecrets::otherUntil)
                .containsOnlyNulls());
  }

  // --- testing and deleting

  @Test
  void pingsEndpointsThatAreDisabledOrConfiguredToo() {
    EndpointId id = newId();
    webhooks.change(PARTNER, INSTANCE, id, null, change(null, null, false));
    for (EndpointId each : List.of(id, CONFIGURED)) {
      assertThat(webhooks.ping(PARTNER, INSTANCE, each, () -> {}))
          .contains(new WebhookAnswer.Answered(204, null, "", Duration.ofMillis(3)));
    }
    assertThat(calls)
        .containsExactly(
            id + " https://chat.example/00000000-0000-0000-0000-000000000000",
            "configured https://chat.example/00000000-0000-0000-0000-000000000000");
    assertThat(webhooks.ping(PARTNER, INSTANCE, UNKNOWN, () -> {})).isEmpty();
  }

  /** Otherwise somebody who may not test could use up the limit of those who may. */
  @Test
  void asksForAdmissionOnlyIfTheCallerMayTest() {
    Runnable refusal =
        () -> {
          throw new IllegalStateException("refused");
        };
    Caller manager = partner(INSTANCE, Scope.MANAGE_WEBHOOKS);
    assertMayNotRead(() -> webhooks.ping(manager, INSTANCE, CONFIGURED, refusal));
    assertThat(webhooks.ping(PARTNER, INSTANCE, UNKNOWN, refusal)).isEmpty();
    assertThatThrownBy(() -> webhooks.ping(PARTNER, INSTANCE, CONFIGURED, refusal))
        .hasMessage("refused");
    assertThat(calls).isEmpty();
  }

  private DeliveryPlanner planner(WebhookEndpoints known) {
    return new DeliveryPlanner(
        log,
        store,
        known,
        each -> URI.create("https://chat.example/"),
        new TimeOrderedIds(clock, new Random(2)),
        clock);
  }

  private List<Delivery> deliveries(EndpointId id) {
    return store.read(INSTANCE, id, Samples.ALL_DELIVERIES, new Window.Newest<>(), 10);
  }

  @Test
  void deletesAndGivesUpWhatWaits() {
    ChatId chat = Samples.newChat();
    EndpointId id = newId();
    webhooks.change(PARTNER, INSTANCE, id, null, change(null, null, false));
    Samples.stored(log, chat, "waits");
    List<String> sent = new ArrayList<>();
    var dispatcher =
        new WebhookDispatcher(
            store,
            endpoints,
            (endpoint, delivery) -> {
              sent.add(endpoint.id().value());
              return new WebhookAnswer.Answered(204, null, "", Duration.ZERO);
            },
            new RetryPolicy(RetryPolicy.DEFAULT_WAITS, new Random(1)),
            clock);
    assertThat(planner(endpoints).plan()).isOne();

    assertThat(webhooks.delete(PARTNER, INSTANCE, id)).isEqualTo(new WebhookResult.Deleted());
    assertThat(webhooks.delete(PARTNER, INSTANCE, id)).isEqualTo(new WebhookResult.NoSuchWebhook());
    assertThat(webhooks.find(PARTNER, INSTANCE, id)).isEmpty();
    dispatcher.claim(10).forEach(dispatcher::deliver);
    dispatcher.claim(10).forEach(dispatcher::deliver);

    assertThat(sent).containsExactly("configured");
    assertThat(deliveries(CONFIGURED))
        .extracting(Delivery::chat, Delivery::state)
        .containsExactly(tuple(chat, DeliveryState.DELIVERED));
    assertThat(deliveries(id))
        .extracting(Delivery::chat, Delivery::state)
        .containsExactly(tuple(chat, DeliveryState.DEAD));
  }

  @Test
  void deliversToANewEndpointOnlyWhatHappensLater() {
    ChatId chat = Samples.newChat();
    Samples.stored(log, chat, "before");
    EndpointId id = newId();
    Samples.stored(log, chat, "after");
    List<String> sent = new ArrayList<>();
    // Those of another node, which has read nothing yet.
    var others = new CachedWebhookEndpoints(List.of(), registry, () -> 0);
    var dispatcher =
        new WebhookDispatcher(
            store,
            others,
            (endpoint, delivery) -> {
              sent.add(delivery.message().text().value());
              return new WebhookAnswer.Answered(204, null, "", Duration.ZERO);
            },
            new RetryPolicy(RetryPolicy.DEFAULT_WAITS, new Random(1)),
            clock);
    assertThat(planner(others).plan()).isEqualTo(2);
    dispatcher.claim(10).forEach(dispatcher::deliver);

    assertThat(sent).containsExactly("after");
    assertThat(deliveries(id)).extracting(Delivery::chat).containsExactly(chat);
    assertThat(deliveries(CONFIGURED)).isEmpty();
  }
}
