package io.carechat.persistence.events;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static io.carechat.persistence.jdbc.ChatKeys.instance;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.RowLevelSecurity;
import io.carechat.persistence.jdbc.SqlStatement;
import java.util.List;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Query;

/** Reads the event log, in the order of (transaction, number). */
public final class PostgresEventLog implements EventLog, InstanceEvents {
  private static final SqlStatement OF_ALL =
      SqlStatement.of(select(LogOrder.NOTE_HORIZON), complete(noCondition()));

  private static final SqlStatement OF_INSTANCE =
      SqlStatement.of(
          RowLevelSecurity.scope(LogOrder.NOTE_HORIZON),
          complete(instance(CHAT_EVENT).eq(instance())));

  /** An event of no chat has the patient that is all zeros, which a chat may have too. */
  private static final SqlStatement OF_CHAT =
      SqlStatement.of(
          RowLevelSecurity.scope(LogOrder.NOTE_HORIZON),
          complete(chat(CHAT_EVENT).eq(chat()).and(CHAT_EVENT.MESSAGE_CREATED_AT.isNotNull())));

  private static final EventLogQuery EVENTS_OF_ALL = new EventLogQuery(OF_ALL);
  private static final EventLogQuery EVENTS_OF_INSTANCE = new EventLogQuery(OF_INSTANCE);
  private static final EventLogQuery EVENTS_OF_CHAT = new EventLogQuery(OF_CHAT);

  private static final Field<Long> HORIZON = LogOrder.HORIZON.as("horizon");
  private static final SqlStatement END = SqlStatement.of(select(HORIZON));
  private static final Column<Long> END_HORIZON = END.column(HORIZON);

  private final Connections reading;
  private final Connections following;

  /**
   * How many ids of transactions PostgreSQL may give out a second time after a crash: those of
   * transactions that had written nothing to the disk yet. There are no more of these than
   * connections, and those that commit asynchronously within a fraction of a second.
   */
  private static final long LOST_IN_A_CRASH = 1_000;

  private static final Field<Long> NEXT = LogOrder.NEXT_ID.as("next");
  private static final SqlStatement BOUND = SqlStatement.of(select(NEXT));
  private static final Column<Long> BOUND_NEXT = BOUND.column(NEXT);

  /**
   * @param reading for requests
   * @param following for the service's own consumers
   */
  public PostgresEventLog(Connections reading, Connections following) {
    this.reading = reading;
    this.following = following;
  }

  /** Nothing can appear any more before what this reads: see {@link LogOrder}. */
  private static Query complete(Condition which) {
    return EventLogQuery.after(which.and(CHAT_EVENT.LOG_TRANSACTION.lt(LogOrder.NOTED_HORIZON)));
  }

  @Override
  public List<LoggedEvent> read(LogPosition after, int limit) {
    return following.read(EventLogQuery.bind(OF_ALL.bind(), after, limit), EVENTS_OF_ALL);
  }

  @Override
  public List<LoggedEvent> read(TenantInstance instance, LogPosition after, int limit) {
    return reading.read(
        EventLogQuery.bind(OF_INSTANCE.bind().instance(instance), after, limit),
        EVENTS_OF_INSTANCE);
  }

  @Override
  public List<LoggedEvent> read(ChatId chat, LogPosition after, int limit) {
    return reading.read(
        EventLogQuery.bind(OF_CHAT.bind().chat(chat), after, limit), EVENTS_OF_CHAT);
  }

  @Override
  public LogPosition end() {
    long horizon = reading.read(END.bind(), END_HORIZON::get).getFirst();
    return new LogPosition(horizon - 1, Long.MAX_VALUE);
  }

  @Override
  public LogPosition bound() {
    // Every position is that of a transaction that has an id already, or below the horizon.
    long next = reading.read(BOUND.bind(), BOUND_NEXT::get).getFirst();
    return new LogPosition(next + LOST_IN_A_CRASH, 0);
  }
}
