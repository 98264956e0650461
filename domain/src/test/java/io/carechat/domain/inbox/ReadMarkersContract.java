package io.carechat.domain.inbox;

import static io.carechat.domain.chat.ClientType.CARE_TEAM;
import static io.carechat.domain.chat.ClientType.PATIENT;
import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.stored;
import static io.carechat.domain.chat.Samples.strangersTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.Event;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.EventLogContract;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.messages.MessageLogContract;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ReadMarkers} does, and what {@link ChatDirectory} and {@link EventLog} show.
 */
public interface ReadMarkersContract extends MessageLogContract {
  /** The markers of the chats of that log. */
  ReadMarkers markers();

  /** The chats of the log. */
  ChatDirectory chats();

  private Instant now() {
    return clock().instant().truncatedTo(ChronoUnit.MILLIS);
  }

  /** The events of a chat, read when everything up to now has become readable. */
  private List<Event> eventsOf(ChatId chat) {
    EventLogContract.positionOf(events(), stored(log(), newChat(), "the end"));
    return instanceEvents().read(chat, LogPosition.START, 10_000).stream()
        .map(LoggedEvent::event)
        .toList();
  }

  private List<ChatEvent.ChatRead> readsOf(ChatId chat, ClientType side) {
    return eventsOf(chat).stream()
        .filter(ChatEvent.ChatRead.class::isInstance)
        .map(ChatEvent.ChatRead.class::cast)
        .filter(read -> read.side() == side)
        .toList();
  }

  private List<ReadMarker> standing(ChatId chat) {
    return chats().find(chat).orElseThrow().summary().readMarkers();
  }

  @Test
  default void movesToNewerMessagesOnly() {
    ChatId chat = newChat();
    List<Message> all = append(chat, 3);
    Message second = all.get(1);
    Message third = all.get(2);

    clock().move(Duration.ofMinutes(1));
    var atSecond = new ReadMarker(PATIENT, second.externalId(), second.createdAt(), now());
    assertThat(markers().advance(chat, PATIENT, second.externalId())).contains(atSecond);
    clock().move(Duration.ofMinutes(1));
    assertThat(markers().advance(chat, PATIENT, all.getFirst().externalId())).contains(atSecond);
    assertThat(markers().advance(chat, PATIENT, second.externalId())).contains(atSecond);
    assertThat(standing(chat)).containsExactly(atSecond);

    var atThird = new ReadMarker(PATIENT, third.externalId(), third.createdAt(), now());
    assertThat(markers().advance(chat, PATIENT, third.externalId())).contains(atThird);
    assertThat(standing(chat)).containsExactly(atThird);
    assertThat(readsOf(chat, PATIENT))
        .containsExactly(
            new ChatEvent.ChatRead(second, PATIENT, atSecond.readAt()),
            new ChatEvent.ChatRead(third, PATIENT, atThird.readAt()));
  }

  @Test
  default void keepsTheSidesSeparate() {
    ChatId chat = newChat();
    List<Message> all = append(chat, 2);

    ReadMarker careTeam =
        markers().advance(chat, CARE_TEAM, all.getFirst().externalId()).orElseThrow();
    assertThat(standing(chat)).containsExactly(careTeam);
    ReadMarker patient = markers().advance(chat, PATIENT, all.getLast().externalId()).orElseThrow();

    assertThat(careTeam.side()).isEqualTo(CARE_TEAM);
    assertThat(careTeam.externalId()).isEqualTo(all.getFirst().externalId());
    assertThat(standing(chat)).containsExactly(patient, careTeam);
    assertThat(readsOf(chat, CARE_TEAM)).hasSize(1);
  }

  @Test
  default void doesNotMarkUpToAMessageOfAnotherChat() {
    ChatId chat = newChat();
    Message message = append(chat, 1).getFirst();

    assertThat(markers().advance(chat, PATIENT, Samples.message(chat, "never").externalId()))
        .isEmpty();
    assertThat(chats().find(chat).orElseThrow().summary().readMarkers()).isEmpty();
    for (ChatId stranger : strangersTo(chat)) {
      assertThat(markers().advance(stranger, PATIENT, message.externalId())).isEmpty();
      Message own = stored(log(), stranger, "own");
      assertThat(markers().advance(stranger, CARE_TEAM, message.externalId())).isEmpty();
      assertThat(markers().advance(chat, PATIENT, own.externalId())).isEmpty();
      assertThat(standing(stranger)).isEmpty();
      assertThat(eventsOf(stranger)).containsExactly(new ChatEvent.MessageSent(own));
    }
    assertThat(standing(chat)).isEmpty();
    assertThat(eventsOf(chat)).containsExactly(new ChatEvent.MessageSent(message));
  }

