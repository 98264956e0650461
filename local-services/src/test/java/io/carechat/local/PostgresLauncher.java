package io.carechat.local;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A program that starts a PostgreSQL, says where, and stays until it is killed or its input ends.
 */
final class PostgresLauncher {
  private PostgresLauncher() {}

  public static void main(String[] arguments) throws IOException {
    try (LocalPostgres postgres = LocalPostgres.start(Path.of(arguments[0]), line -> {})) {
      System.out.println(postgres.port() + " " + postgres.pid());
      while (System.in.read() >= 0) {
        // Only the end matters.
      }
    }
  }
}
