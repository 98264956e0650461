package io.carechat.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RetryAfterTest {
  private static final Instant NOW = Instant.parse("1994-11-06T08:49:00Z");

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "120, 120", "' 7 ', 7", "007, 7", "3600, 3600"})
  void readsSeconds(String value, long seconds) {
    assertThat(RetryAfter.parse(value, NOW)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994"
      })
  void readsDates(String value) {
    assertThat(RetryAfter.parse(value, NOW)).isEqualTo(Duration.ofSeconds(37));
  }

  @Test
  void readsTheDateOfRfc850() {
    assertThat(
            RetryAfter.parse(
                "Monday, 08-Feb-21 17:18:29 GMT", Instant.parse("2021-02-08T17:17:29Z")))
        .isEqualTo(Duration.ofMinutes(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"99999999", "999999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"})
  void takesWhatIsTooLongAsAYear(String value) {
    assertThat(RetryAfter.parse(value, NOW)).isEqualTo(Duration.ofDays(365));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "-1",
        "+5",
        "1.5",
        "1e3",
        "5 s",
        "soon",
        "٣",
        "Sun, 06 Nov 1994 08:48:59 GMT",
        "Sun, 06 Nov 1994 08:49:00 GMT",
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 99 Nov 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
        "Sun Nov 6"
      })
  void ignoresGarbageAndThePast(String value) {
    assertThat(RetryAfter.parse(value, NOW)).isNull();
  }

  @Test
  void ignoresNothingAndHugeGarbage() {
    assertThat(RetryAfter.parse(null, NOW)).isNull();
    assertThat(RetryAfter.parse("9".repeat(50_000), NOW)).isNull();
    assertThat(RetryAfter.parse("S".repeat(50_000), NOW)).isNull();
  }
}
