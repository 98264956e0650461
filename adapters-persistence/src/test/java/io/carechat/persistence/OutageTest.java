package io.carechat.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.EventLogContract;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.paging.Window;
import io.carechat.domain.webhooks.delivery.ClaimLimits;
import io.carechat.local.LocalPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL dies, and comes back. */
final class OutageTest {
  private static final Duration PROMISED = Duration.ofSeconds(2);
  private static final Duration RECOVERY = Duration.ofSeconds(60);

  private static final ClaimLimits NO_LIMITS =
      new ClaimLimits(Integer.MAX_VALUE, Duration.ZERO, List.of());

  @TempDir private Path folder = Path.of("");

  @Test
  void answersThatItIsUnavailableWithinTwoSecondsAndRecoversByItself() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    LocalPostgres postgres = LocalPostgres.start(folder.resolve("postgresql"), line -> {});
    int port = postgres.port();
    var settings =
        new PostgresStorage.Settings(
            postgres.jdbcUrl("chat"), "service", new Secret("a password"), 4);
    PostgresStorage.prepare(
        postgres.jdbcUrl("postgres"), postgres.superuser(), postgres.password(), settings);
    ChatId chat = Samples.newChat();
    try (PostgresStorage storage =
        PostgresStorage.open(settings, InstantSource.system(), () -> {})) {
      Message before = Samples.stored(storage.messages(), Samples.message(chat, "before", "key"));

      kill(postgres.pid());

      assertThat(storage.isReady()).isFalse();
      unavailable(() -> storage.messages().append(Samples.message(chat, "lost")));
      unavailable(() -> storage.messages().append(Samples.message(chat, "lost too")));
      unavailable(() -> storage.messages().read(chat, new Window.Newest<>(), 10));
      unavailable(() -> storage.events().read(LogPosition.START, 10));
      unavailable(
          () -> storage.deliveryQueue().claim(1, Samples.NOON, Duration.ofSeconds(1), NO_LIMITS));
      // More at once than there are connections.
      unavailableForMany(() -> storage.messages().read(chat, new Window.Newest<>(), 10));

      postgres.close();
      postgres =
          LocalPostgres.start(
              folder.resolve("postgresql"), new LocalPostgres.Settings(port, Map.of()), line -> {});

      eventuallyReady(storage);
      assertThat(storage.messages().append(Samples.message(chat, "before", "key")))
          .isEqualTo(new MessageLog.Appended.AlreadyStored(before));
      Message after = Samples.stored(storage.messages(), chat, "after");
      assertThat(storage.messages().read(chat, new Window.Newest<>(), 1).newestFirst())
          .containsExactly(after);
      assertThat(EventLogContract.positionOf(eventually(storage), after))
          .isGreaterThan(LogPosition.START);
    } finally {
      postgres.close();
    }
  }

  private static void kill(long pid) throws Exception {
    ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
    List<ProcessHandle> backends = server.children().toList();
    assertThat(server.destroyForcibly()).isTrue();
    server.onExit().get(60, TimeUnit.SECONDS);
    for (ProcessHandle backend : backends) {
      backend.onExit().get(60, TimeUnit.SECONDS);
    }
  }

  private static void unavailable(Runnable call) {
    long start = System.nanoTime();
    Throwable thrown = null;
    try {
      call.run();
    } catch (RuntimeException e) {
      thrown = e;
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    assertThat(thrown)
        .isInstanceOfSatisfying(Unavailable.class, e -> assertThat(e.retryAfter()).isPositive());
    assertThat(took).isLessThan(PROMISED);
  }

  private static void unavailableForMany(Runnable call) throws InterruptedException {
    var failure = new AtomicReference<Throwable>();
    var done = new CountDownLatch(16);
    for (int i = 0; i < 16; i++) {
      Thread.startVirtualThread(() -> {
        try {
          unavailable(call);
        } catch (Throwable e) {
          failure.set(e);
        } finally {
          done.countDown();
        }
      });
    }
    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(failure.get()).isNull();
  }

  private static void eventuallyReady(PostgresStorage storage) {
    long deadline = System.nanoTime() + RECOVERY.toNanos();
    while (!storage.isReady()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  /** The event log, read again until its connections have come back. */
  private static EventLog eventually(PostgresStorage storage) {
    return (after, limit) -> {
      long deadline = System.nanoTime() + RECOVERY.toNanos();
      while (true) {
        try {
          return storage.events().read(after, limit);
        } catch (Unavailable e) {
          assertThat(System.nanoTime()).isLessThan(deadline);
        }
      }
    };
  }
}
