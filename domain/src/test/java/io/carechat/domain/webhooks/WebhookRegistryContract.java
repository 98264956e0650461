package io.carechat.domain.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.messages.MessageLogContract;
import io.carechat.domain.webhooks.delivery.DeliveryContract;
import io.carechat.domain.webhooks.delivery.EndpointHealth;
import io.carechat.domain.webhooks.delivery.NewDelivery;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What every {@link WebhookRegistry} does. A test class implements each of the nested interfaces.
 * Each test is in instances that no other test has.
 */
public interface WebhookRegistryContract {
  /** The id of most endpoints here. */
  EndpointId CRM = new EndpointId("crm");

  /** The registry under test, which has a key for secrets. */
  WebhookRegistry registry();

  /** An instance that no other test has. */
  static TenantInstance newInstance() {
    return new TenantInstance("t" + Samples.newUuid(), "chat2");
  }

  /** Another instance of the same tenant, and the instance of the same name of another tenant. */
  static List<TenantInstance> strangersTo(TenantInstance instance) {
    return List.of(
        new TenantInstance(instance.tenantName(), "chat3"),
        new TenantInstance("t" + Samples.newUuid(), instance.instanceName()));
  }

  /** A signing key that no other has. */
  static Secret newKey() {
    return new Secret(Base64.getEncoder().encodeToString(Samples.newBytes(32)));
  }

  /** A new endpoint with everything that one can have. */
  static WebhookEndpoint endpoint(TenantInstance instance, EndpointId id, Instant createdAt) {
    return new WebhookEndpoint(
        instance,
        id,
        new WebhookSubscription(
            URI.create("https://" + id + ".partner.example/?a=%C3%A9"),
            WebhookPayload.STANDARD,
            Set.of(WebhookEventType.values()),
            Set.of(ClientType.PATIENT),
            "of " + instance + ", \"é🎉\""),
        new WebhookSecrets(
            new Secret("key of " + id),
            new Secret("secret of " + instance),
            newKey(),
            newKey(),
            createdAt.plusSeconds(60)),
        new WebhookEndpoint.Origin.Api(new LogPosition(7, 42), 1, createdAt, createdAt));
  }

  /** The next version of an endpoint, of which everything is different that can be. */
  static WebhookEndpoint changed(WebhookEndpoint before) {
    var origin = (WebhookEndpoint.Origin.Api) before.origin();
    return new WebhookEndpoint(
        before.instance(),
        before.id(),
        new WebhookSubscription(
            URI.create("https://" + before.id() + ".elsewhere.example/"),
            before.subscription().payload(),
            Set.of(WebhookEventType.MESSAGE_SENT),
            Set.of(ClientType.CARE_TEAM),
            ""),
        new WebhookSecrets(null, null, newKey(), null, null),
        origin.changedAt(origin.updatedAt().plusSeconds(1)));
  }

  /** A new endpoint with a URL. */
  static WebhookEndpoint at(TenantInstance instance, EndpointId id, String url) {
    WebhookEndpoint like = endpoint(instance, id, Samples.NOON);
    return withUrl(like, like.origin(), url);
  }

  private static WebhookEndpoint withUrl(
      WebhookEndpoint like, WebhookEndpoint.Origin origin, String url) {
    return new WebhookEndpoint(
        like.instance(),
        like.id(),
        new WebhookSubscription(
            URI.create(url),
            like.subscription().payload(),
            like.subscription().eventTypes(),
            like.subscription().senders(),
            ""),
        like.secrets(),
        origin);
  }

  /** Adds one. */
  default WebhookEndpoint added(TenantInstance instance, EndpointId id) {
    WebhookEndpoint endpoint = endpoint(instance, id, Samples.NOON);
    assertThat(registry().add(endpoint, true, 100)).isTrue();
    return endpoint;
  }

  /** Adding and reading. */
  interface Adding extends WebhookRegistryContract {
    @Test
    default void givesWhatWasAddedOldestFirst() {
      TenantInstance instance = newInstance();
      assertThat(registry().of(instance)).isEmpty();
      WebhookEndpoint later = endpoint(instance, new EndpointId("a"), Samples.NOON.plusMillis(1));
      WebhookEndpoint earlier = endpoint(instance, new EndpointId("b"), Samples.NOON);
      WebhookEndpoint same = endpoint(instance, new EndpointId("c"), Samples.NOON);
      for (WebhookEndpoint endpoint : List.of(later, same, earlier)) {
        assertThat(registry().add(endpoint, true, 3)).isTrue();
      }

      assertThat(registry().of(instance)).containsExactly(earlier, same, later);
    }

