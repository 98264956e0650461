package io.carechat.domain.chat;

import java.time.Instant;
import java.util.Comparator;
import java.util.UUID;

/**
 * The place of a message among those of a whole instance, whose chats may have messages of equal
 * times: ordered by time, and by id where times are equal. No two messages of an instance have the
 * same.
 */
public record MessageKey(Instant createdAt, ExternalId id) implements Comparable<MessageKey> {
  private static final UUID FIRST = new UUID(0, 0);
  private static final UUID LAST = new UUID(-1, -1);
  // As both stores compare them: by their bytes, which UUID itself takes for signed numbers.
  private static final Comparator<MessageKey> ORDER =
      Comparator.comparing(MessageKey::createdAt)
          .thenComparing(
              instance -> instance.id().value().getMostSignificantBits(), Long::compareUnsigned)
          .thenComparing(
              instance -> instance.id().value().getLeastSignificantBits(), Long::compareUnsigned);

  /** The place of a message. */
  public static MessageKey of(Message message) {
    return new MessageKey(message.createdAt(), message.externalId());
  }

  /** The nearest place before this one, as far as times in whole milliseconds go. */
  public MessageKey previous() {
    UUID id = this.id.value();
    if (id.equals(FIRST)) {
      return new MessageKey(createdAt.minusMillis(1), new ExternalId(LAST));
    }
    long low = id.getLeastSignificantBits();
    long high = id.getMostSignificantBits();
    return new MessageKey(createdAt, new ExternalId(new UUID(low == 0 ? high - 1 : high, low - 1)));
  }

  /** The nearest place after this one, as far as times in whole milliseconds go. */
  public MessageKey next() {
    UUID id = this.id.value();
    if (id.equals(LAST)) {
      return new MessageKey(createdAt.plusMillis(1), new ExternalId(FIRST));
    }
    long low = id.getLeastSignificantBits();
    long high = id.getMostSignificantBits();
    return new MessageKey(
        createdAt, new ExternalId(new UUID(low == -1 ? high + 1 : high, low + 1)));
  }

  /** The place before every message of that time. */
  public static MessageKey startOf(Instant time) {
    return new MessageKey(time, new ExternalId(FIRST));
  }

  @Override
  public int compareTo(MessageKey other) {
    return ORDER.compare(this, other);
  }
}
