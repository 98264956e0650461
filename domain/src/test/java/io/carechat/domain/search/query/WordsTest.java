package io.carechat.domain.search.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.carechat.domain.chat.RandomTexts;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
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
        arguments("2026-11-22T10:00", List.of("2026", "11", "22", "t", "10", "00")),
        arguments("a_b/c@d.e", List.of("a", "b", "c", "d", "e")),
        // Numbers.
        arguments("COVID19 5mg B12b", List.of("covid", "19", "5", "mg", "b", "12", "b")),
        arguments(
            "m² SpO₂ 10²³ C₁₂H₂₂", List.of("m", "2", "spo", "2", "10", "23", "c", "12", "h", "22")),
        arguments("2½ ½2 ①② ⑫", List.of("2", "1", "2", "1", "2", "2", "1", "2", "12")),
        arguments("٥ ۵ ५ ๕ ５ 𝟓 ㎎ 37℃", List.of("5", "5", "5", "5", "5", "5", "mg", "37", "c")),
        arguments("Ⅷ", List.of("viii")),
        // Case, accents and compatible forms.
        arguments("Straße STRASSE STRAẞE", List.of("strasse", "strasse", "strasse")),
        arguments("Ärzte A\u0308rzte ÄRZTE", List.of("arzte", "arzte", "arzte")),
        arguments("naïve Zoë\u0301 façade", List.of("naive", "zoe", "facade")),
        arguments("İstanbul ısı IĞDIR", List.of("istanbul", "isi", "igdir")),
        arguments("ΟΔΟΣ οδός ὁδός", List.of("οδοσ", "οδοσ", "οδοσ")),
        arguments("œdème Ærø Łódź đà þing", List.of("oedeme", "aero", "lodz", "da", "thing")),
        arguments("ﬁne ﬀ ｆｕｌｌ ①", List.of("fine", "ff", "full", "1")),
        arguments("𝒜lpha 𝐁eta", List.of("alpha", "beta")),
        arguments("Ёлка елка Київ", List.of("елка", "елка", "киів")),
        arguments("צָהֳרַיִם שָׁלוֹם", List.of("צהרימ", "שלומ")),
        arguments("صُدَاع أَلَم", List.of("صداع", "الم")),
        arguments("ﷺ", List.of("صلي", "الله", "عليه", "وسلم")),
        arguments("हिन्दी हिंदी ज़रूरी हँसी", List.of("हिंदी", "हिंदी", "जरूरी", "हंसी")),
        arguments("한국어", List.of("한국어")),
        arguments(Normalizer.normalize("한국어", Normalizer.Form.NFD), List.of("한국어")),
        // What cannot be seen.
        arguments(
            "Metfor\u00ADmin \u200EMet\u200Bfor\u2060min\uFEFF", List.of("metformin", "metformin")),
        arguments("محـــمد \u2800\u3164", List.of("محمد")),
        // Letters that are written in several ways.
        arguments(
            "على علی کتاب ک أإآٱ مدرسة ہم",
            List.of("علي", "علي", "كتاب", "ك", "اااا", "مدرسه", "هم")),
        arguments("ɓɗƙ Ənvər Ґанок ŋ", List.of("bdk", "enver", "ганок", "n")),
        arguments("Երևան ԵՐԵՎԱՆ", List.of("երեվան", "երեվան")),
        arguments("ሐኪም ሀኪም ፀሐይ", List.of("ሀኪም", "ሀኪም", "ጸሀይ")),
        arguments("น้ำ นํ้า เเม่", List.of("น้", "ำ", "น้", "ำ", "แ", "ม่")),
        arguments("ן ם", List.of("נ", "מ")),
        // Scripts have borders between them where people attach words of one to the other.
        arguments("MRI는 הMRI", List.of("mri", "는", "ה", "mri")),
        // Marks alone are no words.
        arguments("\u0301\u0302 \ufe0f", List.of()),
        // Scripts without spaces, and what is next to them.
        arguments("你好世界", List.of("你", "好", "世", "界")),
        arguments("𠀀𠀁", List.of("𠀀", "𠀁")),
        arguments("カタカナ ｶﾞ が", List.of("か", "た", "か", "な", "か\u3099", "か\u3099")),
        arguments("สวัสดี", List.of("ส", "วั", "ส", "ดี")),
        arguments("CT检查2次abc", List.of("ct", "检", "查", "2", "次", "abc")),
        // Emoji.
        arguments("👍🏽", List.of("👍")),
        arguments("Xarelto® © ™ ℠ Ⓜ", List.of("xarelto", "m")),
        arguments("ok👍👍", List.of("ok", "👍", "👍")),
        arguments("👩‍👩‍👧", List.of("👩", "👩", "👧")),
        arguments("❤️ 1️⃣ 🇩🇪", List.of("❤", "1", "🇩", "🇪")));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void splitsAndFolds(String text, List<String> folded) {
    assertThat(folded(text)).isEqualTo(folded);
  }

  @Test
  void reportsWhereEachWordIs() {
    String text = "«Ärzte» 👍🏽 don't STRAẞE!";

    assertThat(TextAnalyzer.analyze(text).words())
        .extracting(word -> text.substring(word.start(), word.end()))
        .containsExactly("Ärzte", "👍🏽", "don", "t", "STRAẞE");
  }

  @Test
  void countsOnlyTheBeginningOfALongWord() {
    assertThat(folded("x".repeat(500))).containsExactly("x".repeat(100));
    assertThat(folded("x".repeat(100) + " " + "x".repeat(101)))
        .containsExactly("x".repeat(100), "x".repeat(100));
    assertThat(folded("𐐀".repeat(500))).containsExactly("𐐨".repeat(100));
    assertThat(folded("ß".repeat(60))).containsExactly("s".repeat(100));
    assertThat(TextAnalyzer.analyze("x".repeat(500)).words().getFirst().end()).isEqualTo(500);
  }

  /** What a search engine has to know of a text. */
  static Stream<Arguments> forms() {
    return Stream.of(
        // Words that are linked are also one word: all of them, and each pair.
        arguments("follow-up", Set.of("follow", "up", "followup")),
        arguments("a-b-c", Set.of("a", "b", "c", "abc", "ab", "bc")),
        arguments("don't don’t donʼt don`t", Set.of("don", "t", "dont")),
        arguments("col·lecció coŀlecció", Set.of("col", "leccio", "colleccio")),
        arguments("צה\"ל צה״ל", Set.of("צה", "ל", "צהל")),
        arguments("می\u200cخواهم", Set.of("مي", "خواهم", "ميخواهم")),
        arguments("z.B. U.S.A. v. a.", Set.of("z", "b", "zb", "u", "s", "a", "usa", "v", "va")),
        // Not what is of two kinds, a sentence, a dash, or more than eight parts.
        arguments("COVID-19", Set.of("covid", "19")),
        arguments(
            "end.Next up – down a—b c--d", Set.of("end", "next", "up", "down", "a", "b", "c", "d")),
        arguments("世-界", Set.of("世", "界")),
        arguments("a-a-a-a-a-a-a-a", Set.of("a", "aa", "aaaaaaaa")),
        arguments("a-a-a-a-a-a-a-a-a", Set.of("a", "aa")),
        // Numbers.
        arguments(
            "030/123 45 67", Set.of("030", "123", "45", "67", "03012345", "0301234567", "1234567")),
        arguments("(030) 1234", Set.of("030", "1234", "0301234")),
        arguments("120 80 75", Set.of("120", "80", "75", "1208075")),
        arguments("120 80", Set.of("120", "80")),
        arguments("1.000 1’000 10,000", Set.of("1", "000", "1000", "10", "10000")),
        arguments("12,34,567", Set.of("12", "34", "567", "1234567")),
        arguments("0.125\n1.5\n1.0000", Set.of("0", "125", "1", "5", "0000")),
        arguments("1234567 123456789", Set.of("1234567", "123456789")),
        // Other spellings.
        arguments("Größe", Set.of("grosse", "groesse")),
        arguments(
            "Ho\u0308he Åse Ærø Đoko",
            Set.of("hohe", "hoehe", "ase", "aase", "aero", "aeroe", "doko", "djoko")),
        arguments("Öl-Übung", Set.of("ol", "oel", "ubung", "uebung", "olubung", "oeluebung")),
        arguments("الطبيب وللمريض", Set.of("الطبيب", "طبيب", "وللمريض", "مريض")),
        arguments("وصداع الم ألماني", Set.of("وصداع", "صداع", "الم", "الماني")),
        arguments("5 µg 3μmol µ", Set.of("5", "μg", "ug", "mcg", "3", "μmol", "umol", "μ")));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void indexesEveryFormOfEveryWord(String text, Set<String> forms) {
    assertThat(Words.indexed(text)).containsExactlyInAnyOrderElementsOf(forms);
    assertThat(List.copyOf(Words.indexed(text))).isEqualTo(List.copyOf(Words.indexed(text)));
  }

  /**
   * When this fails, an index that was filled before does not fit any more: raise {@link
   * Words#VERSION}, which makes the service fill a new one, and only then change the figure here.
   * Only characters are here that are in every Unicode of the supported versions of Java.
   */
  @Test
  void belongsToItsVersion() {
    var sum = new CRC32C();
    IntStream.rangeClosed(1, 0x2FFF)
        .filter(c -> Character.getType(c) != Character.UNASSIGNED)
        .forEach(c -> add(Words.indexed("ä" + Character.toString(c) + "ö1"), sum));
    Stream.concat(texts(), forms())
        .forEach(row -> add(Words.indexed(String.valueOf(row.get()[0])), sum));

    assertThat(Words.VERSION + ":" + sum.getValue()).isEqualTo("3:3916507559");
  }

  private static void add(Set<String> words, CRC32C sum) {
    words.forEach(word -> sum.update((word + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void hasAFingerprint() {
    assertThat(Words.fingerprint()).matches("[0-9a-f]{16}").isEqualTo(Words.fingerprint());
  }

  /** Every character gives something that neither an index nor a query stumbles over. */
  @Test
  void foldsEveryCharacterToItsOwnWord() {
    assertThat(everyCharacter().filter(c -> !isSound("a " + Character.toString(c) + "b c")))
        .isEmpty();
  }

  private static boolean isSound(String text) {
    return TextAnalyzer.analyze(text).words().stream().allMatch(word -> word.start() < word.end())
        && Words.indexed(text).stream()
            .allMatch(word ->
                !word.isEmpty()
                    && word.codePoints()
                        .noneMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c)));
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
    return folded(Character.toString(c));
  }

  private static List<String> folded(String text) {
    return TextAnalyzer.analyze(text).words().stream().map(AnalyzedText.Word::folded).toList();
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
      assertThat(Words.indexed(Normalizer.normalize(text, Normalizer.Form.NFD)))
          .isEqualTo(Words.indexed(Normalizer.normalize(text, Normalizer.Form.NFC)));
    }
  }

  @Test
  void doesNotDependOnHowAnyCharacterIsComposed() {
    assertThat(
            everyCharacter()
                .mapToObj(c -> "a" + Character.toString(c) + "b")
                .filter(text ->
                    !Words.indexed(Normalizer.normalize(text, Normalizer.Form.NFD))
                        .equals(Words.indexed(Normalizer.normalize(text, Normalizer.Form.NFC)))))
        .isEmpty();
  }
}
