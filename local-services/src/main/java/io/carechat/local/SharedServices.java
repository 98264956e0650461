package io.carechat.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL and one Elasticsearch for all tests of a JVM. Each is started when a test first
 * asks for it. Their folder is below {@code java.io.tmpdir}, and is deleted when the JVM ends.
 * Callers must not close them. Each caller uses its own database or index, because others use the
 * same server. Safe for use by several threads.
 */
public final class SharedServices {
  private static final Deque<AutoCloseable> STARTED = new ArrayDeque<>();

  private static @Nullable Path folder;
  private static @Nullable LocalPostgres postgres;
  private static @Nullable LocalElasticsearch elasticsearch;

  private SharedServices() {}

  /** This JVM's PostgreSQL. At first it contains only what {@code initdb} creates. */
  public static synchronized LocalPostgres postgres() {
    LocalPostgres running = postgres;
    if (running == null) {
      running = LocalPostgres.start(folder().resolve("postgresql"), line -> {});
      STARTED.push(running);
      postgres = running;
    }
    return running;
  }

  /** This JVM's Elasticsearch. At first it has no index. */
  public static synchronized LocalElasticsearch elasticsearch() {
    LocalElasticsearch running = elasticsearch;
    if (running == null) {
      running = LocalElasticsearch.start(folder().resolve("elasticsearch"), line -> {});
      STARTED.push(running);
      elasticsearch = running;
    }
    return running;
  }

  private static synchronized Path folder() {
    Path place = folder;
    if (place == null) {
      try {
        place = Files.createTempDirectory("carechat-services");
        // The server may run as another user, who must be able to reach its own folder in there.
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwx--x--x"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Path made = place;
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(made), "end-shared-services"));
      folder = place;
    }
    return place;
  }

  private static synchronized void end(Path place) {
    try {
      while (!STARTED.isEmpty()) {
        STARTED.pop().close();
      }
      ProcessLogs.keep("shared", place);
      FileTree.delete(place);
    } catch (Exception e) {
      throw new IllegalStateException("the shared services did not stop properly", e);
    }
  }
}
