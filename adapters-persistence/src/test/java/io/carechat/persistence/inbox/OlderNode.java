package io.carechat.persistence.inbox;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;

/**
 * Writes as a node of the version before: under the same locks, and without the columns that say
 * what is read. It logs no events, since nothing here reads them.
 */
public final class OlderNode {
  private static final String LOCK = "select pg_advisory_xact_lock(hashtextextended(?, 0))";

  private static final String SEND =
      """
      with written as (
        insert into carechat.chat (tenant_name, instance_name, patient_id, last_created_at)
        values (?, ?, ?, date_trunc('milliseconds', statement_timestamp()))
        on conflict (tenant_name, instance_name, patient_id) do update
        set last_created_at = greatest(excluded.last_created_at, chat.last_created_at + interval '1 ms')
        returning tenant_name, instance_name, patient_id, last_created_at)
      insert into carechat.message
        (tenant_name, instance_name, patient_id, created_at, external_id, sender_id, sender_type, text)
      select tenant_name, instance_name, patient_id, last_created_at, gen_random_uuid(), gen_random_uuid(), ?, 'hello'
      from written
      """;

  /** Up to the newest message. */
  private static final String MARK =
      """
      insert into carechat.read_marker
      select tenant_name, instance_name, patient_id, ?, created_at, external_id, created_at
      from carechat.message
      where tenant_name = ? and instance_name = ? and patient_id = ?
      order by created_at desc
      limit 1
      on conflict (tenant_name, instance_name, patient_id, reader_type) do update
      set message_created_at = excluded.message_created_at, message_external_id = excluded.message_external_id,
        read_at = excluded.read_at
      """;

  private OlderNode() {}

  /** Stores a message of a side. */
  public static void send(Connection connection, ChatId chat, ClientType side) throws SQLException {
    inTransaction(
        connection,
        chat,
        SEND,
        chat.instance().tenantName(),
        chat.instance().instanceName(),
        chat.patient().value(),
        side.name());
  }

  /** Moves the marker of a side to the newest message, if there is one. */
  public static void mark(Connection connection, ChatId chat, ClientType side) throws SQLException {
    inTransaction(
        connection,
        chat,
        MARK,
        side.name(),
        chat.instance().tenantName(),
        chat.instance().instanceName(),
        chat.patient().value());
  }

  private static void inTransaction(
      Connection connection, ChatId chat, String sql, Object... parameters) throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement lock = connection.prepareStatement(LOCK);
        PreparedStatement statement = connection.prepareStatement(sql)) {
      lock.setString(1, chat.toString());
      boolean _ = lock.execute();
      for (int i = 0; i < parameters.length; i++) {
        if (parameters[i] instanceof UUID uuid) {
          statement.setObject(i + 1, uuid);
        } else {
          statement.setString(i + 1, (String) parameters[i]);
        }
      }
      int _ = statement.executeUpdate();
      connection.commit();
    } finally {
      connection.setAutoCommit(true);
    }
  }
}
