package io.carechat.persistence.events;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;

import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;

/** The types of events, as they are in the table. */
public enum EventType {
  MESSAGE_SENT,
  CHAT_READ,
  ENDPOINT_DISABLED;

  /** As a value in a statement. */
  public Field<String> value() {
    return DSL.inline(name());
  }

  /** Whether an event is of this type. */
  Condition matches() {
    return CHAT_EVENT.TYPE.eq(value());
  }
}
