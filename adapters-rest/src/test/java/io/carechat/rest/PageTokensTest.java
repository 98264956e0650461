package io.carechat.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.ExternalId;
import io.carechat.domain.PageSize;
import io.carechat.domain.PageToken;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PageTokensTest {
  private static final Instant BORDER = Instant.parse("2021-03-05T16:07:31.298Z");
  private static final String GOOD =
      "{\"type\":\"LOCAL_FIND\",\"pageSize\":2,\"borderDate\":\"2021-03-05T16:07:31.298Z\",\"before\":true}";

  /** Of the document that this API started from, byte for byte. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "eyJ0eXBlIjoiTE9DQUxfU0VBUkNIIiwicGFnZVNpemUiOjIsImJvcmRlckRhdGUiOiIyMDIxLTAzLTA1VDE2OjA2OjQ0LjEyMVoiLCJxdWVyeSI6ImhlbGxvIiwiYmVmb3JlIjp0cnVlfQ==",
        "eyJ0eXBlIjoiTE9DQUxfU0VBUkNIIiwicGFnZVNpemUiOjIsImJvcmRlckRhdGUiOiIyMDIxLTAzLTA1VDE2OjA3OjMxLjI5OFoiLCJxdWVyeSI6ImhlbGxvIiwiYmVmb3JlIjpmYWxzZX0=",
        "eyJ0eXBlIjoiTE9DQUxfU0VBUkNIIiwicGFnZVNpemUiOjIsImJvcmRlckRhdGUiOiIyMDIxLTAzLTA1VDE2OjA3OjMxLjI5OFoiLCJxdWVyeSI6ImhlbGxvIiwiYmVmb3JlIjp0cnVlfQ==",
      })
  void searchTokensOfTheSourceDocumentComeOutAsTheyWentIn(String text) throws Exception {
    PageToken.Search token = PageTokens.readSearch(text);

    assertThat(token.query()).isEqualTo("hello");
    assertThat(PageTokens.write(token)).isEqualTo(text);
    assertThatThrownBy(() -> PageTokens.readFind(text))
        .isInstanceOfSatisfying(
            PageTokens.Fault.class,
            fault -> assertThat(fault.rule()).isEqualTo("is a token of a search"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eyJ0eXBlIjoiTE9DQUxfRklORCIsInBhZ2VTaXplIjoyLCJib3JkZXJEYXRlIjoiMjAyMS0wMy0wNVQxNjowNzozMS4yOThaIiwiYmVmb3JlIjp0cnVlfQ==",
        "eyJ0eXBlIjoiTE9DQUxfRklORCIsInBhZ2VTaXplIjoyLCJib3JkZXJEYXRlIjoiMjAyMS0wMy0wNVQxNjowNzozMS4yOThaIiwiYmVmb3JlIjpmYWxzZX0=",
        "eyJ0eXBlIjoiTE9DQUxfRklORCIsInBhZ2VTaXplIjoyLCJib3JkZXJEYXRlIjoiMjAyMS0wMy0wNVQxNjowOTo1Mi42NTVaIiwiYmVmb3JlIjp0cnVlfQ==",
        "eyJ0eXBlIjoiTE9DQUxfRklORCIsInBhZ2VTaXplIjoyLCJib3JkZXJEYXRlIjoiMjAyMS0wMy0wNVQxNjowOTo1Mi42NTVaIiwiYmVmb3JlIjpmYWxzZX0=",
      })
  void findTokensOfTheSourceDocumentComeOutAsTheyWentIn(String text) throws Exception {
    assertThat(PageTokens.write(PageTokens.readFind(text))).isEqualTo(text);
    assertThatThrownBy(() -> PageTokens.readSearch(text))
        .isInstanceOfSatisfying(
            PageTokens.Fault.class,
            fault -> assertThat(fault.rule()).isEqualTo("is not a token of a search"));
  }

  @Test
  void tokensOfListsOfChatsComeBackAsTheyWere() throws Exception {
    String json =
        "{\"type\":\"CHATS\",\"pageSize\":2,\"borderDate\":\"2021-03-05T16:07:31.298Z\","
            + "\"borderId\":\"5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab\",\"before\":true}";

    PageToken.Chats token = PageTokens.readChats(encoded(json));

    assertThat(token.pageSize()).isEqualTo(new PageSize(2));
    assertThat(token.borderDate()).isEqualTo(BORDER);
    assertThat(token.borderId()).hasToString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab");
    assertThat(token.before()).isTrue();
    assertThat(decoded(PageTokens.write(token))).isEqualTo(json);
    assertThatThrownBy(() -> PageTokens.readChats(encoded(GOOD)))
        .isInstanceOfSatisfying(
            PageTokens.Fault.class,
            fault -> assertThat(fault.rule()).isEqualTo("is not a token of a list of chats"));
    for (String id : new String[] {"\"1-1-1-1-1\"", "7", "null", "\"IM6f03\"", "{}"}) {
      assertRefused(
          encoded(json.replace("\"5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab\"", id)),
          "has a borderId that is not a UUID");
    }
    assertRefused(encoded(json.replace("borderId", "borderID")), "has no borderId");
    assertRefused(encoded(json), "is a token of a list of chats");
  }

  /**
   * The search's {@code prevPageToken}: a character is missing in the middle of its date, so that
   * it has three over, of a size that no base64 has with its padding.
   */
  @Test
  void theDamagedTokenOfTheSourceDocumentIsRefused() {
    assertRefused(
        "eyJ0eXBlIjoiTE9DQUxfU0VBUkNIIiwicGFnZVNpemUiOjIsImJvcmRlckRhdGUiOiIyMDIxLTAzLTA1VDE2OjA5OjUyLjYNVoiLCJxdWVyeSI6ImhlbGxvIiwiYmVmb3JlIjpmYWxzZX0=",
        "is not base64");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello",
        "\"quoted\" \\ /slash",
        "tab\tand\nline",
        "naïve Größe ñ",
        "血圧",
        "🩺👩‍⚕️",
        "مرحبا",
        "<b>&amp;'",
        "-word w*",
      })
  void anyQueryComesBackAsItWas(String query) throws Exception {
    var token = new PageToken.Search(new PageSize(200), BORDER, query, false);

    String text = PageTokens.write(token);

    assertThat(text).matches("[A-Za-z0-9+/]+={0,2}");
    assertThat(PageTokens.readSearch(text)).isEqualTo(token);
    assertThat(PageTokens.readSearch(urlSafe(text))).isEqualTo(token);
    assertThat(PageTokens.readSearch(urlSafe(text).replace("=", ""))).isEqualTo(token);
    assertThat(PageTokens.readSearch(text.replace("=", ""))).isEqualTo(token);
  }

  @Test
  void tokensOfAllChatsHaveAnIdBesideTheDate() throws Exception {
    var id = ExternalId.parse("IM6f03096c79094f9b9466c7d009073ca1").orElseThrow();
    var token = new PageToken.InstanceSearch(new PageSize(2), BORDER, id, "hello", true);

    String text = PageTokens.write(token);

    assertThat(decoded(text))
        .isEqualTo(
            "{\"type\":\"INSTANCE_SEARCH\",\"pageSize\":2,"
                + "\"borderDate\":\"2021-03-05T16:07:31.298Z\","
                + "\"borderId\":\"IM6f03096c79094f9b9466c7d009073ca1\","
                + "\"query\":\"hello\",\"before\":true}");
    assertThat(PageTokens.readInstanceSearch(text)).isEqualTo(token);
    assertThat(PageTokens.readInstanceSearch(urlSafe(text).replace("=", ""))).isEqualTo(token);
    for (String wrong :
        List.of("\"im6f03096c79094f9b9466c7d009073ca1\"", "\"\"", "7", "null", "{}")) {
      String json = decoded(text).replace("\"IM6f03096c79094f9b9466c7d009073ca1\"", wrong);
      assertThatExceptionOfType(PageTokens.Fault.class)
          .isThrownBy(() ->
              PageTokens.readInstanceSearch(
                  Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8))))
          .extracting(PageTokens.Fault::rule)
          .isEqualTo("has a borderId that is not an externalId");
    }
    assertThatExceptionOfType(PageTokens.Fault.class).isThrownBy(() -> PageTokens.readFind(text));
    assertThatExceptionOfType(PageTokens.Fault.class).isThrownBy(() -> PageTokens.readSearch(text));
    assertThatExceptionOfType(PageTokens.Fault.class)
        .isThrownBy(() ->
            PageTokens.readInstanceSearch(
                PageTokens.write(new PageToken.Find(new PageSize(2), BORDER, true))));
    assertThatExceptionOfType(PageTokens.Fault.class)
        .isThrownBy(() ->
            PageTokens.readInstanceSearch(
                PageTokens.write(new PageToken.Search(new PageSize(2), BORDER, "hello", true))));
  }

  @Test
  void onlyWhatJsonMustEscapeIsEscaped() {
    String text =
        PageTokens.write(new PageToken.Search(new PageSize(1), BORDER, "\"\\\té🩺/<", true));

    assertThat(decoded(text))
        .isEqualTo(
            "{\"type\":\"LOCAL_SEARCH\",\"pageSize\":1,\"borderDate\":\"2021-03-05T16:07:31.298Z\","
                + "\"query\":\"\\\"\\\\\\té🩺/<\",\"before\":true}");
  }

  @Test
  void theLongestQueryFitsTheContractsLongestToken() throws Exception {
    for (String character : new String[] {"\"", "🩺", "\t"}) {
      String query = "x" + character.repeat(499);
      String text = PageTokens.write(new PageToken.Search(new PageSize(200), BORDER, query, false));
      assertThat(text.length()).isLessThanOrEqualTo(4096);
      assertThat(PageTokens.readSearch(text).query()).isEqualTo(query);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59.999Z",
        "2024-02-29T23:59:59.001Z"
      })
  void everyPrintableDateCanBeABorder(String date) throws Exception {
    String text = encoded(GOOD.replace("2021-03-05T16:07:31.298Z", date));

    assertThat(PageTokens.write(PageTokens.readFind(text))).isEqualTo(text);
  }

  @Test
  void membersMayComeInAnyOrder() throws Exception {
    assertThat(
            PageTokens.readFind(
                encoded(
                    "{\"before\":true,\"borderDate\":\"2021-03-05T16:07:31.298Z\",\"pageSize\":2,\"type\":\"LOCAL_FIND\"}")))
        .isEqualTo(PageTokens.readFind(encoded(GOOD)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"pageSize\":2 | \"pageSize\":0 | has a pageSize that is not a whole number from 1 to 200",
        "\"pageSize\":2 | \"pageSize\":201 | has a pageSize that is not a whole number from 1 to 200",
        "\"pageSize\":2 | \"pageSize\":-1 | has a pageSize that is not a whole number from 1 to 200",
        "\"pageSize\":2 | \"pageSize\":2.0 | has a pageSize that is not a whole number from 1 to 200",
        "\"pageSize\":2 | \"pageSize\":2e0 | has a pageSize that is not a whole number from 1 to 200",
        "\"pageSize\":2 | \"pageSize\":4294967298 | has a pageSize that is not a whole number from 1 to 200",
        "\"pageSize\":2 | \"pageSize\":\"2\" | has a pageSize that is not a whole number from 1 to 200",
        "\"pageSize\":2 | \"pageSize\":null | has a pageSize that is not a whole number from 1 to 200",
        "\"pageSize\":2, | `` | has no pageSize",
        "\"type\":\"LOCAL_FIND\", | `` | has no type",
        "\"LOCAL_FIND\" | \"LOCAL_FOUND\" | has a type that is not known",
        "\"LOCAL_FIND\" | null | has a type that is not known",
        "\"LOCAL_FIND\" | 7 | has a type that is not known",
        "\"LOCAL_FIND\" | \"LOCAL_SEARCH\" | has no query",
        ",\"before\":true | `` | has no before",
        "\"before\":true | \"before\":1 | has a before that is neither true nor false",
        "\"before\":true | \"before\":\"true\" | has a before that is neither true nor false",
        "\"before\":true | \"before\":null | has a before that is neither true nor false",
        "\"before\":true | \"before\":true,\"query\":\"x\" | has a member that is not known",
        "\"before\":true | \"before\":true,\"b\":1 | has a member that is not known",
        "\"before\":true | \"before\":true,\"before\":true | is not JSON in UTF-8",
        "\"before\":true} | \"before\":true}} | is not JSON in UTF-8",
        "\"before\":true} | \"before\":true | is not JSON in UTF-8",
        "31.298Z | 31.2980Z | has a borderDate that is not a date",
        "31.298Z | 31.29Z | has a borderDate that is not a date",
        "31.298Z | 31Z | has a borderDate that is not a date",
        "31.298Z | 31.298 | has a borderDate that is not a date",
        "31.298Z | 31.298+00:00 | has a borderDate that is not a date",
        "31.298Z | 31.298z | has a borderDate that is not a date",
        "T16 | t16 | has a borderDate that is not a date",
        "T16 | T24 | has a borderDate that is not a date",
        ":07: | :60: | has a borderDate that is not a date",
        ":31. | :60. | has a borderDate that is not a date",
        "2021-03-05 | 2021-02-29 | has a borderDate that is not a date",
        "2021-03-05 | 2021-13-05 | has a borderDate that is not a date",
        "2021-03-05 | +12021-03-05 | has a borderDate that is not a date",
        "2021-03-05 | -0001-03-05 | has a borderDate that is not a date",
        "\"2021-03-05T16:07:31.298Z\" | 1614960451298 | has a borderDate that is not a date",
        "\"2021-03-05T16:07:31.298Z\" | null | has a borderDate that is not a date",
        "\"borderDate\" | \"borderdate\" | has no borderDate",
      })
  void anythingElseIsRefused(String part, String instead, String rule) {
    assertThat(GOOD).contains(part);
    assertRefused(encoded(GOOD.replace(part, instead)), rule);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a\\u0000", "a\\u0007", "a\\u007f", "\\ud800"})
  void aQueryThatIsNoneIsRefused(String query) {
    assertRefused(
        encoded(
            "{\"type\":\"LOCAL_SEARCH\",\"pageSize\":2,\"borderDate\":\"2021-03-05T16:07:31.298Z\",\"query\":\""
                + query
                + "\",\"before\":true}"),
        "has a query that is not one");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "7", "\"x\"", "null", "true"})
  void onlyAnObjectWillDo(String json) {
    assertRefused(encoded(json), "is not a JSON object");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "!",
        "a",
        "====",
        "=",
        "e30",
        "e30==",
        "e3 0=",
        "e31=",
        "e31",
        "e30=e30=",
        "é",
        "e-+_",
        "\n"
      })
  void base64IsReadStrictly(String text) {
    assertThatThrownBy(() -> PageTokens.readFind(text)).isInstanceOf(PageTokens.Fault.class);
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    byte[] bytes =
        GOOD.replace("LOCAL_FIND", "LOCAL\u00ffFIND").getBytes(StandardCharsets.ISO_8859_1);
    assertRefused(Base64.getEncoder().encodeToString(bytes), "is not JSON in UTF-8");
  }

  @Test
  void aBorderOutsideOfTheFourDigitYearsIsNeverPrinted() {
    assertThatThrownBy(() ->
            new PageToken.Find(new PageSize(1), Instant.parse("+10000-01-01T00:00:00Z"), true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertRefused(String text, String rule) {
    assertThatThrownBy(() -> PageTokens.readFind(text))
        .isInstanceOfSatisfying(
            PageTokens.Fault.class, fault -> assertThat(fault.rule()).isEqualTo(rule));
  }

  private static String encoded(String json) {
    return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String decoded(String token) {
    return new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8);
  }

  private static String urlSafe(String token) {
    return token.replace('+', '-').replace('/', '_');
  }
}
