package io.carechat.persistence.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.EventLogContract;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.feeds.KnownPositions;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What is noticed of a restore. The tables are changed here as a restore changes them. {@code
 * BackupIT} makes real ones.
 */
final class LogEpochsTest {
  private final TestDatabase database;
  private final ChatId chat = Samples.newChat();

  LogEpochsTest() throws SQLException {
    database = TestDatabase.create();
  }

  private PostgresStorage open() {
    return PostgresStorage.open(database.settings(), new ManualClock(Samples.NOON), () -> {});
  }

  private LogPosition send(PostgresStorage storage, String text) {
    Message message = Samples.stored(storage.messages(), chat, text);
    return EventLogContract.positionOf(storage.events(), message);
  }

  private long epochs() throws SQLException {
    return database.number("select count(*) from carechat.log_epoch");
  }

  /** Removes what came after a position, and lets the log be that of an earlier timeline. */
  private void replaceByOlderCopy(LogPosition lastKept) throws SQLException {
    database.execute(
        "delete from carechat.chat_event where log_transaction > " + lastKept.transaction());
    database.execute(
        "delete from carechat.message where created_at not in (select message_created_at from carechat.chat_event)");
    database.execute("update carechat.log_epoch set timeline = '00000000'");
  }

  private static boolean isKnown(PostgresStorage storage, LogPosition position) {
    KnownPositions known = storage.instanceEvents().knownPositions();
    return position.compareTo(known.bound()) < 0
        && known.lost().stream()
            .noneMatch(lost ->
                position.transaction() > lost.lastKept() && position.transaction() < lost.next());
  }

  @Test
  void thereIsNoEpochAsLongAsNothingWasRestored() throws SQLException {
    LogPosition first;
    try (PostgresStorage storage = open()) {
      first = send(storage, "one");
    }
    try (PostgresStorage storage = open()) {
      LogPosition second = send(storage, "two");

      assertThat(second).isGreaterThan(first);
      assertThat(second.epoch()).isZero();
      assertThat(storage.instanceEvents().knownPositions().lost()).isEmpty();
    }
    assertThat(epochs()).isEqualTo(1);
  }

  @Test
  void idsGoOnAboveThoseThatAnOlderCopyDoesNotHave() throws Exception {
    LogPosition kept;
    LogPosition lost;
    try (PostgresStorage storage = open()) {
      kept = send(storage, "kept");
      lost = send(storage, "lost");
    }
    replaceByOlderCopy(kept);
    try (PostgresStorage storage = open()) {
      LogPosition later = send(storage, "later");

      assertThat(later).isGreaterThan(lost);
      assertThat(later.epoch()).isPositive();
      assertThat(isKnown(storage, kept)).isTrue();
      assertThat(isKnown(storage, lost)).isFalse();
      assertThat(isKnown(storage, later)).isTrue();
      assertThat(isKnown(storage, storage.instanceEvents().end())).isTrue();
      assertThat(storage.events().read(kept, 10))
          .extracting(LoggedEvent::position)
          .containsExactly(later);
      assertThat(storage.instanceEvents().end()).isGreaterThanOrEqualTo(later);
    }
    // Once is enough.
    open().close();
    assertThat(epochs()).isEqualTo(2);
  }

  @Test
  void nodesThatGoOnRunningNoticeItToo() throws Exception {
    try (PostgresStorage storage = open()) {
      LogPosition kept = send(storage, "kept");
      LogPosition lost = send(storage, "lost");
      replaceByOlderCopy(kept);
      // The server that was replaced has ended their connections.
      database.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
              + " and application_name like 'carechat-%'");

      LogPosition later = sendOnceAvailable(storage);

      assertThat(later).isGreaterThan(lost);
      assertThat(isKnown(storage, lost)).isFalse();
      assertThat(epochs()).isEqualTo(2);
    }
  }

  private LogPosition sendOnceAvailable(PostgresStorage storage) {
    for (int i = 0; i < 100; i++) {
      try {
        return send(storage, "later");
      } catch (Unavailable e) {
        // The pool connects again.
        assertThat(e.retryAfter()).isPositive();
      }
    }
    throw new AssertionError("PostgreSQL stays unavailable");
  }

  @Test
  void aLogThatTheServerHasNotReachedIsOfAnotherServer() throws Exception {
    LogPosition before;
    try (PostgresStorage storage = open()) {
      before = send(storage, "one");
    }
    // As after a dump is restored into a new server, by an installation that knows no epochs.
    database.execute("delete from carechat.log_epoch");
    database.execute(
        "update carechat.chat_event set log_transaction = log_transaction + 1000000000");
    try (PostgresStorage storage = open()) {
      LogPosition later = send(storage, "two");

      assertThat(later.transaction()).isGreaterThan(before.transaction() + 1_000_000_000);
      assertThat(storage.events().read(LogPosition.START, 10)).hasSize(2);
      assertThat(storage.events().read(LogPosition.START, 10).getLast().position())
          .isEqualTo(later);
    }
  }

  @Test
  void manyConnectionsAtOnceBeginOneEpoch() throws Exception {
    LogPosition kept;
    try (PostgresStorage storage = open()) {
      kept = send(storage, "kept");
    }
    replaceByOlderCopy(kept);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> opened = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        opened.add(threads.submit(() -> open().close()));
      }
      for (Future<?> each : opened) {
        Object _ = each.get();
      }
    }
    assertThat(epochs()).isEqualTo(2);
  }

  @Test
  void anEpochCanBeBegunByHandButNotUnderARunningNode() throws Exception {
    LogPosition before;
    try (PostgresStorage storage = open()) {
      before = send(storage, "before");
      assertThatThrownBy(() -> PostgresStorage.beginEpoch(database.settings()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Stop all of its nodes");
    }
    while (database.number(
            "select count(*) from pg_stat_activity where datname = current_database()"
                + " and application_name like 'carechat-%'")
        > 0) {
      Thread.onSpinWait();
    }

    int epoch = PostgresStorage.beginEpoch(database.settings());
    int next = PostgresStorage.beginEpoch(database.settings());

    assertThat(next).isGreaterThan(epoch);
    try (PostgresStorage storage = open()) {
      assertThat(send(storage, "after").epoch()).isEqualTo(next);
      assertThat(isKnown(storage, before)).isTrue();
      assertThat(isKnown(storage, new LogPosition(before.transaction() + 1, 0))).isFalse();
    }
  }

  @Test
  void anEarlierSchemaIsNamed() throws Exception {
    database.execute("drop function carechat.enter_log_epoch(boolean)");
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("run the migrations");
  }
}
