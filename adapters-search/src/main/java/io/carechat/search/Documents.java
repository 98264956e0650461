package io.carechat.search;

import co.elastic.clients.elasticsearch._types.FieldValue;
import co.elastic.clients.elasticsearch._types.SortOrder;
import co.elastic.clients.elasticsearch._types.query_dsl.FieldAndFormat;
import co.elastic.clients.elasticsearch._types.query_dsl.Query;
import co.elastic.clients.elasticsearch.core.SearchRequest;
import co.elastic.clients.elasticsearch.core.SearchResponse;
import co.elastic.clients.elasticsearch.core.search.Hit;
import co.elastic.clients.json.JsonData;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.search.index.IndexDocuments;
import jakarta.json.JsonArray;
import jakarta.json.JsonNumber;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The documents of the index that the alias points to. Safe for use by many threads. */
final class Documents implements IndexDocuments {
  private static final int NOT_FOUND = 404;

  /** The largest number of hits that Elasticsearch returns with its default settings. */
  private static final int MAX_DOCUMENTS = 10_000;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  private final Connection connection;
  private final IndexWriter live;

  Documents(Connection connection, IndexWriter live) {
    this.connection = connection;
    this.live = live;
  }

  @Override
  public Comparison compare(LogPosition upTo, List<Message> messages) {
    Generation generation = live.readReaching(upTo);
    List<String> ids =
        messages.stream().map(message -> message.externalId().toString()).distinct().toList();
    // The same id may be in several shards. At most one of these documents is the right one.
    List<Hit<Void>> hits =
        search(
            generation,
            s ->
                s.size(MAX_DOCUMENTS)
                    .query(q -> q.ids(i -> i.values(ids)))
                    .docvalueFields(
                        List.of(
                            docValue(IndexedMessage.CREATED_AT), docValue(IndexedMessage.DIGEST))));
    var found = new HashMap<IndexWriter.Key, Hit<Void>>();
    hits.forEach(hit -> found.put(key(hit), hit));
    var missing = new ArrayList<Message>();
    var different = new ArrayList<Message>();
    for (Message message : messages) {
      IndexedMessage expected = IndexedMessage.of(message);
      Hit<Void> hit = found.get(new IndexWriter.Key(expected.externalId(), expected.chat()));
      if (hit == null) {
        missing.add(message);
      } else if (!hasValue(hit, IndexedMessage.CREATED_AT, expected.createdAt())
          || !hasValue(hit, IndexedMessage.DIGEST, expected.digest())) {
        different.add(message);
      }
    }
    return new Comparison(missing, different);
  }

  private static FieldAndFormat docValue(String field) {
    return FieldAndFormat.of(f -> f.field(field));
  }

  private static boolean hasValue(Hit<Void> hit, String field, long expected) {
    OptionalLong value = onlyNumber(hit.fields().get(field));
    return value.isPresent() && value.getAsLong() == expected;
  }

  private static OptionalLong onlyNumber(@Nullable JsonData field) {
    JsonValue value = field == null ? JsonValue.NULL : field.toJson();
    return value instanceof JsonArray values
            && values.size() == 1
            && values.getFirst() instanceof JsonNumber number
        ? OptionalLong.of(number.longValue())
        : OptionalLong.empty();
  }

  @Override
  public Row read(@Nullable MessageKey after, int limit) {
    int size = Math.min(limit, MAX_DOCUMENTS);
    List<Hit<Void>> hits =
        search(
            live.readExisting(),
            s -> {
              s.size(size)
                  .query(EVERY_MESSAGE)
                  .sort(
                      List.of(
                          QueryTranslator.by(IndexedMessage.CREATED_AT, SortOrder.Asc),
                          QueryTranslator.by(IndexedMessage.EXTERNAL_ID, SortOrder.Asc)));
              return after == null ? s : s.searchAfter(QueryTranslator.sortValues(after));
            });
    List<Document> documents = hits.stream().map(Documents::document).toList();
    return new Row(documents, hits.size() < size ? null : position(hits.getLast()));
  }

  private static final Query EVERY_MESSAGE =
      Query.of(q -> q.bool(b -> b.mustNot(not -> not.ids(i -> i.values(Watermark.ID)))));

  private static Document document(Hit<Void> hit) {
    IndexWriter.Key key = key(hit);
    Optional<MessageRef> message =
        ChatId.parse(key.routing())
            .flatMap(chat -> ExternalId.parse(key.id()).map(id -> new MessageRef(chat, id)));
    return new Document(key.routing() + " " + key.id(), message);
  }

  /** Returns the key in the hit, or null if it has none. Then no later hit has one either. */
  private static @Nullable MessageKey position(Hit<Void> hit) {
    List<FieldValue> values = hit.sort();
    if (values.size() != 2 || !values.get(0).isLong() || !values.get(1).isString()) {
      return null;
    }
    return ExternalId.parse(values.get(1).stringValue())
        .map(id -> new MessageKey(Instant.ofEpochMilli(values.get(0).longValue()), id))
        .orElse(null);
  }

  private static IndexWriter.Key key(Hit<Void> hit) {
    return new IndexWriter.Key(
        Objects.requireNonNullElse(hit.id(), ""), Objects.requireNonNullElse(hit.routing(), ""));
  }

  private List<Hit<Void>> search(Generation generation, UnaryOperator<SearchRequest.Builder> what) {
    SearchResponse<Void> response =
        connection.callPatientlyUnless(
            NOT_FOUND,
            client ->
                client.search(
                    s ->
                        what.apply(s)
                            .index(generation.name())
                            .allowPartialSearchResults(false)
                            .trackTotalHits(t -> t.enabled(false))
                            .source(source -> source.fetch(false)),
                    Void.class));
    if (response == null) {
      throw IndexWriter.indexUnavailable();
    }
    if (response.timedOut() || response.shards().failed().intValue() > 0) {
      throw new Unavailable("Elasticsearch returned only part of the results", RETRY_AFTER);
    }
    return response.hits().hits();
  }

  @Override
  public void repair(Collection<Message> write, Collection<Document> delete) {
    live.write(
        live.readExisting(), write, delete.stream().map(document -> key(document.key())).toList());
  }

  private static IndexWriter.Key key(String text) {
    int space = text.indexOf(' ');
    return new IndexWriter.Key(text.substring(space + 1), text.substring(0, space));
  }
}
