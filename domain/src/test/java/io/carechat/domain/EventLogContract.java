package io.carechat.domain;

import static io.carechat.domain.Samples.newChat;
import static io.carechat.domain.Samples.stored;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What every {@link EventLog} does. */
public interface EventLogContract extends MessageLogContract {
  /** The position of a message's event. */
  static LogPosition positionOf(EventLog events, Message message) {
    LogPosition from = LogPosition.START;
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
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

  /** The position behind everything that is in the log now. */
  default LogPosition end() {
    return positionOf(events(), stored(log(), newChat(), "the end"));
  }

  /** Reads on until there are that many events. */
  default List<LoggedEvent> readOn(LogPosition from, int count, int limit) {
    var read = new ArrayList<LoggedEvent>();
    LogPosition position = from;
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (read.size() < count && System.nanoTime() < deadline) {
      List<LoggedEvent> lot = events().read(position, limit);
      assertThat(lot).hasSizeLessThanOrEqualTo(limit);
      read.addAll(lot);
      position = read.isEmpty() ? from : read.getLast().position();
    }
    return read;
  }

  @Test
  default void tellsEveryMessageOnceInOrderInLotsOfEverySize() {
    LogPosition start = end();
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
  default void tellsNothingTwiceWhenAKeyIsReplayed() {
    LogPosition start = end();
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
  default void losesNothingAndKeepsEachChatsOrderWhileManyWrite() throws Exception {
    LogPosition start = end();
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
