package io.carechat.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every {@link WebhookRegistry} does. Each test is in instances that no other test has. */
public interface WebhookRegistryContract {
  /** With a key for secrets. */
  WebhookRegistry registry();

  /** An instance that no other test has. */
  static TenantInstance newPlace() {
    return new TenantInstance("t" + UUID.randomUUID(), "chat2");
  }

  /** Another instance of the same tenant, and the instance of the same name of another tenant. */
  static List<TenantInstance> strangersTo(TenantInstance place) {
    return List.of(
        new TenantInstance(place.tenantName(), "chat3"),
        new TenantInstance("t" + UUID.randomUUID(), place.instanceName()));
  }

  /** A signing key that no other has. */
  static Secret newKey() {
    byte[] bytes = new byte[32];
    new Random().nextBytes(bytes);
    return new Secret(Base64.getEncoder().encodeToString(bytes));
  }

  /** A new endpoint with everything that one can have. */
  static WebhookEndpoint endpoint(TenantInstance place, String id, Instant createdAt) {
    return new WebhookEndpoint(
        place,
        id,
        new WebhookSubscription(
            URI.create("https://partner.example/" + id + "?a=%C3%A9"),
            WebhookPayload.STANDARD,
            Set.of(WebhookEventType.values()),
            Set.of(ClientType.PATIENT),
            "of " + place + ", \"é🎉\""),
        new WebhookSecrets(
            new Secret("key of " + id),
            new Secret("secret of " + place),
            newKey(),
            newKey(),
            createdAt.plusSeconds(60)),
        new WebhookEndpoint.Origin.Api(new LogPosition(7, 42), 1, createdAt, createdAt));
  }

  /** The next version of an endpoint, of which everything is different that can be. */
  static WebhookEndpoint changed(WebhookEndpoint before) {
    var origin = (WebhookEndpoint.Origin.Api) before.origin();
    return new WebhookEndpoint(
        before.place(),
        before.id(),
        new WebhookSubscription(
            URI.create("https://elsewhere.example/"),
            before.subscription().payload(),
            Set.of(WebhookEventType.MESSAGE_SENT),
            Set.of(ClientType.CARE_TEAM),
            ""),
        new WebhookSecrets(null, null, newKey(), null, null),
        origin.changedAt(origin.updatedAt().plusSeconds(1)));
  }

  /** Adds one. */
  default WebhookEndpoint added(TenantInstance place, String id) {
    WebhookEndpoint endpoint = endpoint(place, id, Samples.NOON);
    assertThat(registry().add(endpoint, 100)).isTrue();
    return endpoint;
  }

  /** Adding and reading. */
  interface Adding extends WebhookRegistryContract {
    @Test
    default void givesWhatWasAddedOldestFirst() {
      TenantInstance place = newPlace();
      assertThat(registry().of(place)).isEmpty();
      WebhookEndpoint later = endpoint(place, "a", Samples.NOON.plusMillis(1));
      WebhookEndpoint earlier = endpoint(place, "b", Samples.NOON);
      WebhookEndpoint same = endpoint(place, "c", Samples.NOON);
      for (WebhookEndpoint endpoint : List.of(later, same, earlier)) {
        assertThat(registry().add(endpoint, 3)).isTrue();
      }

      assertThat(registry().of(place)).containsExactly(earlier, same, later);
    }

    @Test
    default void givesNobodyTheEndpointsOfAnother() {
      TenantInstance place = newPlace();
      added(place, "crm");
      for (TenantInstance stranger : strangersTo(place)) {
        assertThat(registry().of(stranger)).isEmpty();
        WebhookEndpoint own = added(stranger, "crm");
        assertThat(registry().of(stranger)).containsExactly(own);
      }
    }

    @Test
    default void addsAsManyAsAnInstanceMayHave() {
      TenantInstance place = newPlace();
      added(place, "a");
      WebhookEndpoint another = endpoint(place, "b", Samples.NOON);

      assertThat(registry().add(another, 1)).isFalse();
      assertThat(registry().of(place)).hasSize(1);
      for (TenantInstance stranger : strangersTo(place)) {
        assertThat(registry().add(endpoint(stranger, "b", Samples.NOON), 1)).isTrue();
      }
      assertThat(registry().remove(place, "a")).isTrue();
      assertThat(registry().add(another, 1)).isTrue();
    }

