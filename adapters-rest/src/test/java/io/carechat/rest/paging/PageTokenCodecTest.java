package io.carechat.rest.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.paging.InvalidPageToken;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the tokens of all lists have in common, tried with those of a chat's messages. */
final class PageTokenCodecTest {
  private static final PageTokenCodec CODEC = new PageTokenCodec(PageTokenType.LOCAL_FIND);
  private static final String GOOD =
      "{\"type\":\"LOCAL_FIND\",\"pageSize\":2,\"borderDate\":\"2021-03-05T16:07:31.298Z\",\"before\":true}";

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
        "0000-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59.999Z",
        "2024-02-29T23:59:59.001Z"
      })
  void everyPrintableDateCanBeABorder(String date) {
    String text = encoded(GOOD.replace("2021-03-05T16:07:31.298Z", date));

    assertThat(written(CODEC.read(text))).isEqualTo(text);
  }

  @Test
  void membersMayComeInAnyOrder() {
    assertThat(
            written(
                CODEC.read(
                    encoded(
                        "{\"before\":true,\"borderDate\":\"2021-03-05T16:07:31.298Z\",\"pageSize\":2,\"type\":\"LOCAL_FIND\"}"))))
        .isEqualTo(encoded(GOOD));
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
        "\"LOCAL_FIND\" | \"LOCAL_FOUND\" | has an unknown type",
        "\"LOCAL_FIND\" | null | has an unknown type",
        "\"LOCAL_FIND\" | 7 | has an unknown type",
        "\"LOCAL_FIND\" | \"LOCAL_SEARCH\" | belongs to a search in one chat",
        "\"LOCAL_FIND\" | \"DELIVERIES\" | belongs to a list of deliveries",
        ",\"before\":true | `` | has no before",
        "\"before\":true | \"before\":1 | has a before that is neither true nor false",
        "\"before\":true | \"before\":\"true\" | has a before that is neither true nor false",
        "\"before\":true | \"before\":null | has a before that is neither true nor false",
        "\"before\":true | \"before\":true,\"query\":\"x\" | has an unknown member",
        "\"before\":true | \"before\":true,\"b\":1 | has an unknown member",
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
    assertThatThrownBy(() -> CODEC.read(text)).isInstanceOf(InvalidPageToken.class);
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    byte[] bytes =
        GOOD.replace("LOCAL_FIND", "LOCAL\u00ffFIND").getBytes(StandardCharsets.ISO_8859_1);
    assertRefused(Base64.getEncoder().encodeToString(bytes), "is not JSON in UTF-8");
  }

  private static String written(PageTokenCodec.Token token) {
    return CODEC.write(token.pageSize(), token.borderDate(), token.before());
  }

  private static void assertRefused(String text, String rule) {
    assertThatThrownBy(() -> written(CODEC.read(text)))
        .isInstanceOfSatisfying(
            InvalidPageToken.class, invalid -> assertThat(invalid.rule()).isEqualTo(rule));
  }

  private static String encoded(String json) {
    return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }
}
