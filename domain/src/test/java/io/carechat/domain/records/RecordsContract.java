package io.carechat.domain.records;

import static io.carechat.domain.chat.ClientType.CARE_TEAM;
import static io.carechat.domain.chat.ClientType.PATIENT;
import static io.carechat.domain.chat.Samples.message;
import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.stored;
import static io.carechat.domain.chat.Samples.strangersTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ChatRestricted;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.Event;
import io.carechat.domain.events.EventLogContract;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.inbox.ChatDirectory;
import io.carechat.domain.inbox.ChatFilter;
import io.carechat.domain.inbox.ReadMarkers;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.messages.MessageLogContract;
import io.carechat.domain.paging.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Erasures}, {@link Restrictions} and {@link LegalHolds} do, and what the log,
 * the chats and the markers show then.
 */
public interface RecordsContract extends MessageLogContract {
  /** The erasures of the chats of the log. */
  Erasures erasures();

  /** The restrictions of the chats of the log. */
  Restrictions restrictions();

  /** The legal holds of the chats of the log. */
  LegalHolds holds();

  /** The chats of the log whose time is over. */
  RetentionCandidates candidates();

  /** The markers of the chats of the log. */
  ReadMarkers markers();

  /** The chats of the log. */
  ChatDirectory chats();

  private Instant now() {
    return clock().instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private Erasures.Requested request(ChatId chat) {
    return request(chat, null);
  }

  private Erasures.Requested request(ChatId chat, @Nullable Instant onlyIfQuietSince) {
    return erasures()
        .request(
            new Erasures.Request(
                new ErasureId(Samples.newUuid()),
                chat,
                ErasureReason.CONSENT_WITHDRAWN,
                "partner",
                now(),
                onlyIfQuietSince));
  }

  private Erasure accepted(Erasures.Requested requested) {
    assertThat(requested).isInstanceOf(Erasures.Requested.Accepted.class);
    return ((Erasures.Requested.Accepted) requested).erasure();
  }

  /** Erases, and gives the erasure when nothing is left in the store. */
  default Erasure erased(ChatId chat) {
    Erasure erasure = accepted(request(chat));
    while (erasure.state() == Erasure.State.REMOVING) {
      erasure = erasures().removeMore(erasure);
    }
    return erasure;
  }

  private LegalHold newHold() {
    return new LegalHold(new HoldId(Samples.newUuid()), "case-7", now(), "partner");
  }

  private List<LoggedEvent> eventsOf(ChatId chat) {
    EventLogContract.positionOf(events(), stored(log(), newChat(), "the end"));
    return instanceEvents().read(chat, LogPosition.START, 10_000);
  }

  private List<Event> ofInstanceIn(ChatId chat) {
    EventLogContract.positionOf(events(), stored(log(), newChat(), "the end"));
    return instanceEvents().read(chat.instance(), LogPosition.START, 100_000).stream()
        .map(LoggedEvent::event)
        .filter(event -> event instanceof ChatEvent of && of.chat().equals(chat))
        .toList();
  }

  private List<ChatId> listed(ChatId chat) {
    return chats()
        .list(chat.instance(), new ChatFilter(null), new Window.Newest<>(), 1_000)
        .newestFirst()
        .stream()
        .map(summary -> summary.chat())
        .filter(chat::equals)
        .toList();
  }

  @Test
  default void erasesEverythingOfTheChatAndNothingOfOthers() {
    ChatId chat = newChat();
    List<Message> messages = append(chat, 3);
    markers().advance(chat, PATIENT, messages.get(1).externalId());
    List<Message> strangers = new ArrayList<>();
    strangersTo(chat).forEach(stranger -> strangers.add(stored(log(), stranger, "kept")));

    Erasure erasure = erased(chat);

    assertThat(erasure.state()).isEqualTo(Erasure.State.INDEXING);
    assertThat(erasure.removed()).isEqualTo(new Removed(3, 4, 0, 0, 1, 0));
    assertThat(all(chat)).isEmpty();
    assertThat(log().find(chat, messages.getFirst().externalId())).isEmpty();
    assertThat(log().findExisting(chat.instance(), messages.stream().map(MessageRef::of).toList()))
        .isEmpty();
    assertThat(chats().find(chat)).isEmpty();
    assertThat(listed(chat)).isEmpty();
    for (Message stranger : strangers) {
      assertThat(all(stranger.chat())).containsExactly(stranger);
      assertThat(eventsOf(stranger.chat()))
          .extracting(LoggedEvent::event)
          .containsExactly(new ChatEvent.MessageSent(stranger));
      assertThat(erasures().find(stranger.chat(), erasure.id())).isEmpty();
    }
    assertThat(erasures().find(chat, erasure.id())).contains(erasure);
  }

  @Test
  default void leavesAnEventInTheOrderOfTheLog() {
    ChatId chat = newChat();
    Message first = append(chat, 2).getFirst();
    LogPosition before = EventLogContract.positionOf(events(), first);

    Erasure erasure = erased(chat);
    Message later = stored(log(), chat, "later");

    Instant through = Objects.requireNonNull(erasure.through());
    var event =
        new ChatEvent.RecordChanged(
            chat, ChatEvent.RecordChange.ERASED, erasure.id().value(), through);
    List<LoggedEvent> inOrder = eventsOf(chat);
    assertThat(inOrder)
        .extracting(LoggedEvent::event)
        .containsExactly(event, new ChatEvent.MessageSent(later));
    assertThat(inOrder).extracting(LoggedEvent::position).isSorted();
    assertThat(inOrder.getFirst().position()).isEqualTo(erasure.event());
    // A position from before is as good as ever.
    assertThat(instanceEvents().read(chat, before, 10)).isEqualTo(inOrder);
    assertThat(ofInstanceIn(chat)).containsExactly(event, new ChatEvent.MessageSent(later));
  }

  @Test
  default void anErasedChatBeginsAgainAfterTheErasedTimes() {
    ChatId chat = newChat();
    clock().move(Duration.ofSeconds(10));
    Message old = stored(log(), message(chat, "old", "key"));
    Instant through = Objects.requireNonNull(erased(chat).through());

    // The clock steps back, or another node's clock is behind.
    clock().move(Duration.ofSeconds(-5));
    Message again = stored(log(), message(chat, "new", "key"));

    assertThat(through).isAfterOrEqualTo(old.createdAt());
    assertThat(again.createdAt()).isAfter(through);
    assertThat(all(chat)).containsExactly(again);
    assertThat(log().read(chat, new Window.After<>(old.createdAt()), 10).newestFirst())
        .containsExactly(again);
    assertThat(chats().find(chat).orElseThrow().summary().unread().careTeam()).isEqualTo(1);
    clock().move(Duration.ofSeconds(5));
  }

  @Test
  default void askingAgainGivesTheSameErasure() {
    ChatId chat = newChat();
    stored(log(), chat, "text");
    Erasure first = erased(chat);

    assertThat(accepted(request(chat))).isEqualTo(first);
    erasures().complete(first, "the receipt");
    Erasure done = accepted(request(chat));
    assertThat(done.state()).isEqualTo(Erasure.State.DONE);
    assertThat(done.receipt()).isEqualTo("the receipt");
    erasures().complete(first, "another receipt");
    assertThat(accepted(request(chat))).isEqualTo(done);
    assertThat(erasures().unfinished(1_000)).extracting(Erasure::id).doesNotContain(first.id());

    stored(log(), chat, "more");
    assertThat(erased(chat).id()).isNotEqualTo(first.id());
  }

  @Test
  default void thereIsNothingToEraseInAChatWithoutMessages() {
    assertThat(request(newChat())).isEqualTo(new Erasures.Requested.NoChat());
  }

  @Test
  default void erasesOnlyWhatIsQuietIfThatIsAskedFor() {
    ChatId chat = newChat();
    Message message = stored(log(), chat, "text");

    assertThat(request(chat, message.createdAt())).isEqualTo(new Erasures.Requested.NoChat());
    assertThat(all(chat)).containsExactly(message);
    assertThat(accepted(request(chat, message.createdAt().plusMillis(1)))).isNotNull();
  }

  @Test
  default void aHoldKeepsTheChatUntilTheLastIsLifted() {
    ChatId chat = newChat();
    List<Message> messages = append(chat, 2);
    LegalHold first = newHold();
    LegalHold second = newHold();
    assertThat(holds().place(chat, first)).isEqualTo(LegalHolds.Placed.PLACED);
    assertThat(holds().place(chat, second)).isEqualTo(LegalHolds.Placed.PLACED);
    assertThat(holds().list(chat)).containsExactlyInAnyOrder(first, second);

    assertThat(request(chat)).isEqualTo(new Erasures.Requested.Held());
    assertThat(request(chat)).isEqualTo(new Erasures.Requested.Held());
    for (ChatId stranger : strangersTo(chat)) {
      assertThat(holds().lift(stranger, first.id(), now())).isFalse();
      assertThat(holds().list(stranger)).isEmpty();
    }
    assertThat(holds().lift(chat, first.id(), now())).isTrue();
    assertThat(holds().lift(chat, first.id(), now())).isFalse();
    assertThat(request(chat)).isEqualTo(new Erasures.Requested.Held());
    assertThat(all(chat)).isEqualTo(messages);

    assertThat(holds().lift(chat, second.id(), now())).isTrue();
    Erasure queued = erased(chat);
    assertThat(queued.state()).isEqualTo(Erasure.State.INDEXING);
    assertThat(all(chat)).isEmpty();
    assertThat(queued.removed().messages()).isEqualTo(2);
    assertThat(holds().place(chat, newHold())).isEqualTo(LegalHolds.Placed.NO_CHAT);
  }

  @Test
  default void aHoldAloneErasesNothing() {
    ChatId chat = newChat();
    Message message = stored(log(), chat, "text");
    LegalHold hold = newHold();
    holds().place(chat, hold);
    holds().lift(chat, hold.id(), now());

    assertThat(all(chat)).containsExactly(message);
    assertThat(holds().place(newChat(), newHold())).isEqualTo(LegalHolds.Placed.NO_CHAT);
  }

  @Test
  default void aChatHasAHundredHoldsAtMost() {
    ChatId chat = newChat();
    stored(log(), chat, "text");
    for (int i = 0; i < LegalHolds.MAX; i++) {
      assertThat(holds().place(chat, newHold())).isEqualTo(LegalHolds.Placed.PLACED);
    }
    assertThat(holds().place(chat, newHold())).isEqualTo(LegalHolds.Placed.TOO_MANY);
  }

  @Test
  default void retentionErasesWhatIsQuietAndNeitherHeldNorRestricted() {
    TenantInstance instance = Samples.newInstance();
    ChatId quiet = Samples.chatIn(instance);
    ChatId held = Samples.chatIn(instance);
    ChatId restricted = Samples.chatIn(instance);
    ChatId active = Samples.chatIn(instance);
    List.of(held, restricted, quiet, active).forEach(chat -> stored(log(), chat, "old"));
    holds().place(held, newHold());
    restrictions().restrict(restricted, Samples.newUuid(), now());
    clock().move(Duration.ofDays(10));
    stored(log(), active, "new");
    clock().move(Duration.ofDays(25));
    Instant before = now().minus(Duration.ofDays(30));

    assertThat(candidates().instances()).contains(instance).doesNotHaveDuplicates();
    assertThat(candidates().quietSince(instance, before, 10)).containsExactly(quiet);
    assertThat(candidates().quietSince(Samples.newInstance(), before, 10)).isEmpty();
    var ids = new TimeOrderedIds(clock(), new Random(2));
    Function<Boolean, Retention> retention =
        erases ->
            new Retention(
                each ->
                    each.equals(instance)
                        ? Optional.of(new Retention.Policy(30, erases))
                        : Optional.empty(),
                candidates(),
                erasures(),
                ids,
                clock());
    Caller.Partner partner =
        new Caller.Partner("partner", instance, Set.of(Scope.MANAGE_RETENTION));
    Retention.Preview preview = retention.apply(false).preview(partner, instance);
    assertThat(preview.before()).isEqualTo(before);
    assertThat(preview.patients()).containsExactly(quiet.patient());

    assertThat(retention.apply(false).step()).isFalse();
    assertThat(all(quiet)).hasSize(1);
    assertThat(retention.apply(true).step()).isFalse();
    assertThat(all(quiet)).isEmpty();
    assertThat(all(held)).hasSize(1);
    assertThat(all(active)).hasSize(2);
    assertThat(retention.apply(true).preview(partner, instance).patients()).isEmpty();
    assertThat(restrictions().lift(restricted, Samples.newUuid(), now())).isTrue();
    assertThat(all(restricted)).hasSize(1);
    clock().move(Duration.ofDays(-35));
  }

  @Test
  default void ofAHoldAndAnErasureAtOnceOneIsFirst() throws Exception {
    int held = 0;
    int rounds = 200;
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < rounds; round++) {
        ChatId chat = newChat();
        Message message = stored(log(), chat, "text");
        List<Callable<Object>> calls =
            new ArrayList<>(List.of(() -> holds().place(chat, newHold()), () -> request(chat)));
        if (round % 2 == 0) {
          Collections.reverse(calls);
        }
        List<Object> results = new ArrayList<>();
        for (Future<Object> future : executor.invokeAll(calls)) {
          results.add(future.get());
        }
        if (results.contains(LegalHolds.Placed.PLACED)) {
          held++;
          assertThat(results).contains(new Erasures.Requested.Held());
          assertThat(all(chat)).containsExactly(message);
        } else {
          assertThat(results)
              .contains(LegalHolds.Placed.NO_CHAT)
              .doesNotContain(new Erasures.Requested.Held());
          assertThat(all(chat)).isEmpty();
          assertThat(holds().list(chat)).isEmpty();
        }
      }
    }
    assertThat(held).isPositive().isLessThan(rounds);
  }

  @Test
  default void aMessageAtTheSameTimeIsErasedOrComesAfter() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 100; round++) {
        ChatId chat = newChat();
        stored(log(), chat, "old");
        Future<MessageLog.Appended> sending =
            executor.submit(() -> log().append(message(chat, "new")));
        Erasure erasure = erased(chat);
        Message sent = ((MessageLog.Appended.Stored) sending.get()).message();

        Instant through = Objects.requireNonNull(erasure.through());
        if (sent.createdAt().isAfter(through)) {
          assertThat(all(chat)).containsExactly(sent);
          assertThat(eventsOf(chat))
              .extracting(LoggedEvent::event)
              .containsExactly(
                  new ChatEvent.RecordChanged(
                      chat, ChatEvent.RecordChange.ERASED, erasure.id().value(), through),
                  new ChatEvent.MessageSent(sent));
        } else {
          assertThat(all(chat)).isEmpty();
          assertThat(eventsOf(chat)).hasSize(1);
        }
      }
    }
  }

  @Test
  default void aRestrictedChatIsKeptButNeitherShownNorChanged() {
    ChatId chat = newChat();
    List<Message> messages = append(chat, 2);
    Message message = messages.getFirst();
    markers().advance(chat, CARE_TEAM, message.externalId());
    List<Event> before = ofInstanceIn(chat);
    List<Message> strangers =
        strangersTo(chat).stream().map(stranger -> stored(log(), stranger, "shown")).toList();

    assertThat(restrictions().restrict(chat, Samples.newUuid(), now())).contains(now());
    Instant since = now();
    clock().move(Duration.ofSeconds(1));
    assertThat(restrictions().restrict(chat, Samples.newUuid(), now())).contains(since);

    refuses(() -> log().append(message(chat, "no")));
    refuses(() -> log().append(message(chat, "no", "key")));
    refuses(() -> log().findEarlier(message(chat, "no", "key")));
    refuses(() -> log().read(chat, new Window.Newest<>(), 10));
    refuses(() -> log().read(chat, new Window.After<>(Instant.EPOCH), 10));
    refuses(() -> log().readLoggedAfter(LogPosition.START, chat, new Window.Newest<>(), 10));
    refuses(() -> log().find(chat, message.externalId()));
    refuses(() -> log().findAll(chat, List.of(message.externalId())));
    refuses(() -> chats().find(chat));
    refuses(() -> markers().advance(chat, PATIENT, message.externalId()));
    refuses(() -> instanceEvents().read(chat, LogPosition.START, 10));
    refuses(() -> request(chat));
    List<MessageRef> refs = messages.stream().map(MessageRef::of).toList();
    assertThat(log().findAll(chat.instance(), refs)).isEmpty();
    assertThat(log().readLoggedAfter(LogPosition.START, chat.instance(), 100_000))
        .extracting(LoggedEvent::event)
        .doesNotContainAnyElementsOf(before);
    assertThat(log().findExisting(chat.instance(), refs)).containsExactlyInAnyOrderElementsOf(refs);
    assertThat(listed(chat)).isEmpty();
    assertThat(ofInstanceIn(chat))
        .singleElement()
        .isInstanceOfSatisfying(
            ChatEvent.RecordChanged.class,
            changed -> assertThat(changed.change()).isEqualTo(ChatEvent.RecordChange.RESTRICTED));
    for (Message stranger : strangers) {
      assertThat(all(stranger.chat())).containsExactly(stranger);
      assertThat(restrictions().lift(stranger.chat(), Samples.newUuid(), now())).isFalse();
    }

    assertThat(restrictions().lift(chat, Samples.newUuid(), now())).isTrue();
    assertThat(restrictions().lift(chat, Samples.newUuid(), now())).isFalse();
    assertThat(all(chat)).isEqualTo(messages);
    assertThat(listed(chat)).containsExactly(chat);
    assertThat(ofInstanceIn(chat)).containsAll(before).hasSize(before.size() + 2);
    assertThat(log().append(message(chat, "yes"))).isInstanceOf(MessageLog.Appended.Stored.class);
  }

  private static void refuses(Supplier<?> call) {
    assertThatExceptionOfType(ChatRestricted.class).isThrownBy(call::get);
  }

  @Test
  default void aChatWithoutMessagesCannotBeRestricted() {
    assertThat(restrictions().restrict(newChat(), Samples.newUuid(), now())).isEmpty();
  }

  @Test
  default void aMessageAtTheSameTimeAsARestrictionComesBeforeOrNotAtAll() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 50; round++) {
        ChatId chat = newChat();
        stored(log(), chat, "old");
        Future<Boolean> sending =
            executor.submit(() -> {
              try {
                return log().append(message(chat, "new")) instanceof MessageLog.Appended.Stored;
              } catch (ChatRestricted e) {
                return false;
              }
            });
        restrictions().restrict(chat, Samples.newUuid(), now());
        boolean sent = sending.get();
        restrictions().lift(chat, Samples.newUuid(), now());

        assertThat(all(chat)).hasSize(sent ? 2 : 1);
      }
    }
  }
}
