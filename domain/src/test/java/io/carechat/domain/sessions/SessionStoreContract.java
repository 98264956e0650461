package io.carechat.domain.sessions;

import static io.carechat.domain.chat.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link SessionStore} must do. */
public interface SessionStoreContract {
  Instant IDLE_END = NOON.plusSeconds(900);
  Instant END = NOON.plusSeconds(43_200);
  Instant EARLIER = NOON.minusSeconds(100_000);

  /** The store under test. */
  SessionStore store();

  /** A secret that no other test has. */
  static Secret newSecret() {
    return new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(Samples.newBytes(32)));
  }

  private static Session patients(ChatId chat) {
    return new Session(
        new Caller.PatientUser(
            "user:1",
            chat.instance(),
            Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES),
            chat.patient()),
        IDLE_END,
        END);
  }

  private static Session members(@Nullable String title, Set<Scope> scopes) {
    return new Session(
        new Caller.CareTeamUser(
            "user:2",
            Samples.THIS_INSTANCE,
            scopes,
            new Sender.CareTeamMember(Samples.newUuid(), title)),
        IDLE_END,
        END);
  }

  private Secret added(Session session) {
    Secret token = newSecret();
    store().add(token, session);
    return token;
  }

  @Test
  default void findsWhatWasAdded() {
    for (Session session :
        List.of(
            patients(Samples.newChat()),
            members("Schwester Änne 👩‍⚕️", Set.of(Scope.values())),
            members(null, Set.of()))) {
      Secret token = added(session);
      assertThat(store().find(token, NOON)).contains(session);
    }
  }

  @Test
  default void findsNothingOfAnotherSecret() {
    Secret token = added(patients(Samples.newChat()));
    for (Secret other :
        List.of(
            newSecret(),
            new Secret(token.value().toLowerCase(java.util.Locale.ROOT)),
            new Secret(token.value().substring(1)),
            new Secret(token.value() + "A"))) {
      assertThat(store().find(other, NOON)).isEmpty();
      assertThat(store().extend(other, NOON, END)).isEmpty();
      store().remove(other);
    }
    assertThat(store().find(token, NOON)).isPresent();
  }

  @Test
  default void findsASessionUntilItsIdleEnd() {
    Secret token = added(patients(Samples.newChat()));
    assertThat(store().find(token, IDLE_END.minusMillis(1))).isPresent();
    assertThat(store().find(token, IDLE_END)).isEmpty();
    assertThat(store().find(token, END)).isEmpty();
  }

  @Test
  default void extendsASession() {
    ChatId chat = Samples.newChat();
    Secret token = added(patients(chat));
    Session later = new Session(patients(chat).caller(), IDLE_END.plusSeconds(60), END);
    assertThat(store().extend(token, NOON, later.idleEnd())).contains(later);
    assertThat(store().find(token, IDLE_END)).contains(later);
    // Of a node whose clock is behind.
    assertThat(store().extend(token, NOON, IDLE_END)).contains(later);
    assertThat(store().find(token, NOON)).contains(later);
  }

  @Test
  default void extendsASessionUpToItsEndAndNotWhenItHasEnded() {
    Secret token = added(patients(Samples.newChat()));
    assertThat(store().extend(token, IDLE_END, END)).isEmpty();
    assertThat(store().extend(token, NOON, END.plusSeconds(1)).map(Session::idleEnd)).contains(END);
    assertThat(store().extend(token, END, END.plusSeconds(900))).isEmpty();
    assertThat(store().find(token, END)).isEmpty();
  }

  @Test
  default void removesASessionAndNoOther() {
    ChatId chat = Samples.newChat();
    Secret token = added(patients(chat));
    Secret other = added(patients(chat));
    store().remove(token);
    store().remove(token);
    assertThat(store().find(token, NOON)).isEmpty();
    assertThat(store().extend(token, NOON, END)).isEmpty();
    assertThat(store().find(other, NOON)).isPresent();
  }

  @Test
  default void usesALinkOnce() {
    ChatId chat = Samples.newChat();
    Secret link = newSecret();
    store().addLink(link, chat, IDLE_END);
    assertThat(store().useLink(newSecret(), NOON)).isEmpty();
    assertThat(store().useLink(link, IDLE_END.minusMillis(1))).contains(chat);
    assertThat(store().useLink(link, NOON)).isEmpty();
  }

  @Test
  default void usesNoLinkThatHasExpired() {
    Secret link = newSecret();
    store().addLink(link, Samples.newChat(), IDLE_END);
    assertThat(store().useLink(link, IDLE_END)).isEmpty();
    assertThat(store().useLink(link, IDLE_END.plusSeconds(1))).isEmpty();
  }

  @Test
  default void keepsSessionsAndLinksApart() {
    Secret token = added(patients(Samples.newChat()));
    Secret link = newSecret();
    store().addLink(link, Samples.newChat(), IDLE_END);
    assertThat(store().find(link, NOON)).isEmpty();
    assertThat(store().useLink(token, NOON)).isEmpty();
  }

  @Test
  default void letsOneAloneUseALinkThatManyUseAtOnce() throws Exception {
    for (int round = 0; round < 5; round++) {
      ChatId chat = Samples.newChat();
      Secret link = newSecret();
      store().addLink(link, chat, IDLE_END);
      var all = new ArrayList<Future<Optional<ChatId>>>();
      try (ExecutorService nodes = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 20; i++) {
          all.add(nodes.submit(() -> store().useLink(link, NOON)));
        }
      }
      var got = new ArrayList<ChatId>();
      for (Future<Optional<ChatId>> each : all) {
        each.get(60, TimeUnit.SECONDS).ifPresent(got::add);
      }
      assertThat(got).containsExactly(chat);
    }
  }

  @Test
  default void losesNoExtensionIfManyExtendAtOnce() throws Exception {
    Secret token = added(patients(Samples.newChat()));
    try (ExecutorService nodes = Executors.newVirtualThreadPerTaskExecutor()) {
      var all = new ArrayList<Future<?>>();
      for (int i = 1; i <= 20; i++) {
        Instant idleEnd = IDLE_END.plusSeconds((i * 7) % 20);
        all.add(nodes.submit(() -> store().extend(token, NOON, idleEnd)));
      }
      for (Future<?> each : all) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
    assertThat(store().find(token, NOON).map(Session::idleEnd)).contains(IDLE_END.plusSeconds(19));
  }

  /** Long ago, so that what other tests have added is not concerned. */
  @Test
  default void deletesWhatHasEndedInPieces() {
    Caller caller = patients(Samples.newChat()).caller();
    List<Secret> tokens = List.of(newSecret(), newSecret(), newSecret());
    for (Secret token : tokens) {
      store().add(token, new Session(caller, EARLIER, EARLIER.plusSeconds(60)));
    }
    Secret lasting = newSecret();
    store().add(lasting, new Session(caller, EARLIER.plusMillis(1), EARLIER.plusSeconds(60)));
    Secret link = newSecret();
    store().addLink(link, Samples.newChat(), EARLIER);
    Secret lastingLink = newSecret();
    store().addLink(lastingLink, Samples.newChat(), EARLIER.plusMillis(1));
    assertThat(store().deleteEnded(EARLIER.minusMillis(1), 2)).isZero();
    assertThat(store().deleteEnded(EARLIER, 2)).isEqualTo(3);
    assertThat(store().deleteEnded(EARLIER, 2)).isEqualTo(1);
    assertThat(store().deleteEnded(EARLIER, 2)).isZero();
    assertThat(tokens)
        .allSatisfy(token -> assertThat(store().find(token, EARLIER.minusSeconds(1))).isEmpty());
    assertThat(store().find(lasting, EARLIER)).isPresent();
    assertThat(store().useLink(link, EARLIER.minusSeconds(1))).isEmpty();
    assertThat(store().useLink(lastingLink, EARLIER)).isPresent();
    store().remove(lasting);
  }
}
