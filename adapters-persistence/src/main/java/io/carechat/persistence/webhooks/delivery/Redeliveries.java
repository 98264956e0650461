package io.carechat.persistence.webhooks.delivery;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.delivery.DeliveryStore.Redeliverable;
import io.carechat.domain.webhooks.delivery.DeliveryStore;
import io.carechat.domain.webhooks.delivery.Redelivered;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes deliveries pending again. A lane gives its first pending delivery, so what was made pending
 * is in its right place by itself; but all that is to be redelivered of a chat is made pending in
 * one transaction, or a later delivery could slip in between.
 */
final class Redeliveries {
  /** Which deliveries a redelivery of many concerns, whose parameters are its own columns. */
  private static final String CONCERNED =
      """
      (delivery.state = 'DEAD' or (delivery.state = 'DELIVERED' and ?))
          and delivery.created_at >= ? and delivery.created_at <= ?
          and (delivery.redelivered_at is null or delivery.redelivered_at < ?)
      """;

  private static final String OF_ENDPOINT_IN_STATE =
      """
      from carechat.webhook_delivery delivery
      where delivery.tenant_name = ? and delivery.instance_name = ? and delivery.endpoint_id = ?
        and delivery.state = '%s' and ?
        and delivery.created_at >= ? and delivery.created_at <= ?
      """;

  private static final String ORDER =
      """
      insert into carechat.webhook_redelivery (
        tenant_name, instance_name, redelivery_id, endpoint_id, delivered_too, since, asked_at,
        after_created_at, after_transaction, after_number)
      values (?, ?, gen_random_uuid(), ?, ?, ?, ?, ?, 0, 0)
      """;

  private static final String COUNT =
      "select count(*) from ((select 1 "
          + OF_ENDPOINT_IN_STATE.formatted("DEAD")
          + " limit ?) union all (select 1 "
          + OF_ENDPOINT_IN_STATE.formatted("DELIVERED")
          + " limit ?)) as concerned";

  /** Of two nodes, each takes another; and one whose lots fail keeps no other waiting. */
  private static final String NEXT_ORDER =
      """
      select *
      from carechat.webhook_redelivery
      order by random()
      limit 1
      for update skip locked
      """;

  private static final String NEXT =
      "select patient_id, created_at, log_transaction, log_number from ("
          + nextInState("DEAD")
          + " union all "
          + nextInState("DELIVERED")
          + ") as next order by created_at, log_transaction, log_number limit ?";

  /** The next in the order of the log. */
  private static String nextInState(String state) {
    return "(select delivery.patient_id, delivery.created_at, delivery.log_transaction, delivery.log_number "
        + OF_ENDPOINT_IN_STATE.formatted(state)
        + " and (delivery.created_at, delivery.log_transaction, delivery.log_number) > (?, ?, ?)"
        + " and (delivery.redelivered_at is null or delivery.redelivered_at < ?)"
        + " order by delivery.created_at, delivery.log_transaction, delivery.log_number limit ?)";
  }

  private static final String ADVANCE =
      """
      update carechat.webhook_redelivery
      set after_created_at = ?, after_transaction = ?, after_number = ?
      where tenant_name = ? and instance_name = ? and redelivery_id = ?
      """;

  private static final String END =
      """
      delete from carechat.webhook_redelivery
      where tenant_name = ? and instance_name = ? and redelivery_id = ?
      """;

  /** Keeps enabling and disabling away, so that no lane is left waiting for ever. */
  private static final String LOCK_CURSOR =
      "select from carechat.event_cursor where consumer = 'webhooks' for share";

  private static final String LANES_OF = "unnest(?::uuid[]) as given (patient_id)";

  /** Made or locked, in one order, as everywhere; those who settle or plan wait, or were first. */
  private static final String LOCK_LANES =
      """
      insert into carechat.webhook_lane as lane (tenant_name, instance_name, patient_id, endpoint_id, due_at)
      select ?, ?, given.patient_id, ?, 'infinity'
      from %s
      order by given.patient_id
      on conflict (tenant_name, instance_name, patient_id, endpoint_id) do update
        set due_at = lane.due_at where false
      """
          .formatted(LANES_OF);