    @Test
    default void addsNoMoreThanThatToManyAtOnce() throws Exception {
      TenantInstance place = newPlace();
      List<Callable<Boolean>> adding = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        WebhookEndpoint endpoint = endpoint(place, "endpoint-" + i, Samples.NOON);
        adding.add(() -> registry().add(endpoint, 5));
      }
      int added = 0;
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (Future<Boolean> each : threads.invokeAll(adding)) {
          added += each.get() ? 1 : 0;
        }
      }

      assertThat(added).isEqualTo(5);
      assertThat(registry().of(place)).hasSize(5);
    }

    @Test
    default void keepsNoneOfTheConfiguration() {
      TenantInstance place = newPlace();
      var configured =
          new WebhookEndpoint(
              place,
              "crm",
              URI.create("https://partner.example/"),
              new Secret("key"),
              new Secret("secret"),
              List.of(newKey()));

      assertThatIllegalStateException().isThrownBy(() -> registry().add(configured, 100));
      assertThat(registry().of(place)).isEmpty();
    }
  }

  /** Changing and removing. */
  interface Changing extends WebhookRegistryContract {
    @Test
    default void replacesTheVersionBeforeAndNoOther() {
      TenantInstance place = newPlace();
      WebhookEndpoint first = added(place, "crm");
      WebhookEndpoint bystander = added(place, "other");
      WebhookEndpoint second = changed(first);

      assertThat(registry().replace(changed(second))).isFalse();
      assertThat(registry().of(place)).containsExactly(first, bystander);
      assertThat(registry().replace(second)).isTrue();
      assertThat(registry().of(place)).containsExactly(second, bystander);
      assertThat(registry().replace(second)).isFalse();
      assertThat(registry().of(place)).containsExactly(second, bystander);
    }

    @Test
    default void replacesNothingOfAnother() {
      TenantInstance place = newPlace();
      WebhookEndpoint first = added(place, "crm");
      for (TenantInstance stranger : strangersTo(place)) {
        assertThat(registry().replace(changed(endpoint(stranger, "crm", Samples.NOON)))).isFalse();
        assertThat(registry().of(stranger)).isEmpty();
      }
      assertThat(registry().replace(changed(endpoint(place, "unknown", Samples.NOON)))).isFalse();
      assertThat(registry().of(place)).containsExactly(first);
    }

    @Test
    default void letsOneOfManyChangesWin() throws Exception {
      TenantInstance place = newPlace();
      WebhookEndpoint first = added(place, "crm");
      List<Callable<Boolean>> changes = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        WebhookEndpoint second = changed(first);
        changes.add(() -> registry().replace(second));
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
    default void removesTheOneOfTheInstanceAndNothingOfAnother() {
      TenantInstance place = newPlace();
      WebhookEndpoint bystander = added(place, "other");
      WebhookEndpoint removed = added(place, "crm");
      for (TenantInstance stranger : strangersTo(place)) {
        assertThat(registry().remove(stranger, "crm")).isFalse();
      }
      assertThat(registry().of(place)).containsExactly(removed, bystander);

      assertThat(registry().remove(place, "crm")).isTrue();
      assertThat(registry().of(place)).containsExactly(bystander);
      assertThat(registry().remove(place, "crm")).isFalse();
    }

    @Test
    default void hasAnotherRevisionAfterEveryChangeAndOnlyThen() {
      TenantInstance place = newPlace();
      Set<Long> seen = new HashSet<>();
      seen.add(registry().revision());
      WebhookEndpoint first = added(place, "crm");
      assertThat(seen.add(registry().revision())).isTrue();
      registry().replace(changed(first));
      assertThat(seen.add(registry().revision())).isTrue();
      registry().remove(place, "crm");
      assertThat(seen.add(registry().revision())).isTrue();
    }
  }
}
