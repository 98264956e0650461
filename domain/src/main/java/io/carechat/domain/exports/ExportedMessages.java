package io.carechat.domain.exports;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import java.util.List;

/**
 * Reads messages in the order of the event log, up to a position. Messages never change, and no
 * event appears at or before a position that {@link #isComplete} has once confirmed. So what is
 * read up to there is the same however long the reading takes, without a snapshot that would have
 * to stay open. Safe for use by many threads. Every method may throw {@link Unavailable}.
 */
public interface ExportedMessages {
  /**
   * A message and its place in the log.
   *
   * @param position the position of the event that it was sent
   */
  record Entry(LogPosition position, Message message) {}

  /**
   * A part of what is exported.
   *
   * @param entries the messages, in the order of the log; there may be none although more follow
   * @param after the position after which to read on
   * @param isLast whether nothing follows
   */
  record Batch(List<Entry> entries, LogPosition after, boolean isLast) {
    /** Copies the entries. */
    public Batch {
      entries = List.copyOf(entries);
    }
  }

  /** Returns whether no event can appear at or before a position any more. */
  boolean isComplete(LogPosition through);

  /**
   * Reads the next messages of an export. It never reads messages of another chat or instance.
   *
   * @param request which messages
   * @param after only messages after this position
   * @param through only messages at or before this position
   * @param limit the maximum number of events of the log that are looked at, 1 or more
   */
  Batch read(ExportRequest request, LogPosition after, LogPosition through, int limit);
}
