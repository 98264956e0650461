package io.carechat.domain.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.paging.EmptyPageContract;
import io.carechat.domain.paging.Neighbours;
import io.carechat.domain.paging.PrintableTimes;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ChatKeyTest implements EmptyPageContract<ChatKey> {
  private static ChatKey at(Instant time, long high, long low) {
    return new ChatKey(time, new PatientId(new UUID(high, low)));
  }

  private static List<ChatKey> of(Instant time) {
    return List.of(
        at(time, 0, 0),
        at(time, 0, 1),
        at(time, 0, -1),
        at(time, Long.MAX_VALUE, 0),
        at(time, Long.MIN_VALUE, 0),
        at(time, -1, -1));
  }

  @Override
  public Neighbours<ChatKey> neighbours() {
    return ChatKey.NEIGHBOURS;
  }

  @Override
  public List<ChatKey> keys() {
    return Stream.of(
            PrintableTimes.EARLIEST,
            Samples.NOON,
            Samples.NOON.plusMillis(1),
            PrintableTimes.LATEST)
        .flatMap(time -> of(time).stream())
        .toList();
  }

  @Override
  public Instant timeOf(ChatKey key) {
    return key.lastCreatedAt();
  }

  @Test
  void isInTheOrderOfTimesAndThenOfPrintedPatients() {
    assertThat(keys().reversed().stream().sorted()).isEqualTo(keys());
    assertThat(of(Samples.NOON)).extracting(key -> key.patient().toString()).isSorted();
  }

  @Test
  void isThatOfTheNewestMessage() {
    var log = new InMemoryMessageLog(new ManualClock(Samples.NOON));
    Message message = Samples.stored(log, Samples.newChat(), "hello");

    assertThat(new ChatSummary(message, new Unread(0, 1), List.of()).key())
        .isEqualTo(new ChatKey(Samples.NOON, message.chat().patient()));
  }
}
