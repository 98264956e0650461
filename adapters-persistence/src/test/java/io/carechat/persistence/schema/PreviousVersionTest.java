package io.carechat.persistence.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.paging.Window;
import io.carechat.local.LocalPostgres;
import io.carechat.local.SharedServices;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * The schema of the version before, with data, becomes the present one while a node of that version
 * goes on writing, and both versions' messages are read in one order.
 */
final class PreviousVersionTest {
  private static final String NAME = "previous_version";
  private static final String PASSWORD = "a password";
  private static final String LAST_OF_PREVIOUS_VERSION = "10";

  /** The statements of the version before, with which it stores a message and its event. */
  private static final String ENTER =
      """
      select pg_advisory_xact_lock_shared(1667330401,
          ((pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 2147483648) % 4294967296 - 2147483648)::integer),
        pg_advisory_xact_lock(hashtextextended('{chat}', 0))
      """;

  private static final String APPEND =
      """
      with chat as (
        insert into carechat.chat (tenant_name, instance_name, patient_id, last_created_at)
        values ('test-den', 'chat2', '{patient}', date_trunc('milliseconds', statement_timestamp()))
        on conflict (tenant_name, instance_name, patient_id) do update
        set last_created_at = greatest(excluded.last_created_at, chat.last_created_at + interval '1 ms')
        returning tenant_name, instance_name, patient_id, last_created_at),
      message as (
        insert into carechat.message
          (tenant_name, instance_name, patient_id, created_at, external_id, sender_id, sender_type, text)
        select tenant_name, instance_name, patient_id, last_created_at, gen_random_uuid(), '{patient}', 'PATIENT', 'hello'
        from chat
        returning tenant_name, instance_name, patient_id, created_at)
      insert into carechat.chat_event
        (tenant_name, instance_name, patient_id, log_transaction, log_number, type, message_created_at)
      select tenant_name, instance_name, patient_id, pg_current_xact_id()::text::bigint,
        nextval('carechat.event_number'), 'MESSAGE_SENT', created_at
      from message
      """;

  private final LocalPostgres postgres = SharedServices.postgres();
  private final ChatId chat = new ChatId(Samples.THIS_INSTANCE, new PatientId(UUID.randomUUID()));

  private Connection superuser() throws SQLException {
    return DriverManager.getConnection(
        postgres.jdbcUrl(NAME), postgres.superuser(), postgres.password());
  }

  private void append(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    TestDatabase.execute(connection, "set local role carechat_worker");
    TestDatabase.execute(connection, ENTER.replace("{chat}", chat.toString()));
    TestDatabase.execute(connection, APPEND.replace("{patient}", chat.patient().toString()));
    connection.commit();
  }

  private int appendUntil(AtomicBoolean over, CountDownLatch begun) throws SQLException {
    int written = 0;
    try (Connection connection = superuser()) {
      while (!over.get()) {
        append(connection);
        written++;
        begun.countDown();
      }
    }
    return written;
  }

  @Test
  void nodesOfThePreviousVersionGoOnWritingOnTheNewSchema() throws Exception {
    // Makes the roles of the service.
    TestDatabase.create();
    TestDatabase.postgres()
        .execute(
            "create role "
                + NAME
                + " login password '"
                + PASSWORD
                + "'; grant carechat_app,"
                + " carechat_worker to "
                + NAME
                + " with inherit false, set true");
    TestDatabase.postgres().execute("create database " + NAME);
    TestDatabase.postgres()
        .execute(
            "revoke connect on database "
                + NAME
                + " from public; grant connect on database "
                + NAME
                + " to "
                + NAME);
    Migrations.upTo(
        LAST_OF_PREVIOUS_VERSION,
        postgres.jdbcUrl(NAME),
        postgres.superuser(),
        postgres.password());
    var over = new AtomicBoolean();
    var begun = new CountDownLatch(20);
    int written;
    List<LoggedEvent> beforeTheEnd;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> writing = threads.submit(() -> appendUntil(over, begun));
      while (begun.getCount() > 0) {
        if (writing.isDone()) {
          // It failed.
          Object _ = writing.get();
        }
        Thread.onSpinWait();
      }

      PostgresStorage.migrate(
          postgres.jdbcUrl(NAME), postgres.superuser(), postgres.password(), NAME);

      try (PostgresStorage storage = open()) {
        // A node of each version write to one chat.
        for (int i = 0; i < 20; i++) {
          Object _ = Samples.stored(storage.messages(), chat, "of this version");
        }
        over.set(true);
        written = writing.get(60, TimeUnit.SECONDS);
        beforeTheEnd = everything(storage, written + 20);
      } finally {
        over.set(true);
      }
    }

    assertThat(beforeTheEnd).hasSize(written + 20);
    assertThat(beforeTheEnd).isSortedAccordingTo((a, b) -> a.position().compareTo(b.position()));
    assertThat(beforeTheEnd).extracting(logged -> logged.event().at()).isSorted();
    assertThat(beforeTheEnd).allMatch(logged -> logged.position().epoch() == 0);
    try (PostgresStorage storage = open()) {
      assertThat(storage.messages().read(chat, new Window.Newest<>(), 10_000).newestFirst())
          .hasSize(written + 20);
    }
  }

  private PostgresStorage open() {
    return PostgresStorage.open(
        new PostgresStorage.Settings(postgres.jdbcUrl(NAME), NAME, new Secret(PASSWORD), 4),
        new ManualClock(Samples.NOON),
        () -> {});
  }

  private static List<LoggedEvent> everything(PostgresStorage storage, int count) {
    List<LoggedEvent> read = new ArrayList<>();
    LogPosition from = LogPosition.START;
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (read.size() < count && System.nanoTime() < end) {
      for (LoggedEvent logged : storage.events().read(from, 500)) {
        read.add(logged);
        from = logged.position();
      }
    }
    return read;
  }
}
