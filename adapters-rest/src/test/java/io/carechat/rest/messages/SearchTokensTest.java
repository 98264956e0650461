package io.carechat.rest.messages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import io.carechat.domain.search.SearchToken;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SearchTokensTest {
  private static final Instant BORDER = Instant.parse("2021-03-05T16:07:31.298Z");

  /** Of the document that this API started from, byte for byte. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "eyJ0eXBlIjoiTE9DQUxfU0VBUkNIIiwicGFnZVNpemUiOjIsImJvcmRlckRhdGUiOiIyMDIxLTAzLTA1VDE2OjA2OjQ0LjEyMVoiLCJxdWVyeSI6ImhlbGxvIiwiYmVmb3JlIjp0cnVlfQ==",
        "eyJ0eXBlIjoiTE9DQUxfU0VBUkNIIiwicGFnZVNpemUiOjIsImJvcmRlckRhdGUiOiIyMDIxLTAzLTA1VDE2OjA3OjMxLjI5OFoiLCJxdWVyeSI6ImhlbGxvIiwiYmVmb3JlIjpmYWxzZX0=",
        "eyJ0eXBlIjoiTE9DQUxfU0VBUkNIIiwicGFnZVNpemUiOjIsImJvcmRlckRhdGUiOiIyMDIxLTAzLTA1VDE2OjA3OjMxLjI5OFoiLCJxdWVyeSI6ImhlbGxvIiwiYmVmb3JlIjp0cnVlfQ==",
      })
  void searchTokensOfTheSourceDocumentComeOutAsTheyWentIn(String text) {
    SearchToken<Instant> token = SearchTokens.readInChat(text);

    assertThat(token.query()).isEqualTo("hello");
    assertThat(SearchTokens.writeInChat(token)).isEqualTo(text);
    assertThatThrownBy(() -> FindTokens.read(text))
        .isInstanceOfSatisfying(
            InvalidPageToken.class,
            invalid -> assertThat(invalid.rule()).isEqualTo("belongs to a search in one chat"));
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
  void anyQueryComesBackAsItWas(String query) {
    var token = new SearchToken<>(new PageToken<>(new PageSize(200), BORDER, false), query);

    String text = SearchTokens.writeInChat(token);

    assertThat(text).matches("[A-Za-z0-9+/]+={0,2}");
    assertThat(SearchTokens.readInChat(text)).isEqualTo(token);
    assertThat(SearchTokens.readInChat(urlSafe(text))).isEqualTo(token);
    assertThat(SearchTokens.readInChat(urlSafe(text).replace("=", ""))).isEqualTo(token);
    assertThat(SearchTokens.readInChat(text.replace("=", ""))).isEqualTo(token);
  }

  @Test
  void tokensOfAllChatsHaveAnIdBesideTheDate() {
    var id = ExternalId.parse("IM6f03096c79094f9b9466c7d009073ca1").orElseThrow();
    var token =
        new SearchToken<>(
            new PageToken<>(new PageSize(2), new MessageKey(BORDER, id), true), "hello");

    String text = SearchTokens.writeInInstance(token);

    assertThat(decoded(text))
        .isEqualTo(
            "{\"type\":\"INSTANCE_SEARCH\",\"pageSize\":2,"
                + "\"borderDate\":\"2021-03-05T16:07:31.298Z\","
                + "\"borderId\":\"IM6f03096c79094f9b9466c7d009073ca1\","
                + "\"query\":\"hello\",\"before\":true}");
    assertThat(SearchTokens.readInInstance(text)).isEqualTo(token);
    assertThat(SearchTokens.readInInstance(urlSafe(text).replace("=", ""))).isEqualTo(token);
    for (String wrong :
        List.of("\"im6f03096c79094f9b9466c7d009073ca1\"", "\"\"", "7", "null", "{}")) {
      String json = decoded(text).replace("\"IM6f03096c79094f9b9466c7d009073ca1\"", wrong);
      assertThatExceptionOfType(InvalidPageToken.class)
          .isThrownBy(() ->
              SearchTokens.readInInstance(
                  Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8))))
          .extracting(InvalidPageToken::rule)
          .isEqualTo("has a borderId that is not an externalId");
    }
    assertThatExceptionOfType(InvalidPageToken.class).isThrownBy(() -> FindTokens.read(text));
    assertThatExceptionOfType(InvalidPageToken.class)
        .isThrownBy(() -> SearchTokens.readInChat(text));
    assertThatExceptionOfType(InvalidPageToken.class)
        .isThrownBy(() ->
            SearchTokens.readInInstance(
                FindTokens.write(new PageToken<>(new PageSize(2), BORDER, true))));
    assertThatExceptionOfType(InvalidPageToken.class)
        .isThrownBy(() ->
            SearchTokens.readInInstance(
                SearchTokens.writeInChat(
                    new SearchToken<>(new PageToken<>(new PageSize(2), BORDER, true), "hello"))));
  }

  @Test
  void onlyWhatJsonMustEscapeIsEscaped() {
    String text =
        SearchTokens.writeInChat(
            new SearchToken<>(new PageToken<>(new PageSize(1), BORDER, true), "\"\\\té🩺/<"));

    assertThat(decoded(text))
        .isEqualTo(
            "{\"type\":\"LOCAL_SEARCH\",\"pageSize\":1,\"borderDate\":\"2021-03-05T16:07:31.298Z\","
                + "\"query\":\"\\\"\\\\\\té🩺/<\",\"before\":true}");
  }

  @Test
  void theLongestQueryFitsTheContractsLongestToken() {
    for (String character : new String[] {"\"", "🩺", "\t"}) {
      String query = "x" + character.repeat(499);
      String text =
          SearchTokens.writeInChat(
              new SearchToken<>(new PageToken<>(new PageSize(200), BORDER, false), query));
      assertThat(text.length()).isLessThanOrEqualTo(4096);
      assertThat(SearchTokens.readInChat(text).query()).isEqualTo(query);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a\\u0000", "a\\u0007", "a\\u007f", "\\ud800"})
  void aQueryThatIsNoneIsRefused(String query) {
    assertRefused(
        encoded(
            "{\"type\":\"LOCAL_SEARCH\",\"pageSize\":2,\"borderDate\":\"2021-03-05T16:07:31.298Z\",\"query\":\""
                + query
                + "\",\"before\":true}"),
        "has a query that is not a query");
  }

  private static void assertRefused(String text, String rule) {
    assertThatThrownBy(() -> SearchTokens.readInChat(text))
        .isInstanceOfSatisfying(
            InvalidPageToken.class, invalid -> assertThat(invalid.rule()).isEqualTo(rule));
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
