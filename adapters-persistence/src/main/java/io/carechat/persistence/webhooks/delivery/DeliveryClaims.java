package io.carechat.persistence.webhooks.delivery;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.delivery.ClaimLimits;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Rows;
import java.net.URI;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Takes the deliveries that are due. */
final class DeliveryClaims {
  /**
   * How many lanes are looked at at once. If all of them are due, and there is room for few, the
   * others would hide the lanes behind them from every claim: they are put off.
   */
  private static final int HEAD = 512;

  /** How often a claim looks again if it did not get what it may have. */
  private static final int LOOKS = 8;

  /** Those due longest. Whether another is just taking them is seen when they are taken. */
  private static final String LOOK =
      """
      select tenant_name, instance_name, patient_id, endpoint_id
      from carechat.webhook_lane lane
      where due_at <= ?
        and not exists (
          select
          from carechat.webhook_endpoint_disabled disabled
          where disabled.tenant_name = lane.tenant_name
            and disabled.instance_name = lane.instance_name
            and disabled.endpoint_id = lane.endpoint_id)
      order by due_at
      limit ?
      """;

  /**
   * Lanes that another takes at this moment are skipped, not waited for. A claim moves the lane's
   * time past the lease: if it is not settled by then, it is simply due again. The lanes of
   * disabled endpoints normally wait for ever; those that a worker had when its endpoint was
   * disabled may have come back with a time.
   */
  private static final String TAKE =
      """
      with due as (
        select lane.*
        from unnest(?::text[], ?::text[], ?::uuid[], ?::text[])
            as given (tenant_name, instance_name, patient_id, endpoint_id)
          join carechat.webhook_lane lane using (tenant_name, instance_name, patient_id, endpoint_id)
        where lane.due_at <= ?
          and not exists (
            select
            from carechat.webhook_endpoint_disabled disabled
            where disabled.tenant_name = lane.tenant_name
              and disabled.instance_name = lane.instance_name
              and disabled.endpoint_id = lane.endpoint_id)
        for update of lane skip locked
      )
      update carechat.webhook_lane lane
      set due_at = ?, claim = gen_random_uuid()
      from due
      where lane.tenant_name = due.tenant_name
        and lane.instance_name = due.instance_name
        and lane.patient_id = due.patient_id
        and lane.endpoint_id = due.endpoint_id
      returning lane.*, due.due_at as was_due_at
      """;

  /**
   * Of each claimed lane its first pending delivery. It is looked for after the lane was claimed,
   * by a statement with a later snapshot: somebody may have claimed and settled the lane after the
   * one that claims has begun, and its first delivery would be given again.
   */
  private static final String FIRST =
      """
      select CLAIMED
      from unnest(?::text[], ?::text[], ?::uuid[], ?::text[], ?::uuid[], ?::timestamptz[])
          as claimed (tenant_name, instance_name, patient_id, endpoint_id, claim, was_due_at)
        cross join lateral (
          select *
          from carechat.webhook_delivery delivery
          where delivery.tenant_name = claimed.tenant_name
            and delivery.instance_name = claimed.instance_name
            and delivery.patient_id = claimed.patient_id
            and delivery.endpoint_id = claimed.endpoint_id
            and delivery.state = 'PENDING'
          order by log_transaction, log_number
          limit 1
        ) as first
        join carechat.message message
          on message.tenant_name = claimed.tenant_name
          and message.instance_name = claimed.instance_name
          and message.patient_id = claimed.patient_id
          and message.created_at = first.message_created_at
        join carechat.chat_event event
          on event.tenant_name = claimed.tenant_name
          and event.instance_name = claimed.instance_name
          and event.patient_id = claimed.patient_id
          and event.log_transaction = first.log_transaction
          and event.log_number = first.log_number
      order by claimed.was_due_at, first.log_transaction, first.log_number
      """
          .replace("CLAIMED", columns("claimed"));

  /** Spread, so that they do not come back together. */
  private static final String PUT_OFF =
      """
      with late as (
        select lane.tenant_name, lane.instance_name, lane.patient_id, lane.endpoint_id, given.pause
        from unnest(?::text[], ?::text[], ?::uuid[], ?::text[], ?::bigint[])
            as given (tenant_name, instance_name, patient_id, endpoint_id, pause)
          join carechat.webhook_lane lane using (tenant_name, instance_name, patient_id, endpoint_id)
        where lane.due_at <= ?
        for update of lane skip locked
      )
      update carechat.webhook_lane lane
      set due_at = ?::timestamptz + late.pause * (1 + random()) * interval '1 millisecond'
      from late
      where lane.tenant_name = late.tenant_name
        and lane.instance_name = late.instance_name
        and lane.patient_id = late.patient_id
        and lane.endpoint_id = late.endpoint_id
      """;

  private record Endpoint(TenantInstance instance, String id) {}

  private record Lane(Endpoint endpoint, UUID patient) {}

  private record Late(Lane lane, Duration pause) {}

  private record Taken(Lane lane, UUID claim, Instant wasDueAt) {}

  private final Connections connections;

