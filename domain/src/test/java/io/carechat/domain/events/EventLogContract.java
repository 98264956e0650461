package io.carechat.domain.events;

import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.stored;
import static io.carechat.domain.chat.Samples.strangersTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.feeds.EventFeeds;
import io.carechat.domain.feeds.Feed;
import io.carechat.domain.feeds.FeedReader;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.feeds.LogFollower;
import io.carechat.domain.feeds.LogFollowerThread;
import io.carechat.domain.messages.MessageLogContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What every {@link EventLog} and its {@link InstanceEvents} do. */
public interface EventLogContract extends MessageLogContract {
  /** The position of a message's event. */
  static LogPosition positionOf(EventLog events, Message message) {
    LogPosition from = LogPosition.START;
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (System.nanoTime() < deadline) {
      for (LoggedEvent logged : events.read(from, 500)) {
        from = logged.position();
        if (logged.event().equals(new ChatEvent.MessageSent(message))) {
          return from;
        }
      }
      Thread.onSpinWait();
    }
    throw new AssertionError(
        "The event of " + message.externalId() + " does not appear in the log.");
  }

  /** The position after everything that is in the log now. */
  default LogPosition behindEverything() {
    return positionOf(events(), stored(log(), newChat(), "the end"));
  }

  /** Reads until there are that many events. */
  default List<LoggedEvent> readOn(LogPosition from, int count, int limit) {
    var read = new ArrayList<LoggedEvent>();
    LogPosition position = from;
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (read.size() < count && System.nanoTime() < deadline) {
      List<LoggedEvent> batch = events().read(position, limit);
      assertThat(batch).hasSizeLessThanOrEqualTo(limit);
      read.addAll(batch);
      position = read.isEmpty() ? from : read.getLast().position();
    }
    return read;
  }

  @Test
  default void givesEveryMessageOnceInOrderInBatchesOfEverySize() {
    LogPosition start = behindEverything();
    ChatId one = newChat();
    ChatId other = newChat();
    var sent = new ArrayList<Message>();
    for (int i = 0; i < 6; i++) {
      sent.add(stored(log(), i % 2 == 0 ? one : other, "message " + i));
    }

    for (int limit = 1; limit <= 7; limit++) {
      List<LoggedEvent> read = readOn(start, 6, limit);
      assertThat(read)
          .extracting(LoggedEvent::event)
          .isEqualTo(sent.stream().map(ChatEvent.MessageSent::new).toList());
      assertThat(read).extracting(LoggedEvent::position).isSorted().doesNotHaveDuplicates();
    }
  }

  @Test
  default void logsNothingTwiceIfAKeyIsReplayed() {
    LogPosition start = behindEverything();
    ChatId chat = newChat();
    Message first = stored(log(), Samples.message(chat, "hello", "key"));
    log().append(Samples.message(chat, "hello", "key"));
    log().append(Samples.message(chat, "other", "key"));
    Message last = stored(log(), chat, "last");

    assertThat(readOn(start, 2, 10))
        .extracting(LoggedEvent::event)
        .containsExactly(new ChatEvent.MessageSent(first), new ChatEvent.MessageSent(last));
  }

  @Test
  default void givesAnInstanceAndAChatOnlyTheirOwnEvents() {
    LogPosition start = behindEverything();
    ChatId chat = newChat();
    Message first = stored(log(), chat, "first");
    List<Message> others =
        strangersTo(chat).stream().map(stranger -> stored(log(), stranger, "other")).toList();
    Message last = stored(log(), chat, "last");
    // The log has become readable up to here, so what the others read is complete.
    readOn(start, 5, 10);

    assertThat(messages(instanceEvents().read(chat, start, 10))).containsExactly(first, last);
    assertThat(messages(instanceEvents().read(chat, start, 1))).containsExactly(first);
    assertThat(
            messages(instanceEvents().read(chat, EventLogContract.positionOf(events(), first), 10)))
        .containsExactly(last);
    for (Message other : others) {
      TenantInstance instance = other.chat().instance();
      assertThat(messages(instanceEvents().read(other.chat(), start, 10))).containsExactly(other);
      assertThat(messages(instanceEvents().read(instance, start, 1_000)))
          .contains(other)
          .allMatch(message -> message.chat().instance().equals(instance));
    }
    List<LoggedEvent> inPlace = instanceEvents().read(chat.instance(), start, 1_000);
    assertThat(messages(inPlace)).containsSubsequence(first, last);
    assertThat(inPlace).extracting(LoggedEvent::position).isSorted().doesNotHaveDuplicates();
    assertThat(messages(instanceEvents().read(chat.instance(), start, 1))).hasSize(1);
  }