  private static final String RENEW =
      """
      update carechat.webhook_delivery delivery
      set state = 'PENDING', attempts_before = attempts, not_before = null, redelivered_at = ?
      from %s
      where delivery.tenant_name = ? and delivery.instance_name = ? and delivery.endpoint_id = ?
        and delivery.patient_id = given.patient_id
      """
          .formatted(LANES_OF);

  private static final String RENEW_CONCERNED = RENEW + " and " + CONCERNED;

  private static final String RENEW_ONE = RENEW + " and delivery.delivery_id = ?";

  /**
   * After deliveries became pending: a lane that nobody has is due when its first delivery is. What
   * had been redelivered and done with before its lane was locked leaves a lane without any.
   */
  private static final String FREE_LANES =
      """
      with first as (
        select given.patient_id, pending.delivery_id, pending.not_before
        from %s
          left join lateral (
            select delivery.delivery_id, delivery.not_before
            from carechat.webhook_delivery delivery
            where delivery.tenant_name = ? and delivery.instance_name = ? and delivery.endpoint_id = ?
              and delivery.patient_id = given.patient_id
              and delivery.state = 'PENDING'
            order by delivery.log_transaction, delivery.log_number
            limit 1
          ) as pending on true
      ),
      ended as (
        delete from carechat.webhook_lane lane
        using first
        where lane.tenant_name = ? and lane.instance_name = ? and lane.endpoint_id = ?
          and lane.patient_id = first.patient_id
          and first.delivery_id is null
      )
      update carechat.webhook_lane lane
      set due_at = coalesce(first.not_before, ?)
      from first
      where lane.tenant_name = ? and lane.instance_name = ? and lane.endpoint_id = ?
        and lane.patient_id = first.patient_id
        and first.delivery_id is not null
        and lane.claim is null
        and not exists (
          select
          from carechat.webhook_endpoint_disabled disabled
          where disabled.tenant_name = lane.tenant_name
            and disabled.instance_name = lane.instance_name
            and disabled.endpoint_id = lane.endpoint_id)
      """
          .formatted(LANES_OF);

  private static final String PATIENT_OF =
      """
      select patient_id
      from carechat.webhook_delivery
      where tenant_name = ? and instance_name = ? and delivery_id = ? and endpoint_id = ?
      """;

  private static final String STANDING =
      """
      select
        delivery.state,
        (
          select first.delivery_id
          from carechat.webhook_delivery first
          where first.tenant_name = delivery.tenant_name
            and first.instance_name = delivery.instance_name
            and first.patient_id = delivery.patient_id
            and first.endpoint_id = delivery.endpoint_id
            and first.state = 'PENDING'
          order by first.log_transaction, first.log_number
          limit 1
        ) as first_id,
        (
          select lane.claim
          from carechat.webhook_lane lane
          where lane.tenant_name = delivery.tenant_name
            and lane.instance_name = delivery.instance_name
            and lane.patient_id = delivery.patient_id
            and lane.endpoint_id = delivery.endpoint_id
        ) as claim
      from carechat.webhook_delivery delivery
      where delivery.tenant_name = ? and delivery.instance_name = ? and delivery.delivery_id = ?
        and delivery.endpoint_id = ?
      """;

  private static final String HURRY =
      """
      update carechat.webhook_delivery
      set not_before = null
      where tenant_name = ? and instance_name = ? and delivery_id = ? and endpoint_id = ? and state = 'PENDING'
      """;

  private final Connections connections;

  Redeliveries(Connections connections) {
    this.connections = connections;
  }

  private record Endpoint(TenantInstance instance, String id) {
    Parameters to(Parameters parameters) throws SQLException {
      return parameters.text(instance.tenantName()).text(instance.instanceName()).text(id);
    }
  }

  private record Standing(String state, @Nullable UUID first, @Nullable UUID claim) {}

  // --- one ---

