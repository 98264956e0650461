package io.carechat.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WebhooksTest {
  private static final TenantInstance PLACE = Samples.PLACE;
  private static final String URL = "https://partner.example/hooks";
  private static final Secret KEY = new Secret("planted-key");
  private static final Secret SECRET = new Secret("planted-secret");
  private static final Caller PARTNER = partner(PLACE, Scope.MANAGE_WEBHOOKS);

  private final ManualClock clock = new ManualClock(Samples.NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final InMemoryWebhookLedger ledger = new InMemoryWebhookLedger();
  private final InMemoryWebhookRegistry registry = new InMemoryWebhookRegistry();
  private final List<String> calls = new ArrayList<>();
  private final WebhookEndpoint configured =
      new WebhookEndpoint(
          PLACE,
          "configured",
          URI.create(URL),
          KEY,
          SECRET,
          List.of(WebhookRegistryContract.newKey()));
  private final KnownEndpoints endpoints =
      new KnownEndpoints(List.of(configured), registry, System::nanoTime);
  private final Webhooks webhooks = webhooks(registry);

  private Webhooks webhooks(WebhookRegistry kept) {
    var random = new Random();
    return new Webhooks(
        kept == registry ? endpoints : new KnownEndpoints(List.of(), kept, System::nanoTime),
        kept,
        ledger,
        log,
        (endpoint, id, patientUrl, at) -> {
          calls.add(endpoint.id() + " " + patientUrl);
          return new WebhookAnswer.Answered(204, null, "", Duration.ofMillis(3));
        },
        url ->
            url.getHost().startsWith("forbidden") ? Optional.of("is forbidden") : Optional.empty(),
        chat -> URI.create("https://chat.example/" + chat.patient()),
        new TimeOrderedIds(clock, random),
        random,
        clock);
  }

  private static Caller partner(TenantInstance place, Scope... scopes) {
    return new Caller.Partner("partner", place, Set.of(scopes));
  }

  private static NewWebhook wanted(WebhookPayload payload) {
    return new NewWebhook(
        URL,
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
    return (WebhookResult.Created) webhooks.create(PARTNER, PLACE, wanted);
  }

  private String newId() {
    return created(wanted(WebhookPayload.SOURCE)).webhook().endpoint().id();
  }

  private ManagedWebhook found(String id) {
    return ((WebhookResult.Found) webhooks.find(PARTNER, PLACE, id)).webhook();
  }

  private static long version(ManagedWebhook webhook) {
    return ((WebhookEndpoint.Origin.Api) webhook.endpoint().origin()).version();
  }

  // --- who may

  static Stream<Caller> strangers() {
    return Stream.of(
        partner(Samples.OTHER_INSTANCE, Scope.values()),
        partner(Samples.OTHER_TENANT, Scope.values()),
        partner(
            PLACE,
            Scope.READ_MESSAGES,
            Scope.SEND_MESSAGES,
            Scope.SEND_AS_CARE_TEAM,
            Scope.SEARCH_INSTANCE),
        new Caller.PatientUser(
            "patient", PLACE, Set.of(Scope.values()), new PatientId(UUID.randomUUID())));
  }

  @ParameterizedTest
  @MethodSource("strangers")
  void nobodyElseManagesAnything(Caller stranger) {
    String id = newId();
    var forbidden = new Forbidden(Scope.MANAGE_WEBHOOKS);
    ManagedWebhook before = found(id);

    assertThat(webhooks.create(stranger, PLACE, wanted(WebhookPayload.SOURCE)))
        .isEqualTo(forbidden);
    assertThat(webhooks.list(stranger, PLACE)).isEqualTo(forbidden);
    for (String any : List.of(id, "configured", "unknown")) {
      assertThat(webhooks.find(stranger, PLACE, any)).isEqualTo(forbidden);
      assertThat(webhooks.change(stranger, PLACE, any, null, change(null, null, false)))
          .isEqualTo(forbidden);
      assertThat(webhooks.rotate(stranger, PLACE, any, Duration.ZERO, null)).isEqualTo(forbidden);
      assertThat(webhooks.ping(stranger, PLACE, any)).isEqualTo(forbidden);
      assertThat(webhooks.delete(stranger, PLACE, any)).isEqualTo(forbidden);
    }
    assertThat(registry.of(PLACE)).containsExactly(before.endpoint());
    assertThat(found(id)).isEqualTo(before);
    assertThat(calls).isEmpty();
  }

  @Test
  void theEndpointsOfAnotherInstanceAreNotThere() {
    String id = newId();
    ManagedWebhook before = found(id);
    for (TenantInstance other : List.of(Samples.OTHER_INSTANCE, Samples.OTHER_TENANT)) {
      Caller caller = partner(other, Scope.MANAGE_WEBHOOKS);
      var nothing = new WebhookResult.NoSuchWebhook();
      assertThat(webhooks.list(caller, other)).isEqualTo(new WebhookResult.Listed(List.of()));
      for (String any : List.of(id, "configured")) {
        assertThat(webhooks.find(caller, other, any)).isEqualTo(nothing);
        assertThat(webhooks.change(caller, other, any, null, change(null, null, false)))
            .isEqualTo(nothing);
        assertThat(webhooks.rotate(caller, other, any, Duration.ZERO, null)).isEqualTo(nothing);
        assertThat(webhooks.ping(caller, other, any)).isEqualTo(nothing);
        assertThat(webhooks.delete(caller, other, any)).isEqualTo(nothing);
      }
    }
    assertThat(found(id)).isEqualTo(before);
    assertThat(calls).isEmpty();
  }

  // --- making

  @Test
  void makesAnEndpointWithAKeyOfItsOwn() {
    Samples.stored(log, Samples.newChat(), "before");
    WebhookResult.Created created = created(wanted(WebhookPayload.SOURCE));
    // Of one time they would be listed by their ids, which are random.
    clock.move(Duration.ofMillis(1));
    WebhookResult.Created another = created(wanted(WebhookPayload.SOURCE));

    WebhookEndpoint endpoint = created.webhook().endpoint();
    assertThat(endpoint.id()).matches("we[0-9a-f]{32}");
    assertThat(endpoint.origin())
        .isEqualTo(
            new WebhookEndpoint.Origin.Api(new LogPosition(1, 1), 1, Samples.NOON, Samples.NOON));
    assertThat(created.webhook().enabled()).isTrue();
    assertThat(created.signingSecret().value()).matches("whsec_[A-Za-z0-9+/]{43}=");
    assertThat(created.signingSecret()).isNotEqualTo(another.signingSecret());
    assertThat(endpoint.secrets().signingKeysAt(Samples.NOON))
        .containsExactly(new Secret(created.signingSecret().value().substring(6)));
    assertThat(found(endpoint.id())).isEqualTo(created.webhook());
    assertThat(webhooks.list(PARTNER, PLACE))
        .isEqualTo(
            new WebhookResult.Listed(
                List.of(
                    new ManagedWebhook(configured, EndpointHealth.GOOD),
                    created.webhook(),
                    another.webhook())));
  }

  @Test
  void takesAKeyOfThePartners() {
    Secret own = new Secret("whsec_" + WebhookRegistryContract.newKey().value());
    WebhookResult.Created created =
        created(
            wanted(URL, WebhookPayload.THIN, Set.of(WebhookEventType.values()), null, null, own));

    assertThat(created.signingSecret()).isEqualTo(own);
    assertThat(created.webhook().endpoint().secrets().apiKey()).isNull();
  }

  @Test
  void tellsEveryFaultAtOnceAndRepeatsNoSecret() {
    var result =
        webhooks.create(
            PARTNER,
            PLACE,
            wanted(
                "ftp://partner.example/",
                WebhookPayload.SOURCE,
                Set.of(WebhookEventType.values()),
                new Secret("planted\r\nX-Other: 1"),
                null,
                new Secret("whsec_planted")));

    assertThat(result)
        .isInstanceOfSatisfying(
            WebhookResult.Invalid.class,
            invalid -> {
              assertThat(invalid.faults())
                  .extracting(WebhookFault::member)
                  .containsExactly("url", "eventTypes", "apiKey", "apiSecret", "signingSecret");
              assertThat(invalid.toString()).doesNotContain("planted");
            });
    assertThat(registry.of(PLACE)).isEmpty();
  }

  @Test
  void refusesAddressesThatAreNoneOrNotAllowed() {
    for (String url :
        List.of("https://forbidden.example/", "https://a b/", "not a url", "", "//")) {
      assertThat(
              webhooks.create(
                  PARTNER,
                  PLACE,
                  wanted(
                      url,
                      WebhookPayload.STANDARD,
                      Set.of(WebhookEventType.MESSAGE_SENT),
                      null,
                      null,
                      null)))
          .isInstanceOfSatisfying(
              WebhookResult.Invalid.class,
              invalid ->
                  assertThat(invalid.faults())
                      .extracting(WebhookFault::member)
                      .containsExactly("url"));
    }
    assertThat(registry.of(PLACE)).isEmpty();
  }

  @Test
  void makesNoMoreThanAnInstanceMayHave() {
    for (int i = 0; i < Webhooks.MOST; i++) {
      created(wanted(WebhookPayload.SOURCE));
    }
    NewWebhook disabled =
        new NewWebhook(
            URL,
            WebhookPayload.SOURCE,
            Set.of(WebhookEventType.MESSAGE_SENT),
            Set.of(ClientType.PATIENT),
            "",
            false,
            KEY,
            SECRET,
            null);

    assertThat(webhooks.create(PARTNER, PLACE, disabled))
        .isEqualTo(new WebhookResult.TooMany(Webhooks.MOST));
    assertThat(registry.of(PLACE)).hasSize(Webhooks.MOST);
    assertThat(WebhookLedgerContract.disabled(ledger, PLACE)).isEmpty();
  }

  @Test
  void makesNothingWithoutAKeyToKeepSecretsWith() {
    assertThat(
            webhooks(new InMemoryWebhookRegistry(false))
                .create(PARTNER, PLACE, wanted(WebhookPayload.SOURCE)))
        .isEqualTo(new WebhookResult.NoKeyForSecrets());
  }

  // --- changing

  @Test
  void changesWhatIsGivenAndNothingElse() {
    String id = newId();
    WebhookEndpoint before = found(id).endpoint();
    clock.move(Duration.ofSeconds(5));
    var changed =
        (WebhookResult.Changed)
            webhooks.change(
                PARTNER,
                PLACE,
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
                PLACE,
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
    String id = newId();
    assertThat(webhooks.change(PARTNER, PLACE, id, 1L, change(null, null, false)))
        .isInstanceOf(WebhookResult.Changed.class);
    ManagedWebhook before = found(id);

    assertThat(webhooks.change(PARTNER, PLACE, id, 1L, change(URL + "2", null, true)))
        .isEqualTo(new WebhookResult.OtherVersion());
    assertThat(found(id)).isEqualTo(before);
    assertThat(webhooks.change(PARTNER, PLACE, id, null, change(URL + "2", null, null)))
        .isInstanceOf(WebhookResult.Changed.class);
    assertThat(version(found(id))).isEqualTo(3);
  }

  @Test
  void changesNothingIntoWhatCannotBe() {
    String id = newId();
    ManagedWebhook before = found(id);

    assertThat(
            webhooks.change(
                PARTNER,
                PLACE,
                id,
                null,
                new WebhookChange(
                    "https://forbidden.example/",
                    Set.of(WebhookEventType.CHAT_READ),
                    null,
                    null,
                    false,
                    new Secret("planted\n"),
                    null)))
        .isInstanceOfSatisfying(
            WebhookResult.Invalid.class,
            invalid ->
                assertThat(invalid.faults())
                    .extracting(WebhookFault::member)
                    .containsExactly("url", "eventTypes", "apiKey"));
    assertThat(found(id)).isEqualTo(before);
  }

  @Test
  void disablesAndEnables() {
    String id = newId();

    webhooks.change(PARTNER, PLACE, id, null, change(null, null, false));
    assertThat(found(id).enabled()).isFalse();
    assertThat(WebhookLedgerContract.disabled(ledger, PLACE)).containsExactly(id);
    webhooks.change(PARTNER, PLACE, id, null, change(null, null, true));
    assertThat(found(id).enabled()).isTrue();
    assertThat(WebhookLedgerContract.disabled(ledger, PLACE)).isEmpty();
  }

  /** The ledger was away when it was deleted: what waits for it must be given up all the same. */
  @Test
  void finishesADeletionThatBrokeOff() {
    String id = newId();
    webhooks.change(PARTNER, PLACE, id, null, change(null, null, false));
    registry.remove(PLACE, id);

    assertThat(webhooks.delete(PARTNER, PLACE, id)).isEqualTo(new WebhookResult.NoSuchWebhook());
    assertThat(WebhookLedgerContract.disabled(ledger, PLACE)).isEmpty();
  }

  @Test
  void leavesTheConfigurationToTheOperator() {
    var operators = new WebhookResult.OfConfiguration();
    assertThat(webhooks.change(PARTNER, PLACE, "configured", null, change(null, null, false)))
        .isEqualTo(operators);
    assertThat(webhooks.rotate(PARTNER, PLACE, "configured", Duration.ZERO, null))
        .isEqualTo(operators);
    assertThat(webhooks.delete(PARTNER, PLACE, "configured")).isEqualTo(operators);
    assertThat(found("configured")).isEqualTo(new ManagedWebhook(configured, EndpointHealth.GOOD));
  }

  // --- keys

  @Test
  void rotatesWithAnOverlap() {
    WebhookResult.Created created = created(wanted(WebhookPayload.SOURCE));
    String id = created.webhook().endpoint().id();
    clock.move(Duration.ofSeconds(1));
    var rotated =
        (WebhookResult.Rotated) webhooks.rotate(PARTNER, PLACE, id, Duration.ofMinutes(5), null);

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
  void rotatesAtOnceToAKeyOfThePartners() {
    String id = newId();
    Secret own = new Secret("whsec_" + WebhookRegistryContract.newKey().value());
    assertThat(webhooks.rotate(PARTNER, PLACE, id, Duration.ZERO, new Secret("whsec_planted")))
        .isInstanceOf(WebhookResult.Invalid.class);
    assertThat(version(found(id))).isOne();

    assertThat(webhooks.rotate(PARTNER, PLACE, id, Duration.ZERO, own))
        .isInstanceOfSatisfying(
            WebhookResult.Rotated.class,
            rotated -> assertThat(rotated.signingSecret()).isEqualTo(own));
    assertThat(found(id).endpoint().secrets().signingKeysAt(clock.instant()))
        .containsExactly(new Secret(own.value().substring(6)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> webhooks.rotate(PARTNER, PLACE, id, Duration.ofDays(8), null));
  }

  /** An answer may be lost, and its request be sent again: the receiver still knows the former. */
  @Test
  void aRotationToTheKeyThatSignsAlreadyChangesNothing() {
    WebhookResult.Created created = created(wanted(WebhookPayload.SOURCE));
    String id = created.webhook().endpoint().id();
    Secret own = new Secret("whsec_" + WebhookRegistryContract.newKey().value());
    WebhookResult first = webhooks.rotate(PARTNER, PLACE, id, Duration.ofMinutes(5), own);

    clock.move(Duration.ofMinutes(1));
    WebhookResult again = webhooks.rotate(PARTNER, PLACE, id, Duration.ofMinutes(5), own);

    assertThat(again).isEqualTo(first);
    WebhookSecrets secrets = found(id).endpoint().secrets();
    Secret next = new Secret(own.value().substring(6));
    Secret former = new Secret(created.signingSecret().value().substring(6));
    assertThat(secrets.signingKeysAt(clock.instant())).containsExactly(next, former);
    assertThat(secrets.otherUntil()).isEqualTo(Samples.NOON.plusSeconds(300));
    assertThat(version(found(id))).isEqualTo(2);
  }

  @Test
  void anOverlapIsToldUntilItIsOver() {
    String id = newId();
    webhooks.rotate(PARTNER, PLACE, id, Duration.ofMinutes(5), null);
    clock.move(Duration.ofSeconds(299));
    assertThat(found(id).endpoint().secrets().otherUntil())
        .isEqualTo(Samples.NOON.plusSeconds(300));

    clock.move(Duration.ofSeconds(1));

    var listed = (WebhookResult.Listed) webhooks.list(PARTNER, PLACE);
    var changed =
        (WebhookResult.Changed) webhooks.change(PARTNER, PLACE, id, null, change(null, null, true));
    var atOnce = (WebhookResult.Rotated) webhooks.rotate(PARTNER, PLACE, id, Duration.ZERO, null);
    assertThat(
            Stream.of(found(id), listed.webhooks().getLast(), changed.webhook(), atOnce.webhook()))
        .allSatisfy(webhook ->
            assertThat(webhook.endpoint().secrets())
                .extracting(WebhookSecrets::otherSigningKey, WebhookSecrets::otherUntil)
                .containsOnlyNulls());
  }

  // --- testing and deleting

  @Test
  void pingsAlsoWhatIsDisabledOrConfigured() {
    String id = newId();
    webhooks.change(PARTNER, PLACE, id, null, change(null, null, false));
    for (String each : List.of(id, "configured")) {
      assertThat(webhooks.ping(PARTNER, PLACE, each))
          .isEqualTo(
              new WebhookResult.Pinged(
                  new WebhookAnswer.Answered(204, null, "", Duration.ofMillis(3))));
    }
    assertThat(calls)
        .containsExactly(
            id + " https://chat.example/00000000-0000-0000-0000-000000000000",
            "configured https://chat.example/00000000-0000-0000-0000-000000000000");
    assertThat(webhooks.ping(PARTNER, PLACE, "unknown"))
        .isEqualTo(new WebhookResult.NoSuchWebhook());
  }

  @Test
  void deletesAndGivesUpWhatWaits() {
    ChatId chat = Samples.newChat();
    String id = newId();
    webhooks.change(PARTNER, PLACE, id, null, change(null, null, false));
    Samples.stored(log, chat, "waits");
    List<String> sent = new ArrayList<>();
    var dispatch =
        new WebhookDispatch(
            log,
            ledger,
            endpoints,
            (endpoint, delivery) -> {
              sent.add(endpoint.id());
              return new WebhookAnswer.Answered(204, null, "", Duration.ZERO);
            },
            new RetrySchedule(RetrySchedule.DEFAULT_WAITS, new Random()),
            each -> URI.create("https://chat.example/"),
            new TimeOrderedIds(clock, new Random()),
            clock);
    assertThat(dispatch.plan()).isOne();

    assertThat(webhooks.delete(PARTNER, PLACE, id)).isEqualTo(new WebhookResult.Deleted());
    assertThat(webhooks.delete(PARTNER, PLACE, id)).isEqualTo(new WebhookResult.NoSuchWebhook());
    assertThat(webhooks.find(PARTNER, PLACE, id)).isEqualTo(new WebhookResult.NoSuchWebhook());
    dispatch.claim(10).forEach(dispatch::deliver);
    dispatch.claim(10).forEach(dispatch::deliver);

    assertThat(sent).containsExactly("configured");
    assertThat(ledger.ofChat(chat))
        .extracting(entry -> entry.endpointId() + " " + entry.state())
        .containsExactlyInAnyOrder("configured DELIVERED", id + " DEAD");
  }

  @Test
  void tellsANewEndpointOfWhatComesAndOfNothingBefore() {
    ChatId chat = Samples.newChat();
    Samples.stored(log, chat, "before");
    String id = newId();
    Samples.stored(log, chat, "after");
    List<String> sent = new ArrayList<>();
    var dispatch =
        new WebhookDispatch(
            log,
            ledger,
            // As another node that knows nothing yet.
            new KnownEndpoints(List.of(), registry, () -> 0),
            (endpoint, delivery) -> {
              sent.add(delivery.message().text().value());
              return new WebhookAnswer.Answered(204, null, "", Duration.ZERO);
            },
            new RetrySchedule(RetrySchedule.DEFAULT_WAITS, new Random()),
            each -> URI.create("https://chat.example/"),
            new TimeOrderedIds(clock, new Random()),
            clock);
    dispatch.plan();
    dispatch.claim(10).forEach(dispatch::deliver);

    assertThat(sent).containsExactly("after");
    assertThat(ledger.ofChat(chat)).extracting(WebhookLedger.Entry::endpointId).containsExactly(id);
  }
}
