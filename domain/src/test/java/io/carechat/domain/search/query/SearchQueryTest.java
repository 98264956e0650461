package io.carechat.domain.search.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.RandomTexts;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SearchQueryTest {
  private static boolean matches(String query, String message) {
    return SearchQuery.parse(query).matches(new MessageText(message));
  }

  /** A query, what it finds, and what it does not. */
  static Stream<Arguments> rules() {
    return Stream.of(
        rule("every word must match, in any order")
            .query("pain knee ")
            .finds("Knee: pain!")
            .finds("pain, then the knee")
            .not("pain"),
        rule("only whole words")
            .query("ache head ")
            .finds("ache in the head")
            .not("headache")
            .not("aches head"),
        rule("the last word may be a beginning")
            .query("my kne")
            .finds("my knee")
            .finds("kneel, my child")
            .not("mystery knee"),
        rule("also when it is the only one").query("k").finds("knee").not("ankle"),
        rule("space behind it changes nothing").query("kne  ").finds("knee"),
        rule("a star makes any word a beginning")
            .query("kne* my")
            .finds("my knee")
            .finds("mystery knees")
            .not("my keen"),
        rule("the last word that is excluded is whole")
            .query("knee -pain")
            .finds("knee painful")
            .not("knee pain")
            .not("painful"),
        rule("an excluded beginning")
            .query("knee -pain*")
            .finds("knee")
            .not("knee painful")
            .not("knee pain"),
        rule("exclusions alone find the rest")
            .query("-knee")
            .finds("ankle")
            .finds("?!")
            .not("knee"),
        rule("a phrase is whole words in order, side by side")
            .query("\"left knee\"")
            .finds("my LEFT, knee")
            .not("knee left")
            .not("left my knee")
            .not("left knees")
            .not("aleft knee"),
        rule("a phrase of one word is exact")
            .query("\"wound\"")
            .finds("wound")
            .not("wuond")
            .not("wounds"),
        rule("typographic quotes").query("“left knee” x").finds("left knee x").not("knee left x"),
        rule("German quotes").query("„linkes Knie“").finds("linkes Knie").not("Knie linkes"),
        rule("French quotes").query("«genou gauche»").finds("genou gauche").not("gauche genou"),
        rule("a missing end is added").query("\"left knee").finds("left knee").not("knee left"),
        rule("Scandinavian, inverted and Japanese quotes")
            .query("”left knee” »my leg« 「you there」")
            .finds("you there, my leg, left knee")
            .not("you there, my leg, knee left")
            .not("you there, leg my, left knee")
            .not("there you, my leg, left knee"),
        rule("a quote opens a phrase only at the beginning of a word")
            .query("my\"left knee\" 5\" x")
            .finds("5 x my left knee")
            .not("x 5 left knee of my"),
        rule("a quote in a Hebrew word closes nothing")
            .query("\"צה\"ל חזק\" x")
            .finds("צה״ל חזק x")
            .not("חזק צה״ל x"),
        rule("an excluded phrase")
            .query("knee -\"left knee\"")
            .finds("right knee, not left")
            .not("the left knee"),
        rule("what is several words is a phrase")
            .query("don't x")
            .finds("x don't")
            .finds("x don t")
            .not("x t don")
            .not("x don"),
        rule("and its end a beginning if it is last")
            .query("2026-11-2")
            .finds("on 2026-11-22")
            .finds("2026/11/2")
            .not("2026-12-11"),
        rule("or if it has a star").query("2026-1* x").finds("x 2026-11-22").not("x 2026-2"),
        rule("an excluded beginning of a phrase")
            .query("x -a/b*")
            .finds("x a/c")
            .finds("x b/a")
            .not("x a/bc"),
        rule("a minus before a digit excludes nothing")
            .query("BE -5 −7")
            .finds("BE -5 after dialysis, 7 before")
            .not("BE 6, 7"),
        rule("not even in other scripts").query("x -٥").finds("x 5").not("x"),
        rule("but a quote does").query("x -\"5\"").finds("x").not("x 5").not("x -5"),
        rule("an exclusion is of every spelling")
            .query("x -up -Müller")
            .finds("x")
            .not("follow-up x")
            .not("x Mueller"),
        rule("also of a word that is joined")
            .query("x -follow-up")
            .finds("x follow")
            .not("x followup")
            .not("x follow up")
            .not("x follow-up"),
        rule("and of one that is not").query("x -followup").finds("x follow up").not("x follow-up"),
        rule("a word of several kinds is a phrase")
            .query("5mg x")
            .finds("x 5 mg")
            .finds("5MG/d x")
            .not("x 5 tablets of 15 mg")
            .not("x mg 5"),
        rule("as two words it is not")
            .query("5 mg ")
            .finds("5mg")
            .finds("5 tablets of 15 mg")
            .not("15 mg"),
        rule("two words are not one").query("follow up x").finds("follow-up x").not("followup x"),
        rule("a half is no digit of another number").query("21 x").finds("21 x").not("2½ x"),
        rule("digits that follow each other are also one number")
            .query("030 123 4567 x")
            .finds("x 0301234567")
            .finds("x 030/1234567")
            .finds("x 4567, 030, 123")
            .not("x 030 123")
            .not("x 0301234568"),
        rule("the last one may be the beginning of it")
            .query("030 12345")
            .finds("0301234567")
            .not("0311234567"),
        rule("one of seven digits or more").query("030 12 x").finds("12 030 x").not("03012 x"),
        rule("or thousands").query("1 000 x").finds("x 1000").finds("x 1.000").not("x 10 00"),
        rule("a joined word in a phrase")
            .query("\"the followup care\"")
            .finds("the follow-up care")
            .finds("the followup care")
            .not("the follow up care"),
        rule("and its parts")
            .query("\"up care\"")
            .finds("the follow-up care")
            .not("the followup care"),
        rule("parts that are joined in the phrase")
            .query("\"the follow-up care\"")
            .finds("the followup care")
            .finds("the follow up care")
            .not("the care follow-up"),
        rule("Korean particles follow a word")
            .query("혈압약 하루 x")
            .finds("x 혈압약을 하루에")
            .not("x 혈압을 하루에"),
        rule("but not in a phrase").query("\"혈압약\" x").finds("x 혈압약").not("x 혈압약을"),
        rule("traditional and simplified Chinese are two scripts")
            .query("头痛")
            .finds("头痛")
            .not("頭痛"),
        rule("there are no stems").query("running x").finds("x running").not("x ran"),
        rule("no typing error in four letters").query("knee x").finds("x knee").not("x knes"),
        rule("one in five to eight")
            .query("wound x")
            .finds("x wuond")
            .finds("x wond")
            .finds("x ound")
            .not("x wnd"),
        rule("two in more").query("antibiotic x").finds("x antibitoik").not("x antbtik"),
        rule("none in very long words")
            .query("a".repeat(30) + "b x")
            .finds("x " + "a".repeat(30) + "b")
            .not("x " + "a".repeat(31)),
        rule("two in rather long ones").query("a".repeat(29) + "b x").finds("x " + "a".repeat(31)),
        rule("in the first eight words only")
            .query("first second third fourth fifth sixth eighth eleventh tenth twelfth")
            .finds("frist secod thidr fouth fith sith eigth elevnth tenth twelfth")
            .not("first second third fourth fifth sixth eighth eleventh tenht twelfth")
            .not("first second third fourth fifth sixth eighth eleventh tenth twelth"),
        rule("short words, phrases and exclusions do not count")
            .query(
                "a b12345 \"twentieth\" -thousandth hundre* second third fourth fifth sixth eighth eleventh tenth x")
            .finds("a b12345 twentieth hundreds secnd thrd fouth fith sith eigth elevnth teth x"),
        rule("a word that occurs again is the same word")
            .query("first second third fourth fifth sixth eighth eleventh first tenth x")
            .finds("frist second third fourth fifth sixth eighth eleventh tenth x")
            .not("first second third fourth fifth sixth eighth eleventh teth x"),
        rule("also in the last word").query("wuond").finds("wound").finds("wuondy").not("wnd"),
        rule("but not in a beginning").query("woun* x").finds("x wound").not("x wuond"),
        rule("not in exclusions").query("x -wound").finds("x wuond").not("x wound"),
        rule("not with digits").query("covid19 x").finds("x covid19").not("x covid18"),
        rule("case does not matter").query("KNEE x").finds("knee X").finds("Knee x"),
        rule("nor accents").query("arzte x").finds("Ärzte x").finds("A\u0308RZTE X"),
        rule("in either").query("Ärzte x").finds("arzte x"),
        rule("nor ways of writing").query("STRASSE").finds("Straße").finds("STRAẞE"),
        rule("Chinese, by character, as a phrase").query("世界").finds("你好世界").not("界世"),
        rule("Thai").query("สวัส").finds("สวัสดีครับ").not("ดีครับ"),
        rule("Arabic without vowels").query("صداع").finds("عندي صُداع شديد"),
        rule("emoji without the colour of skin").query("👍").finds("ok 👍🏽").not("ok 👎"),
        rule("no-break space is space").query("pain\u00a0knee").finds("knee pain").not("pain"),
        rule("lonely signs are nothing").query("- knee * -\" \" ! ").finds("knee").not("ankle"));
  }

  private record Rule(String name, String query, List<String> hits, List<String> others)
      implements Arguments {
    Rule query(String text) {
      return new Rule(name, text, hits, others);
    }

    Rule finds(String message) {
      return new Rule(name, query, plus(hits, message), others);
    }

    Rule not(String message) {
      return new Rule(name, query, hits, plus(others, message));
    }

    private static List<String> plus(List<String> list, String more) {
      return Stream.concat(list.stream(), Stream.of(more)).toList();
    }

    @Override
    public Object[] get() {
      return new Object[] {name, query, hits, others};
    }
  }

  private static Rule rule(String name) {
    return new Rule(name, "", List.of(), List.of());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("rules")
  void finds(String name, String query, List<String> hits, List<String> others) {
    assertThat(hits).as(name).allMatch(message -> matches(query, message));
    assertThat(others).as(name).noneMatch(message -> matches(query, message));
  }

  @ParameterizedTest
  @ValueSource(strings = {"!", "\"", "\"\"", "-", "*", "-*", "\"…\"", "-\"", "“”", "®"})
  void findsNothingWithoutWords(String text) {
    SearchQuery query = SearchQuery.parse(text);

    assertThat(query.isEmpty()).isTrue();
    assertThat(query.matches(new MessageText("anything - \" * !"))).isFalse();
    assertThat(query.highlights(new MessageText("anything"))).isEmpty();
  }

  @Test
  void hasBounds() {
    assertThat(SearchQuery.faultIn("x")).isEmpty();
    assertThat(SearchQuery.faultIn("🎉".repeat(500))).isEmpty();
    assertThat(SearchQuery.faultIn("")).isPresent();
    assertThat(SearchQuery.faultIn("x".repeat(501))).isPresent();
    for (String blank : List.of(" ", "\n\u00a0", "\u0301", "\u200b", "\u2800", "\u3164\ufe0f")) {
      assertThat(SearchQuery.faultIn(blank)).contains("must contain something that can be seen");
    }
    assertThat(SearchQuery.faultIn("a\0b")).isPresent();
    assertThat(SearchQuery.faultIn("a\ud800")).isPresent();
    assertThat(SearchQuery.faultIn("\udc00a")).isPresent();
    assertThatIllegalArgumentException().isThrownBy(() -> SearchQuery.parse(""));
  }

  @Test
  void keepsWhatWasTypedAndDoesNotPrintIt() {
    SearchQuery query = SearchQuery.parse(" Knee  -pain ");

    assertThat(query.text()).isEqualTo(" Knee  -pain ");
    assertThat(query).isEqualTo(SearchQuery.parse(" Knee  -pain "));
    assertThat(query).hasSameHashCodeAs(SearchQuery.parse(" Knee  -pain "));
    assertThat(query).isNotEqualTo(SearchQuery.parse("Knee -pain"));
    assertThat(query.toString()).doesNotContainIgnoringCase("knee").doesNotContain("pain");
  }

  @Test
  void acceptsEveryTextAndFindsWhatItHighlights() {
    var texts = new RandomTexts(new Random(11));
    int found = 0;
    for (int i = 0; i < 20_000; i++) {
      SearchQuery query = texts.query();
      MessageText message = texts.message();
      if (query.matches(message)) {
        found++;
        assertThat(query.highlights(message)).hasSizeLessThanOrEqualTo(3);
        assertThat(query.highlights(message).isEmpty()).isEqualTo(query.required().isEmpty());
      }
    }
    assertThat(found).isGreaterThan(500);
  }

  /** The condition of a search engine, which knows only the words and not their order. */
  @Test
  void proposesWhatItFinds() {
    var texts = new RandomTexts(new Random(13));
    int found = 0;
    int proposed = 0;
    for (int i = 0; i < 40_000; i++) {
      SearchQuery query = texts.query();
      MessageText message = texts.message();
      Set<String> indexed = Words.indexed(message.value());
      boolean possible = query.required().stream().allMatch(term -> term.mayOccur(indexed));
      proposed += possible && !query.isEmpty() ? 1 : 0;
      if (query.matches(message)) {
        found++;
        assertThat(possible).as(query.text() + " in " + message.value()).isTrue();
      }
    }
    assertThat(found).isGreaterThan(1_000);
    assertThat(proposed).isGreaterThanOrEqualTo(found).isLessThan(2 * found);
  }

  static Stream<Arguments> highlights() {
    String gap = "and so on, ".repeat(20);
    String before = "on, " + "and so on, ".repeat(5);
    String after = " " + "and so on, ".repeat(5) + "and";
    return Stream.of(
        arguments("knee", "My knee hurts.", List.of("My <em>knee</em> hurts")),
        arguments("\"left knee\"", "left knee", List.of("<em>left</em> <em>knee</em>")),
        arguments("kne", "Knees", List.of("<em>Knees</em>")),
        arguments("strasse", "Straße 5", List.of("<em>Straße</em> 5")),
        arguments("世界", "你好世界", List.of("你好<em>世界</em>")),
        arguments("世界 他", "世界他 他世", List.of("<em>世界他</em> <em>他</em>世")),
        arguments("5 mg", "Take 5mg, 5 mg", List.of("Take <em>5mg</em>, <em>5</em> <em>mg</em>")),
        arguments("mg", "Take 5mg", List.of("Take 5<em>mg</em>")),
        arguments("followup", "a follow-up b", List.of("a <em>follow-up</em> b")),
        arguments("follow up", "a follow-up b", List.of("a <em>follow</em>-<em>up</em> b")),
        arguments("up", "a follow-up b", List.of("a follow-<em>up</em> b")),
        arguments("\"a followup\"", "a follow-up b", List.of("<em>a</em> <em>follow-up</em> b")),
        arguments("0301234567", "(030) 123 45 67", List.of("<em>030) 123 45 67</em>")),
        arguments("Metformin", "Metfor\u00ADmin\u200B!", List.of("<em>Metfor\u00ADmin\u200B</em>")),
        arguments("👍", "ok 👍🏽👎", List.of("ok <em>👍🏽</em>👎")),
        arguments("عليه", "x ﷺ y", List.of("x <em>ﷺ</em> y")),
        arguments("xa", "x㏂y", List.of("<em>x㏂</em>y")),
        arguments("knee -x", "knee y", List.of("<em>knee</em> y")),
        arguments("-x", "knee", List.of()),
        arguments(
            "knee",
            "<b>\"knee\" & 'co'</b><script>",
            List.of("b&gt;&quot;<em>knee</em>&quot; &amp; &#39;co&#39;&lt;/b&gt;&lt;script")),
        arguments(
            "knee x",
            gap + "knee " + gap + "x " + gap,
            List.of(before + "<em>knee</em>" + after, before + "<em>x</em>" + after)));
  }

  @ParameterizedTest
  @MethodSource("highlights")
  void marksWhatWasFound(String query, String message, List<String> fragments) {
    assertThat(SearchQuery.parse(query).highlights(new MessageText(message))).isEqualTo(fragments);
  }

  @Test
  void showsNoWordTwiceAndThreeFragmentsAtMost() {
    var message = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      message.append(i % 7 == 0 ? "knee" : "w").append(i).append(' ');
    }
    List<String> fragments =
        SearchQuery.parse("knee").highlights(new MessageText(message.toString()));

    assertThat(fragments).hasSize(3);
    assertThat(String.join(" ", fragments).replaceAll("</?em>", ""))
        .isEqualTo(
            message.substring(0, String.join(" ", fragments).replaceAll("</?em>", "").length()));
  }

  @Test
  void printsNoMarkupOfTheMessage() {
    var texts = new RandomTexts(new Random(12));
    for (int i = 0; i < 5_000; i++) {
      for (String fragment : texts.query().highlights(texts.message())) {
        assertThat(fragment.replace("<em>", "").replace("</em>", ""))
            .doesNotContain("<", ">", "\"", "'")
            .doesNotContainPattern("&(?!(amp|lt|gt|quot|#39);)");
      }
    }
  }
}
