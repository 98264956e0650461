package io.carechat.domain;

/** What a search gives. */
public sealed interface SearchResult
    permits SearchResult.Found, SearchResult.QueryMissing, SearchResult.QueryNotOfToken, Forbidden {
  /** A page of hits, perhaps empty. */
  record Found(MessagePage page) implements SearchResult {}

  /** Neither a query nor a token that holds one was given. */
  record QueryMissing() implements SearchResult {}

  /** A query was given together with a token of another query. */
  record QueryNotOfToken() implements SearchResult {}
}