    @Test
    default void givesNoEndpointsOfAnotherInstance() {
      TenantInstance instance = newInstance();
      added(instance, CRM);
      for (TenantInstance stranger : strangersTo(instance)) {
        assertThat(registry().of(stranger)).isEmpty();
        WebhookEndpoint own = added(stranger, CRM);
        assertThat(registry().of(stranger)).containsExactly(own);
      }
    }

    @Test
    default void addsAsManyAsAnInstanceMayHave() {
      TenantInstance instance = newInstance();
      added(instance, new EndpointId("a"));
      WebhookEndpoint another = endpoint(instance, new EndpointId("b"), Samples.NOON);

      assertThat(registry().add(another, true, 1)).isFalse();
      assertThat(registry().of(instance)).hasSize(1);
      for (TenantInstance stranger : strangersTo(instance)) {
        assertThat(registry().add(endpoint(stranger, new EndpointId("b"), Samples.NOON), true, 1))
            .isTrue();
      }
      assertThat(registry().remove(instance, new EndpointId("a"))).isTrue();
      assertThat(registry().add(another, true, 1)).isTrue();
    }

    @Test
    default void addsNoMoreThanThatWhenManyAreAddedAtOnce() throws Exception {
      TenantInstance instance = newInstance();
      List<Callable<Boolean>> adding = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        WebhookEndpoint endpoint =
            endpoint(instance, new EndpointId("endpoint-" + i), Samples.NOON);
        adding.add(() -> registry().add(endpoint, true, 5));
      }
      int added = 0;
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (Future<Boolean> each : threads.invokeAll(adding)) {
          added += each.get() ? 1 : 0;
        }
      }

