package io.carechat.domain.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.carechat.domain.access.FairShares.Exhausted;
import io.carechat.domain.access.FairShares.Permit;
import io.carechat.domain.access.FairShares.Share;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class FairSharesTest {
  private static final Share ALICE = new Share("alice", 2);
  private static final Share BOB = new Share("bob", 2);
  private static final Share BOTH = new Share("instance", 3);

  private static void assertExhausted(
      FairShares shares, @Nullable Share which, List<Share> wanted) {
    assertThatExceptionOfType(Exhausted.class)
        .isThrownBy(() -> shares.acquire(wanted))
        .satisfies(e -> assertThat(e.share()).isEqualTo(which));
  }

  @Test
  void saysWhichShareIsUsedUp() throws Exception {
    var shares = new FairShares(4);
    var held = new ArrayList<Permit>();
    held.add(shares.acquire(List.of(ALICE, BOTH)));
    held.add(shares.acquire(List.of(ALICE, BOTH)));
    assertExhausted(shares, ALICE, List.of(ALICE, BOTH));
    held.add(shares.acquire(List.of(BOB, BOTH)));
    assertExhausted(shares, BOTH, List.of(BOB, BOTH));
    held.add(shares.acquire(List.of()));
    assertExhausted(shares, null, List.of());
    assertExhausted(shares, null, List.of(new Share("carol", 1)));

    held.forEach(Permit::close);
    for (int i = 0; i < 2; i++) {
      held.set(i, shares.acquire(List.of(ALICE, BOTH)));
    }
    assertExhausted(shares, ALICE, List.of(ALICE, BOTH));
  }

  @Test
  void givesUpInTime() throws Exception {
    var shares = new FairShares(1, Duration.ofMillis(20), 5, System::nanoTime);
    Permit held = shares.acquire(List.of(ALICE));
    assertExhausted(shares, null, List.of(ALICE));
    assertExhausted(shares, null, List.of(BOB));
    held.close();
    shares.acquire(List.of(ALICE)).close();
    shares.acquire(List.of(BOB)).close();
  }

  @Test
  void neverGivesMoreThanTheLimitsAndLosesNothing() throws Exception {
    var shares = new FairShares(4, Duration.ofSeconds(60), 1_000, System::nanoTime);
    var total = new AtomicInteger();
    var alices = new AtomicInteger();
    var most = new AtomicInteger();
    var mostOfAlice = new AtomicInteger();
    var begin = new CountDownLatch(1);
    var all = new ArrayList<Future<?>>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 200; i++) {
        boolean alice = i % 2 == 0;
        all.add(
            threads.submit(() -> {
              begin.await();
              try (Permit _ = shares.acquire(List.of(alice ? ALICE : BOB))) {
                most.accumulateAndGet(total.incrementAndGet(), Math::max);
                if (alice) {
                  mostOfAlice.accumulateAndGet(alices.incrementAndGet(), Math::max);
                }
                Thread.onSpinWait();
                if (alice) {
                  alices.decrementAndGet();
                }
                total.decrementAndGet();
              }
              return null;
            }));
      }
      begin.countDown();
      for (Future<?> each : all) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
    assertThat(most.get()).isBetween(1, 4);
    assertThat(mostOfAlice.get()).isBetween(1, 2);
    for (int i = 0; i < 2; i++) {
      Permit _ = shares.acquire(List.of(ALICE));
      Permit _ = shares.acquire(List.of(BOB));
    }
  }
}
