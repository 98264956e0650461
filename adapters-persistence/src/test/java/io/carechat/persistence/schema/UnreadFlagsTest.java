package io.carechat.persistence.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.local.LocalPostgres;
import io.carechat.local.SharedServices;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.TestDatabase;
import io.carechat.persistence.inbox.NotedUnread;
import io.carechat.persistence.inbox.OlderNode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/** The migration that notes in existing chats what each side has read. */
final class UnreadFlagsTest {
  private static final String OWNER = "unread_flags_owner";
  private static final String PASSWORD = "a password";

  /** Chats of four kinds: nobody, one side, the other side, or both have read all. */
  private static final String CHATS =
      """
      insert into carechat.chat
      select 'test-den', 'chat2', ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
        timestamptz '2021-03-01Z' + n * interval '1 s'
      from generate_series(1, 2500) as n;
      insert into carechat.message
      select
        tenant_name, instance_name, patient_id, last_created_at - back, gen_random_uuid(), gen_random_uuid(), side, null,
        'hello', null
      from carechat.chat
        cross join (values ('PATIENT', interval '0 s'), ('CARE_TEAM', interval '1 ms')) as sides (side, back);
      insert into carechat.read_marker
      select tenant_name, instance_name, patient_id, side, last_created_at, gen_random_uuid(), last_created_at
      from carechat.chat
        cross join (values ('PATIENT', 1), ('CARE_TEAM', 2)) as sides (side, bit)
      where extract(second from last_created_at)::integer & bit <> 0;
      """;

  private final LocalPostgres postgres = SharedServices.postgres();

  private Connection superuser() throws SQLException {
    return DriverManager.getConnection(
        postgres.jdbcUrl(OWNER), postgres.superuser(), postgres.password());
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = superuser()) {
      return TestDatabase.number(connection, sql);
    }
  }

  private void migrate() {
    PostgresStorage.migrate(postgres.jdbcUrl(OWNER), OWNER, PASSWORD, "service");
  }

  @Test
  void notesWhatExistingChatsHaveReadWhileOlderNodesWrite() throws Exception {
    // Makes the roles of the service.
    TestDatabase.create();
    TestDatabase.postgres().execute("create role " + OWNER + " login password '" + PASSWORD + "'");
    TestDatabase.postgres().execute("grant carechat_owner to " + OWNER);
    TestDatabase.postgres().execute("create database " + OWNER + " owner " + OWNER);
    TestDatabase.postgres().execute("revoke connect on database " + OWNER + " from public");
    Flyway.configure(Schema.class.getClassLoader())
        .dataSource(postgres.jdbcUrl(OWNER), OWNER, PASSWORD)
        .defaultSchema("carechat")
        .createSchemas(true)
        .locations("classpath:io/carechat/persistence/migrations")
        .target("8")
        .load()
        .migrate();
    try (Connection connection = superuser()) {
      TestDatabase.execute(connection, CHATS);
    }

    var over = new AtomicBoolean();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> written = executor.submit(() -> writeUntil(over));
      try {
        // Several nodes may migrate at once.
        List<Future<?>> migrations =
            List.of(executor.submit(this::migrate), executor.submit(this::migrate));
        for (Future<?> migration : migrations) {
          migration.get();
        }
      } finally {
        over.set(true);
      }
      assertThat(written.get()).isPositive();
    }
    assertThat(number(NotedUnread.HIDDEN)).isZero();
    // Those that nobody wrote to are noted exactly. Half of the pairs of a chat and a side are
    // read.
    assertThat(number(NotedUnread.WRONG + " and patient_id::text not like '%00'")).isZero();
    assertThat(number("select count(read_by_patient_as_of) from carechat.chat"))
        .isBetween(1_200L, 1_300L);
    assertThat(number("select count(*) from pg_policies where policyname = 'filling'")).isZero();

    // It can be repeated, as after a failure in the middle, and then notes what was left out.
    try (Connection connection = superuser()) {
      TestDatabase.execute(
          connection, "delete from carechat.flyway_schema_history where version = '10'");
    }
    migrate();
    assertThat(number(NotedUnread.WRONG)).isZero();
  }

  /** Writes to every hundredth chat as a node of the version before; returns how often. */
  private int writeUntil(AtomicBoolean over) throws SQLException {
    var random = new Random(1);
    int written = 0;
    try (Connection connection = superuser()) {
      while (!over.get() || written == 0) {
        var patient =
            UUID.fromString(
                "00000000-0000-4000-8000-%012d".formatted(100 * (1 + random.nextInt(25))));
        var chat = new ChatId(Samples.THIS_INSTANCE, new PatientId(patient));
        ClientType side = random.nextBoolean() ? ClientType.PATIENT : ClientType.CARE_TEAM;
        if (random.nextBoolean()) {
          OlderNode.send(connection, chat, side);
        } else {
          OlderNode.mark(connection, chat, side);
        }
        written++;
      }
    }
    return written;
  }
}
