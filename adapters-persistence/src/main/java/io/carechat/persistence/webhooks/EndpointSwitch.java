package io.carechat.persistence.webhooks;

import static io.carechat.persistence.generated.Sequences.EVENT_NUMBER;
import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.EVENT_CURSOR;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_DISABLED;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_FAILING;
import static io.carechat.persistence.webhooks.WebhookKeys.endpoint;
import static org.jooq.impl.DSL.deleteFrom;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.update;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.persistence.events.EventType;
import io.carechat.persistence.events.LogOrder;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jooq.Field;
import org.jooq.Param;
import org.jspecify.annotations.Nullable;

/**
 * Disables and enables endpoints, as a part of a transaction. Disabling, enabling and planning
 * exclude each other by the lock of the planning cursor's row, so that no lane of an enabled
 * endpoint is left waiting.
 *
 * <p>The lanes themselves follow after the commit: see {@link LaneChanges#begin}.
 */
public final class EndpointSwitch {
  /** The consumer of the event log whose cursor planning moves. */
  public static final Field<String> PLANNING = inline("webhooks");

  private static final Param<Instant> AT = Parameters.time("at");
  private static final Param<String> REASON = Parameters.text("reason");

  private static final SqlStatement LOCK_CURSOR =
      SqlStatement.of(
          selectOne().from(EVENT_CURSOR).where(EVENT_CURSOR.CONSUMER.eq(PLANNING)).forUpdate());

  private static final SqlStatement DISABLE =
      SqlStatement.of(
          insertInto(WEBHOOK_ENDPOINT_DISABLED)
              .set(WEBHOOK_ENDPOINT_DISABLED.TENANT_NAME, Parameters.TENANT)
              .set(WEBHOOK_ENDPOINT_DISABLED.INSTANCE_NAME, Parameters.INSTANCE)
              .set(WEBHOOK_ENDPOINT_DISABLED.ENDPOINT_ID, WebhookKeys.ENDPOINT)
              .set(WEBHOOK_ENDPOINT_DISABLED.DISABLED_AT, AT)
              .set(WEBHOOK_ENDPOINT_DISABLED.REASON, REASON)
              .onConflictDoNothing());

  /** In no chat: the patient is all zeros. */
  private static final SqlStatement LOG_DISABLED =
      SqlStatement.of(
          insertInto(CHAT_EVENT)
              .set(CHAT_EVENT.TENANT_NAME, Parameters.TENANT)
              .set(CHAT_EVENT.INSTANCE_NAME, Parameters.INSTANCE)
              .set(CHAT_EVENT.PATIENT_ID, inline(new UUID(0, 0)))
              .set(CHAT_EVENT.LOG_TRANSACTION, LogOrder.OWN_ID)
              .set(CHAT_EVENT.LOG_NUMBER, EVENT_NUMBER.nextval())
              .set(CHAT_EVENT.TYPE, EventType.ENDPOINT_DISABLED.value())
              .set(CHAT_EVENT.OCCURRED_AT, AT)
              .set(CHAT_EVENT.ENDPOINT_ID, WebhookKeys.ENDPOINT)
              .set(CHAT_EVENT.REASON, REASON));

  /** Of an endpoint of the configuration there is no row, and it has no version. */
  private static final SqlStatement RAISE_VERSION =
      SqlStatement.of(
          update(WEBHOOK_ENDPOINT)
              .set(WEBHOOK_ENDPOINT.VERSION, WEBHOOK_ENDPOINT.VERSION.plus(inline(1L)))
              .set(WEBHOOK_ENDPOINT.UPDATED_AT, AT)
              .where(endpoint(WEBHOOK_ENDPOINT).eq(endpoint())));

  private static final SqlStatement ENABLE =
      SqlStatement.of(
          deleteFrom(WEBHOOK_ENDPOINT_DISABLED)
              .where(endpoint(WEBHOOK_ENDPOINT_DISABLED).eq(endpoint())));

  private static final SqlStatement FORGET_FAILURES =
      SqlStatement.of(
          deleteFrom(WEBHOOK_ENDPOINT_FAILING)
              .where(endpoint(WEBHOOK_ENDPOINT_FAILING).eq(endpoint())));

  private EndpointSwitch() {}

  /**
   * To be called first in a transaction that disables or enables. Enters the log, before locking a
   * row gives the transaction its id, because something may be logged. Then locks the cursor, as
   * planning does. What follows must call {@link #disable} or {@link #enable} before it locks
   * lanes, as {@link LaneChanges} does.
   */
  public static void lock(Connection connection) throws SQLException {
    LogOrder.enter(connection);
    LOCK_CURSOR.bind().lock(connection);
  }

  /**
   * Raises the version of an endpoint that was enabled or disabled by somebody else than its
   * partner, whose own change has raised it already.
   */
  public static void raiseVersion(
      Connection connection, TenantInstance instance, EndpointId endpoint, Instant now)
      throws SQLException {
    int _ = PostgresWebhookRegistry.NEXT_REVISION.bind().execute(connection);
    int _ =
        WebhookKeys.bind(RAISE_VERSION.bind(), instance, endpoint)
            .set(AT, now.truncatedTo(ChronoUnit.MILLIS))
            .execute(connection);
  }

  /**
   * Disables an endpoint. If the service does so, the endpoint gets a new version.
   *
   * @param reason to be logged; null if a partner wanted it
   * @return false if it was disabled before
   */
  public static boolean disable(
      Connection connection,
      TenantInstance instance,
      EndpointId endpoint,
      InstanceEvent.@Nullable Reason reason,
      Instant now)
      throws SQLException {
    boolean isNew =
        WebhookKeys.bind(DISABLE.bind(), instance, endpoint)
                .set(AT, now)
                .set(REASON, reason == null ? null : reason.name())
                .execute(connection)
            == 1;
    if (isNew && reason != null) {
      int _ =
          WebhookKeys.bind(LOG_DISABLED.bind(), instance, endpoint)
              .set(AT, now.truncatedTo(ChronoUnit.MILLIS))
              .set(REASON, reason.name())
              .execute(connection);
      raiseVersion(connection, instance, endpoint, now);
    }
    LaneChanges.request(connection, instance, endpoint, true);
    return isNew;
  }

  /**
   * Enables an endpoint, and forgets its failures.
   *
   * @return whether it was disabled
   */
  public static boolean enable(Connection connection, TenantInstance instance, EndpointId endpoint)
      throws SQLException {
    boolean wasDisabled =
        WebhookKeys.bind(ENABLE.bind(), instance, endpoint).execute(connection) == 1;
    if (wasDisabled) {
      int _ = WebhookKeys.bind(FORGET_FAILURES.bind(), instance, endpoint).execute(connection);
    }
    LaneChanges.request(connection, instance, endpoint, false);
    return wasDisabled;
  }
}
