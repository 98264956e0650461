package io.carechat.persistence.webhooks.delivery;

import static io.carechat.persistence.generated.Tables.WEBHOOK_DELIVERY;
import static io.carechat.persistence.jdbc.Sql.column;
import static io.carechat.persistence.webhooks.WebhookKeys.endpoint;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.row;

import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.persistence.jdbc.Parameters;
import java.time.Instant;
import java.util.List;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Record;
import org.jooq.Select;
import org.jooq.SortField;
import org.jooq.SortOrder;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * A query of a page of an endpoint's deliveries.
 *
 * @param ofPatient only those of {@link Parameters#PATIENT}
 * @param state null for all
 * @param ascending those after the cursor, or else those before it
 */
record DeliveryPageQuery(boolean ofPatient, @Nullable DeliveryState state, boolean ascending) {
  static final Param<Instant> FROM = Parameters.time("from");
  static final Param<Instant> TO = Parameters.time("to");

  /** Not for a query of one patient, whose order is that of the log alone. */
  static final Param<Instant> CURSOR_TIME = Parameters.time("cursor_time");

  static final Param<Long> CURSOR_TRANSACTION = Parameters.bigint("cursor_transaction");
  static final Param<Long> CURSOR_NUMBER = Parameters.bigint("cursor_number");

  private static final List<Field<?>> KEY =
      List.of(
          WEBHOOK_DELIVERY.CREATED_AT,
          WEBHOOK_DELIVERY.LOG_TRANSACTION,
          WEBHOOK_DELIVERY.LOG_NUMBER);

  private static final List<Field<?>> KEY_OF_PATIENT =
      List.of(WEBHOOK_DELIVERY.LOG_TRANSACTION, WEBHOOK_DELIVERY.LOG_NUMBER);

  /**
   * Of one patient, it walks along the primary key, in the order of the log. Otherwise it walks
   * along the index of each state: it takes the first deliveries of each, and of those the first.
   */
  Select<Record> select() {
    Select<Record> arms = null;
    for (Select<Record> arm : arms()) {
      arms = arms == null ? arm : arms.unionAll(arm);
    }
    if (arms == null) {
      throw new IllegalStateException("There is no state");
    }
    Table<Record> all = arms.asTable("arm");
    return DSL.select(all.asterisk())
        .from(all)
        .orderBy(KEY.stream().map(field -> sorted(column(all, field))).toList())
        .limit(Parameters.LIMIT);
  }

  private List<Select<Record>> arms() {
    if (ofPatient) {
      Condition ofState = state == null ? noCondition() : isIn(state);
      return List.of(
          arm(
              WEBHOOK_DELIVERY
                  .PATIENT_ID
                  .eq(Parameters.PATIENT)
                  .and(ofState)
                  .and(beyondOfPatient()),
              KEY_OF_PATIENT));
    }
    List<DeliveryState> states = state == null ? List.of(DeliveryState.values()) : List.of(state);
    return states.stream().map(each -> arm(isIn(each).and(beyond()), KEY)).toList();
  }

  private Select<Record> arm(Condition which, List<Field<?>> key) {
    return DSL.select(List.of(WEBHOOK_DELIVERY.fields()))
        .from(WEBHOOK_DELIVERY)
        .where(endpoint(WEBHOOK_DELIVERY).eq(endpoint()))
        .and(WEBHOOK_DELIVERY.CREATED_AT.ge(FROM))
        .and(WEBHOOK_DELIVERY.CREATED_AT.lt(TO))
        .and(which)
        .orderBy(key.stream().map(this::sorted).toList())
        .limit(Parameters.LIMIT);
  }

  private static Condition isIn(DeliveryState state) {
    return WEBHOOK_DELIVERY.STATE.eq(inline(state.name()));
  }

  private Condition beyond() {
    var key =
        row(
            WEBHOOK_DELIVERY.CREATED_AT,
            WEBHOOK_DELIVERY.LOG_TRANSACTION,
            WEBHOOK_DELIVERY.LOG_NUMBER);
    var cursor = row(CURSOR_TIME, CURSOR_TRANSACTION, CURSOR_NUMBER);
    return ascending ? key.gt(cursor) : key.lt(cursor);
  }

  private Condition beyondOfPatient() {
    var key = row(WEBHOOK_DELIVERY.LOG_TRANSACTION, WEBHOOK_DELIVERY.LOG_NUMBER);
    var cursor = row(CURSOR_TRANSACTION, CURSOR_NUMBER);
    return ascending ? key.gt(cursor) : key.lt(cursor);
  }

  private SortField<?> sorted(Field<?> field) {
    return field.sort(ascending ? SortOrder.ASC : SortOrder.DESC);
  }
}
