package io.carechat.domain.search.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.RandomTexts;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** That judging quickly is judging as before. */
final class TextWordsTest {
  private static final int MESSAGES = 250;

  private final Random random = new Random(21);

  @Test
  void agreesWithThePlainJudgeOnTextsInManyLanguages() {
    var texts = new RandomTexts(random);
    int hits = 0;
    for (int i = 0; i < 30_000; i++) {
      hits += assertSame(texts.query(), texts.message().value());
    }
    assertThat(hits).isGreaterThan(1_000);
  }

  /** Few letters, so that words, phrases and their overlaps nearly match all the time. */
  @Test
  void agreesWithThePlainJudgeOnTextsOfFewLetters() {
    int hits = 0;
    for (int i = 0; i < 30_000; i++) {
      String text = words(1 + random.nextInt(30), 3);
      hits += assertSame(SearchQuery.parse(query()), text);
      hits += assertSame(SearchQuery.parse(query()), words(1 + random.nextInt(12), 11));
      hits += assertSame(SearchQuery.parse(query()), linked(1 + random.nextInt(20)));
    }
    assertThat(hits).isGreaterThan(5_000);
  }

  @Test
  void agreesWithThePlainDistance() {
    for (int i = 0; i < 200_000; i++) {
      String one = word(random.nextInt(12));
      String other = random.nextBoolean() ? word(random.nextInt(12)) : mistyped(one);
      int distance = PlainJudge.distance(one, other);
      for (int errors = 0; errors <= 3; errors++) {
        assertThat(TypingErrors.atMost(errors, one, other))
            .as(one + " " + other + " " + errors)
            .isEqualTo(distance <= errors);
      }
    }
  }

  private static int assertSame(SearchQuery query, String text) {
    AnalyzedText analyzed = TextAnalyzer.analyze(text);
    boolean hit = PlainJudge.matches(query, analyzed);
    assertThat(query.matches(new MessageText(text)))
        .as(query.text() + " in " + text)
        .isEqualTo(hit);
    var positions = new BitSet();
    query.required().forEach(term -> positions.or(PlainJudge.positions(analyzed, term)));
    FoundWords found = new TextWords(analyzed).find(query.required());
    assertThat(IntStream.range(0, analyzed.words().size()).filter(found::contains).toArray())
        .as(query.text() + " in " + text)
        .isEqualTo(positions.stream().toArray());
    return hit ? 1 : 0;
  }

  private String query() {
    return IntStream.range(0, 1 + random.nextInt(4))
        .mapToObj(i ->
            switch (random.nextInt(7)) {
              case 0 -> "\"" + words(1 + random.nextInt(6), 2) + "\"";
              case 1 -> words(1 + random.nextInt(6), 2).replace(' ', '-') + "*";
              case 2 -> "-" + words(1 + random.nextInt(3), 3).replace(' ', '-');
              case 3 -> word(1 + random.nextInt(3)) + "*";
              case 4 -> linked(1 + random.nextInt(4));
              default -> word(1 + random.nextInt(11));
            })
        .collect(Collectors.joining(" "));
  }

  /** Words and digits that are joined in many ways. */
  private String linked(int count) {
    return IntStream.range(0, count)
        .mapToObj(i ->
            (random.nextInt(3) == 0 ? digits() : word(1 + random.nextInt(2)))
                + List.of(" ", "-", "-", "'", ".", ". ", ",", "/").get(random.nextInt(8)))
        .collect(Collectors.joining());
  }

  private String digits() {
    return IntStream.range(0, 1 + random.nextInt(4))
        .map(i -> '0' + random.nextInt(2))
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  private String words(int count, int maxLength) {
    return IntStream.range(0, count)
        .mapToObj(i -> word(1 + random.nextInt(maxLength)))
        .collect(Collectors.joining(" "));
  }

  private String word(int length) {
    return IntStream.range(0, length)
        .map(i -> 'a' + random.nextInt(2))
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  private String mistyped(String word) {
    var mistyped = new StringBuilder(word);
    for (int i = random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(mistyped.length() + 1);
      if (at < mistyped.length() && random.nextBoolean()) {
        mistyped.deleteCharAt(at);
      } else {
        mistyped.insert(at, random.nextBoolean() ? 'a' : 'b');
      }
    }
    return mistyped.toString();
  }

  /**
   * Each message has all but one of the words, behind many words that are nearly the wanted ones.
   * The old way took 12 ms for each message, on a machine with nothing else to do.
   */
  @Test
  void judgesNearMissesInLittleTime() {
    List<String> wanted = IntStream.range(0, 49).mapToObj(i -> letters(9)).toList();
    SearchQuery query = SearchQuery.parse(String.join(" ", wanted));
    List<MessageText> messages =
        IntStream.range(0, MESSAGES)
            .mapToObj(i ->
                new MessageText(
                    IntStream.range(0, 940)
                            .mapToObj(k -> nearly(wanted.get(k % 49)))
                            .collect(Collectors.joining(" "))
                        + " "
                        + String.join(" ", wanted.subList(0, 48))))
            .toList();

    assertInLittleTime(query, messages);
  }

  @Test
  void judgesPhrasesThatNearlyOccurInLittleTime() {
    SearchQuery query = SearchQuery.parse("\"" + "a ".repeat(240) + "b\"");
    List<MessageText> messages =
        IntStream.range(0, MESSAGES)
            .mapToObj(i -> new MessageText("a ".repeat(4_990) + i))
            .toList();

    assertInLittleTime(query, messages);
  }

  /** Each word of the query has two spellings and is joined with its neighbours. */
  @Test
  void judgesPhrasesOfJoinedWordsInLittleTime() {
    SearchQuery query = SearchQuery.parse("\"" + "ä-ö ".repeat(120) + "b\" " + "ä-b ".repeat(4));
    List<MessageText> messages =
        IntStream.range(0, MESSAGES / 5)
            .mapToObj(i -> new MessageText("ä-ö ".repeat(2_490) + i))
            .toList();

    assertInLittleTime(query, messages);
  }

  @Test
  void readsLongSequencesOfMarksInLittleTime() {
    SearchQuery query = SearchQuery.parse("knee");
    List<MessageText> messages =
        List.of("\u0301\u0316", "\u0F71\u0F74").stream()
            .flatMap(marks ->
                IntStream.range(0, MESSAGES)
                    .mapToObj(i -> new MessageText("e" + marks.repeat(4_990) + i)))
            .toList();

    assertInLittleTime(query, messages);
  }

  /** The old ways took longer, by a factor of 5 or more. */
  private static void assertInLittleTime(SearchQuery query, List<MessageText> messages) {
    assertTimeoutPreemptively(
        Duration.ofMillis(1_500),
        () -> {
          for (MessageText message : messages) {
            assertThat(query.matches(message)).isFalse();
            assertThat(query.highlights(message)).hasSizeLessThanOrEqualTo(3);
          }
        });
  }

  private String letters(int count) {
    return random
        .ints(count, 'a', 'z' + 1)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  /** Three letters are wrong. */
  private static String nearly(String word) {
    var nearly = new StringBuilder(word);
    for (int at = 2; at < 9; at += 3) {
      nearly.setCharAt(at, (char) ('a' + ('z' - nearly.charAt(at) + at) % 26));
    }
    return nearly.toString();
  }
}