  @Test
  default void theEndIsAfterWhatCanBeReadAndBeforeWhatIsCommittedLater() {
    LogPosition start = behindEverything();
    ChatId chat = newChat();
    Message earlier = stored(log(), chat, "earlier");
    EventLogContract.positionOf(events(), earlier);

    LogPosition end = instanceEvents().end();
    Message later = stored(log(), chat, "later");
    EventLogContract.positionOf(events(), later);

    assertThat(end).isGreaterThan(start);
    assertThat(messages(instanceEvents().read(chat, end, 10))).containsExactly(later);
  }

  private static List<Message> messages(List<LoggedEvent> logged) {
    return logged.stream().map(one -> ((ChatEvent.MessageSent) one.event()).message()).toList();
  }

  @Test
  default void givesEveryFollowerEverythingOnceInOrderWhileManyWrite() throws Exception {
    LogPosition start = behindEverything();
    List<ChatId> chats = List.of(newChat(), newChat());
    int writers = 8;
    int each = 20;
    var follower = new LogFollower(events(), instanceEvents(), 3);
    var feeds = new EventFeeds(follower);
    Caller partner =
        new Caller.Partner("partner", Samples.THIS_INSTANCE, Set.of(Scope.READ_MESSAGES));
    try (var _ = new LogFollowerThread(follower);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var ofChats = new ArrayList<Future<List<Message>>>();
      var ofInstance = new ArrayList<Future<List<Message>>>();
      for (int i = 0; i < 6; i++) {
        Feed chat = new Feed.OfChat(chats.get(i % 2));
        Feed whole = new Feed.OfInstance(Samples.THIS_INSTANCE);
        ofChats.add(
            threads.submit(() -> followed(feeds, partner, chat, start, writers * each / 2)));
        ofInstance.add(
            threads.submit(() -> followed(feeds, partner, whole, start, writers * each)));
      }
      MessageLogContract.atOnce(
          writers,
          () -> {
            for (int i = 0; i < each; i++) {
              stored(log(), chats.get(i % 2), "message");
            }
            return true;
          });
      for (int i = 0; i < 6; i++) {
        assertThat(ofChats.get(i).get()).isEqualTo(all(chats.get(i % 2)));
        assertThat(ofInstance.get(i).get())
            .hasSize(writers * each)
            .isEqualTo(ofInstance.getFirst().get());
      }
    }
  }

  /** Follows a feed until that many messages have come, or none for a long time. */
  private static List<Message> followed(
      EventFeeds feeds, Caller caller, Feed feed, LogPosition from, int count)
      throws InterruptedException {
    var read = new ArrayList<LoggedEvent>();
    try (FeedReader reader = feeds.open(caller, feed, from)) {
      List<LoggedEvent> batch = reader.next(7, 30, Duration.ofSeconds(60));
      while (!batch.isEmpty()) {
        read.addAll(batch);
        batch = read.size() < count ? reader.next(7, 30, Duration.ofSeconds(60)) : List.of();
      }
    }
    return messages(read);
  }

  @Test
  default void losesNothingAndKeepsEachChatsOrderWhileManyWrite() throws Exception {
    LogPosition start = behindEverything();
    List<ChatId> chats = List.of(newChat(), newChat(), newChat(), newChat());
    int writers = 12;
    int each = 40;
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<LoggedEvent>> reading = executor.submit(() -> readOn(start, writers * each, 9));
      MessageLogContract.atOnce(
          writers,
          () -> {
            for (int i = 0; i < each; i++) {
              stored(log(), chats.get(i % chats.size()), "message");
            }
            return true;
          });
      List<Message> read =
          reading.get().stream()
              .map(logged -> ((ChatEvent.MessageSent) logged.event()).message())
              .filter(message -> chats.contains(message.chat()))
              .toList();
      Set<ExternalId> once = read.stream().map(Message::externalId).collect(Collectors.toSet());
      assertThat(read).hasSize(writers * each);
      assertThat(once).hasSize(writers * each);
      for (ChatId chat : chats) {
        assertThat(read.stream().filter(message -> message.chat().equals(chat)).toList())
            .isEqualTo(all(chat));
      }
    }
  }
}
