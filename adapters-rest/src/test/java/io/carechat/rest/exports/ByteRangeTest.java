package io.carechat.rest.exports;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.rest.exports.ByteRange.NotSatisfiable;
import io.carechat.rest.exports.ByteRange.Part;
import io.carechat.rest.exports.ByteRange.Whole;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110, section 14. */
final class ByteRangeTest {
  private static final String TAG = "\"abc\"";

  private static ByteRange of(@Nullable String range, long length) {
    return ByteRange.of(range, null, TAG, length);
  }

  static Stream<Arguments> parts() {
    return Stream.of(
        Arguments.of("bytes=0-0", 0, 0),
        Arguments.of("bytes=0-499", 0, 499),
        Arguments.of("bytes=500-999", 500, 999),
        Arguments.of("bytes=-500", 9_500, 9_999),
        Arguments.of("bytes=9500-", 9_500, 9_999),
        Arguments.of("bytes=-1", 9_999, 9_999),
        Arguments.of("bytes=9999-9999", 9_999, 9_999),
        Arguments.of("bytes=9000-20000", 9_000, 9_999),
        Arguments.of("bytes=0-99999999999999999999999999999999", 0, 9_999),
        Arguments.of("bytes=-99999999999999999999999999999999", 0, 9_999),
        Arguments.of("bytes=-20000", 0, 9_999),
        Arguments.of("bytes=000000000000000000000000000005-6", 5, 6),
        Arguments.of("BYTES=0-499", 0, 499),
        Arguments.of(" bytes=0-499 ", 0, 499),
        Arguments.of("bytes= ,0-499,\t,", 0, 499));
  }

  @ParameterizedTest
  @MethodSource("parts")
  void aRangeIsAPart(String range, long first, long last) {
    assertThat(of(range, 10_000)).isEqualTo(new Part(first, last));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5",
        "bytes=5-4",
        "bytes=a-b",
        "bytes=0-x",
        "bytes=--5",
        "bytes=+1-5",
        "bytes=1-2-3",
        "bytes=0-0,-1",
        "bytes=500-600,601-999",
        "bytes=,",
        "lines=0-5",
        "bytes 0-5",
        "bytes=\u0660-\u0665",
        "bytes=0x1-0x5",
        "bytes=1.5-9"
      })
  void whatIsNotOneRangeIsIgnored(String range) {
    assertThat(of(range, 10_000)).isEqualTo(new Whole());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=10000-",
        "bytes=10000-10001",
        "bytes=-0",
        "bytes=-000",
        "bytes=99999999999999999999999999999999-"
      })
  void whatTheFileDoesNotHaveIsNotSatisfiable(String range) {
    assertThat(of(range, 10_000)).isEqualTo(new NotSatisfiable());
  }

  @Test
  void anEmptyFileHasNoParts() {
    assertThat(of("bytes=0-", 0)).isEqualTo(new NotSatisfiable());
    assertThat(of("bytes=0-0", 0)).isEqualTo(new NotSatisfiable());
    assertThat(of("bytes=-5", 0)).isEqualTo(new Whole());
    assertThat(of(null, 0)).isEqualTo(new Whole());
  }

  @Test
  void aRangeIsForTheFileThatTheCallerHas() {
    assertThat(ByteRange.of("bytes=1-", TAG, TAG, 9)).isEqualTo(new Part(1, 8));
    for (String other :
        new String[] {
          "\"other\"", "abc", "W/\"abc\"", "\"ABC\"", "*", "", "Sat, 29 Oct 1994 19:43:31 GMT"
        }) {
      assertThat(ByteRange.of("bytes=1-", other, TAG, 9)).isEqualTo(new Whole());
      assertThat(ByteRange.of("bytes=99-", other, TAG, 9)).isEqualTo(new Whole());
    }
    assertThat(ByteRange.of(null, TAG, TAG, 9)).isEqualTo(new Whole());
  }
}
