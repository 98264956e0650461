package io.carechat.domain.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link SealLog} must do. */
public interface SealLogContract {
  /** The checkpoints under test. */
  SealLog seals();

  /** A genuine checkpoint of a tree of some size. */
  static Seal seal(TenantInstance instance, int size, int since) {
    List<Hash> hashes =
        IntStream.range(0, size)
            .mapToObj(i -> CompactRange.leafHash(new byte[] {(byte) i, (byte) (i >> 8)}))
            .toList();
    CompactRange tree = CompactRange.EMPTY.append(hashes);
    var checkpoint =
        new Checkpoint(
            Checkpoint.Statement.SEALED,
            instance,
            size,
            tree.root(),
            Samples.NOON.plusSeconds(size));
    return new Seal(
        SignedCheckpoint.sign(checkpoint, TestKey.ONE, TestKey.ONE),
        tree,
        new LogPosition(size, size + 1L),
        RowHashes.of(hashes.subList(since, size)));
  }

  private Seal added(TenantInstance instance, int size, int since) {
    Seal seal = seal(instance, size, since);
    assertThat(seals().add(seal, since)).isTrue();
    return seal;
  }

  @Test
  default void hasNothingOfAnInstanceWithoutCheckpoints() {
    TenantInstance instance = Samples.newInstance();
    assertThat(seals().newest(instance)).isEmpty();
    assertThat(seals().find(instance, 1)).isEmpty();
    assertThat(seals().after(instance, 0, 10)).isEmpty();
    assertThat(seals().removal(instance)).isEmpty();
  }

  @Test
  default void returnsCheckpointsAsTheyWereAdded() {
    TenantInstance instance = Samples.newInstance();
    Seal one = added(instance, 3, 0);
    assertThat(seals().newest(instance)).contains(one);
    Seal two = added(instance, 10, 3);
    Seal three = added(instance, 11, 10);
    assertThat(seals().newest(instance)).contains(three);
    assertThat(seals().find(instance, 10)).contains(two);
    assertThat(seals().find(instance, 9)).isEmpty();
    assertThat(seals().after(instance, 0, 10)).containsExactly(one, two, three);
    assertThat(seals().after(instance, 3, 1)).containsExactly(two);
    assertThat(seals().after(instance, 9, 5)).containsExactly(two, three);
    assertThat(seals().after(instance, 11, 5)).isEmpty();
  }

  /** The newest is the one with the most rows, also when that number has one digit more. */
  @Test
  default void comparesSizesAsNumbers() {
    TenantInstance instance = Samples.newInstance();
    added(instance, 9, 0);
    Seal larger = added(instance, 10, 9);
    assertThat(seals().newest(instance)).contains(larger);
    assertThat(seals().after(instance, 9, 5)).containsExactly(larger);
  }

  @Test
  default void addsOnlyAfterTheNewest() {
    TenantInstance instance = Samples.newInstance();
    assertThat(seals().add(seal(instance, 5, 0), 3)).isFalse();
    Seal one = added(instance, 3, 0);
    assertThat(seals().add(seal(instance, 5, 0), 0)).isFalse();
    assertThat(seals().add(seal(instance, 3, 0), 0)).isFalse();
    assertThat(seals().after(instance, 0, 5)).containsExactly(one);
  }

  @Test
  default void addsOneOfSeveralAtOnce() throws Exception {
    TenantInstance instance = Samples.newInstance();
    for (int round = 0; round < 5; round++) {
      int since = round;
      try (ExecutorService nodes = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Callable<Boolean>> all =
            IntStream.range(0, 6)
                .<Callable<Boolean>>mapToObj(
                    node -> () -> seals().add(seal(instance, since + 1, since), since))
                .toList();
        int added = 0;
        for (Future<Boolean> each : nodes.invokeAll(all, 30, TimeUnit.SECONDS)) {
          added += each.get() ? 1 : 0;
        }
        assertThat(added).isEqualTo(1);
      }
    }
    assertThat(seals().after(instance, 0, 10)).hasSize(5);
  }

  @Test
  default void listsAllInAnOrderInWhichNoneIsMissed() throws Exception {
    int nodes = 6;
    int each = 8;
    List<TenantInstance> instances =
        IntStream.range(0, nodes).mapToObj(i -> Samples.newInstance()).toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<Seal>> reader =
          threads.submit(() -> {
            var seen = new ArrayList<Seal>();
            long after = 0;
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (seen.size() < nodes * each && System.nanoTime() < end) {
              for (SealLog.Numbered numbered : seals().all(after, 5)) {
                assertThat(numbered.number()).isGreaterThan(after);
                after = numbered.number();
                if (instances.contains(numbered.seal().signed().checkpoint().instance())) {
                  seen.add(numbered.seal());
                }
              }
            }
            return seen;
          });
      List<Callable<Void>> writers =
          instances.stream()
              .<Callable<Void>>map(instance ->
                  () -> {
                    for (int i = 0; i < each; i++) {
                      added(instance, i + 1, i);
                    }
                    return null;
                  })
              .toList();
      for (Future<Void> writer : threads.invokeAll(writers, 30, TimeUnit.SECONDS)) {
        writer.get();
      }
      assertThat(reader.get(40, TimeUnit.SECONDS)).hasSize(nodes * each).doesNotHaveDuplicates();
    }
  }

  @Test
  default void keepsInstancesApart() {
    TenantInstance instance = Samples.newInstance();
    Seal own = added(instance, 4, 0);
    for (TenantInstance stranger : Samples.strangersTo(instance)) {
      assertThat(seals().find(stranger, 4)).isEmpty();
      assertThat(seals().after(stranger, 0, 5)).doesNotContain(own);
    }
  }
}
