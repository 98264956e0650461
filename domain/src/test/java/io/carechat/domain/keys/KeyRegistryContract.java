package io.carechat.domain.keys;

import static io.carechat.domain.chat.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.KeyId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.Event;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link KeyRegistry} must do. */
public interface KeyRegistryContract {
  LocalDate DAY = LocalDate.of(2021, 2, 8);

  /** The registry under test. */
  KeyRegistry registry();

  /** The log that it writes to. */
  EventLog events();

  /** The hash of a secret that no other test has. */
  static String newHash() {
    return HexFormat.of().formatHex(Samples.newBytes(32));
  }

  /** A key that no other test has. */
  static ApiKey newKey(TenantInstance instance, @Nullable Instant expiresAt) {
    return new ApiKey(
        instance,
        KeyId.ofApi(Samples.newUuid()),
        Set.of(Scope.READ_MESSAGES, Scope.MANAGE_WEBHOOKS),
        "CRM, production",
        null,
        null,
        new ApiKey.Creation(NOON, "partner-1"),
        expiresAt,
        null,
        null);
  }

  private static ApiKey emergency(TenantInstance instance, Instant expiresAt) {
    return new ApiKey(
        instance,
        KeyId.ofApi(Samples.newUuid()),
        KeyManagement.BREAK_GLASS_SCOPES,
        "",
        "the hospital's own system is down",
        null,
        new ApiKey.Creation(NOON, "user:1"),
        expiresAt,
        null,
        null);
  }

  private ApiKey added(ApiKey key) {
    assertThat(registry().add(key, newHash(), 100, 100)).isTrue();
    return key;
  }

  private static ApiKey revoked(ApiKey key, Instant at) {
    return new ApiKey(
        key.instance(),
        key.id(),
        key.scopes(),
        key.note(),
        key.reason(),
        key.certificate(),
        key.created(),
        key.expiresAt(),
        at,
        key.lastUsedOn());
  }

  @Test
  default void keepsEverythingOfAKey() {
    TenantInstance instance = Samples.newInstance();
    ApiKey plain = added(newKey(instance, null));
    ApiKey expiring = newKey(instance, NOON.plusSeconds(60));
    var everything =
        new ApiKey(
            instance,
            expiring.id(),
            Set.of(Scope.values()),
            "Schwester Änne 👩‍⚕️",
            null,
            "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2",
            new ApiKey.Creation(NOON.plusMillis(1), "partner-2"),
            NOON.plusSeconds(60),
            null,
            null);
    added(everything);
    ApiKey emergency =
        added(
            new ApiKey(
                instance,
                KeyId.ofApi(Samples.newUuid()),
                KeyManagement.BREAK_GLASS_SCOPES,
                "",
                "a reason",
                null,
                new ApiKey.Creation(NOON.plusMillis(2), "user:1"),
                NOON.plusSeconds(1),
                null,
                null));
    assertThat(registry().of(instance)).containsExactly(plain, everything, emergency);
  }

  @Test
  default void showsNoInstanceTheKeysOfAnother() {
    TenantInstance instance = Samples.newInstance();
    ApiKey key = added(newKey(instance, null));
    for (TenantInstance stranger : Samples.strangersTo(instance)) {
      assertThat(registry().of(stranger)).doesNotContain(key);
      assertThat(registry().revoke(stranger, key.id(), NOON)).isFalse();
      registry().noteUse(stranger, key.id(), DAY);
    }
    assertThat(registry().of(instance)).containsExactly(key);
  }

  @Test
  default void revokesOnce() {
    TenantInstance instance = Samples.newInstance();
    ApiKey key = added(newKey(instance, null));
    Instant at = NOON.plusSeconds(5);
    assertThat(registry().revoke(instance, key.id(), at)).isTrue();
    assertThat(registry().revoke(instance, key.id(), at.plusSeconds(5))).isTrue();
    assertThat(registry().of(instance)).containsExactly(revoked(key, at));
    assertThat(registry().revoke(instance, KeyId.ofApi(Samples.newUuid()), at)).isFalse();
  }

  @Test
  default void tellsWhatChangedAfterARevision() {
    TenantInstance instance = Samples.newInstance();
    long before = registry().changesSince(Long.MAX_VALUE).revision();
    assertThat(registry().changesSince(before)).isEqualTo(new KeyChanges(before, List.of()));

    ApiKey key = newKey(instance, NOON.plusSeconds(60));
    String hash = newHash();
    assertThat(registry().add(key, hash, 100, 100)).isTrue();
    KeyChanges created = registry().changesSince(before);
    assertThat(created.revision()).isGreaterThan(before);
    assertThat(created.keys()).containsExactly(new StoredKey(key, hash));

    registry().noteUse(instance, key.id(), DAY);
    assertThat(registry().changesSince(created.revision()).keys()).as("a use").isEmpty();

    assertThat(registry().revoke(instance, key.id(), NOON)).isTrue();
    KeyChanges ended = registry().changesSince(created.revision());
    assertThat(ended.revision()).isGreaterThan(created.revision());
    assertThat(ended.keys())
        .extracting(stored -> stored.key().revokedAt(), StoredKey::hash)
        .containsExactly(org.assertj.core.api.Assertions.tuple(NOON, hash));

    assertThat(registry().revoke(instance, key.id(), NOON)).isTrue();
    assertThat(registry().changesSince(ended.revision()).keys()).as("revoked again").isEmpty();
    assertThat(registry().changesSince(0).keys())
        .extracting(StoredKey::hash)
        .as("from the beginning")
        .contains(hash);
  }

