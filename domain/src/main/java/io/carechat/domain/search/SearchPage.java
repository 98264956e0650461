package io.carechat.domain.search;

import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.Message;
import io.carechat.domain.messages.PagedMessage;
import io.carechat.domain.paging.Neighbours;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.query.SearchQuery;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A page of hits.
 *
 * @param <K> the key that orders the hits
 * @param hits the hits, newest first, with the tokens of the pages on both sides
 * @param query the query that was used
 */
public record SearchPage<K extends Comparable<? super K>>(
    Page<PagedMessage, K> hits, SearchQuery query) {
  /** Returns the token of the next older page; null if there are no older hits. */
  public @Nullable SearchToken<K> older() {
    PageToken<K> older = hits.older();
    return older == null ? null : new SearchToken<>(older, query.text());
  }

  /** Returns the token of the hits that are newer, now or later. */
  public SearchToken<K> newer() {
    return new SearchToken<>(hits.newer(), query.text());
  }

  /** Finds hits of a query. */
  @FunctionalInterface
  interface HitFinder<K extends Comparable<? super K>> {
    /**
     * Returns up to {@code limit} hits of a window, in any order. If the window has more, it
     * returns those nearest to the cursor.
     *
     * @param query not empty
     * @param limit 1 or more
     */
    List<Message> find(SearchQuery query, Window<K> window, int limit);
  }

  /**
   * Finds a page of hits. An empty query has no hits.
   *
   * @param request which page
   * @param finder finds the hits
   * @param keyOf returns the key of a message
   * @param keys computes the neighbours of keys
   * @param judge makes the highlights
   * @param budget limits the time of this search
   * @throws InvalidRequest if the request has no query, or another query than its token
   */
  static <K extends Comparable<? super K>> SearchPage<K> of(
      SearchRequest<K> request,
      HitFinder<K> finder,
      Function<Message, K> keyOf,
      Neighbours<K> keys,
      Judge judge,
      SearchBudget budget) {
    SearchQuery query = request.effectiveQuery();
    PageSize size = request.page().size();
    Window<K> window = request.page().window();
    Slice<Message> slice =
        Slice.read(
            window,
            size.value(),
            (part, limit) ->
                query.isEmpty()
                    ? List.of()
                    : finder.find(query, part, limit).stream()
                        .sorted(Comparator.comparing(keyOf).reversed())
                        .toList(),
            keyOf,
            keys);
    Page<Message, K> page = Page.of(slice, window, size, keyOf, keys);
    var highlights = new IdentityHashMap<Message, List<String>>();
    if (request.highlight()) {
      judge.forEach(
          page.newestFirst(), budget, hit -> highlights.put(hit, query.highlights(hit.text())));
    }
    Page<PagedMessage, K> hits =
        page.map(hit -> new PagedMessage(hit, size, highlights.getOrDefault(hit, List.of())));
    return new SearchPage<>(hits, query);
  }
}
