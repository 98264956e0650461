package io.carechat.persistence.messages;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.messages.IdempotencyKey;
import io.carechat.domain.messages.MessageLog.Appended;
import io.carechat.domain.messages.NewMessage;
import io.carechat.persistence.events.LogOrder;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Stores messages and their events, many in one transaction and one round trip. */
final class MessageAppends {
  /**
   * Two statements, sent with one Sync message, which makes them one transaction.
   *
   * <p>The first locks the chats, always in the same order, so that writers never wait for each
   * other in a circle. An advisory lock assigns no transaction id: that happens in the second
   * statement, when all locks are held, and they are held until the commit is visible. So among the
   * writers of a chat, on however many nodes, the order of transaction ids is the order of commits
   * and of created_at, which is what lets the event log be read in the order of transaction ids. It
   * also lets the log's readers know of this transaction before it has its id: {@link LogOrder}.
   *
   * <p>The second statement takes its snapshot after that, and therefore sees what those who had
   * the locks before have written: the chat's last created_at, and the messages with a key.
   */
  private static final String SQL =
      """
      select (select ENTER), count(pg_advisory_xact_lock(chats.key))
      from (
        select distinct hashtextextended(chat, 0) as key from unnest(?::text[]) as chat order by key
      ) as chats;

      with given as (
        select *
        from unnest(
          ?::text[], ?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[]
        ) with ordinality as given (
          tenant_name, instance_name, patient_id, external_id, sender_id, sender_type, sender_title, text,
          idempotency_key, ordinal)
      ),
      clock (now) as (values (?::timestamptz(3))),
      earlier as materialized (
        select
          given.ordinal, message.created_at, message.external_id, message.sender_id, message.sender_type,
          message.sender_title, message.text
        from given
          cross join lateral (
            select *
            from carechat.message
            where message.tenant_name = given.tenant_name
              and message.instance_name = given.instance_name
              and message.patient_id = given.patient_id
              and message.idempotency_key = given.idempotency_key
            limit 1
          ) as message
        where given.idempotency_key is not null
      ),
      fresh as (
        select
          *,
          row_number() over (partition by tenant_name, instance_name, patient_id order by ordinal) as place,
          count(*) over (partition by tenant_name, instance_name, patient_id) as places
        from given
        where ordinal not in (select ordinal from earlier)
      ),
      -- A chat's messages get consecutive milliseconds: the last of them is known first.
      chats as (
        insert into carechat.chat as chat (tenant_name, instance_name, patient_id, last_created_at)
        select tenant_name, instance_name, patient_id, now + (places - 1) * interval '1 ms'
        from fresh cross join clock
        where place = 1
        on conflict (tenant_name, instance_name, patient_id) do update
          set last_created_at = greatest(
            excluded.last_created_at,
            chat.last_created_at + interval '1 ms' + (excluded.last_created_at - (select now from clock)))
        returning tenant_name, instance_name, patient_id, last_created_at
      ),
      placed as materialized (
        select timed.*, nextval('carechat.event_number') as log_number
        from (
          select fresh.*, last_created_at - (places - place) * interval '1 ms' as created_at
          from fresh join chats using (tenant_name, instance_name, patient_id)
          order by ordinal
        ) as timed
      ),
      messages as (
        insert into carechat.message (
          tenant_name, instance_name, patient_id, created_at, external_id, sender_id, sender_type, sender_title,
          text, idempotency_key)
        select
          tenant_name, instance_name, patient_id, created_at, external_id, sender_id, sender_type, sender_title,
          text, idempotency_key
        from placed
      ),
      events as (
        insert into carechat.chat_event (
          tenant_name, instance_name, patient_id, log_transaction, log_number, type, message_created_at)
        select
          tenant_name, instance_name, patient_id, pg_current_xact_id()::text::bigint, log_number, 'MESSAGE_SENT',
          created_at
        from placed
      )
      select
        ordinal, false as earlier, created_at, null::uuid as external_id, null::uuid as sender_id,
        null::text as sender_type, null::text as sender_title, null::text as text
      from placed
      union all
      select ordinal, true, created_at, external_id, sender_id, sender_type, sender_title, text
      from earlier
      """
          .replace("ENTER", LogOrder.ENTER);

  private final InstantSource clock;

  MessageAppends(InstantSource clock) {
    this.clock = clock;
  }

  private record ChatKey(ChatId chat, IdempotencyKey key) {}

  private record Row(Message message, boolean earlier) {}

  /** Stores a batch; the answers are in its order. Everything is committed when this returns. */
  List<Appended> append(Connection connection, List<NewMessage> batch) throws SQLException {
    // Of those with one key in a chat the first goes to the database, and decides for the others.
    var distinct = new ArrayList<NewMessage>();
    Map<ChatKey, Integer> placeOfKey = new HashMap<>();
    int[] instances = new int[batch.size()];
    for (int i = 0; i < instances.length; i++) {
      NewMessage message = batch.get(i);
      IdempotencyKey key = message.key();
      int next = distinct.size();
      Integer earlier =
          key == null ? null : placeOfKey.putIfAbsent(new ChatKey(message.chat(), key), next);
      instances[i] = earlier == null ? next : earlier;
      if (earlier == null) {
        distinct.add(message);
      }
    }
    List<Row> rows = store(connection, distinct);
    var answers = new ArrayList<Appended>();
    int firsts = 0;
    for (int i = 0; i < instances.length; i++) {
      Row row = rows.get(instances[i]);
      boolean isFirst = instances[i] == firsts;
      if (isFirst) {
        firsts++;
      }
      if (isFirst && !row.earlier) {
        answers.add(new Appended.Stored(row.message));
      } else if (batch.get(i).asksForSameAs(row.message)) {
        answers.add(new Appended.AlreadyStored(row.message));
      } else {
        answers.add(new Appended.KeyTaken());
      }
    }
    return answers;
  }

  /** What the log has for each, in their order. */
  private List<Row> store(Connection connection, List<NewMessage> messages) throws SQLException {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    try (PreparedStatement statement = connection.prepareStatement(SQL)) {
      new Parameters(statement)
          .column("text", messages, message -> message.chat().toString())
          .column("text", messages, message -> message.chat().instance().tenantName())
          .column("text", messages, message -> message.chat().instance().instanceName())
          .column("uuid", messages, message -> message.chat().patient().value())
          .column("uuid", messages, message -> message.externalId().value())
          .column("uuid", messages, message -> message.sender().id())
          .column("text", messages, message -> message.sender().clientType().name())
          .column("text", messages, message -> message.sender().titleName())
          .column("text", messages, message -> message.text().value())
          .column("text", messages, message -> message.key() == null ? null : message.key().value())
          .time(now);
      var rows = new TreeMap<Integer, Row>();
      try (ResultSet results = Connections.second(statement)) {
        while (results.next()) {
          int ordinal = results.getInt("ordinal");
          rows.put(ordinal, row(messages.get(ordinal - 1), results));
        }
      }
      if (rows.size() != messages.size()) {
        throw new IllegalStateException("PostgreSQL did not answer for every message");
      }
      return List.copyOf(rows.values());
    }
  }

  private static Row row(NewMessage given, ResultSet result) throws SQLException {
    if (result.getBoolean("earlier")) {
      return new Row(Rows.message(given.chat(), result), true);
    }
    return new Row(
        new Message(
            given.chat(),
            given.externalId(),
            given.sender(),
            given.text(),
            Rows.time(result, "created_at")),
        false);
  }
}
