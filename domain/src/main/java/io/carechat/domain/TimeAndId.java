package io.carechat.domain;

import java.time.Instant;
import java.util.Comparator;
import java.util.UUID;

/**
 * The place of a message among those of a whole instance, whose chats may have messages of equal
 * times: ordered by time, and by id where times are equal. No two messages of an instance have the
 * same.
 */
public record TimeAndId(Instant createdAt, ExternalId id) implements Comparable<TimeAndId> {
  private static final UUID FIRST = new UUID(0, 0);
  private static final UUID LAST = new UUID(-1, -1);
  // As both stores compare them: by their bytes, which UUID itself takes for signed numbers.
  private static final Comparator<TimeAndId> ORDER =
      Comparator.comparing(TimeAndId::createdAt)
          .thenComparing(
              place -> place.id().value().getMostSignificantBits(), Long::compareUnsigned)
          .thenComparing(
              place -> place.id().value().getLeastSignificantBits(), Long::compareUnsigned);

  /** The place of a message. */
  public static TimeAndId of(Message message) {
    return new TimeAndId(message.createdAt(), message.externalId());
  }

  /** The nearest place before this one, as far as times in whole milliseconds go. */
  TimeAndId previous() {
    UUID id = this.id.value();
    if (id.equals(FIRST)) {
      return new TimeAndId(createdAt.minusMillis(1), new ExternalId(LAST));
    }
    long low = id.getLeastSignificantBits();
    long high = id.getMostSignificantBits();
    return new TimeAndId(createdAt, new ExternalId(new UUID(low == 0 ? high - 1 : high, low - 1)));
  }

  /** The nearest place after this one, as far as times in whole milliseconds go. */
  TimeAndId next() {
    UUID id = this.id.value();
    if (id.equals(LAST)) {
      return new TimeAndId(createdAt.plusMillis(1), new ExternalId(FIRST));
    }
    long low = id.getLeastSignificantBits();
    long high = id.getMostSignificantBits();
    return new TimeAndId(createdAt, new ExternalId(new UUID(low == -1 ? high + 1 : high, low + 1)));
  }

  /** The place before every message of that time. */
  static TimeAndId startOf(Instant time) {
    return new TimeAndId(time, new ExternalId(FIRST));
  }

  @Override
  public int compareTo(TimeAndId other) {
    return ORDER.compare(this, other);
  }
}
