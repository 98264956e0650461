package io.carechat.domain.search.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.carechat.domain.chat.MessageText;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A reader who sees a word expects to find it, however it was typed. */
final class SearchedWordsTest {
  /** What was sent, and what others type for it. */
  static Stream<Arguments> found() {
    return Stream.of(
            // A number and its unit.
            sent("Ibuprofen 5mg").by("5 mg", "5mg", "\"5 mg\"", "\"5mg\"", "5MG", "ibuprofen5"),
            sent("Ibuprofen 5 mg").by("5 mg", "5mg", "\"5mg\""),
            sent("3㎎, 37℃").by("3 mg", "3mg", "37 °C", "37°C"),
            sent("5 µg").by("5 ug", "5 mcg", "5μg", "5µg"),
            sent("5 mcg or 5 ug").by("5 µg", "5µg"),
            sent("2½ tablets").by("2 ½", "2½", "2 1/2"),
            // Compatibility characters.
            sent("SpO₂ 94").by("SpO2", "spo2 94", "SpO₂"),
            sent("SpO2 94").by("SpO₂"),
            sent("24 kg/m²").by("kg/m2", "24 kg/m2"),
            sent("C₁₂H₂₂O₁₁").by("C12H22O11"),
            sent("ﬁeber Ⅷ ① ｆｕｌｌ １２").by("fieber", "viii", "1", "full", "12"),
            sent("½ Ｔａｂｌｅｔｔｅ №5").by("1/2 Tablette", "no 5"),
            // What cannot be seen.
            sent("Metfor\u00ADmin").by("Metformin", "Metfor\u00ADmin"),
            sent("Met\u200Bformin").by("Metformin", "\"Met\uFEFFformin\""),
            sent("Metformin").by("Met\u2060for\u200Dmin", "\u200EMetformin\u200F"),
            // Letters and digits that are written in more than one way.
            sent("محـــمد").by("محمد"),
            sent("محمد").by("محـــمد"),
            sent("٥ ملغ").by("5 ملغ", "۵ملغ", "5ملغ"),
            sent("5 ملغ").by("٥ ملغ", "٥ملغ"),
            sent("أدوية على كتاب").by("ادويه علي", "کتاب"),
            sent("دواء").by("دوا", "الدواء", "دَواء"),
            sent("الطبيب").by("طبيب", "للطبيب"),
            sent("طبيب وصداع").by("الطبيب", "صداع"),
            sent("می\u200cخواهم").by("میخواهم", "می خواهم", "مي‌خواهم"),
            sent("ہم ڪتاب").by("هم كتاب"),
            sent("צה\"ל צ׳ק").by("צה״ל", "צהל", "צה\"ל", "צ'ק", "צק"),
            sent("שלומכם").by("שלומכמ"),
            sent("हिन्दी सम्पर्क").by("हिंदी", "संपर्क"),
            sent("हिंदी").by("हिन्दी"),
            sent("हिन्दी सम्बन्ध ठण्ड").by("हिन", "हिन्", "सम", "सम्", "सम्बन", "ठण"),
            sent("હિન્દી").by("હિન"),
            sent("ज़रूरी हँसी").by("जरूरी", "हंसी"),
            sent("ન\u0ACDત હિન્દી").by("હિંદી"),
            sent("চিকিৎসা").by("চিকিত্\u200cসা", "চিকিৎসা"),
            sent("அவன் கொ").by("\u0B95\u0BC6\u0BBE"),
            sent("അവന്\u200D").by("അവൻ"),
            sent("น้ำ แม่").by("นํ้า", "น้ำ", "เเม่"),
            sent("ນ້ຳ").by("ນ\u0ECD້າ"),
            sent("カタカナ ｶﾞｽ 1ヶ月").by("かたかな", "ガス", "がす", "1か月"),
            sent("コーヒー").by("ｺｰﾋｰ", "こーひー"),
            sent("MRI는 혈압약을").by("MRI", "혈압약"),
            sent("혈압").by("\u1112\u1167\u11AF\u110B\u1161\u11B8", "혈"),
            sent("Ёлка ґанок п'ять").by("елка", "ганок", "пʼять", "п’ять", "пять"),
            sent("ΟΔΟΣ Γιατρός").by("οδος", "γιατροσ", "ΓΙΑΤΡΟΣ"),
            sent("Երևան").by("ԵՐԵՎԱՆ", "Երեւան", "երեվան"),
            sent("საქართველო").by("ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ"),
            sent("ሐኪም ፀሐይ").by("ሀኪም", "ጸሀይ"),
            sent("ɓɗƙ Ənvər").by("bdk", "Enver"),
            sent("İstanbul ısı IĞDIR").by("istanbul", "isi", "ığdır"),
            sent("Müller Größe Öl").by("Mueller", "Muller", "groesse", "GROSSE", "Oel"),
            sent("Mueller Groesse").by("Müller", "Größe"),
            sent("Ångström smørrebrød").by("Aangstroem", "angstrom", "smoerrebroed", "smorrebrod"),
            sent("Đoković").by("Djokovic", "Dokovic"),
            sent("Djokovic").by("Đoković"),
            sent("cœur straße ĳs").by("coeur", "strasse", "ijs"),
            sent("Łódź kyõö čeština").by("lodz", "kyoo", "cestina"),
            sent("ţară țară").by("țară", "tara"),
            sent("hoà hòa đau").by("hòa", "hoa", "dau"),
            // Together, apart, with a hyphen.
            sent("follow-up")
                .by("followup", "follow up", "follow-up", "\"follow up\"", "follow‑up"),
            sent("followup").by("follow-up", "follow–up", "\"follow-up\""),
            sent("COVID-19").by("COVID19", "COVID-19", "covid 19"),
            sent("COVID19").by("COVID-19", "COVID19", "\"covid 19\""),
            sent("d’accord l'eau").by("d'accord", "daccord", "d`accord", "accord", "eau"),
            sent("col·lecció").by("collecció", "coŀlecció"),
            sent("Müller-Lüdenscheidt").by("Muellerluedenscheidt", "mullerludenscheidt"),
            sent("z.B. U.S.A. z. T.").by("zB", "z.B.", "z. B.", "USA", "zT"),
            sent("zB USA").by("z.B.", "U.S.A."),
            sent("עורך-דין א־ב").by("עורכדין", "אב"),
            // Telephone numbers and thousands.
            sent("030/1234567").by("0301234567", "030 1234567", "030-123 4567", "(030) 1234567"),
            sent("0301234567").by("030 1234567", "030/1234567", "030 123 45 67"),
            sent("+49 (30) 123-4567").by("+49301234567", "49 30 1234567"),
            sent("030 1234567 2 times").by("0301234567"),
            sent("1.000 Schritte").by("1000", "1,000", "1 000", "1’000", "1\u202f000"),
            sent("1000 steps").by("1.000", "1,000", "1 000", "1’000"),
            sent("12,34,567").by("1234567", "12,34,567"),
            // Signs that nobody types.
            sent("Xarelto® 20 mg").by("\"Xarelto 20 mg\"", "xarelto 20mg"),
            sent("Xarelto 20 mg").by("\"Xarelto® 20 mg\"", "Xarelto™"),
            sent("BE -5 after dialysis").by("BE -5", "be −5", "BE 5"),
            sent("👩🏽\u200d⚕️ ok").by("👩", "👩‍⚕️", "👩🏿‍⚕️ ok"))
        .flatMap(Sent::rows);
  }

  private record Sent(String text, List<String> queries) {
    Sent by(String... typed) {
      return new Sent(text, List.of(typed));
    }

    Stream<Arguments> rows() {
      return queries.stream().map(query -> arguments(text, query));
    }
  }

  private static Sent sent(String text) {
    return new Sent(text, List.of());
  }

  @ParameterizedTest(name = "{0} is found by {1}")
  @MethodSource("found")
  void findsWhatAReaderSees(String sent, String query) {
    var message = new MessageText(sent);

    assertThat(SearchQuery.parse(query).matches(message)).isTrue();
    assertThat(SearchQuery.parse(query + " zzz").matches(message)).isFalse();
    assertThat(SearchQuery.parse(query).highlights(message)).isNotEmpty();
  }
}
