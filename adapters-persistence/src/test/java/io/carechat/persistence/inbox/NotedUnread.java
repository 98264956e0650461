package io.carechat.persistence.inbox;

import io.carechat.persistence.TestDatabase;
import java.sql.SQLException;

/** Compares what chats note of being read with their messages and markers. */
public final class NotedUnread {
  private static final String STATES =
      """
      from (
        select
          patient_id,
          read_by_patient_as_of is distinct from last_created_at as patient_noted,
          read_by_care_team_as_of is distinct from last_created_at as care_team_noted,
          exists (
            select from carechat.message
            where (tenant_name, instance_name, patient_id) = (chat.tenant_name, chat.instance_name, chat.patient_id)
              and sender_type = 'CARE_TEAM'
              and created_at > coalesce((
                select message_created_at from carechat.read_marker
                where (tenant_name, instance_name, patient_id) = (chat.tenant_name, chat.instance_name, chat.patient_id)
                  and reader_type = 'PATIENT'), '-infinity')) as patient_unread,
          exists (
            select from carechat.message
            where (tenant_name, instance_name, patient_id) = (chat.tenant_name, chat.instance_name, chat.patient_id)
              and sender_type = 'PATIENT'
              and created_at > coalesce((
                select message_created_at from carechat.read_marker
                where (tenant_name, instance_name, patient_id) = (chat.tenant_name, chat.instance_name, chat.patient_id)
                  and reader_type = 'CARE_TEAM'), '-infinity')) as care_team_unread
        from carechat.chat) as state
      """;

  /** Counts chats that are unread and not noted: no list would show them. */
  public static final String HIDDEN =
      count("patient_unread and not patient_noted or care_team_unread and not care_team_noted");

  /** Counts chats that are noted wrongly in either direction. */
  public static final String WRONG =
      count("patient_unread <> patient_noted or care_team_unread <> care_team_noted");

  private NotedUnread() {}

  private static String count(String condition) {
    return "select count(*) " + STATES + "where (" + condition + ")";
  }

  static long hidden(TestDatabase database) throws SQLException {
    return database.number(HIDDEN);
  }

  static long wrong(TestDatabase database) throws SQLException {
    return database.number(WRONG);
  }
}
