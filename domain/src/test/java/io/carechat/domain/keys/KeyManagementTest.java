package io.carechat.domain.keys;

import static io.carechat.domain.chat.Samples.NOON;
import static io.carechat.domain.chat.Samples.THIS_INSTANCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.KeyId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.events.InstanceEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class KeyManagementTest {
  private static final Caller OWNER = partner("owner", Scope.values());
  private static final ApiKey CONFIGURED =
      new ApiKey(
          THIS_INSTANCE,
          new KeyId("first"),
          Set.of(Scope.MANAGE_KEYS),
          "",
          null,
          null,
          null,
          null,
          null,
          null);

  private final ManualClock clock = new ManualClock(NOON);
  private final List<InstanceEvent> events = new ArrayList<>();
  private final InMemoryKeyRegistry registry = new InMemoryKeyRegistry(events::add);
  private final KeyManagement keys =
      new KeyManagement(
          registry,
          List.of(CONFIGURED),
          secret -> "hash of " + secret.value(),
          new TimeOrderedIds(clock, new Random(1)),
          new Random(2),
          clock);

  private static Caller partner(String id, Scope... scopes) {
    return new Caller.Partner(id, THIS_INSTANCE, Set.of(scopes));
  }

  private static NewKey wanted(Scope... scopes) {
    return new NewKey(Set.of(scopes), "a note", null, null);
  }

  private KeyResult.Created created(Caller caller, NewKey wanted) {
    return (KeyResult.Created) keys.create(caller, THIS_INSTANCE, wanted);
  }

  @Test
  void createsAKeyWhoseSecretIsStoredNowhere() {
    KeyResult.Created first = created(OWNER, wanted(Scope.READ_MESSAGES, Scope.SEND_MESSAGES));
    KeyResult.Created second = created(OWNER, wanted(Scope.READ_MESSAGES));

    assertThat(first.secret().value()).matches("cck_[A-Za-z0-9_-]{43}");
    assertThat(first.secret()).isNotEqualTo(second.secret());
    assertThat(first.key())
        .isEqualTo(
            new ApiKey(
                THIS_INSTANCE,
                first.key().id(),
                Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES),
                "a note",
                null,
                null,
                new ApiKey.Creation(NOON, "owner"),
                null,
                null,
                null));
    assertThat(registry.changesSince(0).keys())
        .containsExactly(
            new StoredKey(first.key(), "hash of " + first.secret().value()),
            new StoredKey(second.key(), "hash of " + second.secret().value()));
    assertThat(events).isEmpty();
  }

  @Test
  void listsTheKeysOfTheConfigurationFirst() {
    ApiKey key = created(OWNER, wanted(Scope.READ_MESSAGES)).key();
    assertThat(keys.list(OWNER, THIS_INSTANCE)).containsExactly(CONFIGURED, key);
    assertThat(keys.find(OWNER, THIS_INSTANCE, key.id())).contains(key);
    assertThat(keys.find(OWNER, THIS_INSTANCE, CONFIGURED.id())).contains(CONFIGURED);
    assertThat(keys.find(OWNER, THIS_INSTANCE, KeyId.ofApi(Samples.newUuid()))).isEmpty();
  }

  /** Each scope is tried by a caller who has all others. */
  @Test
  void givesNoScopeThatTheCallerDoesNotHave() {
    for (Scope scope : EnumSet.complementOf(EnumSet.of(Scope.MANAGE_KEYS))) {
      Caller without =
          partner("owner", EnumSet.complementOf(EnumSet.of(scope)).toArray(Scope[]::new));
      assertThatThrownBy(
              () -> keys.create(without, THIS_INSTANCE, wanted(Scope.MANAGE_KEYS, scope)))
          .isInstanceOfSatisfying(
              AccessDenied.class,
              denied -> {
                assertThat(denied.scope()).isEqualTo(scope);
                assertThat(denied.detail()).contains(scope.wireName());
              });
    }
    assertThat(registry.of(THIS_INSTANCE)).isEmpty();
  }

  @Test
  void needsItsScopeInItsInstance() {
    TenantInstance other = Samples.OTHER_INSTANCE;
    Caller patient =
        new Caller.PatientUser(
            "user:1", THIS_INSTANCE, Set.of(Scope.values()), new PatientId(Samples.newUuid()));
    Caller reader =
        partner("owner", EnumSet.complementOf(EnumSet.of(Scope.MANAGE_KEYS)).toArray(Scope[]::new));
    ApiKey key = created(OWNER, wanted(Scope.READ_MESSAGES)).key();
    for (Caller caller : List.of(patient, reader)) {
      denied(() -> keys.list(caller, THIS_INSTANCE));
      denied(() -> keys.find(caller, THIS_INSTANCE, key.id()));
      denied(() -> keys.create(caller, THIS_INSTANCE, wanted(Scope.READ_MESSAGES)));
      denied(() -> keys.revoke(caller, THIS_INSTANCE, key.id()));
      denied(() -> keys.revoke(caller, THIS_INSTANCE, CONFIGURED.id()));
    }
    denied(() -> keys.list(OWNER, other));
    denied(() -> keys.create(OWNER, other, wanted(Scope.READ_MESSAGES)));
    denied(() -> keys.revoke(OWNER, other, key.id()));
    assertThat(registry.of(THIS_INSTANCE)).containsExactly(key);
  }

  private static void denied(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(AccessDenied.class);
  }

  @Test
  void revokesKeysOfItsInstance() {
    ApiKey key = created(OWNER, wanted(Scope.READ_MESSAGES)).key();
    clock.move(Duration.ofSeconds(5));
    assertThat(keys.revoke(OWNER, THIS_INSTANCE, key.id())).isEqualTo(new KeyResult.Revoked());
    clock.move(Duration.ofSeconds(5));
    assertThat(keys.revoke(OWNER, THIS_INSTANCE, key.id())).isEqualTo(new KeyResult.Revoked());
    assertThat(registry.of(THIS_INSTANCE).getFirst().revokedAt()).isEqualTo(NOON.plusSeconds(5));
    assertThat(keys.revoke(OWNER, THIS_INSTANCE, KeyId.ofApi(Samples.newUuid())))
        .isEqualTo(new KeyResult.NoSuchKey());
    assertThat(keys.revoke(OWNER, THIS_INSTANCE, CONFIGURED.id()))
        .isEqualTo(new KeyResult.IsConfigured());
  }

  @Test
  void aKeyMayRevokeItselfAndNoOther() {
    ApiKey key = created(OWNER, wanted(Scope.READ_MESSAGES)).key();
    ApiKey other = created(OWNER, wanted(Scope.READ_MESSAGES)).key();
    Caller itself = partner(key.id().value(), Scope.READ_MESSAGES);
    denied(() -> keys.revoke(itself, THIS_INSTANCE, other.id()));
    denied(() -> keys.revoke(itself, Samples.OTHER_INSTANCE, key.id()));
    assertThat(keys.revoke(itself, THIS_INSTANCE, key.id())).isEqualTo(new KeyResult.Revoked());
    // Whoever has signed in with an id like that of a key is no key.
    Caller patient =
        new Caller.PatientUser(
            other.id().value(), THIS_INSTANCE, Set.of(), new PatientId(Samples.newUuid()));
    denied(() -> keys.revoke(patient, THIS_INSTANCE, other.id()));
  }

  @Test
  void refusesAnExpiryThatHasPassed() {
    for (Instant bad :
        List.of(NOON, NOON.minusMillis(1), Instant.MIN, Instant.parse("+10000-01-01T00:00:00Z"))) {
      assertThatThrownBy(() ->
              keys.create(
                  OWNER, THIS_INSTANCE, new NewKey(Set.of(Scope.READ_MESSAGES), "", null, bad)))
          .isInstanceOfSatisfying(
              InvalidRequest.class,
              invalid ->
                  assertThat(invalid.violations())
                      .extracting(violation -> violation.member())
                      .containsExactly("expiresAt"));
    }
    Instant soon = NOON.plusMillis(1).plusNanos(999);
    assertThat(
            created(OWNER, new NewKey(Set.of(Scope.READ_MESSAGES), "", null, soon))
                .key()
                .expiresAt())
        .isEqualTo(NOON.plusMillis(1));
  }

  @Test
  void refusesMoreKeysThanTheMaximum() {
    for (int i = 0; i < KeyManagement.MAX; i++) {
      assertThat(keys.create(OWNER, THIS_INSTANCE, wanted(Scope.READ_MESSAGES)))
          .isInstanceOf(KeyResult.Created.class);
    }
    assertThat(keys.create(OWNER, THIS_INSTANCE, wanted(Scope.READ_MESSAGES)))
        .isEqualTo(new KeyResult.TooMany(KeyManagement.MAX));
    assertThat(
            keys.createBreakGlass(
                OWNER, THIS_INSTANCE, new NewBreakGlassKey("why", Duration.ofMinutes(1))))
        .as("an emergency")
        .isInstanceOf(KeyResult.Created.class);
  }

  @Test
  void aBreakGlassKeyOnlyReadsAndIsTold() {
    Caller sealedEnvelope = partner("envelope", Scope.BREAK_GLASS);
    var made =
        (KeyResult.Created)
            keys.createBreakGlass(
                sealedEnvelope,
                THIS_INSTANCE,
                new NewBreakGlassKey("the ward's system is down", Duration.ofMinutes(60)));
    ApiKey key = made.key();
    assertThat(key.isBreakGlass()).isTrue();
    assertThat(key.scopes()).containsExactlyInAnyOrder(Scope.READ_MESSAGES, Scope.SEARCH_INSTANCE);
    assertThat(key.reason()).isEqualTo("the ward's system is down");
    assertThat(key.expiresAt()).isEqualTo(NOON.plus(Duration.ofMinutes(60)));
    assertThat(events)
        .containsExactly(
            new InstanceEvent.BreakGlassKeyCreated(
                THIS_INSTANCE, key.id(), NOON.plusSeconds(3600), NOON));
    denied(() -> keys.list(sealedEnvelope, THIS_INSTANCE));
  }

  @Test
  void aBreakGlassKeyNeedsItsScopeAReasonAndAnEnd() {
    Caller others =
        partner("owner", EnumSet.complementOf(EnumSet.of(Scope.BREAK_GLASS)).toArray(Scope[]::new));
    Duration minute = Duration.ofMinutes(1);
    denied(() -> keys.createBreakGlass(others, THIS_INSTANCE, new NewBreakGlassKey("why", minute)));
    denied(() ->
        keys.createBreakGlass(OWNER, Samples.OTHER_TENANT, new NewBreakGlassKey("why", minute)));
    for (NewBreakGlassKey bad :
        List.of(
            new NewBreakGlassKey("", minute),
            new NewBreakGlassKey(" \u00A0\u200B", minute),
            new NewBreakGlassKey("why", Duration.ZERO),
            new NewBreakGlassKey("why", Duration.ofMinutes(60).plusMillis(1)))) {
      assertThatThrownBy(() -> keys.createBreakGlass(OWNER, THIS_INSTANCE, bad))
          .isInstanceOf(InvalidRequest.class);
    }
    assertThat(registry.of(THIS_INSTANCE)).isEmpty();
    assertThat(events).isEmpty();
  }
}
