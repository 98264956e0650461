package io.carechat.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CircuitTest {
  private static final long PAUSE = 1_000;

  @ParameterizedTest
  @ValueSource(longs = {0, -500, Long.MAX_VALUE - 500})
  void letsOneThroughAfterEachPauseUntilItWorks(long start) {
    var now = new AtomicLong(start);
    var circuit = new Circuit(Duration.ofNanos(PAUSE), now::get);
    assertThat(circuit.letsThrough()).isTrue();
    assertThat(circuit.letsThrough()).isTrue();

    circuit.failed();
    assertThat(circuit.letsThrough()).isFalse();
    now.addAndGet(PAUSE - 1);
    assertThat(circuit.letsThrough()).isFalse();

    now.addAndGet(1);
    assertThat(circuit.letsThrough()).isTrue();
    assertThat(circuit.letsThrough()).isFalse();
    now.addAndGet(PAUSE);
    assertThat(circuit.letsThrough()).isTrue();
    assertThat(circuit.letsThrough()).isFalse();

    circuit.worked();
    assertThat(circuit.letsThrough()).isTrue();
    assertThat(circuit.letsThrough()).isTrue();
  }
}
