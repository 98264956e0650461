package io.carechat.domain.webhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.EmptyPageContract;
import io.carechat.domain.paging.Neighbours;
import io.carechat.domain.paging.PrintableTimes;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class DeliveryKeyTest implements EmptyPageContract<Delivery.Key> {
  private static List<Delivery.Key> of(Instant time) {
    return Stream.of(
            new LogPosition(1, 1),
            new LogPosition(1, 2),
            new LogPosition(2, 1),
            new LogPosition(Long.MAX_VALUE, 7),
            new LogPosition(-1, 8))
        .map(position -> new Delivery.Key(time, position))
        .toList();
  }

  @Override
  public Neighbours<Delivery.Key> neighbours() {
    return Delivery.Key.NEIGHBOURS;
  }

  @Override
  public List<Delivery.Key> keys() {
    return Stream.of(
            PrintableTimes.EARLIEST,
            Samples.NOON,
            Samples.NOON.plusMillis(1),
            PrintableTimes.LATEST)
        .flatMap(time -> of(time).stream())
        .toList();
  }

  @Override
  public Instant timeOf(Delivery.Key key) {
    return key.createdAt();
  }

  @Test
  void isInTheOrderOfTimesAndThenOfTheLog() {
    assertThat(keys().reversed().stream().sorted()).isEqualTo(keys());
  }

  @Test
  void nothingIsBeforeTheFirstOfATime() {
    var first = new Delivery.Key(Samples.NOON, LogPosition.START);

    assertThat(Delivery.Key.NEIGHBOURS.previous(first)).isEqualTo(first);
  }
}