      assertThat(added).isEqualTo(5);
      assertThat(registry().of(instance)).hasSize(5);
    }

    @Test
    default void addsNoSecondEndpointWithOneUrlHoweverItIsWritten() throws Exception {
      TenantInstance instance = newInstance();
      List<String> spellings =
          List.of(
              "https://partner.example/a?b=c",
              "https://PARTNER.example:443/a?b=c",
              "https://partner.example./x/../%61?b=%63");
      List<Callable<EndpointId>> adding = new ArrayList<>();
      for (int i = 0; i < 15; i++) {
        WebhookEndpoint endpoint =
            at(instance, new EndpointId("endpoint-" + i), spellings.get(i % 3));
        adding.add(() -> {
          try {
            assertThat(registry().add(endpoint, true, 100)).isTrue();
            return endpoint.id();
          } catch (WebhookUrlConflict conflict) {
            return Objects.requireNonNull(conflict.existing());
          }
        });
      }
      var kept = new HashSet<EndpointId>();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (Future<EndpointId> each : threads.invokeAll(adding)) {
          kept.add(each.get());
        }
      }

      assertThat(registry().of(instance)).hasSize(1);
      assertThat(kept).containsExactly(registry().of(instance).getFirst().id());
      for (TenantInstance stranger : strangersTo(instance)) {
        assertThat(registry().add(at(stranger, CRM, spellings.getFirst()), true, 100)).isTrue();
      }
    }

    @Test
    default void addsTenEndpointsOfOneServer() {
      TenantInstance instance = newInstance();
      for (int i = 0; i < WebhookUrlConflict.MAX_ON_SERVER; i++) {
        var id = new EndpointId("endpoint-" + i);
        assertThat(registry().add(at(instance, id, "https://partner.example/" + i), true, 100))
            .isTrue();
      }

      assertThatExceptionOfType(WebhookUrlConflict.class)
          .isThrownBy(
              () -> registry().add(at(instance, CRM, "https://partner.example/x"), true, 100))
          .satisfies(conflict -> assertThat(conflict.existing()).isNull());
      assertThat(registry().of(instance)).hasSize(10);
      assertThat(registry().add(at(instance, CRM, "https://partner.example:8443/x"), true, 100))
          .isTrue();
    }

    @Test
    default void refusesEndpointsOfTheConfiguration() {
      TenantInstance instance = newInstance();
      var configured =
          new WebhookEndpoint(
              instance,
              CRM,
              URI.create("https://partner.example/"),
              new Secret("key"),
              new Secret("secret"),
              List.of(newKey()));

      assertThatIllegalStateException().isThrownBy(() -> registry().add(configured, true, 100));
      assertThat(registry().of(instance)).isEmpty();
    }
  }

  /** Changing and removing. */
  interface Changing extends WebhookRegistryContract {
    @Test
    default void changesNoUrlToThatOfAnotherEndpoint() {
      TenantInstance instance = newInstance();
      WebhookEndpoint first = added(instance, CRM);
      WebhookEndpoint other = added(instance, new EndpointId("other"));
      var origin = (WebhookEndpoint.Origin.Api) first.origin();
      WebhookEndpoint.Origin next = origin.changedAt(Samples.NOON);

      assertThatExceptionOfType(WebhookUrlConflict.class)
          .isThrownBy(() -> registry().replace(withUrl(first, next, other.url().toString()), null))
          .satisfies(conflict -> assertThat(conflict.existing()).isEqualTo(other.id()));
      assertThat(registry().of(instance)).containsExactly(first, other);
      // Its own URL, written in another way.
      String own = first.url().toString().replace("partner", "PARTNER");
      assertThat(registry().replace(withUrl(first, next, own), null)).isTrue();
    }

    @Test
    default void replacesThePreviousVersionOnly() {
      TenantInstance instance = newInstance();
      WebhookEndpoint first = added(instance, CRM);
      WebhookEndpoint bystander = added(instance, new EndpointId("other"));
      WebhookEndpoint second = changed(first);

      assertThat(registry().replace(changed(second), null)).isFalse();
      assertThat(registry().of(instance)).containsExactly(first, bystander);
      assertThat(registry().replace(second, null)).isTrue();
      assertThat(registry().of(instance)).containsExactly(second, bystander);
      assertThat(registry().replace(second, null)).isFalse();
      assertThat(registry().of(instance)).containsExactly(second, bystander);
    }

    @Test
    default void replacesNothingOfAnotherInstance() {
      TenantInstance instance = newInstance();
      WebhookEndpoint first = added(instance, CRM);
      for (TenantInstance stranger : strangersTo(instance)) {
        assertThat(registry().replace(changed(endpoint(stranger, CRM, Samples.NOON)), null))
            .isFalse();
        assertThat(registry().of(stranger)).isEmpty();
      }
      assertThat(
              registry()
                  .replace(
                      changed(endpoint(instance, new EndpointId("unknown"), Samples.NOON)), null))
          .isFalse();
      assertThat(registry().of(instance)).containsExactly(first);
    }

    @Test
    default void onlyOneOfManyChangesSucceeds() throws Exception {
      TenantInstance instance = newInstance();
      WebhookEndpoint first = added(instance, CRM);
      List<Callable<Boolean>> changes = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        WebhookEndpoint second = changed(first);
        changes.add(() -> registry().replace(second, null));
      }
      int won = 0;
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (Future<Boolean> each : threads.invokeAll(changes)) {
          won += each.get() ? 1 : 0;
        }
      }

      assertThat(won).isOne();
    }

    @Test
    default void removesOnlyTheEndpointOfTheInstance() {
      TenantInstance instance = newInstance();
      WebhookEndpoint bystander = added(instance, new EndpointId("other"));
      WebhookEndpoint removed = added(instance, CRM);
      for (TenantInstance stranger : strangersTo(instance)) {
        assertThat(registry().remove(stranger, CRM)).isFalse();
      }
      assertThat(registry().of(instance)).containsExactly(removed, bystander);

      assertThat(registry().remove(instance, CRM)).isTrue();
      assertThat(registry().of(instance)).containsExactly(bystander);
      assertThat(registry().remove(instance, CRM)).isFalse();
    }

    @Test
    default void hasANewRevisionAfterEveryChange() {
      TenantInstance instance = newInstance();
      Set<Long> seen = new HashSet<>();
      seen.add(registry().revision());
      WebhookEndpoint first = added(instance, CRM);
      assertThat(seen.add(registry().revision())).isTrue();
      registry().replace(changed(first), null);
      assertThat(seen.add(registry().revision())).isTrue();
      registry().remove(instance, CRM);
      assertThat(seen.add(registry().revision())).isTrue();
    }
  }

  /**
   * Whether endpoints are enabled, which changes together with them. It has to do with deliveries,
   * so a test class gives the other ports of the same store too.
   */
  interface Enabling extends WebhookRegistryContract, DeliveryContract {
    @Override
    default WebhookRegistry registry() {
      return ports().registry();
    }

    private WebhookEndpoint addedDisabled(TenantInstance instance) {
      WebhookEndpoint endpoint = endpoint(instance, CRM, NOW);
      assertThat(registry().add(endpoint, false, 100)).isTrue();
      return endpoint;
    }

    private boolean isDisabled(TenantInstance instance) {
      return health(instance, CRM).disabled() != null;
    }

    /** What is due at any time, which is thereby claimed. */
    private List<DeliveryId> everDue() {
      return claimIds(NOW.plus(Duration.ofDays(10)));
    }

    @Test
    default void holdsBackTheDeliveriesOfAnEndpointThatIsAddedDisabled() {
      TenantInstance instance = newInstance();
      addedDisabled(instance);
      NewDelivery waiting = planned(Samples.chatIn(instance), CRM);

      assertThat(isDisabled(instance)).isTrue();
      assertThat(health(instance, CRM).disabled())
          .extracting(EndpointHealth.Disabled::reason)
          .isNull();
      assertThat(everDue()).isEmpty();
      assertThat(ports().states().enable(instance, CRM)).isTrue();
      assertThat(everDue()).containsExactly(waiting.id());
    }

    @Test
    default void disablesNothingIfThereWouldBeTooMany() {
      TenantInstance instance = newInstance();
      added(instance, new EndpointId("another"));

      assertThat(registry().add(endpoint(instance, CRM, NOW), false, 1)).isFalse();

      assertThat(health(instance, CRM)).isEqualTo(EndpointHealth.GOOD);
      NewDelivery delivery = planned(Samples.chatIn(instance), CRM);
      assertThat(everDue()).containsExactly(delivery.id());
    }

    @Test
    default void changesAndDisablesInOneStep() {
      TenantInstance instance = newInstance();
      WebhookEndpoint first = added(instance, CRM);
      assertThat(isDisabled(instance)).isFalse();
      NewDelivery before = planned(Samples.chatIn(instance), CRM);
      WebhookEndpoint second = changed(first);

      assertThat(registry().replace(second, false)).isTrue();

      NewDelivery after = planned(Samples.chatIn(instance), CRM);
      assertThat(registry().of(instance)).containsExactly(second);
      assertThat(isDisabled(instance)).isTrue();
      assertThat(everDue()).isEmpty();
      assertThat(registry().replace(changed(second), true)).isTrue();
      assertThat(everDue()).containsExactlyInAnyOrder(before.id(), after.id());
    }

    @Test
    default void changesAndEnablesInOneStepWhichFreesWhatWaits() {
      TenantInstance instance = newInstance();
      ChatId chat = Samples.chatIn(instance);
      WebhookEndpoint first = addedDisabled(instance);
      NewDelivery one = planned(chat, CRM);
      NewDelivery two = planned(chat, CRM);
      NewDelivery ofOther = planned(Samples.chatIn(instance), CRM);
      assertThat(everDue()).isEmpty();
      WebhookEndpoint second = changed(first);

      assertThat(registry().replace(second, true)).isTrue();

      assertThat(registry().of(instance)).containsExactly(second);
      assertThat(health(instance, CRM)).isEqualTo(EndpointHealth.GOOD);
      List<DeliveryId> delivered = deliverAll(NOW);
      assertThat(delivered).containsExactlyInAnyOrder(one.id(), two.id(), ofOther.id());
      assertThat(delivered).containsSubsequence(one.id(), two.id());
    }

    @Test
    default void enablesWhatTheServiceDisabled() {
      TenantInstance instance = newInstance();
      WebhookEndpoint first = added(instance, CRM);
      NewDelivery refused = refused(Samples.chatIn(instance), CRM);
      assertThat(health(instance, CRM).disabled())
          .isEqualTo(new EndpointHealth.Disabled(InstanceEvent.Reason.GONE, NOW));

      assertThat(registry().replace(changed(first), true)).isFalse();
      assertThat(registry().replace(changed(only(instance)), true)).isTrue();

      assertThat(health(instance, CRM)).isEqualTo(EndpointHealth.GOOD);
      assertThat(everDue()).containsExactly(refused.id());
    }

    /** What is shown of an endpoint has changed, so its version has. */
    @Test
    default void givesANewVersionToWhatTheServiceDisablesOrTheOperatorEnables() {
      TenantInstance instance = newInstance();
      WebhookEndpoint first = added(instance, CRM);
      long revision = registry().revision();
      NewDelivery _ = refused(Samples.chatIn(instance), CRM);

      var disabled = (WebhookEndpoint.Origin.Api) only(instance).origin();
      assertThat(disabled.version()).isEqualTo(2);
      assertThat(disabled.updatedAt()).isEqualTo(NOW);
      assertThat(registry().revision()).isGreaterThan(revision);
      assertThat(only(instance).subscription()).isEqualTo(first.subscription());

      assertThat(ports().states().enable(instance, CRM)).isTrue();
      var enabled = (WebhookEndpoint.Origin.Api) only(instance).origin();
      assertThat(enabled.version()).isEqualTo(3);
      assertThat(enabled.updatedAt()).isAfterOrEqualTo(NOW);

      assertThat(ports().states().enable(instance, CRM)).isFalse();
      assertThat(((WebhookEndpoint.Origin.Api) only(instance).origin()).version()).isEqualTo(3);
    }

    private WebhookEndpoint only(TenantInstance instance) {
      List<WebhookEndpoint> endpoints = registry().of(instance);
      assertThat(endpoints).hasSize(1);
      return endpoints.getFirst();
    }

    @Test
    default void leavesItEnabledOrDisabledIfTheChangeDoesNotSay() {
      TenantInstance instance = newInstance();
      WebhookEndpoint second = changed(added(instance, CRM));
      assertThat(registry().replace(second, null)).isTrue();
      assertThat(isDisabled(instance)).isFalse();
      WebhookEndpoint third = changed(second);
      assertThat(registry().replace(third, false)).isTrue();
      EndpointHealth disabled = health(instance, CRM);

      assertThat(registry().replace(changed(third), null)).isTrue();

      assertThat(health(instance, CRM)).isEqualTo(disabled);
      planned(Samples.chatIn(instance), CRM);
      assertThat(everDue()).isEmpty();
    }

    @Test
    default void neitherChangesNorDisablesAnotherVersion() {
      TenantInstance instance = newInstance();
      WebhookEndpoint first = added(instance, CRM);
      WebhookEndpoint second = changed(first);
      for (WebhookEndpoint wrong : List.of(first, changed(second))) {
        assertThat(registry().replace(wrong, false)).isFalse();
      }

      assertThat(registry().of(instance)).containsExactly(first);
      assertThat(health(instance, CRM)).isEqualTo(EndpointHealth.GOOD);
      NewDelivery delivery = planned(Samples.chatIn(instance), CRM);
      assertThat(everDue()).containsExactly(delivery.id());
    }

    @Test
    default void neitherChangesNorEnablesAnotherVersion() {
      TenantInstance instance = newInstance();
      WebhookEndpoint first = addedDisabled(instance);
      EndpointHealth disabled = health(instance, CRM);
      planned(Samples.chatIn(instance), CRM);
      WebhookEndpoint second = changed(first);
      for (WebhookEndpoint wrong : List.of(first, changed(second))) {
        assertThat(registry().replace(wrong, true)).isFalse();
      }

      assertThat(registry().of(instance)).containsExactly(first);
      assertThat(health(instance, CRM)).isEqualTo(disabled);
      assertThat(everDue()).isEmpty();
    }

    @Test
    default void changesAndEnablesNothingOfAnotherTenantOrInstance() {
      TenantInstance instance = newInstance();
      WebhookEndpoint first = addedDisabled(instance);
      EndpointHealth disabled = health(instance, CRM);
      NewDelivery waiting = planned(Samples.chatIn(instance), CRM);

      for (TenantInstance stranger : WebhookRegistryContract.strangersTo(instance)) {
        assertThat(registry().replace(changed(endpoint(stranger, CRM, NOW)), true)).isFalse();
        assertThat(health(instance, CRM)).isEqualTo(disabled);
        WebhookEndpoint theirs = added(stranger, CRM);
        assertThat(registry().replace(changed(theirs), true)).isTrue();
        assertThat(health(instance, CRM)).isEqualTo(disabled);
        assertThat(registry().remove(stranger, CRM)).isTrue();
      }
      assertThat(registry().of(instance)).containsExactly(first);
      assertThat(health(instance, CRM)).isEqualTo(disabled);
      assertThat(everDue()).isEmpty();
      assertThat(registry().replace(changed(first), true)).isTrue();
      assertThat(everDue()).containsExactly(waiting.id());
    }

    @Test
    default void disablesNothingOfAnotherTenantOrInstance() {
      TenantInstance instance = newInstance();
      WebhookEndpoint first = added(instance, CRM);
      for (TenantInstance stranger : WebhookRegistryContract.strangersTo(instance)) {
        assertThat(registry().replace(changed(endpoint(stranger, CRM, NOW)), false)).isFalse();
        assertThat(health(stranger, CRM)).isEqualTo(EndpointHealth.GOOD);
        WebhookEndpoint theirs = added(stranger, CRM);
        assertThat(registry().replace(changed(theirs), false)).isTrue();
        assertThat(isDisabled(stranger)).isTrue();
      }

      assertThat(registry().of(instance)).containsExactly(first);
      assertThat(health(instance, CRM)).isEqualTo(EndpointHealth.GOOD);
      NewDelivery delivery = planned(Samples.chatIn(instance), CRM);
      assertThat(everDue()).containsExactly(delivery.id());
    }

    @Test
    default void makesWhatWaitsDueWhenADisabledEndpointIsRemoved() {
      TenantInstance instance = newInstance();
      ChatId chat = Samples.chatIn(instance);
      addedDisabled(instance);
      NewDelivery one = planned(chat, CRM);
      NewDelivery two = planned(chat, CRM);
      NewDelivery ofOther = planned(Samples.chatIn(instance), CRM);

      assertThat(registry().remove(instance, CRM)).isTrue();

      assertThat(health(instance, CRM)).isEqualTo(EndpointHealth.GOOD);
      List<DeliveryId> delivered = deliverAll(NOW);
      assertThat(delivered).containsExactlyInAnyOrder(one.id(), two.id(), ofOther.id());
      assertThat(delivered).containsSubsequence(one.id(), two.id());
    }

    @Test
    default void freesNothingWhenAnotherTenantOrInstanceRemovesItsEndpoint() {
      TenantInstance instance = newInstance();
      WebhookEndpoint own = addedDisabled(instance);
      EndpointHealth disabled = health(instance, CRM);
      planned(Samples.chatIn(instance), CRM);

      for (TenantInstance stranger : WebhookRegistryContract.strangersTo(instance)) {
        assertThat(registry().remove(stranger, CRM)).isFalse();
        added(stranger, CRM);
        assertThat(registry().remove(stranger, CRM)).isTrue();
      }
      assertThat(registry().remove(instance, new EndpointId("unknown"))).isFalse();

      assertThat(registry().of(instance)).containsExactly(own);
      assertThat(health(instance, CRM)).isEqualTo(disabled);
      assertThat(everDue()).isEmpty();
    }

    @Test
    default void onlyOneOfManyChangesSucceedsTogetherWithItsBeingEnabled() throws Exception {
      TenantInstance instance = newInstance();
      WebhookEndpoint at = added(instance, CRM);
      for (int round = 0; round < 10; round++) {
        WebhookEndpoint before = at;
        var turn = new AtomicInteger();
        Map<WebhookEndpoint, Boolean> enabled = new ConcurrentHashMap<>();
        List<Boolean> won =
            MessageLogContract.atOnce(
                8,
                () -> {
                  WebhookEndpoint next = changed(before);
                  boolean on = turn.getAndIncrement() % 2 == 0;
                  enabled.put(next, on);
                  return registry().replace(next, on);
                });

        assertThat(won).containsOnlyOnce(true);
        at = registry().of(instance).getFirst();
        assertThat(enabled).containsKey(at);
        assertThat(isDisabled(instance)).isEqualTo(!Boolean.TRUE.equals(enabled.get(at)));
      }
    }

    /** Versions only grow: between two equal ones, nothing was changed. */
    @Test
    default void showsNoChangeWithoutItsBeingEnabled() throws Exception {
      TenantInstance instance = newInstance();
      WebhookEndpoint first = added(instance, CRM);
      int changes = 40;
      var turn = new AtomicInteger();

      List<Boolean> agreed =
          MessageLogContract.atOnce(
              3,
              () -> {
                if (turn.getAndIncrement() == 0) {
                  WebhookEndpoint at = first;
                  for (int i = 0; i < changes; i++) {
                    at = changed(at);
                    // Each even version is disabled.
                    assertThat(registry().replace(at, version(at) % 2 != 0)).isTrue();
                  }
                  return true;
                }
                long before = 1;
                while (before <= changes) {
                  boolean disabled = isDisabled(instance);
                  long after = version(registry().of(instance).getFirst());
                  if (before == after && disabled != (after % 2 == 0)) {
                    return false;
                  }
                  before = after;
                }
                return true;
              });

      assertThat(agreed).containsOnly(true);
      assertThat(isDisabled(instance)).isEqualTo((changes + 1) % 2 == 0);
    }

    private static long version(WebhookEndpoint endpoint) {
      return ((WebhookEndpoint.Origin.Api) endpoint.origin()).version();
    }
  }
}