  Redelivered one(TenantInstance instance, String endpointId, DeliveryId id, Instant now) {
    return connections.inTransaction(connection -> {
      int _ = run(connection, LOCK_CURSOR, parameters -> {});
      var endpoint = new Endpoint(instance, endpointId);
      Optional<UUID> patient = patientOf(connection, endpoint, id);
      if (patient.isEmpty()) {
        return new Redelivered.NoSuchDelivery();
      }
      List<UUID> lane = List.of(patient.get());
      lockLanes(connection, endpoint, lane);
      // Only now that nobody settles it.
      Optional<Standing> standing = standing(connection, endpoint, id);
      if (standing.isEmpty()) {
        freeLanes(connection, endpoint, lane, now);
        return new Redelivered.NoSuchDelivery();
      }
      Standing is = standing.get();
      if (!is.state().equals("PENDING")) {
        renewOne(connection, endpoint, lane, id, now);
      } else if (is.first() != null && !is.first().equals(id.value())) {
        return new Redelivered.WaitsFor(new DeliveryId(is.first()));
      } else if (is.claim() == null) {
        int _ =
            run(
                connection,
                HURRY,
                parameters ->
                    parameters
                        .text(instance.tenantName())
                        .text(instance.instanceName())
                        .uuid(id.value())
                        .text(endpointId));
      }
      freeLanes(connection, endpoint, lane, now);
      return new Redelivered.Due();
    });
  }

