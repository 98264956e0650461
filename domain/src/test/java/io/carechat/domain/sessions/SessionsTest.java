package io.carechat.domain.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.sessions.Sessions.Link;
import io.carechat.domain.sessions.Sessions.Opened;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SessionsTest {
  private static final Set<Scope> ALL = Set.of(Scope.values());
  private static final Caller.CareTeamUser NURSE =
      new Caller.CareTeamUser(
          "user:nurse",
          Samples.THIS_INSTANCE,
          ALL,
          new Sender.CareTeamMember(Samples.newUuid(), "Nurse"));
  private static final Caller.Partner PARTNER =
      new Caller.Partner("partner", Samples.THIS_INSTANCE, ALL);

  private final ManualClock clock = new ManualClock(Samples.NOON);
  private final InMemorySessionStore store = new InMemorySessionStore();
  private final Sessions sessions =
      new Sessions(store, chat -> "user:" + chat.instance(), new Random(7), clock);

  private Optional<Caller> caller(Secret token) {
    return sessions.find(token).map(Session::caller);
  }

  private Optional<Opened> open(Secret link) {
    return sessions.openByLink(link);
  }

  @Test
  void opensASessionThatEndsWhenThePersonDoesNothing() {
    Opened opened = sessions.open(NURSE);
    assertThat(opened.session())
        .isEqualTo(
            new Session(
                NURSE, Samples.NOON.plus(Sessions.IDLE), Samples.NOON.plus(Sessions.LIFETIME)));
    clock.move(Sessions.IDLE.minusMillis(1));
    assertThat(sessions.find(opened.token())).contains(opened.session());
    clock.move(Duration.ofMillis(1));
    assertThat(sessions.find(opened.token())).isEmpty();
    assertThat(sessions.keepAlive(opened.token())).isEmpty();
  }

  @Test
  void keepsASessionAliveUntilItsEnd() {
    Secret token = sessions.open(NURSE).token();
    Instant end = Samples.NOON.plus(Sessions.LIFETIME);
    Duration step = Sessions.IDLE.minusSeconds(1);
    while (clock.instant().plus(step).isBefore(end)) {
      clock.move(step);
      assertThat(sessions.keepAlive(token).map(Session::caller)).contains(NURSE);
    }
    assertThat(sessions.find(token).map(Session::idleEnd)).contains(end);
    clock.move(Duration.between(clock.instant(), end));
    assertThat(sessions.keepAlive(token)).isEmpty();
    assertThat(sessions.find(token)).isEmpty();
  }

  /** PostgreSQL keeps no nanoseconds, and would round them up. */
  @Test
  void hasTimesOfWholeMilliseconds() {
    clock.move(Duration.ofNanos(1_999_999));
    assertThat(sessions.open(NURSE).session().idleEnd())
        .isEqualTo(Samples.NOON.plusMillis(1).plus(Sessions.IDLE));
    assertThat(sessions.createLink(PARTNER, Samples.newChat()).expiresAt())
        .isEqualTo(Samples.NOON.plusMillis(1).plus(Sessions.LINK_LIFETIME));
  }

  @Test
  void closesASession() {
    Secret token = sessions.open(NURSE).token();
    Secret other = sessions.open(NURSE).token();
    sessions.close(token);
    sessions.close(token);
    assertThat(sessions.find(token)).isEmpty();
    assertThat(sessions.keepAlive(token)).isEmpty();
    assertThat(caller(other)).contains(NURSE);
  }

  @Test
  void opensNoSessionForAServer() {
    assertThatThrownBy(() -> sessions.open(PARTNER)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void makesAnotherSecretEachTime() {
    var secrets = new HashSet<Secret>();
    for (int i = 0; i < 100; i++) {
      secrets.add(sessions.open(NURSE).token());
      secrets.add(sessions.createLink(PARTNER, Samples.newChat()).token());
    }
    assertThat(secrets).hasSize(200).allMatch(Sessions::isSecret);
  }

  @Test
  void doesNotLookUpWhatCannotBeASecret() {
    String good = sessions.open(NURSE).token().value();
    for (String bad :
        List.of("", "x", good + "A", good.substring(1), good.substring(1) + "=", good + "\n")) {
      Secret secret = new Secret(bad);
      assertThat(sessions.find(secret)).isEmpty();
      assertThat(sessions.keepAlive(secret)).isEmpty();
      assertThat(open(secret)).isEmpty();
      sessions.close(secret);
    }
    assertThat(store.lookups()).isZero();
  }

  @Test
  void signsAPatientInByALinkOnce() {
    ChatId chat = Samples.newChat();
    Link link = sessions.createLink(PARTNER, chat);
    assertThat(link.expiresAt()).isEqualTo(Samples.NOON.plus(Sessions.LINK_LIFETIME));
    Opened opened = open(link.token()).orElseThrow();
    assertThat(opened.token()).isNotEqualTo(link.token());
    assertThat(opened.session().caller())
        .isEqualTo(
            new Caller.PatientUser(
                "user:" + chat.instance(),
                chat.instance(),
                Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES),
                chat.patient()));
    assertThat(caller(opened.token())).contains(opened.session().caller());
    assertThat(open(link.token())).isEmpty();
    assertThat(caller(link.token())).isEmpty();
    assertThat(open(opened.token())).isEmpty();
  }

  @Test
  void signsNobodyInByALinkThatHasExpired() {
    Link link = sessions.createLink(PARTNER, Samples.newChat());
    clock.move(Sessions.LINK_LIFETIME);
    assertThat(open(link.token())).isEmpty();
  }

  @Test
  void makesLinksForThoseWhoMay() {
    ChatId chat = Samples.newChat();
    assertThat(sessions.createLink(PARTNER, chat).token()).isNotNull();
    assertThat(sessions.createLink(NURSE, chat).token()).isNotNull();
    Set<Scope> others = EnumSet.complementOf(EnumSet.of(Scope.SIGN_IN_PATIENTS));
    for (Caller caller :
        List.of(
            new Caller.Partner("p", Samples.OTHER_INSTANCE, ALL),
            new Caller.Partner("p", Samples.OTHER_TENANT, ALL),
            new Caller.Partner("p", chat.instance(), others),
            new Caller.CareTeamUser("n", chat.instance(), others, NURSE.member()),
            new Caller.CareTeamUser("n", Samples.OTHER_TENANT, ALL, NURSE.member()),
            new Caller.PatientUser("u", chat.instance(), ALL, chat.patient()))) {
      assertThatThrownBy(() -> sessions.createLink(caller, chat))
          .isInstanceOfSatisfying(
              AccessDenied.class,
              denied -> assertThat(denied.scope()).isEqualTo(Scope.SIGN_IN_PATIENTS));
    }
  }

  @Test
  void deletesWhatHasEnded() {
    sessions.open(NURSE);
    sessions.open(NURSE);
    sessions.createLink(PARTNER, Samples.newChat());
    assertThat(sessions.deleteEnded(2)).isFalse();
    clock.move(Sessions.IDLE);
    Secret lasting = sessions.open(NURSE).token();
    assertThat(sessions.deleteEnded(2)).isTrue();
    assertThat(sessions.deleteEnded(2)).isFalse();
    assertThat(caller(lasting)).contains(NURSE);
  }
}
