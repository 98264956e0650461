package io.carechat.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.paging.Window;
import java.sql.Connection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** One instance asks for everything that there is. */
final class SharesOfInstancesTest {
  private static final String WAITING_READS =
      """
      select count(*) from pg_stat_activity
      where datname = current_database() and application_name = 'carechat-read' and wait_event_type = 'Lock'
      """;

  @Test
  void oneInstanceLeavesConnectionsToTheOthers() throws Exception {
    TestDatabase database = TestDatabase.create();
    ChatId attacker = Samples.newChat();
    var endpoint = new EndpointId("none");
    var over = new AtomicBoolean();
    try (PostgresStorage storage =
            PostgresStorage.open(database.settings(), InstantSource.system(), () -> {});
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Connection lock = database.superuser()) {
      lock.setAutoCommit(false);
      // Every read of a message waits until it is cancelled. Everything else can still be read.
      TestDatabase.execute(lock, "lock table carechat.message in access exclusive mode");
      try {
        for (int i = 0; i < 64; i++) {
          threads.execute(() -> readUntil(over, storage, attacker));
        }
        // Three quarters of the connections.
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (database.number(WAITING_READS) < 6) {
          assertThat(System.nanoTime()).isLessThan(deadline);
        }
        for (int i = 0; i < 100; i++) {
          assertThat(storage.deliveryQueries().anyOf(Samples.OTHER_TENANT, endpoint)).isFalse();
          assertThat(database.number(WAITING_READS)).isLessThanOrEqualTo(6);
        }
      } finally {
        over.set(true);
        lock.rollback();
      }
    }
  }

  private static void readUntil(AtomicBoolean over, PostgresStorage storage, ChatId chat) {
    while (!over.get()) {
      try {
        storage.messages().read(chat, new Window.Newest<>(), 1);
      } catch (Unavailable e) {
        // It had to wait for too long.
      }
    }
  }
}
