package io.carechat.domain.events;

import io.carechat.domain.chat.Message;

/**
 * A position in the event log. Positions are ordered as the events become readable. Within a chat
 * this is also the order of {@link Message#createdAt}.
 *
 * @param transaction the number of the transaction that logged the event, as an unsigned number
 * @param number the number of the event. It is unique, but by itself it does not give the order of
 *     reading.
 */
public record LogPosition(long transaction, long number) implements Comparable<LogPosition> {
  /** The position before the first event. */
  public static final LogPosition START = new LogPosition(0, 0);

  @Override
  public int compareTo(LogPosition other) {
    int byTransaction = Long.compareUnsigned(transaction, other.transaction);
    return byTransaction != 0 ? byTransaction : Long.compare(number, other.number);
  }
}
