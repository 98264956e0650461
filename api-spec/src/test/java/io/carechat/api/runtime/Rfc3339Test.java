package io.carechat.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class Rfc3339Test {

  @ParameterizedTest
  @CsvSource({
    "2021-02-08T17:17:29Z, 2021-02-08T17:17:29Z",
    "2021-02-08T17:17:29.5Z, 2021-02-08T17:17:29.500Z",
    "2021-02-08T17:17:29.123456789Z, 2021-02-08T17:17:29.123456789Z",
    "2021-02-08T17:17:29+01:00, 2021-02-08T16:17:29Z",
    "2021-02-08T17:17:29-00:30, 2021-02-08T17:47:29Z",
    "2021-02-08T17:17:29+0100, 2021-02-08T16:17:29Z",
    "2021-02-08T17:17:29.000000-0930, 2021-02-09T02:47:29Z",
    "2024-02-29T00:00:00Z, 2024-02-29T00:00:00Z",
    "0000-01-01T00:00:00Z, 0000-01-01T00:00:00Z",
    "2021-02-08t17:17:29z, 2021-02-08T17:17:29Z",
    "2021-02-08T17:17:29.1234567899999999999999999999999999999999Z, 2021-02-08T17:17:29.123456789Z",
    "2021-02-08T17:17:29+19:00, 2021-02-07T22:17:29Z",
    "2021-02-08T17:17:29-23:59, 2021-02-09T17:16:29Z",
    "2021-02-08T17:17:29-00:00, 2021-02-08T17:17:29Z",
    "2016-12-31T23:59:60Z, 2017-01-01T00:00:00Z",
    "1990-12-31T15:59:60-08:00, 1991-01-01T00:00:00Z",
    "2017-01-01T00:59:60.5+01:00, 2017-01-01T00:00:00.500Z",
    "2012-06-30T23:59:60z, 2012-07-01T00:00:00Z",
  })
  void readsAMoment(String text, Instant moment) {
    assertThat(Rfc3339.parse(text)).contains(moment);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2021-02-08",
        "2021-02-08T17:17Z",
        "2021-02-08T17:17:29",
        "2021-02-08 17:17:29Z",
        "2021-02-08T17:17:29.Z",
        "2021-02-08T17:17:29+01",
        "2021-02-08T17:17:29+01:00:00",
        "2021-02-08T17:17:29+010000",
        "2021-02-08T17:17:29+2400",
        "2021-02-08T17:17:29+01:60",
        "2023-02-29T00:00:00Z",
        "2021-13-01T00:00:00Z",
        "2021-02-08T24:00:00Z",
        "2016-12-31T23:59:61Z",
        "2016-12-31T22:59:60Z",
        "2016-12-31T23:59:60+01:00",
        "2016-12-30T23:59:60Z",
        "+12021-02-08T17:17:29Z",
        "2021-02-08T17:17:29Z\n",
        "٢٠٢١-02-08T17:17:29Z",
      })
  void refusesEverythingElse(String text) {
    assertThat(Rfc3339.parse(text)).isEmpty();
  }

  @Test
  void writesAlwaysThreeFractionDigits() {
    assertThat(Rfc3339.format(Instant.parse("2021-02-08T17:17:29Z")))
        .isEqualTo("2021-02-08T17:17:29.000Z");
    assertThat(Rfc3339.format(Instant.parse("2021-02-08T17:17:29.120Z")))
        .isEqualTo("2021-02-08T17:17:29.120Z");
    assertThat(Rfc3339.format(Instant.parse("2021-02-08T17:17:29.999999Z")))
        .isEqualTo("2021-02-08T17:17:29.999Z");
  }
}
