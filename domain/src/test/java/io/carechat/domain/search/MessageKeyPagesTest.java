package io.carechat.domain.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.paging.EmptyPageContract;
import io.carechat.domain.paging.Neighbours;
import io.carechat.domain.paging.PrintableTimes;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Pages of the hits in an instance. */
final class MessageKeyPagesTest implements EmptyPageContract<MessageKey> {
  private static List<MessageKey> of(Instant time) {
    return Stream.of(new UUID(0, 0), new UUID(0, -1), new UUID(1, 0), new UUID(-1, -1))
        .map(id -> new MessageKey(time, new ExternalId(id)))
        .toList();
  }

  @Override
  public Neighbours<MessageKey> neighbours() {
    return InstanceSearch.NEIGHBOURS;
  }

  @Override
  public List<MessageKey> keys() {
    return Stream.of(
            PrintableTimes.EARLIEST,
            Samples.NOON,
            Samples.NOON.plusMillis(1),
            PrintableTimes.LATEST)
        .flatMap(time -> of(time).stream())
        .toList();
  }

  @Override
  public Instant timeOf(MessageKey key) {
    return key.createdAt();
  }

  @Test
  void theOutermostKeysStandInForThoseThatCannotBePrinted() {
    MessageKey first = keys().getFirst();
    MessageKey last = keys().getLast();

    assertThat(InstanceSearch.NEIGHBOURS.previous(first)).isEqualTo(first);
    assertThat(InstanceSearch.NEIGHBOURS.next(last)).isEqualTo(last);
  }
}
