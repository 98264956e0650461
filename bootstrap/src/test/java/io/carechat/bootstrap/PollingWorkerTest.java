package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PollingWorkerTest {
  private static final Duration NEVER = Duration.ofDays(1);

  private final BlockingQueue<Integer> runs = new LinkedBlockingQueue<>();
  private final AtomicInteger count = new AtomicInteger();

  private int nextRun() throws InterruptedException {
    Integer run = runs.poll(60, TimeUnit.SECONDS);
    assertThat(run).as("the step ran").isNotNull();
    return run;
  }

  @Test
  void goesOnWhileThereIsMoreAndThenWaitsToBeWoken() throws InterruptedException {
    try (var worker =
        new PollingWorker(
                "test",
                () -> {
                  int run = count.incrementAndGet();
                  runs.add(run);
                  return run < 3;
                },
                NEVER)
            .start()) {
      assertThat(nextRun()).isEqualTo(1);
      assertThat(nextRun()).isEqualTo(2);
      assertThat(nextRun()).isEqualTo(3);
      assertThat(runs.poll(50, TimeUnit.MILLISECONDS)).isNull();

      worker.wake();
      assertThat(nextRun()).isEqualTo(4);
    }
  }

  /** What it was woken for may be a little late to be seen. */
  @Test
  void looksAgainSoonAfterItWasWoken() throws InterruptedException {
    try (var worker =
        new PollingWorker(
                "test", () -> !runs.add(count.incrementAndGet()), NEVER, Duration.ofMillis(1))
            .start()) {
      assertThat(nextRun()).isEqualTo(1);
      assertThat(runs.poll(50, TimeUnit.MILLISECONDS)).isNull();

      worker.wake();
      for (int i = 2; i < 9; i++) {
        assertThat(nextRun()).isEqualTo(i);
      }
    }
  }

  @Test
  void looksByItselfAfterAWhile() throws InterruptedException {
    try (var worker =
        new PollingWorker("test", () -> !runs.add(count.incrementAndGet()), Duration.ofMillis(1))
            .start()) {
      assertThat(nextRun()).isEqualTo(1);
      assertThat(nextRun()).isEqualTo(2);
      assertThat(worker).isNotNull();
    }
  }

  @Test
  void goesOnAfterFaults() throws InterruptedException {
    try (var worker =
        new PollingWorker(
                "test",
                () -> {
                  int run = count.incrementAndGet();
                  runs.add(run);
                  if (run == 1) {
                    throw new Unavailable("It is away", Duration.ofSeconds(1));
                  }
                  if (run == 2) {
                    throw new IllegalStateException("a fault");
                  }
                  if (run == 3) {
                    throw new StackOverflowError("a worse fault");
                  }
                  return false;
                },
                NEVER)
            .start()) {
      assertThat(nextRun()).isEqualTo(1);
      assertThat(nextRun()).isEqualTo(2);
      assertThat(nextRun()).isEqualTo(3);
      assertThat(nextRun()).isEqualTo(4);
      assertThat(worker).isNotNull();
    }
  }

  @Test
  void isOverWhenItIsClosed() {
    var worker = new PollingWorker("test", () -> false, NEVER).start();
    worker.close();
    int before = count.get();
    worker.wake();
    assertThat(count).hasValue(before);
  }
}
