package io.carechat.persistence.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.Unavailable;
import java.sql.SQLException;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writes share transactions, but not each other's failures. */
final class GroupCommitTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final List<List<String>> batches = new CopyOnWriteArrayList<>();
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch taken = new CountDownLatch(1);
  private final List<GroupCommit<String, String>> opened = new ArrayList<>();

  @AfterEach
  void close() {
    held.countDown();
    opened.forEach(GroupCommit::close);
  }

  private GroupCommit<String, String> open(int maxBatch, int capacity, Duration timeout) {
    var writes = new GroupCommit<String, String>("test", maxBatch, capacity, timeout, this::write);
    opened.add(writes);
    return writes;
  }

  /** "hold" waits to be released; others fail as their name says. */
  private List<String> write(List<String> batch) throws SQLException {
    batches.add(batch);
    if (batch.contains("hold")) {
      taken.countDown();
      await(held);
    }
    if (batch.contains("bad")) {
      throw new SQLException("refused", "23514");
    }
    if (batch.contains("locked")) {
      throw new SQLException("lock timeout", "55P03");
    }
    if (batch.contains("broken")) {
      throw new IllegalArgumentException("cannot be sent");
    }
    if (batch.contains("overflowing")) {
      throw new StackOverflowError("too deep");
    }
    if (batch.contains("lost")) {
      throw new SQLException("gone", "08006");
    }
    return batch.stream().map(request -> "stored " + request).toList();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Lets the writer be busy, so that what follows gathers. */
  private CompletableFuture<String> hold(GroupCommit<String, String> writes) {
    CompletableFuture<String> first = later(writes, "hold");
    await(taken);
    return first;
  }

  private static CompletableFuture<String> later(
      GroupCommit<String, String> writes, String request) {
    var answer = new CompletableFuture<String>();
    Thread caller =
        Thread.ofPlatform()
            .start(() -> {
              try {
                answer.complete(writes.write(request));
              } catch (RuntimeException e) {
                answer.completeExceptionally(e);
              }
            });
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (caller.getState() != Thread.State.TIMED_WAITING && caller.isAlive()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
    return answer;
  }

  @Test
  void writesWhatArrivedTogetherUpToTheMaximum() {
    GroupCommit<String, String> writes = open(3, 10, LONG);
    CompletableFuture<String> first = hold(writes);
    List<CompletableFuture<String>> rest =
        List.of(later(writes, "a"), later(writes, "b"), later(writes, "c"), later(writes, "d"));
    held.countDown();

    assertThat(first.join()).isEqualTo("stored hold");
    assertThat(rest.stream().map(CompletableFuture::join))
        .containsExactly("stored a", "stored b", "stored c", "stored d");
    assertThat(batches).containsExactly(List.of("hold"), List.of("a", "b", "c"), List.of("d"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bad", "broken", "overflowing", "locked"})
  void failsOnlyTheBadOnesOfABatch(String bad) {
    GroupCommit<String, String> writes = open(10, 10, LONG);
    CompletableFuture<String> first = hold(writes);
    CompletableFuture<String> one = later(writes, "one");
    CompletableFuture<String> refused = later(writes, bad);
    CompletableFuture<String> two = later(writes, "two");
    held.countDown();

    assertThat(first.join()).isEqualTo("stored hold");
    assertThat(one.join()).isEqualTo("stored one");
    assertThat(two.join()).isEqualTo("stored two");
    assertThatThrownBy(refused::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(bad.equals("locked") ? Unavailable.class : IllegalStateException.class);
    assertThat(batches)
        .containsExactly(
            List.of("hold"),
            List.of("one", bad, "two"),
            List.of("one"),
            List.of(bad),
            List.of("two"));
  }

  @Test
  void triesNothingAgainWhenPostgresIsUnavailableBecauseItMayHaveCommitted() {
    GroupCommit<String, String> writes = open(10, 10, LONG);
    CompletableFuture<String> first = hold(writes);
    CompletableFuture<String> one = later(writes, "one");
    CompletableFuture<String> lost = later(writes, "lost");
    held.countDown();

    assertThat(first.join()).isEqualTo("stored hold");
    assertThatThrownBy(one::join).hasCauseInstanceOf(Unavailable.class);
    assertThatThrownBy(lost::join).hasCauseInstanceOf(Unavailable.class);
    assertThat(batches).containsExactly(List.of("hold"), List.of("one", "lost"));
  }

  @Test
  void refusesAtOnceWhenTooManyWait() {
    GroupCommit<String, String> writes = open(10, 2, LONG);
    CompletableFuture<String> first = hold(writes);
    CompletableFuture<String> one = later(writes, "one");
    CompletableFuture<String> two = later(writes, "two");

    assertThatThrownBy(() -> writes.write("three"))
        .isInstanceOfSatisfying(
            Unavailable.class, e -> assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(1)));
    held.countDown();

    assertThat(List.of(first.join(), one.join(), two.join()))
        .containsExactly("stored hold", "stored one", "stored two");
  }

  @Test
  void doesNotWriteWhatNoCallerWaitsForAnyMore() {
    GroupCommit<String, String> writes = open(10, 10, Duration.ofMillis(50));
    CompletableFuture<String> first = hold(writes);
    assertThatThrownBy(() -> writes.write("impatient")).isInstanceOf(Unavailable.class);
    held.countDown();
    writes.close();

    assertThatThrownBy(first::join).hasCauseInstanceOf(Unavailable.class);
    assertThat(batches).containsExactly(List.of("hold"));
  }

  /** A queue in which all wait too long would write for nobody: each caller is gone by its turn. */
  @Test
  void writesForCallersWhoStillWaitUnderOverload() {
    Duration slow = Duration.ofMillis(100);
    var written = new AtomicInteger();
    var answered = new AtomicInteger();
    var writes =
        new GroupCommit<String, String>(
            "test",
            2,
            1_000,
            Duration.ofMillis(250),
            batch -> {
              LockSupport.parkNanos(slow.toNanos());
              written.addAndGet(batch.size());
              return batch;
            });
    opened.add(writes);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 40; i++) {
        callers.execute(() -> {
          while (written.get() < 40) {
            try {
              answered.addAndGet(writes.write("x").length());
            } catch (Unavailable busy) {
              Thread.onSpinWait();
            }
          }
        });
      }
    }

    assertThat(answered).hasValueGreaterThan(written.get() / 2);
  }

  /**
   * Callers who are refused together come back together: just when a write has begun, and too early
   * to be still waiting after it and the next one. They must be refused at once.
   */
  @Test
  void writesFullBatchesThoughCallersComeBackTogether() {
    int maxBatch = 50;
    int enough = 15;
    var sizes = new CopyOnWriteArrayList<Integer>();
    var writes =
        new GroupCommit<String, String>(
            "test",
            maxBatch,
            1_000,
            Duration.ofMillis(340),
            batch -> {
              LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
              sizes.add(batch.size());
              return batch;
            });
    opened.add(writes);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 100; i++) {
        callers.execute(() -> {
          while (sizes.size() < enough) {
            try {
              String _ = writes.write("x");
            } catch (Unavailable busy) {
              LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            }
          }
        });
      }
    }

    assertThat(sizes.stream().mapToInt(Integer::intValue).sum())
        .as(sizes.toString())
        .isGreaterThan(enough * maxBatch / 3);
  }

  /**
   * A caller may come back as soon as it has its answer. The write that it was in is over then,
   * even if other callers of the same batch have no answer yet.
   */
  @Test
  void doesNotLetCallersWithAnAnswerWaitForTheirOwnWrite() {
    var timeout = Duration.ofSeconds(2);
    long slow = Duration.ofMillis(1_200).toNanos();
    var firstAnswered = new CountDownLatch(1);
    var writes =
        new GroupCommit<String, String>(
            "test",
            10,
            10,
            timeout,
            batch -> {
              if (batch.contains("slow")) {
                LockSupport.parkNanos(slow);
              }
              List<String> answers = write(batch);
              return batch.size() == 1 ? answers : blockingAtTheSecond(answers, firstAnswered);
            });
    opened.add(writes);
    assertThat(writes.write("slow")).isEqualTo("stored slow");
    long begun = System.nanoTime();
    CompletableFuture<String> first = hold(writes);
    LockSupport.parkNanos(slow - (System.nanoTime() - begun));
    CompletableFuture<String> one = later(writes, "one");
    CompletableFuture<String> two = later(writes, "two");
    held.countDown();
    assertThat(List.of(first.join(), one.join())).containsExactly("stored hold", "stored one");

    CompletableFuture<String> again = later(writes, "again");
    firstAnswered.countDown();

    assertThat(List.of(two.join(), again.join())).containsExactly("stored two", "stored again");
  }

  private static List<String> blockingAtTheSecond(List<String> answers, CountDownLatch until) {
    return new AbstractList<>() {
      @Override
      public String get(int index) {
        if (index == 1) {
          await(until);
        }
        return answers.get(index);
      }

      @Override
      public int size() {
        return answers.size();
      }
    };
  }

  /** How long an outage took says nothing about how fast PostgreSQL writes. */
  @Test
  void expectsNothingFromWritesThatFailed() {
    var timeout = Duration.ofSeconds(1);
    var writes =
        new GroupCommit<String, String>(
            "test",
            10,
            10,
            timeout,
            batch -> {
              if (batch.contains("lost")) {
                LockSupport.parkNanos(Duration.ofMillis(700).toNanos());
              }
              return write(batch);
            });
    opened.add(writes);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> writes.write("lost")).isInstanceOf(Unavailable.class);
    }

    CompletableFuture<String> first = hold(writes);
    CompletableFuture<String> second = later(writes, "second");
    held.countDown();

    assertThat(List.of(first.join(), second.join()))
        .containsExactly("stored hold", "stored second");
  }

  @Test
  void writesWhatWaitsBeforeItIsClosedAndThenNothing() {
    GroupCommit<String, String> writes = open(1, 10, LONG);
    CompletableFuture<String> first = hold(writes);
    CompletableFuture<String> one = later(writes, "one");
    CompletableFuture<String> two = later(writes, "two");
    var closing = CompletableFuture.runAsync(writes::close);
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    boolean closed = false;
    while (!closed) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      CompletableFuture<String> probe = later(writes, "probe");
      closed = probe.isCompletedExceptionally();
    }
    held.countDown();
    closing.join();

    assertThat(List.of(first.join(), one.join(), two.join()))
        .containsExactly("stored hold", "stored one", "stored two");
    assertThatThrownBy(() -> writes.write("late")).isInstanceOf(Unavailable.class);
  }
}
