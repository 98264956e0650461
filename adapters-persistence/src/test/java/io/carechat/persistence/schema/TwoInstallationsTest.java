package io.carechat.persistence.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.local.LocalPostgres;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Installations that share a PostgreSQL server share its roles, but read no messages of others. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TwoInstallationsTest {
  private static final String PASSWORD = "a password";

  private LocalPostgres postgres;

  @BeforeAll
  void startServer(@TempDir Path folder) throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    postgres = LocalPostgres.start(folder.resolve("postgresql"), line -> {});
  }

  @AfterAll
  void stopServer() {
    postgres.close();
  }

  @BeforeEach
  void removeInstallations() throws SQLException {
    execute("drop database if exists one", "drop database if exists two");
  }

  @Test
  void aUserCanNeitherConnectToTheOtherDatabaseNorReadIt() throws SQLException {
    prepare("one");
    prepare("two");

    refused("one", "user_two");
    refused("two", "user_one");
    opens("one");
    opens("two");
  }

  @Test
  void anOlderDatabaseThatIsAloneStaysOpenAndItsServiceStarts() throws SQLException {
    prepareOpen("one");
    migrate("one");

    opens("one");
    try (Connection connection = connect("one", "user_two")) {
      assertThat(connection.isValid(1)).isTrue();
    }
  }

  @Test
  void aNewInstallationIsRefusedWhileAnotherIsOpen() throws SQLException {
    prepareOpen("one");

    assertThatThrownBy(() -> prepare("two"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("revoke connect on database \"one\" from public; grant connect");
    opens("one");
  }

  @Test
  void olderInstallationsThatShareAServerStartOnlyWhenTheyAreClosed() throws SQLException {
    prepare("one");
    prepareOpen("two");
    execute("grant connect on database one to public");

    for (String database : new String[] {"one", "two"}) {
      assertThatThrownBy(() -> opens(database))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("revoke connect on database " + database + " from public")
          .hasMessageContaining("grant connect on database " + database + " to user_" + database);
      migrate(database);
      opens(database);
    }
    refused("one", "user_two");
    refused("two", "user_one");
  }

  private void prepare(String database) {
    PostgresStorage.prepare(
        postgres.jdbcUrl("postgres"), postgres.superuser(), postgres.password(), of(database));
  }

  /** As versions before did it. */
  private void prepareOpen(String database) throws SQLException {
    prepare(database);
    execute(
        "grant connect on database " + database + " to public",
        "revoke connect on database " + database + " from user_" + database);
  }

  private void migrate(String database) {
    PostgresStorage.migrate(
        postgres.jdbcUrl(database), postgres.superuser(), postgres.password(), "user_" + database);
  }

  private PostgresStorage.Settings of(String database) {
    return new PostgresStorage.Settings(
        postgres.jdbcUrl(database), "user_" + database, new Secret(PASSWORD), 2);
  }

  private void opens(String database) {
    try (PostgresStorage storage =
        PostgresStorage.open(of(database), InstantSource.system(), () -> {})) {
      assertThat(
              Samples.stored(storage.messages(), Samples.newChat(), "a word of " + database).text())
          .isNotNull();
    }
  }

  private void refused(String database, String user) {
    assertThatThrownBy(() -> connect(database, user).close())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("permission denied for database");
  }

  private Connection connect(String database, String user) throws SQLException {
    return DriverManager.getConnection(postgres.jdbcUrl(database), user, PASSWORD);
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection =
        DriverManager.getConnection(
            postgres.jdbcUrl("postgres"), postgres.superuser(), postgres.password())) {
      for (String statement : statements) {
        TestDatabase.execute(connection, statement);
      }
    }
  }
}
