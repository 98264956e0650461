package io.carechat.search;

import co.elastic.clients.elasticsearch._types.OpType;
import co.elastic.clients.elasticsearch.core.BulkResponse;
import co.elastic.clients.elasticsearch.core.GetResponse;
import co.elastic.clients.elasticsearch.core.IndexResponse;
import co.elastic.clients.elasticsearch.core.bulk.BulkOperation;
import co.elastic.clients.elasticsearch.indices.RefreshResponse;
import co.elastic.clients.util.BinaryData;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes to the index that a name points to. The name is an alias or the index's own. Safe for use
 * by many threads.
 */
final class IndexWriter {
  /** The most bytes of documents in one request. The rest of the request is small. */
  private static final int BULK_BYTES = 5_000_000;

  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  private final Connection connection;
  private final String name;

  IndexWriter(Connection connection, String name) {
    this.connection = connection;
    this.name = name;
  }

  static Unavailable indexUnavailable() {
    return new Unavailable("The index does not exist, or cannot be searched", RETRY_AFTER);
  }

  // --- the watermark

  /** The index that the name points to, if its watermark reaches that far. */
  Generation readReaching(LogPosition after) {
    Generation generation = readExisting();
    if (generation.upTo().compareTo(after) < 0) {
      throw new Unavailable("The index is further behind than its follower recorded", RETRY_AFTER);
    }
    return generation;
  }

  /** The index that the name points to. */
  Generation readExisting() {
    Generation generation = read();
    if (generation == null) {
      throw indexUnavailable();
    }
    return generation;
  }

  /**
   * The index that the name points to, or null if there is none. One call returns both its name and
   * its watermark, and does not wait for a refresh.
   */
  @Nullable Generation read() {
    return Connection.<@Nullable Generation>withoutRefusal(this::readForSearch);
  }

  /**
   * Like {@link #read}.
   *
   * @throws io.carechat.domain.search.index.QueryRefused if Elasticsearch did not carry out the
   *     call
   */
  @Nullable Generation readForSearch() {
    GetResponse<Watermark> response =
        connection.callUnless(
            Set.of(NOT_FOUND),
            client ->
                client.get(
                    g -> g.index(name).id(Watermark.ID).routing(Watermark.ID), Watermark.class));
    if (response == null) {
      return null;
    }
    Watermark watermark = response.source();
    return watermark == null
        ? new Generation(response.index(), LogPosition.START, null, null)
        : new Generation(
            response.index(), watermark.upTo(), response.seqNo(), response.primaryTerm());
  }

  /**
   * Indexes messages, and moves the watermark.
   *
   * @param generation the index that the name points to, with a watermark that reaches at least up
   *     to {@code after}
   * @return the same index with a watermark that reaches at least up to {@code upTo}
   */
  Generation index(
      Generation generation, LogPosition after, List<Message> messages, LogPosition upTo) {
    write(generation, messages, List.of());
    return moveWatermark(generation, after, upTo);
  }

  /** A document to delete. */
  record Key(String id, String routing) {}

  /** Writes the documents of messages and deletes documents. Searches see both afterwards. */
  void write(Generation generation, Collection<Message> messages, Collection<Key> superfluous) {
    var batch = new ArrayList<BulkOperation>();
    for (Key key : superfluous) {
      batch.add(BulkOperation.of(o -> o.delete(d -> d.id(key.id()).routing(key.routing()))));
    }
    long bytes = 0;
    for (Message message : messages) {
      BinaryData document = connection.json(IndexedMessage.of(message));
      if (bytes > 0 && bytes + document.size() > BULK_BYTES) {
        send(generation, batch);
        batch.clear();
        bytes = 0;
      }
      batch.add(
          BulkOperation.of(o ->
              o.index(i ->
                  i.id(message.externalId().toString())
                      .routing(message.chat().toString())
                      .document(document))));
      bytes += document.size();
    }
    if (batch.isEmpty()) {
      return;
    }
    send(generation, batch);
    refresh(generation);
  }

  /** Makes what was written visible to searches. */
  void refresh(Generation generation) {
    RefreshResponse refreshed =
        connection.callPatientlyUnless(
            NOT_FOUND, client -> client.indices().refresh(r -> r.index(generation.name())));
    if (refreshed == null) {
      throw indexUnavailable();
    }
    if (refreshed.shards() == null || refreshed.shards().failed().intValue() > 0) {
      throw new Unavailable("Elasticsearch did not refresh every shard", RETRY_AFTER);
    }
  }

  private void send(Generation generation, List<BulkOperation> batch) {
    BulkResponse response =
        connection.callPatientlyUnless(
            NOT_FOUND,
            client ->
                client.bulk(b ->
                    b.index(generation.writingAlias())
                        .requireAlias(true)
                        .includeSourceOnError(false)
                        .operations(batch)));
    if (response == null) {
      throw indexUnavailable();
    }
    if (response.errors()) {
      // Only the kind of each error: the reason may quote the words.
      String kinds =
          response.items().stream()
              .filter(item -> item.error() != null)
              .map(item -> item.status() + " " + item.error().type())
              .distinct()
              .limit(5)
              .reduce((one, other) -> one + ", " + other)
              .orElse("no reason given");
      throw new Unavailable("Elasticsearch did not index every message: " + kinds, RETRY_AFTER);
    }
  }

  private Generation moveWatermark(Generation from, LogPosition after, LogPosition upTo) {
    Generation generation = from;
    while (generation.upTo().compareTo(upTo) < 0) {
      IndexResponse response = writeWatermark(generation, upTo);
      if (response != null) {
        return new Generation(generation.name(), upTo, response.seqNo(), response.primaryTerm());
      }
      // Another follower was faster. Its watermark may be further than ours, or not.
      generation = readReaching(after);
      if (!generation.name().equals(from.name())) {
        throw indexUnavailable();
      }
    }
    return generation;
  }

  /** Returns null if the watermark is no longer the one that was read. */
  private @Nullable IndexResponse writeWatermark(Generation generation, LogPosition upTo) {
    return connection.callPatientlyUnless(
        CONFLICT,
        client ->
            client.index(i -> {
              i.index(generation.writingAlias())
                  .requireAlias(true)
                  .id(Watermark.ID)
                  .routing(Watermark.ID)
                  .document(new Watermark(upTo));
              return generation.seqNo() == null
                  ? i.opType(OpType.Create)
                  : i.ifSeqNo(generation.seqNo()).ifPrimaryTerm(generation.primaryTerm());
            }));
  }
}
