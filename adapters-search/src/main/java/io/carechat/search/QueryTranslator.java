package io.carechat.search;

import co.elastic.clients.elasticsearch._types.FieldValue;
import co.elastic.clients.elasticsearch._types.SortOptions;
import co.elastic.clients.elasticsearch._types.SortOrder;
import co.elastic.clients.elasticsearch._types.query_dsl.BoolQuery;
import co.elastic.clients.elasticsearch._types.query_dsl.Query;
import co.elastic.clients.json.JsonData;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import io.carechat.domain.search.query.SearchTerm;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Translates a search into a query of Elasticsearch. The query may match more than the search does,
 * but never less.
 *
 * <p>Everything that somebody typed is passed as the value of a term, a prefix or a fuzzy term.
 * None of these has a syntax, so what is typed cannot be read as one. Everything is a filter, and
 * nothing is scored. With the rewrite {@code constant_score}, a prefix or a fuzzy term stands for
 * all the words that it matches. The scoring rewrites stop after the first 50.
 *
 * <p>The index does not know in which order words occur. A phrase is a condition for each of its
 * words, and the search checks their order on the text.
 *
 * <p>Conditions that cost Elasticsearch much are bounded for each query. Those above the bound are
 * left out, and the search checks them on the text. So the query matches more, but not much more,
 * because many other conditions remain.
 */
final class QueryTranslator {
  private static final String ALL_TERMS = "constant_score";

  /**
   * The length of all words together, in bytes of UTF-8, for which Elasticsearch looks for similar
   * words. It needs 40 to 55 KB of memory for each byte, so this is less than 8 MB for a query.
   */
  private static final int MAX_FUZZY_BYTES = 120;

  /**
   * The number of beginnings of words. Elasticsearch goes through all words that begin so, and
   * through all messages with these words.
   */
  private static final int MAX_PREFIXES = 8;

  private QueryTranslator() {}

  static Query query(ChatId chat, SearchQuery query, SearchFilter filter, Window<Instant> window) {
    var all = new BoolQuery.Builder();
    all.filter(term(IndexedMessage.CHAT, chat.toString()));
    switch (window) {
      case Window.Newest<Instant>() -> {}
      case Window.Before<Instant>(Instant border) -> all.filter(createdBefore(border));
      case Window.After<Instant>(Instant border) -> all.filter(createdAfter(border));
    }
    return matching(all, query, filter);
  }

  /** Searches all chats of an instance. {@link #sortValues} says where to begin. */
  static Query query(TenantInstance instance, SearchQuery query, SearchFilter filter) {
    var all = new BoolQuery.Builder();
    all.filter(term(IndexedMessage.TENANT, instance.tenantName()));
    all.filter(term(IndexedMessage.INSTANCE, instance.instanceName()));
    return matching(all, query, filter);
  }

  static SortOptions by(String field, SortOrder order) {
    return SortOptions.of(o -> o.field(f -> f.field(field).order(order)));
  }

  /** A position, as the values of a sort by time and id. */
  static List<FieldValue> sortValues(MessageKey position) {
    return List.of(
        FieldValue.of(millis(position.createdAt())), FieldValue.of(position.id().toString()));
  }

  private static Query matching(BoolQuery.Builder all, SearchQuery query, SearchFilter filter) {
    if (filter.from() != null) {
      all.filter(createdFrom(filter.from()));
    }
    if (filter.to() != null) {
      all.filter(createdBefore(filter.to()));
    }
    if (filter.clientType() != null) {
      all.filter(term(IndexedMessage.CLIENT_TYPE, filter.clientType().name()));
    }
    affordable(query.required()).forEach(term -> all.filter(required(term)));
    List<SearchTerm> exact =
        query.excluded().stream().flatMap(QueryTranslator::saidExactly).toList();
    affordable(exact).forEach(term -> all.mustNot(required(term)));
    return all.build()._toQuery();
  }

  /** Returns the conditions that are within the bounds. Of the beginnings, the longest stay. */
  private static List<SearchTerm> affordable(List<SearchTerm> terms) {
    var affordable = new ArrayList<SearchTerm>();
    int fuzzyBytes = 0;
    var beginnings = new ArrayList<SearchTerm>();
    for (SearchTerm term : terms) {
      int bytes = fuzzyBytes(term);
      if (bytes > 0) {
        if (fuzzyBytes == 0 || fuzzyBytes + bytes <= MAX_FUZZY_BYTES) {
          fuzzyBytes += bytes;
          affordable.add(term);
        }
      } else if (prefixes(term).findAny().isPresent()) {
        beginnings.add(term);
      } else {
        affordable.add(term);
      }
    }
    beginnings.sort(Comparator.comparingInt(QueryTranslator::shortestPrefix).reversed());
    int prefixes = 0;
    for (SearchTerm term : beginnings) {
      int more = (int) prefixes(term).count();
      if (prefixes + more <= MAX_PREFIXES) {
        prefixes += more;
        affordable.add(term);
      }
    }
    return affordable;
  }

