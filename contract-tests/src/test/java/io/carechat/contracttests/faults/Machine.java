package io.carechat.contracttests.faults;

import io.carechat.contracttests.running.TestIssuer;
import io.carechat.local.FreePorts;
import io.carechat.local.LocalElasticsearch;
import io.carechat.local.ProcessLogs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The PostgreSQL and the Elasticsearch that scenarios share. Each scenario has its own database and
 * index. Both servers may be killed, but only by a scenario that runs alone.
 */
final class Machine implements AutoCloseable {
  private final Path folder = temporaryFolder();
  private final Cluster cluster = new Cluster(folder.resolve("postgresql"));
  private final AtomicInteger names = new AtomicInteger();
  private final TestIssuer issuer = new TestIssuer();
  private LocalElasticsearch elasticsearch =
      LocalElasticsearch.start(
          folder.resolve("elasticsearch"),
          // A port that will still be free when the server starts again.
          new LocalElasticsearch.Settings(
              FreePorts.one(), LocalElasticsearch.Settings.DEFAULT.heapMegabytes()),
          line -> {});

  private static Path temporaryFolder() {
    try {
      Path made = Files.createTempDirectory("carechat-faults");
      // The database may run as another user, who must be able to reach its own folder in there.
      return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx--x--x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A name that nothing else on this machine has. */
  String newName() {
    return "faults" + names.incrementAndGet();
  }

  /** A folder for anything that must be kept until the end. */
  Path folder() {
    return folder;
  }

  /** The issuer of the tokens that all nodes trust. */
  TestIssuer issuer() {
    return issuer;
  }

  Cluster cluster() {
    return cluster;
  }

  LocalElasticsearch elasticsearch() {
    return elasticsearch;
  }

  /** {@code kill -9} of Elasticsearch. Returns when the process has ended. */
  void killElasticsearch() {
    Processes.kill(elasticsearch.pid());
    elasticsearch.close();
  }

  /** Deletes what Elasticsearch had stored. Elasticsearch must have ended. */
  void deleteIndexData() {
    delete(folder.resolve("elasticsearch").resolve("data"));
  }

  /** Starts Elasticsearch again, on its port and on the data that are left. */
  void restartElasticsearch() {
    elasticsearch =
        LocalElasticsearch.start(
            folder.resolve("elasticsearch"),
            new LocalElasticsearch.Settings(
                elasticsearch.url().getPort(), LocalElasticsearch.Settings.DEFAULT.heapMegabytes()),
            line -> {});
  }

  @Override
  public void close() {
    elasticsearch.close();
    cluster.close();
    ProcessLogs.keep("faults", folder);
    delete(folder);
  }

  private static void delete(Path tree) {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        boolean _ = Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
