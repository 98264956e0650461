package io.carechat.bootstrap.identity;

import static io.carechat.domain.chat.Samples.NOON;
import static io.carechat.domain.chat.Samples.THIS_INSTANCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.KeyId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.keys.ApiKey;
import io.carechat.domain.keys.InMemoryKeyRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class StoredApiKeysTest {
  private static final Duration DAY = Duration.ofDays(1);

  private final InMemoryKeyRegistry registry = new InMemoryKeyRegistry(event -> {});
  private final ManualClock clock = new ManualClock(NOON);
  private final AtomicLong nanos = new AtomicLong();
  private final List<KeyId> ended = new ArrayList<>();

  private static Secret newSecret() {
    return new Secret(
        "cck_" + Base64.getUrlEncoder().withoutPadding().encodeToString(Samples.newBytes(32)));
  }

  private static ApiKey key(@Nullable String reason, @Nullable Instant expiresAt) {
    return new ApiKey(
        THIS_INSTANCE,
        KeyId.ofApi(Samples.newUuid()),
        Set.of(Scope.READ_MESSAGES),
        "",
        reason,
        null,
        new ApiKey.Creation(NOON, "owner"),
        expiresAt,
        null,
        null);
  }

  private ApiKey add(Secret secret, ApiKey key) {
    assertThat(registry.add(key, ConfiguredApiKeys.hash(secret), 100, 100)).isTrue();
    return key;
  }

  private ApiKey add(Secret secret) {
    return add(secret, key(null, null));
  }

  /** Keys that are refreshed whenever a request asks for it, by the thread of the request. */
  private StoredApiKeys keys() {
    var keys = new StoredApiKeys(registry, ConfiguredApiKeys::hash, clock, nanos::get);
    keys.tellEnded(key -> ended.add(key.id()));
    keys.refreshBy(() -> refresh(keys));
    return keys;
  }

  private void refresh(StoredApiKeys keys) {
    pass(StoredApiKeys.GAP);
    try {
      boolean _ = keys.refresh();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void aKnownKeyCostsNoCallOfTheRegistry() {
    Secret secret = newSecret();
    ApiKey key = add(secret);
    StoredApiKeys keys = keys();
    int reads = registry.reads();
    for (int i = 0; i < 1_000; i++) {
      assertThat(keys.caller(secret, null))
          .contains(new Caller.Partner(key.id().value(), THIS_INSTANCE, key.scopes()));
    }
    assertThat(registry.reads()).isEqualTo(reads);
  }

  @Test
  void aKeyThatAnotherNodeHasJustCreatedIsValid() {
    StoredApiKeys keys = keys();
    Secret secret = newSecret();
    add(secret);
    assertThat(keys.caller(secret, null)).isPresent();
  }

  @Test
  void whatIsNoKeyCostsNoCallOfTheRegistry() {
    StoredApiKeys keys = keys();
    int reads = registry.reads();
    for (String text : List.of("", "cck_", "x".repeat(47), newSecret().value() + "x", "cck_é")) {
      assertThat(keys.caller(new Secret(text), null)).isEmpty();
    }
    assertThat(registry.reads()).isEqualTo(reads);
    assertThat(keys.caller(newSecret(), null)).isEmpty();
    assertThat(registry.reads()).isEqualTo(reads + 1);
  }

  @Test
  void aRevokedKeyIsRefusedOnceThatIsKnown() {
    Secret secret = newSecret();
    ApiKey key = add(secret);
    StoredApiKeys keys = keys();
    assertThat(registry.revoke(THIS_INSTANCE, key.id(), NOON)).isTrue();
    refresh(keys);
    assertThat(keys.caller(secret, null)).isEmpty();
    assertThat(ended).containsExactly(key.id());
    refresh(keys);
    assertThat(ended).as("told once").hasSize(1);
  }

  /** The registry is not reached any more, so the node cannot know whether the key was revoked. */
  @Test
  void noKeyIsTrustedLongerThanASecondAfterTheRegistryWasAsked() {
    Secret secret = newSecret();
    ApiKey key = add(secret);
    StoredApiKeys keys = keys();
    assertThat(registry.revoke(THIS_INSTANCE, key.id(), NOON)).isTrue();
    registry.setAway(true);

    pass(StoredApiKeys.TRUST);
    assertThat(keys.caller(secret, null)).as("after a second").isPresent();
    keys.refreshBy(() -> pass(StoredApiKeys.MAX_WAIT));
    pass(Duration.ofNanos(1));
    assertThatThrownBy(() -> keys.caller(secret, null)).isInstanceOf(Unavailable.class);

    registry.setAway(false);
    refresh(keys);
    assertThat(keys.caller(secret, null)).as("when the registry is back").isEmpty();
  }

  /** It may have been created a moment ago: a 401 would say that it is not valid. */
  @Test
  void anUnknownKeyIsNotRefusedWhileTheRegistryIsAway() {
    StoredApiKeys keys = keys();
    registry.setAway(true);
    pass(Duration.ofMillis(1));
    assertThatThrownBy(() -> keys.caller(newSecret(), null)).isInstanceOf(Unavailable.class);
  }

  @Test
  void expiresToTheMillisecond() {
    Secret secret = newSecret();
    ApiKey key = add(secret, key(null, NOON.plusSeconds(60)));
    StoredApiKeys keys = keys();
    clock.move(Duration.ofMillis(59_999));
    assertThat(keys.caller(secret, null)).isPresent();
    clock.move(Duration.ofMillis(1));
    assertThat(keys.caller(secret, null)).isEmpty();
    assertThat(ended).isEmpty();
    refresh(keys);
    refresh(keys);
    assertThat(ended).as("told once").containsExactly(key.id());
  }

  @Test
  void saysWhetherAKeyIsForAnEmergency() {
    Secret secret = newSecret();
    add(secret, key("why", NOON.plusSeconds(60)));
    assertThat(keys().caller(secret, null).map(Caller::isBreakGlass)).contains(true);
    Secret other = newSecret();
    add(other);
    assertThat(keys().caller(other, null).map(Caller::isBreakGlass)).contains(false);
  }

  @Test
  void aKeyThatIsBoundToACertificateIsValidWithItAlone() {
    Secret secret = newSecret();
    ApiKey plain = key(null, null);
    add(
        secret,
        new ApiKey(
            plain.instance(),
            plain.id(),
            plain.scopes(),
            "",
            null,
            "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2",
            plain.created(),
            null,
            null,
            null));
    StoredApiKeys keys = keys();
    assertThat(keys.caller(secret, "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2")).isPresent();
    assertThat(keys.caller(secret, "xwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2")).isEmpty();
    assertThat(keys.caller(secret, null)).isEmpty();
  }

  @Test
  void readsEverythingAgainIfTheRegistryIsOlderThanItWas() {
    Secret lost = newSecret();
    add(lost);
    add(newSecret());
    StoredApiKeys keys = keys();
    registry.restoreEmpty();
    Secret restored = newSecret();
    add(restored);
    refresh(keys);
    assertThat(keys.caller(restored, null)).isPresent();
    assertThat(keys.caller(lost, null)).isEmpty();
  }

  @Test
  void notesTheUseOfAKeyOnceADay() {
    Secret secret = newSecret();
    add(secret);
    StoredApiKeys keys = keys();
    assertThat(keys.noteUses()).isFalse();
    assertThat(lastUsedOn()).isEmpty();

    assertThat(keys.caller(secret, null)).isPresent();
    assertThat(lastUsedOn()).as("not while requests are served").isEmpty();
    assertThat(keys.noteUses()).isFalse();
    assertThat(lastUsedOn()).contains(LocalDate.of(2021, 2, 8));

    registry.setAway(true);
    assertThat(keys.caller(secret, null)).isPresent();
    assertThat(keys.noteUses()).as("nothing to write").isFalse();
    clock.move(DAY);
    assertThat(keys.caller(secret, null)).isPresent();
    assertThatThrownBy(keys::noteUses).isInstanceOf(Unavailable.class);
    registry.setAway(false);
    assertThat(keys.noteUses()).isFalse();
    assertThat(lastUsedOn()).contains(LocalDate.of(2021, 2, 9));
  }

  private Optional<LocalDate> lastUsedOn() {
    return Optional.ofNullable(registry.of(THIS_INSTANCE).getFirst().lastUsedOn());
  }

  /** Strangers with made-up keys cause a call now and then, and not one each. */
  @Test
  void manyUnknownKeysAtOnceShareTheCallsOfTheRegistry() throws Exception {
    var keys = new StoredApiKeys(registry, ConfiguredApiKeys::hash, clock, System::nanoTime);
    var wakes = new Semaphore(0);
    keys.refreshBy(wakes::release);
    int before = registry.reads();
    long start = System.nanoTime();
    Thread refreshing =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                while (true) {
                  wakes.acquire();
                  wakes.drainPermits();
                  boolean _ = keys.refresh();
                }
              } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
              }
            });
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Optional<Caller>>> calls = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        calls.add(callers.submit(() -> keys.caller(newSecret(), null)));
      }
      for (Future<Optional<Caller>> call : calls) {
        assertThat(call.get(60, TimeUnit.SECONDS)).isEmpty();
      }
    } finally {
      refreshing.interrupt();
    }
    long gaps = Duration.ofNanos(System.nanoTime() - start).dividedBy(StoredApiKeys.GAP);
    assertThat(registry.reads() - before).isBetween(1, (int) gaps + 2);
  }
}