  @Test
  default void nothingIsReadBeforeItWasWrittenEvenIfTheClockStepsBack() {
    ChatId chat = newChat();
    Message message = append(chat, 1).getFirst();
    clock().move(Duration.ofHours(-1));

    assertThat(markers().advance(chat, PATIENT, message.externalId()))
        .map(ReadMarker::readAt)
        .contains(message.createdAt());
    assertThat(readsOf(chat, PATIENT))
        .containsExactly(new ChatEvent.ChatRead(message, PATIENT, message.createdAt()));
  }

  /** Whether a message is after a position depends on the message, not on its being read. */
  @Test
  default void readMarkersDoNotMakeSeenMessagesUnseen() {
    ChatId chat = newChat();
    List<Message> all = append(chat, 4);
    markers().advance(chat, PATIENT, all.getFirst().externalId());
    markers().advance(chat, CARE_TEAM, all.get(1).externalId());
    LogPosition behindMarks =
        EventLogContract.positionOf(events(), stored(log(), newChat(), "behind the marks"));
    Message unseen = stored(log(), chat, "unseen");

    assertThat(log().readLoggedAfter(behindMarks, chat, new Window.Newest<>(), 10))
        .isEqualTo(new Slice<>(List.of(unseen), false));
  }

  @Test
  default void concurrentMarksEndAtTheNewestMessageAndTheLogOnlyAdvances() throws Exception {
    for (int round = 0; round < 5; round++) {
      ChatId chat = newChat();
      List<Message> early = append(chat, 10);

      var seed = new AtomicInteger(16 * round);
      List<List<Message>> marked =
          MessageLogContract.atOnce(
              16,
              () -> {
                var random = new Random(seed.getAndIncrement());
                var own = new ArrayList<Message>();
                for (int i = 0; i < 8; i++) {
                  Message message =
                      random.nextBoolean()
                          ? early.get(random.nextInt(early.size()))
                          : stored(log(), chat, "meanwhile");
                  ReadMarker marker =
                      markers().advance(chat, CARE_TEAM, message.externalId()).orElseThrow();
                  assertThat(marker.createdAt()).isAfterOrEqualTo(message.createdAt());
                  markers().advance(chat, PATIENT, message.externalId());
                  own.add(message);
                }
                return own;
              });

      Message furthest =
          marked.stream()
              .flatMap(List::stream)
              .max(Comparator.comparing(Message::createdAt))
              .orElseThrow();
      assertThat(standing(chat))
          .hasSize(2)
          .extracting(ReadMarker::externalId)
          .containsOnly(furthest.externalId());
      for (ReadMarker marker : standing(chat)) {
        List<ChatEvent.ChatRead> reads = readsOf(chat, marker.side());
        assertThat(reads)
            .extracting(read -> read.message().createdAt())
            .isSorted()
            .doesNotHaveDuplicates();
        assertThat(reads.getLast())
            .isEqualTo(new ChatEvent.ChatRead(furthest, marker.side(), marker.readAt()));
      }
    }
  }

  /** The log has the sending of a message before its being read. */
  @Test
  default void aMessageIsSentBeforeItIsRead() throws Exception {
    ChatId chat = newChat();
    MessageLogContract.atOnce(
        8,
        () -> {
          for (int i = 0; i < 10; i++) {
            Message message = stored(log(), chat, "message");
            markers().advance(chat, PATIENT, message.externalId());
          }
          return true;
        });

    var sent = new ArrayList<Message>();
    for (Event event : eventsOf(chat)) {
      switch ((ChatEvent) event) {
        case ChatEvent.MessageSent(Message message) -> sent.add(message);
        case ChatEvent.ChatRead read -> assertThat(sent).contains(read.message());
      }
    }
    assertThat(sent).hasSize(80);
  }
}
