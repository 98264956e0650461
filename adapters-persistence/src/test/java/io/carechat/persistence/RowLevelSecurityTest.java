package io.carechat.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.EventLogContract;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookRegistry;
import io.carechat.domain.webhooks.WebhookRegistryContract;
import io.carechat.domain.webhooks.delivery.ClaimLimits;
import io.carechat.domain.webhooks.delivery.DeliveryOutcome;
import io.carechat.domain.webhooks.delivery.NewDelivery;
import java.net.URI;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** PostgreSQL itself keeps tenants and instances apart, whatever is asked of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RowLevelSecurityTest {
  /** Every table that has a tenant and can be read on a request's behalf. */
  private static final List<String> TABLES =
      List.of(
          "chat",
          "message",
          "chat_event",
          "read_marker",
          "webhook_delivery",
          "webhook_attempt",
          "webhook_endpoint_disabled",
          "webhook_endpoint",
          "webhook_endpoint_failing");

  private static final List<TenantInstance> INSTANCES =
      List.of(Samples.THIS_INSTANCE, Samples.OTHER_INSTANCE, Samples.OTHER_TENANT);

  private static final ClaimLimits NO_LIMITS =
      new ClaimLimits(Integer.MAX_VALUE, Duration.ZERO, List.of());

  private final TestDatabase database;

  RowLevelSecurityTest() throws SQLException {
    database = TestDatabase.create();
  }

  /** One row in every table for every instance. */
  @BeforeAll
  void fill() throws SQLException {
    try (PostgresStorage storage =
        PostgresStorage.open(database.settings(), new ManualClock(Samples.NOON), () -> {})) {
      WebhookRegistry registry =
          storage.webhookRegistry(
              Optional.of(new Secret("k1:" + WebhookRegistryContract.newKey().value())),
              new SecureRandom());
      for (TenantInstance instance : INSTANCES) {
        assertThat(
                registry.add(
                    WebhookRegistryContract.endpoint(
                        instance, new EndpointId("made"), Samples.NOON),
                    true,
                    100))
            .isTrue();
        ChatId chat = Samples.chatIn(instance);
        Message message = Samples.stored(storage.messages(), chat, "of " + instance);
        LogPosition from = storage.deliveryPlans().plannedUpTo();
        LogPosition position = EventLogContract.positionOf(storage.events(), message);
        storage
            .deliveryPlans()
            .plan(
                from,
                position,
                List.of(
                    new NewDelivery(
                        new DeliveryId(UUID.randomUUID()),
                        new EndpointId("endpoint"),
                        position,
                        new ChatEvent.MessageSent(message),
                        URI.create("https://chat.example/"))),
                Samples.NOON);
        settle(
            storage,
            new WebhookAnswer.Answered(503, null, "", Duration.ZERO),
            new DeliveryOutcome.RetryAt(Samples.NOON));
        settle(
            storage,
            new WebhookAnswer.Answered(410, null, "", Duration.ZERO),
            new DeliveryOutcome.EndpointGone());
      }
    }
    // Without the event that moving a marker would log beside it.
    database.execute(
        "insert into carechat.read_marker select tenant_name, instance_name, patient_id, 'PATIENT',"
            + " created_at, external_id, created_at from carechat.message");
  }

  private static void settle(
      PostgresStorage storage, WebhookAnswer answer, DeliveryOutcome outcome) {
    storage
        .deliveryQueue()
        .settle(
            storage
                .deliveryQueue()
                .claim(1, Samples.NOON, Duration.ofSeconds(60), NO_LIMITS)
                .getFirst(),
            answer,
            outcome,
            Samples.NOON);
  }

  /** A message, and that the endpoint was disabled; a failure, and that the endpoint is gone. */
  private static int rowsOfEach(String table) {
    return List.of("chat_event", "webhook_attempt").contains(table) ? 2 : 1;
  }

  @AfterAll
  void everyTableWasFilled() throws SQLException {
    for (String table : TABLES) {
      assertThat(database.number("select count(*) from carechat." + table))
          .isEqualTo(3L * rowsOfEach(table));
    }
  }

  @Test
  void showsNothingWithoutSettings() throws SQLException {
    try (Connection app = database.as("carechat_app")) {
      for (String table : TABLES) {
        assertThat(TestDatabase.number(app, "select count(*) from carechat." + table)).isZero();
      }
    }
  }

  @Test
  void showsTheRowsOfTheOneTenantAndInstanceThatIsSet() throws SQLException {
    for (TenantInstance instance : INSTANCES) {
      try (Connection app = as(instance)) {
        for (String table : TABLES) {
          assertThat(TestDatabase.number(app, "select count(*) from carechat." + table))
              .isEqualTo(rowsOfEach(table));
          assertThat(
                  TestDatabase.number(
                      app,
                      "select count(*) from carechat."
                          + table
                          + " where (tenant_name, instance_name) = ('"
                          + instance.tenantName()
                          + "', '"
                          + instance.instanceName()
                          + "')"))
              .isEqualTo(rowsOfEach(table));
        }
      }
    }
  }

  @Test
  void showsNothingWhereOnlyOneOfTheTwoIsSet() throws SQLException {
    try (Connection app = database.as("carechat_app")) {
      TestDatabase.execute(app, "set carechat.tenant = 'test-den'");
      assertThat(TestDatabase.number(app, "select count(*) from carechat.message")).isZero();
    }
  }

  @Test
  void letsRequestsChangeNothing() throws SQLException {
    try (Connection app = as(Samples.THIS_INSTANCE)) {
      for (String table : TABLES) {
        refused(app, "delete from carechat." + table);
        refused(app, "update carechat." + table + " set tenant_name = tenant_name");
        refused(app, "insert into carechat." + table + " select * from carechat." + table);
        refused(app, "truncate carechat." + table);
      }
      refused(app, "select * from carechat.webhook_lane");
      refused(app, "select * from carechat.event_cursor");
      refused(app, "select * from carechat.webhook_endpoint_revision");
      refused(app, "select nextval('carechat.event_number')");
      refused(app, "create table carechat.mine ()");
    }
  }

  @Test
  void letsNobodyChangeOrRemoveAMessage() throws SQLException {
    try (Connection worker = database.as("carechat_worker")) {
      for (String table : List.of("message", "chat_event", "webhook_attempt")) {
        if (!table.equals("webhook_attempt")) {
          refused(worker, "delete from carechat." + table);
        }
        refused(worker, "update carechat." + table + " set tenant_name = tenant_name");
        refused(worker, "truncate carechat." + table);
      }
    }
  }

  @Test
  void bindsEvenTheOwner() throws SQLException {
    try (Connection owner = database.superuser()) {
      TestDatabase.execute(owner, "set role carechat_owner");
      assertThat(TestDatabase.number(owner, "select count(*) from carechat.message")).isZero();
    }
  }

  @Test
  void isGoneWithTheRoundTripThatSetIt() throws SQLException {
    try (Connection app = database.as("carechat_app")) {
      TestDatabase.execute(
          app,
          "select set_config('carechat.tenant', 'test-den', true),"
              + " set_config('carechat.instance', 'chat2', true)");
      assertThat(TestDatabase.number(app, "select count(*) from carechat.message")).isZero();
    }
  }

  private Connection as(TenantInstance instance) throws SQLException {
    Connection app = database.as("carechat_app");
    TestDatabase.execute(app, "set carechat.tenant = '" + instance.tenantName() + "'");
    TestDatabase.execute(app, "set carechat.instance = '" + instance.instanceName() + "'");
    return app;
  }

  private static void refused(Connection connection, String sql) {
    assertThatThrownBy(() -> TestDatabase.execute(connection, sql))
        .as(sql)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
  }
}
