package io.carechat.domain.inbox;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.paging.Neighbours;
import io.carechat.domain.paging.PrintableTimes;
import java.time.Instant;
import java.util.Comparator;
import java.util.UUID;

/**
 * The key that orders the chats of an instance: by the time of the newest message, and by the
 * patient where chats have newest messages of one time. No two chats of an instance have the same,
 * and a chat's own only ever moves to a later one.
 *
 * @param lastCreatedAt the newest message's {@link Message#createdAt}
 */
public record ChatKey(Instant lastCreatedAt, PatientId patient) implements Comparable<ChatKey> {
  private static final PatientId FIRST = new PatientId(new UUID(0, 0));
  private static final PatientId LAST = new PatientId(new UUID(-1, -1));

  // As PostgreSQL compares them: by their bytes, which UUID itself takes for signed numbers.
  private static final Comparator<ChatKey> ORDER =
      Comparator.comparing(ChatKey::lastCreatedAt)
          .thenComparing(
              key -> key.patient().value().getMostSignificantBits(), Long::compareUnsigned)
          .thenComparing(
              key -> key.patient().value().getLeastSignificantBits(), Long::compareUnsigned);

  /** The key before every chat of that time. */
  static ChatKey startOf(Instant time) {
    return new ChatKey(time, FIRST);
  }

  /** For the rule of the empty page. */
  static final Neighbours<ChatKey> NEIGHBOURS =
      new Neighbours<>() {
        @Override
        public ChatKey start() {
          return startOf(Instant.EPOCH);
        }

        @Override
        public ChatKey previous(ChatKey key) {
          return key.beforeItsTime();
        }

        @Override
        public ChatKey next(ChatKey key) {
          return key.afterItsTime();
        }
      };

  /** The latest key before every chat of this one's time, as far as it can be printed. */
  private ChatKey beforeItsTime() {
    return lastCreatedAt.isAfter(PrintableTimes.EARLIEST)
        ? new ChatKey(lastCreatedAt.minusMillis(1), LAST)
        : startOf(PrintableTimes.EARLIEST);
  }

  /** The earliest key after every chat of this one's time, as far as it can be printed. */
  private ChatKey afterItsTime() {
    return lastCreatedAt.isBefore(PrintableTimes.LATEST)
        ? startOf(lastCreatedAt.plusMillis(1))
        : new ChatKey(PrintableTimes.LATEST, LAST);
  }

  @Override
  public int compareTo(ChatKey other) {
    return ORDER.compare(this, other);
  }
}
