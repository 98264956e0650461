package io.carechat.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Samples;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Nodes of the service, opened as the service opens them. */
final class NodesNotifyTest {
  private static final long TIMEOUT_SECONDS = 20;

  private final TestDatabase database;
  private final BlockingQueue<String> signals = new LinkedBlockingQueue<>();

  NodesNotifyTest() throws SQLException {
    database = TestDatabase.create();
  }

  private PostgresStorage node(Runnable onLogged) {
    return PostgresStorage.openNode(
        database.settings(), InstantSource.system(), UUID.randomUUID().toString(), onLogged);
  }

  private String nextSignal() throws InterruptedException {
    String signal = signals.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    return signal == null ? "none" : signal;
  }

  @Test
  void whatOneNodeStoresIsSignalledOnBoth() throws InterruptedException {
    try (var one = node(() -> signals.add("one"));
        var two = node(() -> signals.add("two"))) {
      // Each signals once when it begins to hear the others.
      assertThat(nextSignal() + " " + nextSignal()).isIn("one two", "two one");

      Samples.stored(one.messages(), Samples.newChat(), "hello");
      assertThat(nextSignal()).isEqualTo("one");
      assertThat(nextSignal()).isEqualTo("two");

      Samples.stored(two.messages(), Samples.newChat(), "hello");
      assertThat(nextSignal()).isEqualTo("two");
      assertThat(nextSignal()).isEqualTo("one");
    }
  }

  @Test
  void aListenerThatFailsIsRunAgain() throws InterruptedException {
    Runnable failing =
        () -> {
          signals.add("failing");
          throw new IllegalStateException("a listener that fails");
        };
    try (var one = node(() -> {});
        var _ = node(failing)) {
      assertThat(nextSignal()).isEqualTo("failing");
      for (int i = 0; i < 2; i++) {
        Samples.stored(one.messages(), Samples.newChat(), "hello");
        assertThat(nextSignal()).isEqualTo("failing");
      }
    }
  }

  @Test
  void aStorageThatIsNoNodeDoesNotNotify() throws Exception {
    try (var alone =
            PostgresStorage.open(
                database.settings(), InstantSource.system(), () -> signals.add("alone"));
        var one = node(() -> signals.add("one"))) {
      assertThat(nextSignal()).isEqualTo("one");
      Samples.stored(alone.messages(), Samples.newChat(), "hello");
      assertThat(nextSignal()).isEqualTo("alone");
      // The node's own signal comes next, so it had none of the other's.
      Samples.stored(one.messages(), Samples.newChat(), "hello");
      assertThat(nextSignal()).isEqualTo("one");
      assertThat(signals).isEmpty();
    }
  }
}
