package io.carechat.persistence.jdbc;

import static io.carechat.persistence.generated.Tables.CHAT_STATE;
import static org.jooq.impl.DSL.exists;
import static org.jooq.impl.DSL.notExists;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.selectOne;

import io.carechat.persistence.generated.tables.ChatState;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Row3;
import org.jooq.impl.DSL;

/**
 * Whether chats are open, or closed: restricted, or being erased. Few chats have a row, so a look
 * for one is a step along an index that is nearly empty.
 */
public final class ChatStates {
  private ChatStates() {}

  /** Whether a chat is shown and may be changed. */
  public static Condition isOpen(Row3<String, String, UUID> chat) {
    return notExists(closed(chat));
  }

  /** Whether a chat is restricted, or being erased. */
  public static Condition isClosed(Row3<String, String, UUID> chat) {
    return exists(closed(chat));
  }

  private static org.jooq.Select<?> closed(Row3<String, String, UUID> chat) {
    var state = CHAT_STATE.as("closed_chat");
    return selectOne()
        .from(state)
        .where(key(state).eq(chat))
        .and(state.RESTRICTED_AT.isNotNull().or(state.ERASING.isNotNull()));
  }

  /** Whether the chat of the parameters is closed, as a value. */
  static Field<Boolean> isClosed() {
    return DSL.field(isClosed(ChatKeys.chat()));
  }

  /** The columns that name the chat. */
  public static Row3<String, String, UUID> key(ChatState table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.PATIENT_ID);
  }
}
