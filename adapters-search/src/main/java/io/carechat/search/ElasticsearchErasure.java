package io.carechat.search;

import co.elastic.clients.elasticsearch._types.ShardStatistics;
import co.elastic.clients.elasticsearch.indices.ForcemergeResponse;
import co.elastic.clients.elasticsearch.indices.GetAliasResponse;
import co.elastic.clients.elasticsearch.indices.SegmentsResponse;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.records.ErasedDocuments;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Removes erased messages from all indices of the service, and from their files.
 *
 * <p>A removed document stays in the files of a segment until Elasticsearch merges that segment,
 * which may be never. So this asks for a merge of all segments that contain removed documents,
 * however few. Elasticsearch keeps removed documents for a while even then, for copies of the shard
 * that may need them. How many there are is therefore counted afterwards.
 */
final class ElasticsearchErasure implements ErasedDocuments {
  private static final int NOT_FOUND = 404;

  /** While others index, the watermark's own document is replaced again and again. */
  private static final int ATTEMPTS = 5;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  /** A merge is to leave no removed document behind, and copies of a shard report at once. */
  private static final String SETTINGS =
      "{\"index\":{\"merge\":{\"policy\":{\"expunge_deletes_allowed\":0}},"
          + "\"soft_deletes\":{\"retention_lease\":{\"sync_interval\":\"2s\"}}}}";

  private final Connection connection;
  private final String prefix;
  private final Pattern names;

  /**
   * @param prefix begins the names of the indices
   */
  ElasticsearchErasure(Connection connection, String prefix) {
    this.connection = connection;
    this.prefix = prefix;
    this.names = OldIndices.names(prefix);
  }

  @Override
  public long remove(ChatId chat, Instant through) {
    long removed = 0;
    for (String index : indices()) {
      removed += new IndexWriter(connection, index).remove(chat, through);
    }
    return removed;
  }

  @Override
  public boolean purge() {
    List<String> indices = indices();
    if (indices.isEmpty()) {
      return true;
    }
    connection.callPatientlyUnless(
        NOT_FOUND,
        client ->
            client
                .indices()
                .putSettings(p -> p.index(indices).withJson(new StringReader(SETTINGS))));
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      merge(indices);
      if (removedDocuments(indices) == 0) {
        return true;
      }
    }
    return false;
  }

  private void merge(List<String> indices) {
    ForcemergeResponse merged =
        connection.callPatientlyUnless(
            NOT_FOUND,
            client ->
                client
                    .indices()
                    .forcemerge(f -> f.index(indices).onlyExpungeDeletes(true).flush(true)));
    requireWhole(merged == null ? null : merged.shards());
    // The log of operations has the documents too, until a flush, and open searchers keep files.
    var flushed =
        connection.callPatientlyUnless(
            NOT_FOUND,
            client ->
                client.indices().flush(f -> f.index(indices).force(true).waitIfOngoing(true)));
    requireWhole(flushed == null ? null : flushed.shards());
    var refreshed =
        connection.callPatientlyUnless(
            NOT_FOUND, client -> client.indices().refresh(r -> r.index(indices)));
    requireWhole(refreshed == null ? null : refreshed.shards());
  }

  private static void requireWhole(@Nullable ShardStatistics shards) {
    if (shards == null || shards.failed().intValue() > 0) {
      throw new Unavailable("Elasticsearch did not merge every shard", RETRY_AFTER);
    }
  }

  /** How many removed documents the files of all shards and copies contain. */
  private long removedDocuments(List<String> indices) {
    SegmentsResponse response =
        connection.callPatientlyUnless(
            NOT_FOUND, client -> client.indices().segments(s -> s.index(indices)));
    requireWhole(response == null ? null : response.shards());
    return response == null
        ? 0
        : response.indices().values().stream()
            .flatMap(index -> index.shards().values().stream())
            .flatMap(List::stream)
            .flatMap(shard -> shard.segments().values().stream())
            .mapToLong(segment -> segment.deletedDocs())
            .sum();
  }

  private List<String> indices() {
    GetAliasResponse response =
        connection.callPatientlyUnless(
            NOT_FOUND, client -> client.indices().getAlias(a -> a.index(prefix + "-v*")));
    Set<String> all = response == null ? Set.of() : response.aliases().keySet();
    return all.stream().filter(name -> names.matcher(name).matches()).sorted().toList();
  }
}
