package io.carechat.domain.messages;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.messages.UsageCounters.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link UsageCounters} must do. */
public interface UsageCountersContract {
  long DAY = 20_000;

  /** The counters under test. */
  UsageCounters counters();

  private static TenantInstance newInstance() {
    return new TenantInstance("den-" + Samples.newUuid(), "chat");
  }

  private Usage add(TenantInstance instance, long day, long messages, long bytes) {
    return Objects.requireNonNull(
        counters().add(Map.of(instance, new Usage(day, messages, bytes))).get(instance));
  }

  @Test
  default void beginsWithWhatIsAddedFirst() {
    assertThat(add(newInstance(), DAY, 0, 0)).isEqualTo(new Usage(DAY, 0, 0));
    assertThat(add(newInstance(), DAY, 3, 40)).isEqualTo(new Usage(DAY, 3, 40));
  }

  @Test
  default void addsOnADay() {
    TenantInstance instance = newInstance();
    add(instance, DAY, 3, 40);
    assertThat(add(instance, DAY, 2, 5)).isEqualTo(new Usage(DAY, 5, 45));
    assertThat(add(instance, DAY, 0, 0)).isEqualTo(new Usage(DAY, 5, 45));
  }

  @Test
  default void beginsAgainOnTheNextDayAndKeepsTheBytes() {
    TenantInstance instance = newInstance();
    add(instance, DAY, 3, 40);
    assertThat(add(instance, DAY + 1, 1, 2)).isEqualTo(new Usage(DAY + 1, 1, 42));
    // Of a node whose clock is behind.
    assertThat(add(instance, DAY, 9, 8)).isEqualTo(new Usage(DAY + 1, 1, 50));
  }

  @Test
  default void keepsInstancesApart() {
    TenantInstance one = newInstance();
    List<TenantInstance> others = Samples.strangersTo(one);
    add(one, DAY, 3, 40);
    Map<TenantInstance, Usage> both =
        counters().add(Map.of(one, new Usage(DAY, 1, 1), others.getFirst(), new Usage(DAY, 0, 0)));
    assertThat(both)
        .containsOnlyKeys(one, others.getFirst())
        .containsEntry(one, new Usage(DAY, 4, 41));
    for (TenantInstance other : others.subList(1, others.size())) {
      assertThat(add(other, DAY, 0, 0)).isEqualTo(new Usage(DAY, 0, 0));
    }
  }

  @Test
  default void losesNothingIfManyAddAtOnce() throws Exception {
    List<TenantInstance> instances = List.of(newInstance(), newInstance(), newInstance());
    try (ExecutorService nodes = Executors.newVirtualThreadPerTaskExecutor()) {
      var all = new ArrayList<Future<?>>();
      for (int i = 0; i < 20; i++) {
        all.add(
            nodes.submit(() ->
                counters()
                    .add(
                        Map.of(
                            instances.get(0),
                            new Usage(DAY, 1, 1),
                            instances.get(1),
                            new Usage(DAY, 1, 1),
                            instances.get(2),
                            new Usage(DAY, 1, 1)))));
      }
      for (Future<?> each : all) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
    for (TenantInstance instance : instances) {
      assertThat(add(instance, DAY, 0, 0)).isEqualTo(new Usage(DAY, 20, 20));
    }
  }
}
