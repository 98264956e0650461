package io.carechat.domain.chat;

import static io.carechat.domain.chat.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class MessageKeyTest {
  private static MessageKey at(long millis, long high, long low) {
    return new MessageKey(NOON.plusMillis(millis), new ExternalId(new UUID(high, low)));
  }

  private static final List<MessageKey> IN_ORDER =
      List.of(
          at(0, 0, 0),
          at(0, 0, 1),
          at(0, 0, Long.MAX_VALUE),
          at(0, 0, Long.MIN_VALUE),
          at(0, 0, -1),
          at(0, 1, 0),
          at(0, Long.MAX_VALUE, -1),
          at(0, Long.MIN_VALUE, 0),
          at(0, -1, -2),
          at(0, -1, -1),
          at(1, 0, 0));

  @Test
  void isInTheOrderOfTimesAndThenOfPrintedIds() {
    assertThat(IN_ORDER.reversed().stream().sorted()).isEqualTo(IN_ORDER);
    assertThat(IN_ORDER.subList(0, 10).stream().map(key -> key.id().toString()).sorted())
        .isEqualTo(IN_ORDER.subList(0, 10).stream().map(key -> key.id().toString()).toList());
  }

  @Test
  void hasNothingBetweenItselfAndItsNeighbours() {
    assertThat(at(0, 0, 0).next()).isEqualTo(at(0, 0, 1));
    assertThat(at(0, 0, Long.MAX_VALUE).next()).isEqualTo(at(0, 0, Long.MIN_VALUE));
    assertThat(at(0, 0, -1).next()).isEqualTo(at(0, 1, 0));
    assertThat(at(0, Long.MAX_VALUE, -1).next()).isEqualTo(at(0, Long.MIN_VALUE, 0));
    assertThat(at(0, -1, -1).next()).isEqualTo(at(1, 0, 0));
    for (MessageKey key : IN_ORDER) {
      assertThat(key.next().previous()).isEqualTo(key);
      assertThat(key.previous().next()).isEqualTo(key);
    }
  }
}
