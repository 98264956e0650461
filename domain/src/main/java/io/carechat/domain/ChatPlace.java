package io.carechat.domain;

import java.time.Instant;
import java.util.Comparator;
import java.util.UUID;

/**
 * The place of a chat among those of its instance: ordered by the time of the newest message, and
 * by the patient where chats have newest messages of one time. No two chats of an instance have the
 * same, and a chat's own only ever moves to a later one.
 *
 * @param lastCreatedAt the newest message's {@link Message#createdAt}
 */
public record ChatPlace(Instant lastCreatedAt, PatientId patient) implements Comparable<ChatPlace> {
  private static final PatientId FIRST = new PatientId(new UUID(0, 0));
  private static final PatientId LAST = new PatientId(new UUID(-1, -1));

  // As PostgreSQL compares them: by their bytes, which UUID itself takes for signed numbers.
  private static final Comparator<ChatPlace> ORDER =
      Comparator.comparing(ChatPlace::lastCreatedAt)
          .thenComparing(
              place -> place.patient().value().getMostSignificantBits(), Long::compareUnsigned)
          .thenComparing(
              place -> place.patient().value().getLeastSignificantBits(), Long::compareUnsigned);

  /** The place before every chat of that time. */
  static ChatPlace startOf(Instant time) {
    return new ChatPlace(time, FIRST);
  }

  /** The latest place before every chat of this one's time, as far as it can be printed. */
  ChatPlace beforeItsTime() {
    return lastCreatedAt.isAfter(PageToken.EARLIEST)
        ? new ChatPlace(lastCreatedAt.minusMillis(1), LAST)
        : startOf(PageToken.EARLIEST);
  }

  /** The earliest place after every chat of this one's time, as far as it can be printed. */
  ChatPlace afterItsTime() {
    return lastCreatedAt.isBefore(PageToken.LATEST)
        ? startOf(lastCreatedAt.plusMillis(1))
        : new ChatPlace(PageToken.LATEST, LAST);
  }

  @Override
  public int compareTo(ChatPlace other) {
    return ORDER.compare(this, other);
  }
}
