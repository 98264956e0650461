package io.carechat.domain.messages;

import static io.carechat.domain.chat.Samples.message;
import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.stored;
import static io.carechat.domain.chat.Samples.strangersTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.EventLogContract;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.paging.PrintableTimes;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every {@link MessageLog} and its {@link EventLog} do. A test class implements each of the
 * nested interfaces.
 */
public interface MessageLogContract {
  /** The log under test, in which other tests may have left other chats. */
  MessageLog log();

  /** The events of that log. */
  EventLog events();

  /** The same events, read for one instance or one chat. */
  InstanceEvents instanceEvents();

  /** The clock of that log. */
  ManualClock clock();

  /** Appends that many messages, one second apart, and gives them oldest first. */
  default List<Message> append(ChatId chat, int count) {
    var messages = new ArrayList<Message>();
    for (int i = 0; i < count; i++) {
      clock().move(Duration.ofSeconds(1));
      messages.add(stored(log(), chat, "message " + i));
    }
    return messages;
  }

  /** The newest messages of a chat, more than any test appends, oldest first. */
  default List<Message> all(ChatId chat) {
    return log().read(chat, new Window.Newest<>(), 10_000).newestFirst().reversed();
  }

  /** Runs the same call in many threads at once, and gives the results. */
  static <T> List<T> atOnce(int threads, Callable<T> call) throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> futures =
          executor.invokeAll(IntStream.range(0, threads).mapToObj(i -> call).toList());
      var results = new ArrayList<T>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    }
  }

  /** {@link MessageLog#append}. */
  interface Append extends MessageLogContract {
    @Test
    default void storesEveryPartUnchanged() {
      ChatId chat = newChat();
      Sender nurse = new Sender.CareTeamMember(Samples.newUuid(), "Nurse");
      String text = "  Zoë\u0301 \r\n\t\"<b>'; -- 👩‍👩‍👧 שלום \uFFFF \u0001 " + "x".repeat(9_000);
      var given =
          new NewMessage(chat, message(chat, "-").externalId(), nurse, new MessageText(text), null);

      Message stored = stored(log(), given);

      assertThat(stored)
          .isEqualTo(
              new Message(
                  chat,
                  given.externalId(),
                  nurse,
                  new MessageText(text),
                  clock().instant().truncatedTo(ChronoUnit.MILLIS)));
      assertThat(all(chat)).containsExactly(stored);
    }

    @Test
    default void acceptsTheLongestTextInFourByteCharacters() {
      ChatId chat = newChat();

      Message stored = stored(log(), chat, "🎉".repeat(MessageText.MAX_CODE_POINTS));

      assertThat(all(chat)).containsExactly(stored);
    }

    @Test
    default void givesEachMessageOfAChatALaterTimeEvenIfTheClockStandsStill() {
      ChatId chat = newChat();
      Instant now = clock().instant().truncatedTo(ChronoUnit.MILLIS);

      List<Message> stored =
          List.of(stored(log(), chat, "a"), stored(log(), chat, "b"), stored(log(), chat, "c"));

      assertThat(stored)
          .extracting(Message::createdAt)
          .containsExactly(now, now.plusMillis(1), now.plusMillis(2));
    }

    @Test
    default void givesLaterTimesEvenIfTheClockStepsBack() {
      ChatId chat = newChat();
      Message before = stored(log(), chat, "before");
      clock().move(Duration.ofHours(-1));

      Message after = stored(log(), chat, "after");
      Message elsewhere = stored(log(), newChat(), "elsewhere");

      assertThat(after.createdAt()).isEqualTo(before.createdAt().plusMillis(1));
      assertThat(elsewhere.createdAt()).isBefore(before.createdAt());
    }

    @Test
    default void storesOnceForOneKey() {
      ChatId chat = newChat();
      Message first = stored(log(), message(chat, "hello", "key"));
      clock().move(Duration.ofDays(400));

      assertThat(log().append(message(chat, "hello", "key")))
          .isEqualTo(new MessageLog.Appended.AlreadyStored(first));
      assertThat(all(chat)).containsExactly(first);
    }

    @Test
    default void findsWhatWasStoredWithAKey() {
      ChatId chat = newChat();
      NewMessage message = message(chat, "text", "key");
      assertThat(log().findEarlier(message)).isEmpty();
      Message stored = stored(log(), message);
      assertThat(log().findEarlier(message(chat, "text", "key")))
          .contains(new MessageLog.Appended.AlreadyStored(stored));
      assertThat(log().findEarlier(message(chat, "another", "key")))
          .contains(new MessageLog.Appended.KeyTaken());
      assertThat(log().findEarlier(message(chat, "text", "another"))).isEmpty();
      assertThat(log().findEarlier(message(chat, "text"))).isEmpty();
      for (ChatId other : strangersTo(chat)) {
        assertThat(log().findEarlier(message(other, "text", "key"))).isEmpty();
      }
    }

    @Test
    default void refusesAKeyForAnotherTextOrTitle() {
      ChatId chat = newChat();
      UUID member = Samples.newUuid();
      Message first = stored(log(), from(new Sender.CareTeamMember(member, "Dr."), chat));

      assertThat(
              log()
                  .append(
                      from(new Sender.CareTeamMember(member, "Dr."), message(chat, "bye", "key"))))
          .isEqualTo(new MessageLog.Appended.KeyTaken());
      assertThat(log().append(from(new Sender.CareTeamMember(member, "Nurse"), chat)))
          .isEqualTo(new MessageLog.Appended.KeyTaken());
      assertThat(all(chat)).containsExactly(first);
    }

    /** The id of a member may be that of a patient. The sides are different senders even then. */
    @Test
    default void keepsTheKeysOfSendersSeparate() {
      ChatId chat = newChat();
      List<Sender> senders =
          List.of(
              new Sender.Patient(chat.patient()),
              new Sender.CareTeamMember(chat.patient().value(), null),
              new Sender.CareTeamMember(Samples.newUuid(), "Dr."),
              new Sender.CareTeamMember(Samples.newUuid(), "Dr."));
      List<Message> stored =
          senders.stream().map(sender -> stored(log(), from(sender, chat))).toList();

      for (int i = 0; i < senders.size(); i++) {
        assertThat(log().append(from(senders.get(i), chat)))
            .isEqualTo(new MessageLog.Appended.AlreadyStored(stored.get(i)));
        assertThat(log().append(from(senders.get(i), message(chat, "bye", "key"))))
            .isEqualTo(new MessageLog.Appended.KeyTaken());
      }
      assertThat(all(chat)).containsExactlyInAnyOrderElementsOf(stored);
    }

    @Test
    default void keepsTheKeysOfSendersSeparateIfTheySendAtOnce() throws Exception {
      ChatId chat = newChat();
      var patient = new Sender.Patient(chat.patient());
      var member = new Sender.CareTeamMember(Samples.newUuid(), null);
      var turn = new AtomicInteger();

      atOnce(
          16, () -> log().append(from(turn.getAndIncrement() % 2 == 0 ? patient : member, chat)));

      assertThat(all(chat)).extracting(Message::sender).containsExactlyInAnyOrder(patient, member);
    }

    private static NewMessage from(Sender sender, ChatId chat) {
      return from(sender, message(chat, "hello", "key"));
    }

    private static NewMessage from(Sender sender, NewMessage message) {
      return new NewMessage(
          message.chat(), message.externalId(), sender, message.text(), message.key());
    }

    @Test
    default void keepsTheKeysOfChatsSeparate() {
      ChatId chat = newChat();
      stored(log(), message(chat, "hello", "key"));

      for (ChatId stranger : strangersTo(chat)) {
        Message own = stored(log(), message(stranger, "hello", "key"));
        assertThat(all(stranger)).containsExactly(own);
      }
      assertThat(all(chat)).hasSize(1);
    }

    @Test
    default void storesOnceEvenIfManySendOneKeyAtOnce() throws Exception {
      for (int round = 0; round < 10; round++) {
        ChatId chat = newChat();

        List<MessageLog.Appended> results =
            atOnce(16, () -> log().append(message(chat, "hello", "key")));

        assertThat(all(chat)).hasSize(1);
        Message stored = all(chat).getFirst();
        assertThat(results).containsOnlyOnce(new MessageLog.Appended.Stored(stored));
        assertThat(results)
            .containsOnly(
                new MessageLog.Appended.Stored(stored),
                new MessageLog.Appended.AlreadyStored(stored));
      }
    }

    @Test
    default void storesOneOfManyTextsThatAreSentWithOneKeyAtOnce() throws Exception {
      ChatId chat = newChat();

      List<MessageLog.Appended> results =
          atOnce(16, () -> log().append(message(chat, Samples.newUuid().toString(), "key")));

      assertThat(all(chat)).hasSize(1);
      assertThat(results).containsOnlyOnce(new MessageLog.Appended.Stored(all(chat).getFirst()));
      assertThat(results).filteredOn(new MessageLog.Appended.KeyTaken()::equals).hasSize(15);
    }

    @Test
    default void keepsTimesStrictlyIncreasingUnderConcurrency() throws Exception {
      List<ChatId> chats = List.of(newChat(), newChat(), newChat());

      List<Message> stored =
          atOnce(
                  16,
                  () -> {
                    var own = new ArrayList<Message>();
                    for (int i = 0; i < 30; i++) {
                      own.add(stored(log(), chats.get(i % chats.size()), "message"));
                    }
                    return own;
                  })
              .stream()
              .flatMap(List::stream)
              .toList();

      for (ChatId chat : chats) {
        List<Message> sent =
            stored.stream()
                .filter(message -> message.chat().equals(chat))
                .sorted(Comparator.comparing(Message::createdAt))
                .toList();
        assertThat(sent).extracting(Message::createdAt).doesNotHaveDuplicates();
        assertThat(all(chat)).isEqualTo(sent);
      }
    }
  }

  /** {@link MessageLog#read}. */
  interface Read extends MessageLogContract {
    @Test
    default void findsNothingInAnEmptyChat() {
      for (Window<Instant> window :
          List.<Window<Instant>>of(
              new Window.Newest<>(),
              new Window.Before<>(PrintableTimes.LATEST),
              new Window.After<>(PrintableTimes.EARLIEST))) {
        assertThat(log().read(newChat(), window, 10)).isEqualTo(new Slice<>(List.of(), false));
      }
    }

    @Test
    default void readsPagesOfEverySizeFromTheNewestToTheOldest() {
      ChatId chat = newChat();
      List<Message> all = append(chat, 7);

      for (int size = 1; size <= 8; size++) {
        var read = new ArrayList<Message>();
        Slice<Message> slice = log().read(chat, new Window.Newest<>(), size);
        read.addAll(slice.newestFirst());
        while (slice.olderExist()) {
          assertThat(slice.newestFirst()).hasSize(size);
          slice = log().read(chat, new Window.Before<>(read.getLast().createdAt()), size);
          read.addAll(slice.newestFirst());
        }
        assertThat(read).isEqualTo(all.reversed());
      }
    }

    @Test
    default void readsPagesOfEverySizeFromTheOldestToTheNewest() {
      ChatId chat = newChat();
      List<Message> all = append(chat, 7);

      for (int size = 1; size <= 8; size++) {
        var read = new ArrayList<Message>();
        Instant border = PrintableTimes.EARLIEST;
        while (true) {
          Slice<Message> slice = log().read(chat, new Window.After<>(border), size);
          assertThat(slice.olderExist()).isEqualTo(!read.isEmpty());
          if (slice.newestFirst().isEmpty()) {
            break;
          }
          read.addAll(slice.newestFirst().reversed());
          border = slice.newestFirst().getFirst().createdAt();
        }
        assertThat(read).isEqualTo(all);
      }
    }

    @Test
    default void bordersAreExclusiveToTheMillisecond() {
      ChatId chat = newChat();
      Message only = append(chat, 1).getFirst();
      Instant time = only.createdAt();

      assertThat(log().read(chat, new Window.Before<>(time), 5))
          .isEqualTo(new Slice<>(List.of(), false));
      assertThat(log().read(chat, new Window.Before<>(time.plusMillis(1)), 5))
          .isEqualTo(new Slice<>(List.of(only), false));
      assertThat(log().read(chat, new Window.After<>(time), 5))
          .isEqualTo(new Slice<>(List.of(), true));
      assertThat(log().read(chat, new Window.After<>(time.minusMillis(1)), 5))
          .isEqualTo(new Slice<>(List.of(only), false));
    }

    @Test
    default void acceptsTheOutermostBorders() {
      ChatId chat = newChat();
      List<Message> all = append(chat, 2);

      assertThat(log().read(chat, new Window.Before<>(PrintableTimes.LATEST), 5).newestFirst())
          .isEqualTo(all.reversed());
      assertThat(log().read(chat, new Window.After<>(PrintableTimes.EARLIEST), 5).newestFirst())
          .isEqualTo(all.reversed());
      assertThat(log().read(chat, new Window.Before<>(PrintableTimes.EARLIEST), 5))
          .isEqualTo(new Slice<>(List.of(), false));
      assertThat(log().read(chat, new Window.After<>(PrintableTimes.LATEST), 5))
          .isEqualTo(new Slice<>(List.of(), true));
    }

    @Test
    default void readsNothingOfOtherChats() {
      ChatId chat = newChat();
      append(chat, 3);

      for (ChatId stranger : strangersTo(chat)) {
        assertThat(log().read(stranger, new Window.Newest<>(), 10))
            .isEqualTo(new Slice<>(List.of(), false));
        assertThat(log().read(stranger, new Window.Before<>(PrintableTimes.LATEST), 10))
            .isEqualTo(new Slice<>(List.of(), false));
        assertThat(log().read(stranger, new Window.After<>(PrintableTimes.EARLIEST), 10))
            .isEqualTo(new Slice<>(List.of(), false));
      }
    }

    @Test
    default void readsForwardWithoutAGapWhileOthersSend() throws Exception {
      ChatId chat = newChat();
      int writers = 8;
      int each = 25;
      // So that the failure of a writer is reported at once.
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<List<Message>> reading =
            executor.submit(() -> {
              var read = new ArrayList<Message>();
              Instant border = PrintableTimes.EARLIEST;
              while (read.size() < writers * each && System.nanoTime() < deadline) {
                List<Message> page = log().read(chat, new Window.After<>(border), 7).newestFirst();
                if (page.isEmpty()) {
                  Thread.onSpinWait();
                  continue;
                }
                read.addAll(page.reversed());
                border = page.getFirst().createdAt();
              }
              return read;
            });
        atOnce(
            writers,
            () -> {
              for (int i = 0; i < each; i++) {
                stored(log(), chat, "message");
              }
              return true;
            });
        assertThat(reading.get()).isEqualTo(all(chat));
      }
    }
  }

  /** {@link MessageLog#readLoggedAfter}. */
  interface ReadLoggedAfter extends MessageLogContract {
    @Test
    default void readsOnlyWhatWasLoggedPastThePosition() {
      ChatId chat = newChat();
      List<Message> all = append(chat, 5);
      for (int seen = 0; seen <= 5; seen++) {
        LogPosition position =
            seen == 0
                ? LogPosition.START
                : EventLogContract.positionOf(events(), all.get(seen - 1));
        List<Message> unseen = all.subList(seen, 5);

        assertThat(log().readLoggedAfter(position, chat, new Window.Newest<>(), 10))
            .isEqualTo(new Slice<>(unseen.reversed(), false));
        assertThat(
                log()
                    .readLoggedAfter(
                        position, chat, new Window.After<>(PrintableTimes.EARLIEST), 10)
                    .newestFirst())
            .isEqualTo(unseen.reversed());
        assertThat(log().readLoggedAfter(position, chat, new Window.Newest<>(), 1).newestFirst())
            .isEqualTo(unseen.reversed().subList(0, Math.min(1, unseen.size())));
        assertThat(
                log()
                    .readLoggedAfter(
                        position, chat, new Window.Before<>(all.get(4).createdAt()), 10)
                    .newestFirst())
            .isEqualTo(all.subList(Math.min(seen, 4), 4).reversed());
      }
    }

    @Test
    default void readsNothingOfOtherChatsPastThePosition() {
      ChatId chat = newChat();
      append(chat, 3);

      for (ChatId stranger : strangersTo(chat)) {
        assertThat(log().readLoggedAfter(LogPosition.START, stranger, new Window.Newest<>(), 10))
            .isEqualTo(new Slice<>(List.of(), false));
      }
    }
  }

  /** {@link MessageLog#find} and {@link MessageLog#findAll}. */
  interface Find extends MessageLogContract {
    @Test
    default void findsByIdInItsOwnChatOnly() {
      ChatId chat = newChat();
      List<Message> all = append(chat, 3);
      Message message = all.get(1);

      assertThat(log().find(chat, message.externalId())).contains(message);
      assertThat(log().find(chat, message(chat, "never stored").externalId())).isEmpty();
      for (ChatId stranger : strangersTo(chat)) {
        append(stranger, 1);
        assertThat(log().find(stranger, message.externalId())).isEmpty();
      }
    }

    @Test
    default void findsTheGivenMessagesThatTheChatHas() {
      ChatId chat = newChat();
      List<Message> all = append(chat, 4);
      Message foreign = append(newChat(), 1).getFirst();
      Set<ExternalId> ids =
          new HashSet<>(
              List.of(
                  all.get(0).externalId(),
                  all.get(3).externalId(),
                  foreign.externalId(),
                  message(chat, "never stored").externalId()));

      assertThat(log().findAll(chat, ids)).containsExactlyInAnyOrder(all.get(0), all.get(3));
      assertThat(log().findAll(chat, List.of())).isEmpty();
      for (ChatId stranger : strangersTo(chat)) {
        assertThat(log().findAll(stranger, ids)).isEmpty();
      }
    }
  }

  /**
   * {@link MessageLog#readLoggedAfter(LogPosition, TenantInstance, int)} and {@link
   * MessageLog#findAll(TenantInstance, java.util.Collection)}.
   */
  interface AcrossChats extends MessageLogContract {
    /** Appends messages to several chats of an instance, and gives them in that order. */
    default List<Message> appendTo(TenantInstance instance, int count) {
      List<ChatId> chats =
          List.of(Samples.chatIn(instance), Samples.chatIn(instance), Samples.chatIn(instance));
      return IntStream.range(0, count)
          .mapToObj(i -> stored(log(), chats.get(i * i % 3), "message " + i))
          .toList();
    }

    /** What was logged after a position, read in batches of a size. */
    default List<Message> loggedAfter(LogPosition position, TenantInstance instance, int limit) {
      var messages = new ArrayList<Message>();
      LogPosition at = position;
      while (true) {
        List<LoggedEvent> batch = log().readLoggedAfter(at, instance, limit);
        assertThat(batch).hasSizeLessThanOrEqualTo(limit);
        for (LoggedEvent logged : batch) {
          assertThat(logged.position()).isGreaterThan(at);
          at = logged.position();
          switch (logged.event()) {
            case ChatEvent.MessageSent(Message message) -> messages.add(message);
            case ChatEvent.ChatRead read -> {}
            case InstanceEvent.EndpointDisabled disabled -> {}
          }
        }
        if (batch.size() < limit) {
          return messages;
        }
      }
    }

    @Test
    default void readsAllChatsOfAnInstancePastEveryPositionInTheLogsOrder() {
      TenantInstance instance = Samples.newInstance();
      List<Message> all = appendTo(instance, 7);

      for (int limit = 1; limit <= 8; limit++) {
        assertThat(loggedAfter(LogPosition.START, instance, limit)).isEqualTo(all);
        for (int seen = 1; seen <= 7; seen++) {
          LogPosition position = EventLogContract.positionOf(events(), all.get(seen - 1));
          assertThat(loggedAfter(position, instance, limit)).isEqualTo(all.subList(seen, 7));
        }
      }
    }

    @Test
    default void readsNothingOfOtherInstancesPastAPosition() {
      TenantInstance instance = Samples.newInstance();
      appendTo(instance, 3);

      for (TenantInstance stranger : Samples.strangersTo(instance)) {
        List<Message> before = loggedAfter(LogPosition.START, stranger, 100);
        assertThat(before).allMatch(message -> message.chat().instance().equals(stranger));
        Message own = stored(log(), Samples.chatIn(stranger), "theirs");
        assertThat(loggedAfter(LogPosition.START, stranger, 100))
            .hasSize(before.size() + 1)
            .contains(own);
      }
      assertThat(loggedAfter(LogPosition.START, instance, 100)).hasSize(3);
    }

    @Test
    default void readsWhatWasAcknowledgedWhileOthersSend() throws Exception {
      TenantInstance instance = Samples.newInstance();
      atOnce(
          8,
          () -> {
            ChatId chat = Samples.chatIn(instance);
            for (int i = 0; i < 15; i++) {
              Message message = stored(log(), chat, "message");
              assertThat(loggedAfter(LogPosition.START, instance, 7)).contains(message);
            }
            return true;
          });

      assertThat(loggedAfter(LogPosition.START, instance, 1_000))
          .hasSize(120)
          .doesNotHaveDuplicates();
    }

    @Test
    default void findsTheGivenMessagesOfAnyChatOfTheInstance() {
      TenantInstance instance = Samples.newInstance();
      List<Message> all = appendTo(instance, 6);
      ChatId otherChat = Samples.chatIn(instance);
      Set<MessageRef> refs =
          Set.of(
              MessageRef.of(all.get(0)),
              MessageRef.of(all.get(1)),
              MessageRef.of(all.get(5)),
              new MessageRef(otherChat, all.get(2).externalId()),
              new MessageRef(all.get(3).chat(), message(otherChat, "no").externalId()));

      assertThat(log().findAll(instance, refs))
          .containsExactlyInAnyOrder(all.get(0), all.get(1), all.get(5));
      assertThat(log().findAll(instance, List.of())).isEmpty();
    }

    @Test
    default void findsNoMessageOfAnotherInstance() {
      TenantInstance instance = Samples.newInstance();
      List<Message> all = appendTo(instance, 3);
      List<MessageRef> refs = all.stream().map(MessageRef::of).toList();

      for (TenantInstance stranger : Samples.strangersTo(instance)) {
        assertThat(log().findAll(stranger, refs)).isEmpty();
        List<MessageRef> asTheirs =
            all.stream()
                .map(message ->
                    new MessageRef(
                        new ChatId(stranger, message.chat().patient()), message.externalId()))
                .toList();
        assertThat(log().findAll(stranger, asTheirs)).isEmpty();
        assertThat(log().findAll(instance, asTheirs)).isEmpty();
      }
      assertThat(log().findAll(instance, refs)).containsExactlyInAnyOrderElementsOf(all);
    }
  }
}
