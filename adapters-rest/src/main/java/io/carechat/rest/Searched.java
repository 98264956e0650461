package io.carechat.rest;

import io.carechat.api.MessageSearch;
import io.carechat.domain.Forbidden;
import io.carechat.domain.PageSize;
import io.carechat.domain.SearchFilter;
import io.carechat.domain.SearchQuery;
import io.carechat.domain.SearchResult;
import org.jspecify.annotations.Nullable;

/**
 * What came of a search, for every way of asking.
 *
 * @param <P> the page that is answered
 */
sealed interface Searched<P> {
  record Page<P>(P page) implements Searched<P> {}

  record Invalid<P>(String member, String rule) implements Searched<P> {}

  record InvalidToken<P>(String rule) implements Searched<P> {}

  record NotCovered<P>() implements Searched<P> {}

  /** Reads a token of the right type. */
  @FunctionalInterface
  interface Token<T> {
    T read(String text) throws PageTokens.Fault;
  }

  /** The search itself. */
  @FunctionalInterface
  interface Search<T> {
    SearchResult run(
        @Nullable SearchQuery query,
        @Nullable T token,
        @Nullable PageSize size,
        SearchFilter filter,
        boolean highlight);
  }

  /** Writes the page. */
  @FunctionalInterface
  interface Writing<P> {
    P write(io.carechat.domain.MessagePage page, boolean highlighted);
  }

  /** Carries out what was asked for. */
  static <T, P> Searched<P> of(
      MessageSearch asked, Token<T> tokens, Search<T> search, Writing<P> writing) {
    String text = asked.query();
    if (text != null) {
      String rule = SearchQuery.faultIn(text).orElse(null);
      if (rule != null) {
        return new Invalid<>("query", rule);
      }
    }
    T token;
    try {
      token = asked.pageToken() == null ? null : tokens.read(asked.pageToken());
    } catch (PageTokens.Fault e) {
      return new InvalidToken<>(e.rule());
    }
    boolean highlight = Boolean.TRUE.equals(asked.highlight());
    SearchResult result =
        search.run(
            text == null ? null : SearchQuery.parse(text),
            token,
            Wire.pageSize(asked.pageSize()),
            new SearchFilter(asked.from(), asked.to(), Wire.clientType(asked.clientType())),
            highlight);
    return switch (result) {
      case SearchResult.Found(var page) -> new Page<>(writing.write(page, highlight));
      case SearchResult.QueryMissing() -> new Invalid<>("query", "is required without pageToken");
      case SearchResult.QueryNotOfToken() ->
          new Invalid<>("query", "must be the query of the pageToken, or be left out");
      case Forbidden forbidden -> new NotCovered<>();
    };
  }
}
