package io.carechat.domain.search;

import static io.carechat.domain.chat.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Violation;
import io.carechat.domain.messages.PagedMessage;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageRequest;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import io.carechat.domain.search.query.SearchQuery;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SearchRequestTest {
  private static final PageSize SEVEN = new PageSize(7);
  private static final PageSize NINE = new PageSize(9);
  private static final PageToken<Instant> OLDER = new PageToken<>(SEVEN, NOON, true);

  private static SearchRequest<Instant> request(
      @Nullable String query, @Nullable SearchToken<Instant> token, @Nullable PageSize size) {
    return new SearchRequest<>(
        query == null ? null : SearchQuery.parse(query), token, size, Samples.ALL_MESSAGES, false);
  }

  private static void assertInvalid(SearchRequest<Instant> request, String rule) {
    assertThatThrownBy(request::effectiveQuery)
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            invalid ->
                assertThat(invalid.violations()).containsExactly(new Violation("query", rule)));
  }

  @Test
  void searchesForItsQuery() {
    SearchRequest<Instant> request = request("knee pain", null, null);

    assertThat(request.effectiveQuery()).isEqualTo(SearchQuery.parse("knee pain"));
    assertThat(request.page()).isEqualTo(new PageRequest<Instant>(null, null));
  }

  @Test
  void searchesForTheQueryOfTheToken() {
    var token = new SearchToken<>(OLDER, "knee pain");

    for (String query : Arrays.asList(null, "knee pain")) {
      SearchRequest<Instant> request = request(query, token, null);
      assertThat(request.effectiveQuery()).isEqualTo(SearchQuery.parse("knee pain"));
      assertThat(request.page()).isEqualTo(new PageRequest<>(OLDER, null));
    }
    assertThat(request(null, token, NINE).page().size()).isEqualTo(NINE);
  }

  @Test
  void needsAQueryIfItHasNoToken() {
    assertInvalid(request(null, null, null), "is required without pageToken");
  }

  @ParameterizedTest
  @ValueSource(strings = {"knee", "Knee pain", "knee  pain", "knee pain "})
  void acceptsNoOtherQueryThanTheTokens(String other) {
    assertInvalid(
        request(other, new SearchToken<>(OLDER, "knee pain"), null),
        "must be the query of the pageToken, or be left out");
  }

  @Test
  void tokensHoldQueriesOnlyAndDoNotPrintThem() {
    assertThatIllegalArgumentException().isThrownBy(() -> new SearchToken<>(OLDER, ""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SearchToken<>(OLDER, "x".repeat(501)));
    assertThat(new SearchToken<>(OLDER, "planted").toString()).doesNotContain("planted");
  }

  @Test
  void pagesLeadOnWithTheirQuery() {
    SearchQuery query = SearchQuery.parse("knee");
    var newer = new PageToken<>(SEVEN, NOON, false);

    var withOlder =
        new SearchPage<>(new Page<PagedMessage, Instant>(List.of(), OLDER, newer), query);
    var last = new SearchPage<>(new Page<PagedMessage, Instant>(List.of(), null, newer), query);

    assertThat(withOlder.older()).isEqualTo(new SearchToken<>(OLDER, "knee"));
    assertThat(withOlder.newer()).isEqualTo(new SearchToken<>(newer, "knee"));
    assertThat(last.older()).isNull();
  }
}
