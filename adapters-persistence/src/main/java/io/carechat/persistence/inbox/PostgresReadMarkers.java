package io.carechat.persistence.inbox;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.inbox.ReadMarker;
import io.carechat.domain.inbox.ReadMarkers;
import io.carechat.persistence.events.LogOrder;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.GroupCommit;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Moves read markers, and the thread that does: many in one transaction and one round trip. */
final class PostgresReadMarkers implements ReadMarkers, AutoCloseable {
  private static final int MOST_AT_ONCE = 64;
  private static final int MOST_WAITING = 1_024;

  /** A request is answered within two seconds, whatever happens to PostgreSQL. */
  private static final Duration PATIENCE = Duration.ofMillis(1_700);

  /**
   * Two statements, sent with one Sync message, which makes them one transaction.
   *
   * <p>The first takes the locks that storing messages of the chats takes, in the same order and
   * for the same reasons: a chat's transactions get their ids in the order in which they commit,
   * which is the order of the event log; and the second sees what those before it have written. Of
   * the marks of one side of a chat only the furthest counts, and it is written only where it moves
   * the marker.
   */
  private static final String SQL =
      """
      select (select ENTER), count(pg_advisory_xact_lock(chats.key))
      from (
        select distinct hashtextextended(chat, 0) as key from unnest(?::text[]) as chat order by key
      ) as chats;

      with given as (
        select *
        from unnest(?::text[], ?::text[], ?::uuid[], ?::text[], ?::uuid[]) with ordinality as given (
          tenant_name, instance_name, patient_id, reader_type, external_id, ordinal)
      ),
      target as materialized (
        select given.*, message.created_at
        from given
          join carechat.message as message using (tenant_name, instance_name, patient_id, external_id)
      ),
      furthest as materialized (
        select distinct on (tenant_name, instance_name, patient_id, reader_type) *
        from target
        order by tenant_name, instance_name, patient_id, reader_type, created_at desc
      ),
      standing as materialized (
        select marker.*
        from furthest
          join carechat.read_marker as marker using (tenant_name, instance_name, patient_id, reader_type)
      ),
      moved as (
        insert into carechat.read_marker (
          tenant_name, instance_name, patient_id, reader_type, message_created_at,
          message_external_id, read_at)
        select
          tenant_name, instance_name, patient_id, reader_type, created_at, external_id,
          greatest(?::timestamptz(3), created_at)
        from furthest
          left join standing using (tenant_name, instance_name, patient_id, reader_type)
        where standing.message_created_at is null or standing.message_created_at < furthest.created_at
        on conflict (tenant_name, instance_name, patient_id, reader_type) do update
          set message_created_at = excluded.message_created_at,
            message_external_id = excluded.message_external_id,
            read_at = excluded.read_at
        returning *
      ),
      events as (
        insert into carechat.chat_event (
          tenant_name, instance_name, patient_id, log_transaction, log_number, type,
          message_created_at, occurred_at, reader_type)
        select
          tenant_name, instance_name, patient_id, pg_current_xact_id()::text::bigint,
          nextval('carechat.event_number'), 'CHAT_READ', message_created_at, read_at, reader_type
        from moved
      )
      select
        target.ordinal, moved.read_at is not null as has_moved,
        coalesce(moved.message_created_at, standing.message_created_at) as created_at,
        coalesce(moved.message_external_id, standing.message_external_id) as external_id,
        coalesce(moved.read_at, standing.read_at) as read_at
      from target
        left join moved using (tenant_name, instance_name, patient_id, reader_type)
        left join standing using (tenant_name, instance_name, patient_id, reader_type)
      """
          .replace("ENTER", LogOrder.ENTER);

  private record Mark(ChatId chat, ClientType side, ExternalId upTo) {}

  private final Connections storing;
  private final InstantSource clock;
  private final Runnable onLogged;
  private final GroupCommit<Mark, Optional<ReadMarker>> marking;

  /**
   * @param onLogged run after events were logged
   */
  PostgresReadMarkers(Connections storing, InstantSource clock, Runnable onLogged) {
    this.storing = storing;
    this.clock = clock;
    this.onLogged = onLogged;
    this.marking = new GroupCommit<>("mark", MOST_AT_ONCE, MOST_WAITING, PATIENCE, this::advance);
  }

  @Override
  public Optional<ReadMarker> advance(ChatId chat, ClientType side, ExternalId upTo) {
    return marking.write(new Mark(chat, side, upTo));
  }

  private List<Optional<ReadMarker>> advance(List<Mark> marks) throws SQLException {
    return storing.call(connection -> advance(connection, marks));
  }

  private List<Optional<ReadMarker>> advance(Connection connection, List<Mark> marks)
      throws SQLException {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    var markers = new ArrayList<>(Collections.nCopies(marks.size(), Optional.<ReadMarker>empty()));
    boolean anyMoved = false;
    try (PreparedStatement statement = connection.prepareStatement(SQL)) {
      new Parameters(statement)
          .column("text", marks, mark -> mark.chat().toString())
          .column("text", marks, mark -> mark.chat().instance().tenantName())
          .column("text", marks, mark -> mark.chat().instance().instanceName())
          .column("uuid", marks, mark -> mark.chat().patient().value())
          .column("text", marks, mark -> mark.side().name())
          .column("uuid", marks, mark -> mark.upTo().value())
          .time(now);
      try (ResultSet row = Connections.second(statement)) {
        while (row.next()) {
          int instance = row.getInt("ordinal") - 1;
          markers.set(instance, Optional.of(Rows.readMarker(marks.get(instance).side(), "", row)));
          anyMoved |= row.getBoolean("has_moved");
        }
      }
    }
    if (anyMoved) {
      onLogged.run();
    }
    return markers;
  }

  /** Moves what waits, and takes no more. */
  @Override
  public void close() {
    marking.close();
  }
}
