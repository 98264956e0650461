package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

final class LogSignalTest {
  private final LogSignal signal = new LogSignal();

  @Test
  void runsEverySubscriberInTheOrderOfSubscription() {
    var ran = new ArrayList<String>();
    signal.raise();
    signal.subscribe(() -> ran.add("first"));
    signal.subscribe(() -> ran.add("second"));

    signal.raise();
    signal.raise();

    assertThat(ran).containsExactly("first", "second", "first", "second");
  }
}