  DeliveryClaims(Connections connections) {
    this.connections = connections;
  }

  List<ClaimedDelivery> claim(int limit, Instant now, Duration lease, ClaimLimits room) {
    var rooms = new Rooms(room);
    var claimed = new ArrayList<ClaimedDelivery>();
    boolean more = true;
    for (int look = 0; more && look < LOOKS; look++) {
      List<Lane> head =
          connections.read(
              LOOK, parameters -> parameters.time(now).number(HEAD), DeliveryClaims::lane);
      var taking = new ArrayList<Lane>();
      var late = new ArrayList<Late>();
      for (Lane lane : head) {
        if (!rooms.has(lane.endpoint())) {
          late.add(new Late(lane, rooms.pause(lane.endpoint())));
        } else if (claimed.size() + taking.size() < limit) {
          rooms.take(lane.endpoint());
          taking.add(lane);
        }
      }
      List<ClaimedDelivery> taken = taking.isEmpty() ? List.of() : take(taking, now, lease);
      claimed.addAll(taken);
      boolean full = head.size() == HEAD;
      if (full && !late.isEmpty()) {
        putOff(late, now);
      }
      // What another took from under our hands leaves us with less than there is.
      more = claimed.size() < limit && (full || taken.size() < taking.size());
    }
    return claimed;
  }

  /** What is left of the room. */
  private static final class Rooms {
    private final ClaimLimits room;
    private final Map<Endpoint, ClaimLimits.Special> specials = new HashMap<>();
    private final Map<Endpoint, Integer> taken = new HashMap<>();

    Rooms(ClaimLimits room) {
      this.room = room;
      for (ClaimLimits.Special special : room.specials()) {
        specials.put(new Endpoint(special.instance(), special.endpointId()), special);
      }
    }

    boolean has(Endpoint endpoint) {
      ClaimLimits.Special special = specials.get(endpoint);
      int all = special == null ? room.lanes() : special.lanes();
      return taken.getOrDefault(endpoint, 0) < all;
    }

    void take(Endpoint endpoint) {
      taken.merge(endpoint, 1, Integer::sum);
    }

    Duration pause(Endpoint endpoint) {
      ClaimLimits.Special special = specials.get(endpoint);
      return special == null ? room.pause() : special.pause();
    }
  }

  private static Lane lane(ResultSet row) throws SQLException {
    return new Lane(
        new Endpoint(
            new TenantInstance(row.getString("tenant_name"), row.getString("instance_name")),
            row.getString("endpoint_id")),
        Rows.uuid(row, "patient_id"));
  }

  private List<ClaimedDelivery> take(List<Lane> lanes, Instant now, Duration lease) {
    List<Taken> taken =
        connections.read(
            TAKE,
            parameters -> lanes(parameters, lanes).time(now).time(now.plus(lease)),
            row -> new Taken(lane(row), Rows.uuid(row, "claim"), Rows.time(row, "was_due_at")));
    if (taken.isEmpty()) {
      return List.of();
    }
    return connections.read(
        FIRST,
        parameters ->
            lanes(parameters, taken.stream().map(Taken::lane).toList())
                .column("uuid", taken, Taken::claim)
                .column("timestamptz", taken, Taken::wasDueAt),
        DeliveryClaims::claimed);
  }

  private void putOff(List<Late> late, Instant now) {
    int _ =
        connections.use(connection -> {
          try (PreparedStatement statement = connection.prepareStatement(PUT_OFF)) {
            lanes(new Parameters(statement), late.stream().map(Late::lane).toList())
                .column("bigint", late, lane -> lane.pause().toMillis())
                .time(now)
                .time(now);
            return statement.executeUpdate();
          }
        });
  }

  private static Parameters lanes(Parameters parameters, List<Lane> lanes) throws SQLException {
    return parameters
        .column("text", lanes, lane -> lane.endpoint().instance().tenantName())
        .column("text", lanes, lane -> lane.endpoint().instance().instanceName())
        .column("uuid", lanes, Lane::patient)
        .column("text", lanes, lane -> lane.endpoint().id());
  }

  /**
   * What {@link #claimed} reads, of a claimed lane, its {@code first} delivery, and the {@code
   * message} and {@code event} of that.
   *
   * @param lane by what name the statement has it
   */
  static String columns(String lane) {
    return """
    LANE.claim, LANE.tenant_name, LANE.instance_name, LANE.patient_id, LANE.endpoint_id,
    first.delivery_id, first.patient_url, first.attempts - first.attempts_before as attempts,
    event.type, event.reader_type, event.occurred_at,
    message.created_at, message.external_id, message.sender_id, message.sender_type, message.sender_title,
    message.text
    """
        .replace("LANE", lane);
  }

  static ClaimedDelivery claimed(ResultSet row) throws SQLException {
    return new ClaimedDelivery(
        new DeliveryId(Rows.uuid(row, "delivery_id")),
        row.getString("endpoint_id"),
        Rows.chatEvent(row),
        URI.create(row.getString("patient_url")),
        row.getInt("attempts") + 1,
        Rows.uuid(row, "claim"));
  }
}
