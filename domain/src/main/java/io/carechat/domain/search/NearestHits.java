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
 * The hits nearest to where a search begins, out of all messages that it comes across. Whether they
 * come from the log or from the index makes no difference, and those that come from both are there
 * once. For one thread.
 */
final class NearestHits {
  private final SearchQuery query;
  private final SearchFilter filter;
  private final int limit;
  private final Comparator<MessageKey> nearestFirst;
  private final NavigableMap<MessageKey, Message> nearest;

  /**
   * @param forward whether older messages are nearer than newer ones
   * @param limit how many are wanted, 1 or more
   */
  NearestHits(SearchQuery query, SearchFilter filter, boolean forward, int limit) {
    this.query = query;
    this.filter = filter;
    this.limit = limit;
    this.nearestFirst = forward ? naturalOrder() : reverseOrder();
    this.nearest = new TreeMap<>(nearestFirst);
  }

  /** Takes a message if it is a hit, and near enough. */
  void add(Message message) {
    MessageKey instance = MessageKey.of(message);
    if (isBeyondTheLast(instance) || !filter.accepts(message) || !query.matches(message.text())) {
      return;
    }
    nearest.put(instance, message);
    if (nearest.size() > limit) {
      nearest.pollLastEntry();
    }
  }

  /** Whether there are enough hits, and none that lies there or further away is wanted. */
  boolean isBeyondTheLast(MessageKey instance) {
    return nearest.size() == limit && nearestFirst.compare(instance, nearest.lastKey()) >= 0;
  }

  List<Message> nearestFirst() {
    return List.copyOf(nearest.values());
  }
}
