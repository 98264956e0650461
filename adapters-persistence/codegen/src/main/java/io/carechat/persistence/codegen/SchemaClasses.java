package io.carechat.persistence.codegen;

import io.carechat.local.LocalPostgres;
import io.carechat.local.SharedServices;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.jooq.Constants;
import org.jooq.codegen.GenerationTool;
import org.jooq.meta.jaxb.Configuration;
import org.jooq.meta.jaxb.Database;
import org.jooq.meta.jaxb.ForcedType;
import org.jooq.meta.jaxb.Generate;
import org.jooq.meta.jaxb.Generator;
import org.jooq.meta.jaxb.Jdbc;
import org.jooq.meta.jaxb.Logging;
import org.jooq.meta.jaxb.Target;

/**
 * Runs the migrations on an empty PostgreSQL and writes a class for each table. Does nothing if
 * neither they, nor jOOQ, nor this class have changed since it last did.
 */
public final class SchemaClasses {
  private static final String SCHEMA = "carechat";
  private static final String PACKAGE = "io.carechat.persistence.generated";

  /** Kept, because a logger that nobody keeps forgets its level. */
  private static final Logger FLYWAY = Logger.getLogger("org.flywaydb");

  private SchemaClasses() {}

  /**
   * Arguments: the folder of the migrations, and the folder for the classes.
   *
   * @throws Exception if a migration fails, or the server, or jOOQ
   */
  public static void main(String[] args) throws Exception {
    Path migrations = Path.of(args[0]);
    Path classes = Path.of(args[1]);
    Path stamp = classes.resolve("made-from.sha256");
    String hash = hash(migrations);
    if (Files.exists(stamp) && Files.readString(stamp).equals(hash)) {
      return;
    }
    // Gone first: an interrupted run must not pass for a whole one.
    Files.deleteIfExists(stamp);
    generate(SharedServices.postgres(), migrations, classes);
    Files.writeString(stamp, hash);
  }

  private static void generate(LocalPostgres postgres, Path migrations, Path classes)
      throws Exception {
    FLYWAY.setLevel(Level.WARNING);
    String url = postgres.jdbcUrl("postgres");
    FluentConfiguration flyway =
        Flyway.configure()
            .dataSource(url, postgres.superuser(), postgres.password())
            .defaultSchema(SCHEMA)
            .createSchemas(true)
            .locations("filesystem:" + migrations);
    // Otherwise an index that is made without blocking writers waits for Flyway for ever.
    flyway
        .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
        .setTransactionalLock(false);
    flyway.load().migrate();
    GenerationTool.generate(
        new Configuration()
            .withLogging(Logging.WARN)
            .withJdbc(
                new Jdbc()
                    .withUrl(url)
                    .withUser(postgres.superuser())
                    .withPassword(postgres.password()))
            .withGenerator(
                new Generator()
                    .withDatabase(
                        new Database()
                            .withName("org.jooq.meta.postgres.PostgresDatabase")
                            .withInputSchema(SCHEMA)
                            .withExcludes("flyway_schema_history")
                            // The domain has times as instants; jOOQ's own choice has an offset.
                            .withForcedTypes(
                                new ForcedType()
                                    .withName("INSTANT")
                                    .withIncludeTypes(
                                        "(?i:timestamp.*with time zone|timestamptz)")))
                    .withGenerate(
                        new Generate()
                            .withRecords(false)
                            .withKeys(false)
                            .withIndexes(false)
                            .withRelations(false)
                            .withGlobalCatalogReferences(false)
                            .withDeprecated(false)
                            .withNullableAnnotation(false))
                    .withTarget(
                        new Target()
                            .withPackageName(PACKAGE)
                            .withDirectory(classes.toString())
                            .withClean(true))));
  }

  /** Of everything that decides what is generated. */
  private static String hash(Path migrations) throws IOException, NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(Constants.FULL_VERSION.getBytes(StandardCharsets.UTF_8));
    try (InputStream self =
        SchemaClasses.class.getResourceAsStream(SchemaClasses.class.getSimpleName() + ".class")) {
      if (self == null) {
        throw new IllegalStateException("This program cannot read its own class");
      }
      digest.update(self.readAllBytes());
    }
    List<Path> files;
    try (Stream<Path> list = Files.list(migrations)) {
      files = list.sorted().toList();
    }
    for (Path file : files) {
      digest.update((file.getFileName() + "\n").getBytes(StandardCharsets.UTF_8));
      digest.update(Files.readAllBytes(file));
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
