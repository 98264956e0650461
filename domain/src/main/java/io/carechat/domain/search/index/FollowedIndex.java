package io.carechat.domain.search.index;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import java.util.List;

/**
 * An index that is brought up to the log, and knows how far it has come. Safe for use by many
 * threads.
 */
public interface FollowedIndex {
  /**
   * Up to where the log has been indexed durably: {@link LogPosition#START} for a new index.
   *
   * @throws Unavailable if the index is away
   */
  LogPosition indexedUpTo();

  /**
   * Indexes messages, and then records that everything up to the position is indexed; both are
   * durable, and found by searches of the index, when it returns. Indexing a message again changes
   * nothing.
   *
   * @param after where the caller read {@link #indexedUpTo}: the messages are all those logged
   *     after it, and up to {@code upTo}. If the index has lost its data in the meantime, or
   *     another has taken its place, it does not reach that far, and must not say that it is
   *     complete.
   * @throws Unavailable if the index is away or does not reach up to {@code after}; some of it may
   *     have been done
   */
  void index(LogPosition after, List<Message> messages, LogPosition upTo);
}
