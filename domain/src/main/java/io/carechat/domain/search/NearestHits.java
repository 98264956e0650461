package io.carechat.domain.search;

import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.reverseOrder;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Collects the hits of a search that are nearest to its cursor, up to a limit. Messages may be
 * added from the log and from the index. A message that is added twice is kept once. For use by one
 * thread at a time.
 */
final class NearestHits {
  private final SearchQuery query;
  private final SearchFilter filter;
  private final int limit;
  private final Comparator<MessageKey> nearestFirst;
  private final NavigableMap<MessageKey, Message> nearest;

  /**
   * @param forward true if older hits are nearer to the cursor than newer ones
   * @param limit the maximum number of hits, 1 or more
   */
  NearestHits(SearchQuery query, SearchFilter filter, boolean forward, int limit) {
    this.query = query;
    this.filter = filter;
    this.limit = limit;
    this.nearestFirst = forward ? naturalOrder() : reverseOrder();
    this.nearest = new TreeMap<>(nearestFirst);
  }

  /** Adds a message if it is a hit and near enough. */
  void add(Message message) {
    MessageKey key = MessageKey.of(message);
    if (isBeyondLast(key) || !filter.accepts(message) || !query.matches(message.text())) {
      return;
    }
    nearest.put(key, message);
    if (nearest.size() > limit) {
      nearest.pollLastEntry();
    }
  }

  /**
   * Returns whether neither this key nor any key further away can still be among the hits. This is
   * so once there are enough hits and none of them is further away.
   */
  boolean isBeyondLast(MessageKey key) {
    return nearest.size() == limit && nearestFirst.compare(key, nearest.lastKey()) >= 0;
  }

  /** Returns the order in which keys that are nearer to the cursor come first. */
  Comparator<MessageKey> order() {
    return nearestFirst;
  }

  /** Returns the hits, those nearest to the cursor first. */
  List<Message> nearestFirst() {
    return List.copyOf(nearest.values());
  }
}
