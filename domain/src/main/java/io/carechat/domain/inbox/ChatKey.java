package io.carechat.domain.inbox;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.paging.Neighbours;
import io.carechat.domain.paging.PrintableTimes;
import java.time.Instant;
import java.util.Comparator;
import java.util.UUID;

/**
 * The key that orders the chats of an instance: by the time of the newest message, then by the
 * patient. The patient is needed because the newest messages of two chats may have the same time.
 * No two chats of an instance have the same key. The key of a chat only ever changes to a later
 * one.
 *
 * @param lastCreatedAt the {@link Message#createdAt} of the newest message
 * @param patient the patient of the chat
 */
public record ChatKey(Instant lastCreatedAt, PatientId patient) implements Comparable<ChatKey> {
  private static final PatientId FIRST = new PatientId(new UUID(0, 0));
  private static final PatientId LAST = new PatientId(new UUID(-1, -1));

  // Ids are compared as unsigned bytes, as PostgreSQL compares them. UUID.compareTo would compare
  // signed numbers.
  private static final Comparator<ChatKey> ORDER =
      Comparator.comparing(ChatKey::lastCreatedAt)
          .thenComparing(
              key -> key.patient().value().getMostSignificantBits(), Long::compareUnsigned)
          .thenComparing(
              key -> key.patient().value().getLeastSignificantBits(), Long::compareUnsigned);

  /** Returns the least key of a time. No chat of that time has a smaller key. */
  static ChatKey startOf(Instant time) {
    return new ChatKey(time, FIRST);
  }

  /** Computes the cursors of an empty page. */
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

  /** Returns the greatest printable key of an earlier time. */
  private ChatKey beforeItsTime() {
    return lastCreatedAt.isAfter(PrintableTimes.EARLIEST)
        ? new ChatKey(lastCreatedAt.minusMillis(1), LAST)
        : startOf(PrintableTimes.EARLIEST);
  }

  /** Returns the least printable key of a later time. */
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