  private static Optional<UUID> patientOf(Connection connection, Endpoint endpoint, DeliveryId id)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(PATIENT_OF)) {
      name(new Parameters(statement), endpoint, id);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(Rows.uuid(rows, "patient_id")) : Optional.empty();
      }
    }
  }

  private static Optional<Standing> standing(
      Connection connection, Endpoint endpoint, DeliveryId id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(STANDING)) {
      name(new Parameters(statement), endpoint, id);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next()
            ? Optional.of(
                new Standing(
                    rows.getString("state"),
                    rows.getObject("first_id", UUID.class),
                    rows.getObject("claim", UUID.class)))
            : Optional.empty();
      }
    }
  }

  private static void name(Parameters parameters, Endpoint endpoint, DeliveryId id)
      throws SQLException {
    parameters
        .text(endpoint.instance().tenantName())
        .text(endpoint.instance().instanceName())
        .uuid(id.value())
        .text(endpoint.id());
  }

  private static void renewOne(
      Connection connection, Endpoint endpoint, List<UUID> lane, DeliveryId id, Instant now)
      throws SQLException {
    int _ =
        run(
            connection,
            RENEW_ONE,
            parameters -> {
              parameters
                  .time(now.truncatedTo(ChronoUnit.MILLIS))
                  .column("uuid", lane, each -> each);
              endpoint.to(parameters).uuid(id.value());
            });
  }

  // --- many ---

  int all(
      TenantInstance instance, String endpointId, Redeliverable which, Instant since, Instant now) {
    var endpoint = new Endpoint(instance, endpointId);
    Instant askedAt = now.truncatedTo(ChronoUnit.MILLIS);
    boolean deliveredToo = which == Redeliverable.ALL;
    return connections.inTransaction(connection -> {
      int _ =
          run(
              connection,
              ORDER,
              parameters ->
                  endpoint
                      .to(parameters)
                      .yesOrNo(deliveredToo)
                      .time(since)
                      .time(askedAt)
                      .time(since.minusSeconds(1)));
      try (PreparedStatement statement = connection.prepareStatement(COUNT)) {
        var parameters = new Parameters(statement);
        ofEndpoint(parameters, endpoint, true, since, askedAt).number(DeliveryStore.MOST_COUNTED);
        ofEndpoint(parameters, endpoint, deliveredToo, since, askedAt)
            .number(DeliveryStore.MOST_COUNTED);
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          return Math.min(rows.getInt(1), DeliveryStore.MOST_COUNTED);
        }
      }
    });
  }

  private static Parameters ofEndpoint(
      Parameters parameters, Endpoint endpoint, boolean concerned, Instant since, Instant askedAt)
      throws SQLException {
    return endpoint.to(parameters).yesOrNo(concerned).time(since).time(askedAt);
  }

  private record Order(
      Endpoint endpoint,
      UUID id,
      boolean deliveredToo,
      Instant since,
      Instant askedAt,
      Position after) {}

  private record Position(Instant createdAt, long transaction, long number) {}

  /** Goes on with any order; false if there is none. */
  boolean step(int chats, Instant now) {
    return connections.inTransaction(connection -> {
      Optional<Order> order = nextOrder(connection);
      if (order.isEmpty()) {
        return false;
      }
      redeliver(connection, order.get(), chats, now);
      return true;
    });
  }

  private static Optional<Order> nextOrder(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(NEXT_ORDER);
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        return Optional.empty();
      }
      return Optional.of(
          new Order(
              new Endpoint(
                  new TenantInstance(row.getString("tenant_name"), row.getString("instance_name")),
                  row.getString("endpoint_id")),
              Rows.uuid(row, "redelivery_id"),
              row.getBoolean("delivered_too"),
              Rows.time(row, "since"),
              Rows.time(row, "asked_at"),
              new Position(
                  Rows.time(row, "after_created_at"),
                  row.getLong("after_transaction"),
                  row.getLong("after_number"))));
    }
  }

  private static void redeliver(Connection connection, Order order, int chats, Instant now)
      throws SQLException {
    SequencedSet<UUID> patients = new LinkedHashSet<>();
    Optional<Position> last = next(connection, order, chats, patients);
    TenantInstance instance = order.endpoint().instance();
    if (last.isEmpty()) {
      int _ =
          run(
              connection,
              END,
              parameters ->
                  parameters.text(instance.tenantName()).text(instance.instanceName()).uuid(order.id()));
      return;
    }
    int _ = run(connection, LOCK_CURSOR, parameters -> {});
    List<UUID> lanes = new ArrayList<>(patients);
    lockLanes(connection, order.endpoint(), lanes);
    int _ =
        run(
            connection,
            RENEW_CONCERNED,
            parameters -> {
              parameters.time(order.askedAt()).column("uuid", lanes, each -> each);
              order
                  .endpoint()
                  .to(parameters)
                  .yesOrNo(order.deliveredToo())
                  .time(order.since())
                  .time(order.askedAt())
                  .time(order.askedAt());
            });
    freeLanes(connection, order.endpoint(), lanes, now);
    int _ =
        run(
            connection,
            ADVANCE,
            parameters ->
                parameters
                    .time(last.get().createdAt())
                    .number(last.get().transaction())
                    .number(last.get().number())
                    .text(instance.tenantName())
                    .text(instance.instanceName())
                    .uuid(order.id()));
  }

  /** Finds the chats of the next deliveries, and gives the last of these deliveries. */
  private static Optional<Position> next(
      Connection connection, Order order, int chats, SequencedSet<UUID> patients)
      throws SQLException {
    Position last = null;
    try (PreparedStatement statement = connection.prepareStatement(NEXT)) {
      var parameters = new Parameters(statement);
      nextInState(parameters, order, true, chats);
      nextInState(parameters, order, order.deliveredToo(), chats);
      parameters.number(chats);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          patients.add(Rows.uuid(row, "patient_id"));
          last =
              new Position(
                  Rows.time(row, "created_at"),
                  row.getLong("log_transaction"),
                  row.getLong("log_number"));
        }
      }
    }
    return Optional.ofNullable(last);
  }

  private static void nextInState(Parameters parameters, Order order, boolean concerned, int limit)
      throws SQLException {
    ofEndpoint(parameters, order.endpoint(), concerned, order.since(), order.askedAt())
        .time(order.after().createdAt())
        .number(order.after().transaction())
        .number(order.after().number())
        .time(order.askedAt())
        .number(limit);
  }

  // --- lanes ---

  private static void lockLanes(Connection connection, Endpoint endpoint, List<UUID> patients)
      throws SQLException {
    int _ =
        run(
            connection,
            LOCK_LANES,
            parameters -> endpoint.to(parameters).column("uuid", patients, each -> each));
  }

  private static void freeLanes(
      Connection connection, Endpoint endpoint, List<UUID> patients, Instant now)
      throws SQLException {
    int _ =
        run(
            connection,
            FREE_LANES,
            parameters -> {
              parameters.column("uuid", patients, each -> each);
              endpoint.to(parameters);
              endpoint.to(parameters).time(now);
              endpoint.to(parameters);
            });
  }

  private static int run(Connection connection, String sql, Parameters.Setting parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      parameters.to(new Parameters(statement));
      return statement.execute() ? 0 : statement.getUpdateCount();
    }
  }
}
