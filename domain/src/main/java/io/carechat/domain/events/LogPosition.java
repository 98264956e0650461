package io.carechat.domain.events;

import io.carechat.domain.chat.Message;

/**
 * A position in the event log. Positions are ordered as the events become readable. Within a chat
 * this is also the order of {@link Message#createdAt}.
 *
 * @param transaction the number of the transaction that logged the event, as an unsigned number.
 *     Its high bits are the {@link #epoch}.
 * @param number the number of the event. It is unique, but by itself it does not give the order of
 *     reading.
 */
public record LogPosition(long transaction, long number) implements Comparable<LogPosition> {
  /** The position before the first event. */
  public static final LogPosition START = new LogPosition(0, 0);

  /** How many low bits of {@link #transaction} count within an epoch. */
  public static final int BITS_BELOW_EPOCH = 44;

  /**
   * Returns the number of the epoch. An epoch begins when the database was replaced by an older
   * copy. Because a later epoch has a higher number, all of its positions are after those of
   * earlier epochs, also after those that the older copy does not have.
   */
  public int epoch() {
    return (int) (transaction >>> BITS_BELOW_EPOCH);
  }

  @Override
  public int compareTo(LogPosition other) {
    int byTransaction = Long.compareUnsigned(transaction, other.transaction);
    return byTransaction != 0 ? byTransaction : Long.compare(number, other.number);
  }
}
