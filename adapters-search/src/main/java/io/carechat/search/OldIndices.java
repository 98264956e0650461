package io.carechat.search;

import co.elastic.clients.elasticsearch.indices.GetAliasResponse;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Deletes the indices of other versions of the mappings or of the analysis, after no node has
 * followed them for a while. While versions are mixed, each node follows the index of its own
 * version. Afterwards nobody needs the others, and nobody would remove words from them.
 *
 * <p>An index counts as followed if its watermark moves, or if it is not behind the index of this
 * version. A wrong guess loses nothing: a node that misses its index fills a new one from the log.
 * {@link ElasticsearchRebuild} deletes an index of this version that was replaced. For use by one
 * thread.
 */
public final class OldIndices {
  private static final int NOT_FOUND = 404;

  private final Connection connection;
  private final String prefix;
  private final String alias;
  private final Pattern names;
  private final IndexWriter live;
  private final Duration unfollowed;
  private final LongSupplier nanoTime;
  private Map<String, Seen> seen = Map.of();

  /** A watermark, and when it was first seen. */
  private record Seen(LogPosition upTo, long since) {}

  /**
   * @param alias the alias of this version
   * @param unfollowed how long a watermark must not have moved
   * @param nanoTime as {@link System#nanoTime}
   */
  OldIndices(
      Connection connection,
      String prefix,
      String alias,
      Duration unfollowed,
      LongSupplier nanoTime) {
    this.connection = connection;
    this.prefix = prefix;
    this.alias = alias;
    this.names = Pattern.compile(Pattern.quote(prefix) + "-v[0-9]+(-[0-9a-f]{8})?-[0-9a-f]{32}");
    this.live = new IndexWriter(connection, alias);
    this.unfollowed = unfollowed;
    this.nanoTime = nanoTime;
  }

  /**
   * Deletes those that no node has followed for long enough. It knows only what it has seen in its
   * own earlier calls, so the first call deletes nothing.
   *
   * @return the names of the indices that were deleted
   * @throws Unavailable if Elasticsearch is unavailable
   */
  public List<String> deleteUnused() {
    Generation own = live.read();
    if (own == null) {
      return List.of();
    }
    long now = nanoTime.getAsLong();
    var next = new HashMap<String, Seen>();
    var deleted = new ArrayList<String>();
    for (String index : others()) {
      Generation other = new IndexWriter(connection, index).read();
      if (other == null || other.upTo().compareTo(own.upTo()) >= 0) {
        continue;
      }
      Seen before = seen.get(index);
      if (before == null || !before.upTo().equals(other.upTo())) {
        next.put(index, new Seen(other.upTo(), now));
      } else if (now - before.since() < unfollowed.toNanos()) {
        next.put(index, before);
      } else {
        connection.callPatientlyUnless(
            NOT_FOUND, client -> client.indices().delete(d -> d.index(index)));
        deleted.add(index);
      }
    }
    seen = next;
    return deleted;
  }

  private List<String> others() {
    GetAliasResponse response =
        connection.callPatientlyUnless(
            NOT_FOUND, client -> client.indices().getAlias(a -> a.index(prefix + "-v*")));
    Set<String> all = response == null ? Set.of() : response.aliases().keySet();
    return all.stream()
        .filter(name -> names.matcher(name).matches())
        .filter(name -> !name.equals(alias + name.substring(name.lastIndexOf('-'))))
        .sorted()
        .toList();
  }
}
