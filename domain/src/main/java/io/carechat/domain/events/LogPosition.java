package io.carechat.domain.events;

import io.carechat.domain.chat.Message;

/**
 * A place in the event log, in the order in which events become readable. Within a chat it is the
 * order of {@link Message#createdAt}.
 *
 * @param transaction the transaction that logged the event
 * @param number its place among all events ever numbered; unique, but it alone is not the order of
 *     reading
 */
public record LogPosition(long transaction, long number) implements Comparable<LogPosition> {
  /** Before the first event. */
  public static final LogPosition START = new LogPosition(0, 0);

  @Override
  public int compareTo(LogPosition other) {
    int byTransaction = Long.compareUnsigned(transaction, other.transaction);
    return byTransaction != 0 ? byTransaction : Long.compare(number, other.number);
  }
}
