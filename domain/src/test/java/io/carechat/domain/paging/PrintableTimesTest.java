package io.carechat.domain.paging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PrintableTimesTest {
  @Test
  void haveYearsOfFourDigits() {
    assertThat(PrintableTimes.EARLIEST).hasToString("0000-01-01T00:00:00Z");
    assertThat(PrintableTimes.LATEST).hasToString("9999-12-31T23:59:59.999Z");
    for (Instant time : List.of(PrintableTimes.EARLIEST, Instant.EPOCH, PrintableTimes.LATEST)) {
      assertThat(PrintableTimes.contains(time)).isTrue();
    }
    for (Instant time :
        List.of(
            Instant.MIN,
            PrintableTimes.EARLIEST.minusNanos(1),
            PrintableTimes.LATEST.plusNanos(1),
            Instant.parse("+10000-01-01T00:00:00Z"),
            Instant.MAX)) {
      assertThat(PrintableTimes.contains(time)).isFalse();
    }
  }

  @Test
  void neighboursAreAMillisecondApartAndEndWhereTimesCanNoLongerBePrinted() {
    assertThat(PrintableTimes.NEIGHBOURS.next(Instant.EPOCH)).isEqualTo(Instant.ofEpochMilli(1));
    assertThat(PrintableTimes.NEIGHBOURS.previous(Instant.EPOCH))
        .isEqualTo(Instant.ofEpochMilli(-1));
    for (Instant time : List.of(PrintableTimes.LATEST, Instant.MAX)) {
      assertThat(PrintableTimes.NEIGHBOURS.next(time)).isEqualTo(PrintableTimes.LATEST);
    }
    for (Instant time : List.of(PrintableTimes.EARLIEST, Instant.MIN)) {
      assertThat(PrintableTimes.NEIGHBOURS.previous(time)).isEqualTo(PrintableTimes.EARLIEST);
    }
  }
}
