package io.carechat.persistence.schema;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/** Makes the schemas of earlier versions. */
final class Migrations {
  private Migrations() {}

  /** Migrates up to a version. */
  static void upTo(String version, String jdbcUrl, String user, String password) {
    FluentConfiguration flyway =
        Flyway.configure(Schema.class.getClassLoader())
            .dataSource(jdbcUrl, user, password)
            .defaultSchema("carechat")
            .createSchemas(true)
            .locations("classpath:io/carechat/persistence/migrations")
            .target(version);
    // Otherwise V10, which makes indexes without blocking writers, would wait for Flyway for ever.
    flyway
        .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
        .setTransactionalLock(false);
    flyway.load().migrate();
  }
}
