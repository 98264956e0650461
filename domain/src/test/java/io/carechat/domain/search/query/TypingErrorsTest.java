package io.carechat.domain.search.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TypingErrorsTest {
  @ParameterizedTest
  @CsvSource({
    "wond, 0",
    "wound, 1",
    "headache, 1",
    "headaches, 2",
    "12345, 0",
    "covid19, 0",
    "больно, 1",
    "🎉🎉🎉🎉🎉, 0",
    "𝒜𝒜𝒜𝒜, 0",
    "𐐨𐐨𐐨𐐨𐐨, 1",
    "𐐨𐐨𐐨𐐨𐐨𐐨𐐨𐐨𐐨, 2"
  })
  void allowsMoreErrorsInLongerWords(String word, int errors) {
    assertThat(TypingErrors.forgivenIn(word)).isEqualTo(errors);
  }

  @ParameterizedTest
  @CsvSource({
    "wound, wound, 0",
    "wound, wuond, 1",
    "wound, woundd, 1",
    "wound, wond, 1",
    "wound, wount, 1",
    "wound, ound, 1",
    "wound, owund, 1",
    "wound, owudn, 2",
    "wound, wnd, 2",
    "wound, wwoundd, 2",
    "wound, wodnu, 2",
    "wound, nd, 3",
    // No position is corrected twice.
    "ca, abc, 3",
    "𐐨𐐩, 𐐩𐐨, 1",
    "𐐨, 𐐩, 1"
  })
  void countsErrors(String one, String other, int errors) {
    assertThat(TypingErrors.atMost(errors, one, other)).isTrue();
    assertThat(TypingErrors.atMost(errors, other, one)).isTrue();
    if (errors > 0) {
      assertThat(TypingErrors.atMost(errors - 1, one, other)).isFalse();
      assertThat(TypingErrors.atMost(errors - 1, other, one)).isFalse();
    }
  }

  @Test
  void agreesWithTryingEveryError() {
    var random = new Random(3);
    for (int i = 0; i < 300; i++) {
      String word = word(random, 1 + random.nextInt(5));
      Set<String> one = oneErrorFrom(word);
      for (int j = 0; j < 50; j++) {
        String other = word(random, 1 + random.nextInt(6));
        assertThat(TypingErrors.atMost(1, word, other))
            .as(word + " " + other)
            .isEqualTo(word.equals(other) || one.contains(other));
      }
      assertThat(one).allMatch(other -> TypingErrors.atMost(1, word, other));
    }
  }

  private static String word(Random random, int length) {
    var word = new StringBuilder();
    for (int i = 0; i < length; i++) {
      word.append((char) ('a' + random.nextInt(3)));
    }
    return word.toString();
  }

  private static Set<String> oneErrorFrom(String word) {
    var all = new HashSet<String>();
    for (int i = 0; i <= word.length(); i++) {
      String before = word.substring(0, i);
      String after = word.substring(i);
      for (char c = 'a'; c <= 'c'; c++) {
        all.add(before + c + after);
        if (!after.isEmpty()) {
          all.add(before + c + after.substring(1));
        }
      }
      if (!after.isEmpty()) {
        all.add(before + after.substring(1));
      }
      if (after.length() > 1) {
        all.add(before + after.charAt(1) + after.charAt(0) + after.substring(2));
      }
    }
    return all;
  }
}
