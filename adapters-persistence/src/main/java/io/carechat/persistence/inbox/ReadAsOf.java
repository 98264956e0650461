package io.carechat.persistence.inbox;

import static io.carechat.persistence.generated.Tables.CHAT;
import static org.jooq.impl.DSL.when;

import io.carechat.domain.chat.ClientType;
import java.time.Instant;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.TableField;

/**
 * The columns of {@code chat} that say as of which newest message each side had read everything.
 *
 * <p>As long as the column is equal to {@code last_created_at}, the side has read all messages of
 * the other side. Otherwise it may have something to read. Every send and every mark keeps the
 * columns right, under the locks that both take anyway. The opposite error is not possible: whoever
 * stores a message and does not know these columns makes them differ.
 */
final class ReadAsOf {
  private ReadAsOf() {}

  /** The column of a side. */
  static TableField<?, Instant> column(ClientType side) {
    return switch (side) {
      case PATIENT -> CHAT.READ_BY_PATIENT_AS_OF;
      case CARE_TEAM -> CHAT.READ_BY_CARE_TEAM_AS_OF;
    };
  }

  /** Whether the side may have something to read. */
  static Condition mayBeUnread(ClientType side) {
    return column(side).isDistinctFrom(CHAT.LAST_CREATED_AT);
  }

  /**
   * The time of the newest message of a chat that a side may not have read; null for other chats.
   * It has the form of the expression in the index of these chats.
   */
  static Field<Instant> lastOfUnread(ClientType side) {
    return when(mayBeUnread(side), CHAT.LAST_CREATED_AT);
  }
}
