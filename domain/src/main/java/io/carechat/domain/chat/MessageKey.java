package io.carechat.domain.chat;

import java.time.Instant;
import java.util.Comparator;
import java.util.UUID;

/**
 * The key that orders the messages of an instance: by time first, then by id. The id is needed
 * because messages of different chats may have the same time. No two messages of an instance have
 * the same key.
 *
 * @param createdAt the {@link Message#createdAt} of the message
 * @param id the id of the message
 */
public record MessageKey(Instant createdAt, ExternalId id) implements Comparable<MessageKey> {
  private static final UUID FIRST = new UUID(0, 0);
  private static final UUID LAST = new UUID(-1, -1);
  // Ids are compared as unsigned bytes, as PostgreSQL and the search index compare them.
  // UUID.compareTo would compare signed numbers.
  private static final Comparator<MessageKey> ORDER =
      Comparator.comparing(MessageKey::createdAt)
          .thenComparing(key -> key.id().value().getMostSignificantBits(), Long::compareUnsigned)
          .thenComparing(key -> key.id().value().getLeastSignificantBits(), Long::compareUnsigned);

  /** Returns the key of a message. */
  public static MessageKey of(Message message) {
    return new MessageKey(message.createdAt(), message.externalId());
  }

  /** Returns the greatest key that is less than this one. Keys have times in whole milliseconds. */
  public MessageKey previous() {
    UUID id = this.id.value();
    if (id.equals(FIRST)) {
      return new MessageKey(createdAt.minusMillis(1), new ExternalId(LAST));
    }
    long low = id.getLeastSignificantBits();
    long high = id.getMostSignificantBits();
    return new MessageKey(createdAt, new ExternalId(new UUID(low == 0 ? high - 1 : high, low - 1)));
  }

  /** Returns the least key that is greater than this one. Keys have times in whole milliseconds. */
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

  /**
   * Returns the least key of a time. No message of that time has a smaller key.
   *
   * @param time in whole milliseconds
   */
  public static MessageKey startOf(Instant time) {
    return new MessageKey(time, new ExternalId(FIRST));
  }

  @Override
  public int compareTo(MessageKey other) {
    return ORDER.compare(this, other);
  }
}
