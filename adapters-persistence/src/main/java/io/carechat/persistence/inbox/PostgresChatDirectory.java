package io.carechat.persistence.inbox;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.inbox.ChatDetails;
import io.carechat.domain.inbox.ChatDirectory;
import io.carechat.domain.inbox.ChatKey;
import io.carechat.domain.inbox.ChatSlice;
import io.carechat.domain.inbox.ChatSummary;
import io.carechat.domain.inbox.ChatWindow;
import io.carechat.domain.inbox.ReadMarker;
import io.carechat.domain.inbox.Unread;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Rows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads how chats stand, in one round trip and as of one moment: the chats along their order, and
 * for each its newest message, its markers, and counts that end where the domain says.
 */
final class PostgresChatDirectory implements ChatDirectory {
  private static final String OLDER = along("<", "desc");
  private static final String NOT_NEWER = along("<=", "desc");
  private static final String NEWER = along(">", "asc");

  private static final String ONE =
      """
      select
        chat.tenant_name, chat.instance_name, chat.patient_id, chat.last_created_at,
        length.message_count
      from carechat.chat as chat
        cross join lateral (
          select count(*) as message_count
          from (
            select
            from carechat.message as message
            where message.tenant_name = chat.tenant_name
              and message.instance_name = chat.instance_name
              and message.patient_id = chat.patient_id
            limit %d
          ) as counted
        ) as length
      where chat.tenant_name = ? and chat.instance_name = ? and chat.patient_id = ?
      """
          .formatted(ChatDetails.MOST_COUNTED);

  private static final String LIST_OLDER = summaries(OLDER);

  /** And the one at or before the border, if there is one. */
  private static final String LIST_NEWER =
      summaries("(" + NEWER + ") union all (" + NOT_NEWER + ")");

  private static final String FIND = summaries(ONE);

  private final Connections connections;

  PostgresChatDirectory(Connections connections) {
    this.connections = connections;
  }

  private static String along(String compared, String direction) {
    return """
    select
      tenant_name, instance_name, patient_id, last_created_at, null::bigint as message_count
    from carechat.chat
    where tenant_name = ? and instance_name = ? and (last_created_at, patient_id) %1$s (?, ?)
    order by last_created_at %2$s, patient_id %2$s
    limit ?
    """
        .formatted(compared, direction);
  }

  private static String summaries(String chats) {
    return """
    select
      chat.tenant_name, chat.instance_name, chat.patient_id, chat.message_count,
      message.created_at, message.external_id, message.sender_id, message.sender_type,
      message.sender_title, message.text,
      by_patient.message_created_at as by_patient_created_at,
      by_patient.message_external_id as by_patient_external_id,
      by_patient.read_at as by_patient_read_at,
      by_care_team.message_created_at as by_care_team_created_at,
      by_care_team.message_external_id as by_care_team_external_id,
      by_care_team.read_at as by_care_team_read_at,
      unread_by_patient.count as unread_by_patient,
      unread_by_care_team.count as unread_by_care_team
    from (%s) as chat
      join carechat.message as message
        on message.tenant_name = chat.tenant_name and message.instance_name = chat.instance_name
          and message.patient_id = chat.patient_id and message.created_at = chat.last_created_at
      %s
      %s
      %s
      %s
    """
        .formatted(
            chats,
            marker("by_patient", ClientType.PATIENT),
            marker("by_care_team", ClientType.CARE_TEAM),
            unread("by_patient", ClientType.CARE_TEAM),
            unread("by_care_team", ClientType.PATIENT));
  }

  private static String marker(String name, ClientType reader) {
    return """
    left join carechat.read_marker as %1$s
        on %1$s.tenant_name = chat.tenant_name and %1$s.instance_name = chat.instance_name
          and %1$s.patient_id = chat.patient_id and %1$s.reader_type = '%2$s'\
    """
        .formatted(name, reader);
  }

  /**
   * As many entries of an index as are counted, and no more. With {@code coalesce}, which
   * PostgreSQL does not trust to keep the rows secret that row-level security hides, the whole chat
   * would be read from its beginning and filtered.
   */
  private static String unread(String marker, ClientType writer) {
    return """
    cross join lateral (
        select count(*)
        from (
          select
          from carechat.message as other
          where other.tenant_name = chat.tenant_name and other.instance_name = chat.instance_name
            and other.patient_id = chat.patient_id and other.sender_type = '%2$s'
            and other.created_at >
              case when %1$s.message_created_at is null then '-infinity' else %1$s.message_created_at end
          limit %3$d
        ) as counted
      ) as unread_%1$s\
    """
        .formatted(marker, writer, Unread.MOST);
  }

  @Override
  public ChatSlice list(TenantInstance instance, ChatWindow window, int limit) {
    return switch (window) {
      case ChatWindow.Newest() -> older(instance, null, limit);
      case ChatWindow.Before(ChatKey border) -> older(instance, border, limit);
      case ChatWindow.After(ChatKey border) -> newer(instance, border, limit);
    };
  }

  private ChatSlice older(TenantInstance instance, @Nullable ChatKey border, int limit) {
    List<ChatSummary> found =
        connections.read(
            instance,
            LIST_OLDER,
            parameters -> {
              border(parameters, instance, border);
              // One more tells whether there are more.
              parameters.number(Math.addExact(limit, 1));
            },
            PostgresChatDirectory::summary);
    List<ChatSummary> newestFirst = newestFirst(found);
    boolean more = newestFirst.size() > limit;
    return new ChatSlice(more ? newestFirst.subList(0, limit) : newestFirst, more);
  }

  private ChatSlice newer(TenantInstance instance, ChatKey border, int limit) {
    List<ChatSummary> found =
        connections.read(
            instance,
            LIST_NEWER,
            parameters -> {
              border(parameters, instance, border);
              parameters.number(limit);
              border(parameters, instance, border);
              parameters.number(1);
            },
            PostgresChatDirectory::summary);
    List<ChatSummary> newestFirst =
        newestFirst(found).stream().filter(chat -> chat.instance().compareTo(border) > 0).toList();
    return new ChatSlice(newestFirst, newestFirst.size() < found.size());
  }

  /** The joins need not keep the order of the chats. */
  private static List<ChatSummary> newestFirst(List<ChatSummary> found) {
    return found.stream().sorted(Comparator.comparing(ChatSummary::instance).reversed()).toList();
  }

  /**
   * @param border null for the end of time
   */
  private static void border(
      Parameters parameters, TenantInstance instance, @Nullable ChatKey border) throws SQLException {
    parameters.text(instance.tenantName()).text(instance.instanceName());
    if (border == null) {
      parameters.endOfTime().uuid(new UUID(-1, -1));
    } else {
      parameters.time(border.lastCreatedAt()).uuid(border.patient().value());
    }
  }

  @Override
  public Optional<ChatDetails> find(ChatId chat) {
    return connections
        .read(
            chat.instance(),
            FIND,
            parameters -> parameters.chat(chat),
            row -> new ChatDetails(summary(row), row.getInt("message_count")))
        .stream()
        .findFirst();
  }

  private static ChatSummary summary(ResultSet row) throws SQLException {
    var markers = new ArrayList<ReadMarker>();
    for (ClientType side : ClientType.values()) {
      String prefix = side == ClientType.PATIENT ? "by_patient" : "by_care_team";
      if (row.getObject(prefix + "_read_at") != null) {
        markers.add(Rows.readMarker(side, prefix + "_", row));
      }
    }
    return new ChatSummary(
        Rows.message(Rows.chat(row), row),
        new Unread(row.getInt("unread_by_patient"), row.getInt("unread_by_care_team")),
        markers);
  }
}