  private static int fuzzyBytes(SearchTerm term) {
    return switch (term) {
      case SearchTerm.Single(List<String> spellings, boolean prefix, int typos) ->
          typos == 0 ? 0 : spellings.getFirst().getBytes(StandardCharsets.UTF_8).length;
      case SearchTerm.Phrase phrase -> 0;
      case SearchTerm.AnyOf(List<SearchTerm> alternatives) ->
          alternatives.stream().mapToInt(QueryTranslator::fuzzyBytes).sum();
    };
  }

  private static Stream<String> prefixes(SearchTerm term) {
    return switch (term) {
      case SearchTerm.Single(List<String> spellings, boolean prefix, int typos) ->
          prefix ? spellings.stream() : Stream.of();
      case SearchTerm.Phrase(List<List<String>> words, boolean prefix) ->
          prefix ? words.getLast().stream() : Stream.of();
      case SearchTerm.AnyOf(List<SearchTerm> alternatives) ->
          alternatives.stream().flatMap(QueryTranslator::prefixes);
    };
  }

  private static int shortestPrefix(SearchTerm term) {
    return prefixes(term).mapToInt(String::length).min().orElse(0);
  }

  /**
   * Returns the conditions of which a message satisfies one only if it satisfies this one. A phrase
   * is left out: the message may have its words in another order, and must then be found.
   */
  private static Stream<SearchTerm> saidExactly(SearchTerm excluded) {
    return switch (excluded) {
      case SearchTerm.Single single -> Stream.of(single);
      case SearchTerm.Phrase phrase -> Stream.of();
      case SearchTerm.AnyOf(List<SearchTerm> alternatives) ->
          alternatives.stream().flatMap(QueryTranslator::saidExactly);
    };
  }

  private static Query required(SearchTerm term) {
    return switch (term) {
      case SearchTerm.Single(List<String> spellings, boolean prefix, int typos) -> {
        Query spelled = word(spellings, prefix);
        yield typos == 0 ? spelled : anyOf(List.of(spelled, mistyped(spellings.getFirst(), typos)));
      }
      case SearchTerm.Phrase(List<List<String>> words, boolean prefix) -> {
        var each = new ArrayList<Query>();
        for (int i = 0; i < words.size(); i++) {
          each.add(word(words.get(i), prefix && i == words.size() - 1));
        }
        yield Query.of(q -> q.bool(b -> b.filter(each)));
      }
      case SearchTerm.AnyOf(List<SearchTerm> alternatives) ->
          anyOf(alternatives.stream().map(QueryTranslator::required).toList());
    };
  }

  /** Matches messages with one of the spellings, or with a word that begins with one of them. */
  private static Query word(List<String> spellings, boolean prefix) {
    if (prefix) {
      return spellings.size() == 1
          ? prefix(spellings.getFirst())
          : anyOf(spellings.stream().map(QueryTranslator::prefix).toList());
    }
    return spellings.size() == 1
        ? term(IndexedMessage.WORDS, spellings.getFirst())
        : Query.of(q ->
            q.terms(t ->
                t.field(IndexedMessage.WORDS)
                    .terms(v -> v.value(spellings.stream().map(FieldValue::of).toList()))));
  }

  private static Query term(String field, String value) {
    return Query.of(q -> q.term(t -> t.field(field).value(value)));
  }

  private static Query prefix(String start) {
    return Query.of(
        q -> q.prefix(p -> p.field(IndexedMessage.WORDS).value(start).rewrite(ALL_TERMS)));
  }

  private static Query mistyped(String word, int typos) {
    return Query.of(q ->
        q.fuzzy(f ->
            f.field(IndexedMessage.WORDS)
                .value(word)
                .fuzziness(Integer.toString(typos))
                .prefixLength(0)
                .transpositions(true)
                .rewrite(ALL_TERMS)));
  }

  private static Query anyOf(List<Query> queries) {
    return Query.of(q -> q.bool(b -> b.should(queries).minimumShouldMatch("1")));
  }

  // Messages are created in whole milliseconds, but a cursor or a bound may lie between two.

  private static Query createdBefore(Instant border) {
    JsonData first = JsonData.of(firstMillisFrom(border));
    return Query.of(
        q -> q.range(r -> r.untyped(u -> u.field(IndexedMessage.CREATED_AT).lt(first))));
  }

  private static Query createdFrom(Instant border) {
    JsonData first = JsonData.of(firstMillisFrom(border));
    return Query.of(
        q -> q.range(r -> r.untyped(u -> u.field(IndexedMessage.CREATED_AT).gte(first))));
  }

  private static Query createdAfter(Instant border) {
    JsonData last = JsonData.of(millis(border));
    return Query.of(q -> q.range(r -> r.untyped(u -> u.field(IndexedMessage.CREATED_AT).gt(last))));
  }

  private static long firstMillisFrom(Instant border) {
    boolean whole = border.equals(border.truncatedTo(ChronoUnit.MILLIS));
    return whole ? millis(border) : millis(border) + 1;
  }

  /** The millisecond that an instant lies in, or the nearest one that a {@code long} can hold. */
  private static long millis(Instant instant) {
    if (instant.isBefore(Instant.ofEpochMilli(Long.MIN_VALUE))) {
      return Long.MIN_VALUE;
    }
    return instant.isAfter(Instant.ofEpochMilli(Long.MAX_VALUE - 1))
        ? Long.MAX_VALUE - 1
        : instant.toEpochMilli();
  }
}