  @Test
  default void givesNothingAfterARevisionThatItHasNotReached() {
    added(newKey(Samples.newInstance(), null));
    KeyChanges none = registry().changesSince(Long.MAX_VALUE);
    assertThat(none.keys()).isEmpty();
    assertThat(none.revision()).isLessThan(Long.MAX_VALUE);
  }

  @Test
  default void refusesMoreValidKeysThanTheMaximum() {
    TenantInstance instance = Samples.newInstance();
    ApiKey first = newKey(instance, null);
    assertThat(registry().add(first, newHash(), 2, 100)).isTrue();
    assertThat(registry().add(newKey(instance, NOON.minusSeconds(1)), newHash(), 2, 100))
        .as("one that has expired does not count")
        .isTrue();
    assertThat(registry().add(newKey(instance, null), newHash(), 2, 100)).isTrue();
    assertThat(registry().add(newKey(instance, null), newHash(), 2, 100)).isFalse();
    assertThat(registry().of(instance)).hasSize(3);
    assertThat(registry().add(newKey(Samples.newInstance(), null), newHash(), 2, 100))
        .as("another instance")
        .isTrue();
    assertThat(registry().add(emergency(instance, NOON.plusSeconds(9)), newHash(), 1, 100))
        .as("a break-glass key")
        .isTrue();
    assertThat(registry().add(emergency(instance, NOON.plusSeconds(9)), newHash(), 1, 100))
        .isFalse();
    assertThat(registry().revoke(instance, first.id(), NOON)).isTrue();
    assertThat(registry().add(newKey(instance, null), newHash(), 2, 100)).isTrue();
  }

  @Test
  default void keepsOnlyTheKeysThatEndedLast() {
    TenantInstance instance = Samples.newInstance();
    List<KeyId> ids = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      ApiKey key = added(newKey(instance, null));
      assertThat(registry().revoke(instance, key.id(), NOON.minusSeconds(10 - i))).isTrue();
      ids.add(key.id());
    }
    ApiKey valid = newKey(instance, null);
    assertThat(registry().add(valid, newHash(), 100, 2)).isTrue();
    assertThat(registry().of(instance))
        .extracting(ApiKey::id)
        .containsExactlyInAnyOrder(ids.get(2), ids.get(3), valid.id());
  }

  @Test
  default void notesTheLastDayOfUse() {
    TenantInstance instance = Samples.newInstance();
    ApiKey key = added(newKey(instance, null));
    for (LocalDate day : List.of(DAY, DAY.minusDays(1), DAY)) {
      registry().noteUse(instance, key.id(), day);
      assertThat(registry().of(instance).getFirst().lastUsedOn()).isEqualTo(DAY);
    }
    registry().noteUse(instance, key.id(), DAY.plusDays(1));
    assertThat(registry().of(instance).getFirst().lastUsedOn()).isEqualTo(DAY.plusDays(1));
    registry().noteUse(instance, KeyId.ofApi(Samples.newUuid()), DAY);
    assertThat(registry().of(instance)).hasSize(1);
  }

  @Test
  default void logsBreakGlassKeysAndNoOthers() {
    TenantInstance instance = Samples.newInstance();
    added(newKey(instance, NOON.plusSeconds(60)));
    ApiKey emergency = added(emergency(instance, NOON.plusSeconds(3600)));
    assertThat(registry().add(emergency(instance, NOON.plusSeconds(3600)), newHash(), 1, 100))
        .isFalse();
    assertThat(eventsOf(instance))
        .containsExactly(
            new InstanceEvent.BreakGlassKeyCreated(
                instance, emergency.id(), NOON.plusSeconds(3600), NOON));
  }

  private List<Event> eventsOf(TenantInstance instance) {
    return events().read(LogPosition.START, 10_000).stream()
        .map(LoggedEvent::event)
        .filter(event -> event.instance().equals(instance))
        .toList();
  }

  /** However many come at once, there are never more valid keys than the maximum. */
  @Test
  default void keepsTheMaximumAmongConcurrentCallers() throws Exception {
    TenantInstance instance = Samples.newInstance();
    long before = registry().changesSince(Long.MAX_VALUE).revision();
    try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
      List<Future<Boolean>> calls = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        calls.add(callers.submit(() -> registry().add(newKey(instance, null), newHash(), 5, 100)));
      }
      int stored = 0;
      for (Future<Boolean> call : calls) {
        stored += call.get(60, TimeUnit.SECONDS) ? 1 : 0;
      }
      assertThat(stored).isEqualTo(5);
    }
    assertThat(registry().of(instance)).hasSize(5);
    assertThat(registry().changesSince(before).keys())
        .filteredOn(stored -> stored.key().instance().equals(instance))
        .hasSize(5);
  }
}
