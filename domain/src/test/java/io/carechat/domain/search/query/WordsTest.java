package io.carechat.domain.search.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.carechat.domain.chat.RandomTexts;
import java.text.Normalizer;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class WordsTest {
  static Stream<Arguments> texts() {
    return Stream.of(
        arguments("", List.of()),
        arguments(" \t\r\n\u00a0\u3000", List.of()),
        arguments("?!… — \u200b", List.of()),
        arguments("How are you?", List.of("how", "are", "you")),
        // Separators.
        arguments("don't", List.of("don", "t")),
        arguments("3.5", List.of("3", "5")),
        arguments("2026-11-22T10:00", List.of("2026", "11", "22t10", "00")),
        arguments("a_b/c@d.e", List.of("a", "b", "c", "d", "e")),
        arguments("COVID19", List.of("covid19")),
        arguments("m²", List.of("m")),
        arguments("Ⅷ", List.of("viii")),
        // Case, accents and compatible forms.
        arguments("Straße STRASSE STRAẞE", List.of("strasse", "strasse", "strasse")),
        arguments("Ärzte A\u0308rzte ÄRZTE", List.of("arzte", "arzte", "arzte")),
        arguments("naïve Zoë\u0301 façade", List.of("naive", "zoe", "facade")),
        arguments("İstanbul ısı IĞDIR", List.of("istanbul", "isi", "igdir")),
        arguments("ΟΔΟΣ οδός ὁδός", List.of("οδοσ", "οδοσ", "οδοσ")),
        arguments("œdème Ærø Łódź đà þing", List.of("oedeme", "aero", "lodz", "da", "thing")),
        arguments("ﬁne ﬀ ｆｕｌｌ ①", List.of("fine", "ff", "full")),
        arguments("𝒜lpha 𝐁eta", List.of("alpha", "beta")),
        arguments("Ёлка елка Київ", List.of("елка", "елка", "киів")),
        arguments("צָהֳרַיִם שָׁלוֹם", List.of("צהרים", "שלום")),
        arguments("صُدَاع أَلَم", List.of("صداع", "الم")),
        arguments("ﷺ", List.of("صلىاللهعليهوسلم")),
        arguments("हिन्दी", List.of("हिन्दी")),
        arguments("한국어", List.of("한국어")),
        arguments(Normalizer.normalize("한국어", Normalizer.Form.NFD), List.of("한국어")),
        // Marks alone are no words.
        arguments("\u0301\u0302 \ufe0f", List.of()),
        // Scripts without spaces, and what is next to them.
        arguments("你好世界", List.of("你", "好", "世", "界")),
        arguments("𠀀𠀁", List.of("𠀀", "𠀁")),
        arguments("カタカナ", List.of("カ", "タ", "カ", "ナ")),
        arguments("สวัสดี", List.of("ส", "วั", "ส", "ดี")),
        arguments("CT检查2次abc", List.of("ct", "检", "查", "2", "次", "abc")),
        // Emoji.
        arguments("👍🏽", List.of("👍")),
        arguments("ok👍👍", List.of("ok", "👍", "👍")),
        arguments("👩‍👩‍👧", List.of("👩", "👩", "👧")),
        arguments("❤️ 1️⃣ 🇩🇪", List.of("❤", "1", "🇩", "🇪")));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void splitsAndFolds(String text, List<String> folded) {
    assertThat(Words.foldedOf(text)).isEqualTo(folded);
  }

  @Test
  void reportsWhereEachWordIs() {
    String text = "«Ärzte» 👍🏽 don't STRAẞE!";

    assertThat(Words.of(text))
        .extracting(word -> text.substring(word.start(), word.end()))
        .containsExactly("Ärzte", "👍", "don", "t", "STRAẞE");
  }

  @Test
  void countsOnlyTheBeginningOfALongWord() {
    assertThat(Words.foldedOf("x".repeat(500))).containsExactly("x".repeat(100));
    assertThat(Words.foldedOf("x".repeat(100) + " " + "x".repeat(101)))
        .containsExactly("x".repeat(100), "x".repeat(100));
    assertThat(Words.foldedOf("𐐀".repeat(500))).containsExactly("𐐨".repeat(100));
    assertThat(Words.foldedOf("ß".repeat(60))).containsExactly("s".repeat(100));
    assertThat(Words.of("x".repeat(500)).getFirst().end()).isEqualTo(500);
  }

  /** Every character gives something that neither an index nor a query stumbles over. */
  @Test
  void foldsEveryCharacterToItsOwnWord() {
    assertThat(everyCharacter().filter(c -> !isSound("a " + Character.toString(c) + "b c")))
        .isEmpty();
  }

  private static boolean isSound(String text) {
    return Words.of(text).stream()
        .allMatch(word ->
            !word.folded().isEmpty()
                && word.folded()
                    .codePoints()
                    .noneMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c))
                && word.start() < word.end());
  }

  @Test
  void foldsUpperAndLowerCaseTheSame() {
    assertThat(
            everyCharacter()
                .filter(Character::isLetter)
                .filter(c ->
                    !folded(c).equals(folded(Character.toUpperCase(c)))
                        || !folded(c).equals(folded(Character.toLowerCase(c)))))
        .isEmpty();
  }

  private static List<String> folded(int c) {
    return Words.foldedOf(Character.toString(c));
  }

  private static IntStream everyCharacter() {
    return IntStream.rangeClosed(1, Character.MAX_CODE_POINT)
        .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE);
  }

  @Test
  void doesNotDependOnHowCharactersAreComposed() {
    var texts = new RandomTexts(new Random(5));
    for (int i = 0; i < 2_000; i++) {
      String text = texts.message().value();
      assertThat(Words.foldedOf(Normalizer.normalize(text, Normalizer.Form.NFD)))
          .isEqualTo(Words.foldedOf(Normalizer.normalize(text, Normalizer.Form.NFC)));
    }
  }
}
