package io.carechat.domain.search.index;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import java.util.List;

/**
 * An index that is filled from the event log and records how far it has come. Safe for use by many
 * threads.
 */
public interface FollowedIndex {
  /**
   * Returns the position up to which the log is indexed durably. It is {@link LogPosition#START}
   * for a new index.
   *
   * @throws Unavailable if the index is unavailable
   */
  LogPosition indexedUpTo();

  /**
   * Indexes messages, and then records that everything up to a position is indexed. When this
   * returns, both are durable and searches find the messages. Indexing a message again changes
   * nothing.
   *
   * @param after the position that {@link #indexedUpTo} returned to the caller. If the index has
   *     lost its data since then, or another index has replaced it, it does not reach this position
   *     any more. It must then not record that it is complete.
   * @param messages all messages that were logged after {@code after} and up to {@code upTo}
   * @param upTo the position up to which everything is indexed afterwards
   * @throws Unavailable if the index is unavailable or does not reach up to {@code after}; some of
   *     the messages may have been indexed
   */
  void index(LogPosition after, List<Message> messages, LogPosition upTo);
}
