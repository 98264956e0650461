package io.carechat.domain.chat;

import io.carechat.domain.search.query.SearchQuery;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Makes messages and queries of few words in many languages, so that queries often match, and just
 * as often almost match. The same seed gives the same texts.
 */
public final class RandomTexts {
  private static final List<String> WORDS =
      List.of(
          "Schmerzen",
          "Ärzte",
          "arzt",
          "STRASSE",
          "Straße",
          "don't",
          "3.5",
          "2026-11-22",
          "COVID19",
          "Wunde",
          "wunden",
          "Wunder",
          "naïve",
          "Zoë\u0301",
          "œdème",
          "İstanbul",
          "ısı",
          "ΟΔΟΣ",
          "οδός",
          "больно",
          "Больница",
          "ёлка",
          "елка",
          "你好世界",
          "你好",
          "世界",
          "疼痛",
          "痛",
          "สวัสดีครับ",
          "สวัสดี",
          "ปวด",
          "ألم",
          "صُداع",
          "صداع",
          "ﷺ",
          "שלום",
          "שָׁלוֹם",
          "हिन्दी",
          "👍",
          "👍🏽",
          "👩‍👩‍👧",
          "😀😀",
          "𝒜lpha",
          "𠀀𠀁",
          "e",
          "ee",
          "12",
          "antibiotics",
          "antibiotic",
          "prescription",
          "prescriptoin",
          "perscription",
          "headache",
          "haedache",
          "5mg",
          "5 mg",
          "SpO₂",
          "SpO2",
          "2½",
          "follow-up",
          "followup",
          "Follow‑up‑Termin",
          "z.B.",
          "zB",
          "Müller-Lüdenscheidt",
          "Muellerluedenscheidt",
          "Ångström",
          "030/1234567",
          "0301234567",
          "030 123 45 67",
          "1.000",
          "1000",
          "Metfor\u00admin",
          "Met\u200bformin",
          "5 µg",
          "والطبيب",
          "طبيب",
          "می\u200cخواهم",
          "میخواهم",
          "צה\"ל",
          "צהל",
          "हिंदी",
          "한국어를",
          "MRI는",
          "ｶﾞｽ",
          "ガス",
          "น้ำ",
          "Xarelto®");

  private static final List<String> BETWEEN =
      List.of(" ", " ", " ", ", ", "-", "\n", "\u00a0", "/", "’", ".", ". ", "");

  /** What has a meaning in one query language or another. */
  private static final List<String> SYNTAX =
      List.of(
          "*",
          "?",
          "~",
          "~2",
          "^3",
          "+",
          "-",
          "--",
          "&&",
          "||",
          "!",
          "(",
          ")",
          "[a TO b]",
          "{",
          "}",
          "\\",
          "/.*/",
          ":",
          "_id:",
          "words:",
          "chat:*",
          "\"",
          "“",
          "”",
          "«",
          "<",
          ">",
          "AND",
          "OR",
          "NOT",
          "%",
          "'",
          ";",
          "{\"match_all\":{}}",
          "\uFFFF",
          "\u200d",
          "\ufe0f",
          "\u0001");

  private final Random random;

  /**
   * @param random has a fixed seed
   */
  public RandomTexts(Random random) {
    this.random = random;
  }

  /** Another message. */
  public MessageText message() {
    String text = phrase(1 + random.nextInt(8));
    return new MessageText(random.nextInt(5) == 0 ? text + " " + one(SYNTAX) : text);
  }

  /** Another query; it may be empty. */
  public SearchQuery query() {
    String text =
        IntStream.range(0, 1 + random.nextInt(3))
            .mapToObj(i -> part())
            .collect(Collectors.joining(random.nextInt(10) == 0 ? "" : " "));
    return SearchQuery.parse(text);
  }

  private String part() {
    return switch (random.nextInt(12)) {
      case 0 -> "-" + word();
      case 1 -> "\"" + phrase(1 + random.nextInt(3)) + "\"";
      case 2 -> "-\"" + phrase(1 + random.nextInt(2)) + "\"";
      case 3 -> beginning(word()) + "*";
      case 4 -> "-" + beginning(word()) + "*";
      case 5 -> "-" + phrase(2).replace(" ", "/") + "*";
      case 6 -> beginning(word());
      case 7, 8 -> mistyped(mistyped(word()));
      case 9 -> one(SYNTAX) + word() + one(SYNTAX);
      default -> word();
    };
  }

  private String phrase(int words) {
    var phrase = new StringBuilder(word());
    for (int i = 1; i < words; i++) {
      phrase.append(one(BETWEEN)).append(word());
    }
    return phrase.toString();
  }

  private String word() {
    String word = one(WORDS);
    return random.nextInt(4) == 0 ? word.toUpperCase(Locale.ROOT) : word;
  }

  private String beginning(String word) {
    int length = word.codePointCount(0, word.length());
    return word.substring(0, word.offsetByCodePoints(0, 1 + random.nextInt(length)));
  }

  /** Leaves a code point out, doubles it, replaces it, or swaps it with the next. */
  private String mistyped(String word) {
    int[] points = word.codePoints().toArray();
    int at = random.nextInt(points.length);
    var mistyped = new StringBuilder();
    int kind = random.nextInt(5);
    for (int i = 0; i < points.length; i++) {
      if (i != at || kind == 4) {
        mistyped.appendCodePoint(points[i]);
      } else if (kind == 1) {
        mistyped.appendCodePoint(points[i]).appendCodePoint(points[i]);
      } else if (kind == 2) {
        mistyped.append('x');
      } else if (kind == 3 && i + 1 < points.length) {
        mistyped.appendCodePoint(points[i + 1]).appendCodePoint(points[i]);
        i++;
      }
    }
    return mistyped.isEmpty() ? word : mistyped.toString();
  }

  private <T> T one(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
