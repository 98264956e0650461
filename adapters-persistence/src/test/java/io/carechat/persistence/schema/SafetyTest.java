package io.carechat.persistence.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import io.carechat.local.LocalPostgres;
import io.carechat.local.SharedServices;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.TestDatabase;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The storage does not open where its promises could not be kept, and says why. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SafetyTest {
  private static final AtomicInteger USERS = new AtomicInteger();
  private static final String PASSWORD = "a password";

  private final LocalPostgres postgres = SharedServices.postgres();
  private final TestDatabase database;

  SafetyTest() throws SQLException {
    database = TestDatabase.create();
  }

  @Test
  void opensForAUserWithTheRolesOfTheService() throws SQLException {
    try (PostgresStorage storage = open(user("", "carechat_app, carechat_worker"))) {
      assertThat(storage.isReady()).isTrue();
    }
  }

  @Test
  void refusesASuperuser() {
    refused(
        new PostgresStorage.Settings(
            database.settings().jdbcUrl(),
            postgres.superuser(),
            new Secret(postgres.password()),
            2),
        "is a superuser");
  }

  @Test
  void refusesAUserWhoBypassesRowLevelSecurity() throws SQLException {
    refused(user("bypassrls", "carechat_app, carechat_worker"), "bypasses row-level security");
  }

  @Test
  void refusesAUserWhoCanBecomeSuchAUser() throws SQLException {
    PostgresStorage.Settings bypassing = user("bypassrls", "carechat_app");
    refused(
        user("", "carechat_app, carechat_worker, " + bypassing.user()),
        "can become such a role (" + bypassing.user());
  }

  @Test
  void refusesAUserWhoCanBecomeTheOwner() throws SQLException {
    refused(
        user("", "carechat_app, carechat_worker, carechat_owner"),
        "can become the owner of the table message");
  }

  @Test
  void refusesATableWhoseOwnerEscapesRowLevelSecurity() throws SQLException {
    database.execute("alter table carechat.chat_event no force row level security");
    refused(
        user("", "carechat_app, carechat_worker"), "carechat.chat_event has no row-level security");
    database.execute("alter table carechat.chat_event force row level security");
  }

  @Test
  void refusesATableWithoutRowLevelSecurity() throws SQLException {
    database.execute("alter table carechat.webhook_lane disable row level security");
    refused(
        user("", "carechat_app, carechat_worker"),
        "carechat.webhook_lane has no row-level security");
    database.execute("alter table carechat.webhook_lane enable row level security");
  }

  @Test
  void refusesAUserWithoutTheRoles() throws SQLException {
    refused(user("", "carechat_app"), "not a member of the role carechat_worker");
  }

  @Test
  void refusesADatabaseThatLosesWhatItAcknowledged() throws SQLException {
    PostgresStorage.Settings user = user("", "carechat_app, carechat_worker");
    database.execute("alter role " + user.user() + " set synchronous_commit = off");
    refused(user, "The setting synchronous_commit is off");
  }

  @Test
  void refusesADatabaseWithoutTables() {
    PostgresStorage.Settings settings = database.settings();
    refused(
        new PostgresStorage.Settings(
            postgres.jdbcUrl("postgres"), settings.user(), settings.password(), 2),
        "no tables of carechat");
  }

  @Test
  void tellsAWrongPasswordFromAnAbsentDatabase() {
    PostgresStorage.Settings settings = database.settings();
    assertThatThrownBy(() ->
            open(
                new PostgresStorage.Settings(
                    settings.jdbcUrl(), settings.user(), new Secret("wrong"), 2)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("28P01");
    assertThatThrownBy(() ->
            open(
                new PostgresStorage.Settings(
                    "jdbc:postgresql://127.0.0.1:1/nothing",
                    settings.user(),
                    settings.password(),
                    2)))
        .isInstanceOf(Unavailable.class);
  }

  @Test
  void preparesAgainWhatIsPrepared() {
    PostgresStorage.Settings settings = database.settings();
    PostgresStorage.prepare(
        postgres.jdbcUrl("postgres"), postgres.superuser(), postgres.password(), settings);
    try (PostgresStorage storage = open(settings)) {
      assertThat(storage.isReady()).isTrue();
    }
  }

  @Test
  void migratesAsAUserWhoIsNoSuperuserButMayMakeRolesOrIsInThem() throws SQLException {
    String owner = user("", "carechat_owner").user();
    String name = "owned_" + owner;
    TestDatabase.postgres().execute("create database " + name + " owner " + owner);
    PostgresStorage.Settings user = user("", "carechat_app, carechat_worker");
    PostgresStorage.migrate(postgres.jdbcUrl(name), owner, PASSWORD, user.user());
    try (PostgresStorage storage =
        open(
            new PostgresStorage.Settings(
                postgres.jdbcUrl(name), user.user(), user.password(), 2))) {
      assertThat(storage.isReady()).isTrue();
    }
  }

  /** A new user with attributes and memberships. */
  private PostgresStorage.Settings user(String attributes, String roles) throws SQLException {
    String name = "user_" + USERS.incrementAndGet();
    database.execute(
        "create role " + name + " login " + attributes + " password '" + PASSWORD + "'");
    database.execute("grant " + roles + " to " + name);
    database.grantConnect(name);
    return new PostgresStorage.Settings(
        database.settings().jdbcUrl(), name, new Secret(PASSWORD), 2);
  }

  private static PostgresStorage open(PostgresStorage.Settings settings) {
    return PostgresStorage.open(settings, InstantSource.system(), () -> {});
  }

  private static void refused(PostgresStorage.Settings settings, String why) {
    assertThatThrownBy(() -> open(settings).close())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(why);
  }
}
