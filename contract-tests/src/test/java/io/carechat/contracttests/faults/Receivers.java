package io.carechat.contracttests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.contracttests.faults.BadReceivers.Kind;
import io.carechat.contracttests.faults.Scenario.Setting;
import io.carechat.contracttests.running.Eventually;
import io.carechat.domain.chat.TenantInstance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;

/** Scenarios with receivers of webhooks that do not do what they should. */
final class Receivers {
  private static final Duration HEALTHY_WITHIN = Duration.ofSeconds(1);

  private static final Duration NOTICED_WITHIN = Duration.ofMinutes(3);

  /** The time to deliver what was waiting when the load ended. */
  private static final Duration DELIVERED_WITHIN = Duration.ofMinutes(2);

  private Receivers() {}

  /**
   * Half of all endpoints are bad, in every way, and the others do not notice. They get their calls
   * within a second. On a machine that is too busy for that, they get them as soon as without bad
   * endpoints.
   */
  static Row bad(Setting setting) {
    int instances = setting.rounds().of(1, 50);
    int good = setting.rounds().of(11, 10);
    int messages = setting.rounds().of(60, 1_500);
    List<TenantInstance> served =
        IntStream.range(0, instances)
            .mapToObj(i -> new TenantInstance("test-den", "chat" + i))
            .toList();
    TestCluster.Shape shape = TestCluster.Shape.on(setting.machine().cluster());
    Duration alone;
    try (TestCluster testCluster =
        new TestCluster(setting.machine(), shape.endpoints(served, good, List.of()))) {
      Load load = send(testCluster, instances, messages / 2);
      var _ = Verifier.verify(testCluster, load.journal(), System.nanoTime(), DELIVERED_WITHIN);
      alone = Measured.percentile(99, Delays.of(testCluster, load.journal()));
    }
    try (var receivers = new BadReceivers();
        TestCluster testCluster =
            new TestCluster(
                setting.machine(),
                shape.endpoints(served, good, badEndpoints(served, good, receivers)))) {
      Load load = send(testCluster, instances, messages);
      int threads = Processes.fromProc(testCluster.node().pid(), "Threads");
      int memory = Processes.fromProc(testCluster.node().pid(), "VmHWM") / 1024;
      Verdict verdict =
          Verifier.verify(testCluster, load.journal(), System.nanoTime(), DELIVERED_WITHIN);
      List<Duration> delays = Delays.of(testCluster, load.journal());
      Duration p99 = Measured.percentile(99, delays);
      assertThat(receivers.followed()).as("redirects followed").isZero();
      for (Kind kind : EnumSet.complementOf(EnumSet.of(Kind.NO_SUCH_NAME, Kind.REFUSING))) {
        assertThat(receivers.calls(kind)).as(kind.name()).isPositive();
      }
      String notes =
          "%d endpoints, half of them bad; to the others p50 %s, p99 %s, and p99 %s without the bad ones; %d threads, %d MB"
              .formatted(
                  instances * good * 2,
                  Measured.text(Measured.percentile(50, delays)),
                  Measured.text(p99),
                  Measured.text(alone),
                  threads,
                  memory);
      assertThat(p99)
          .as(notes)
          .isLessThan(Collections.max(List.of(HEALTHY_WITHIN, alone.multipliedBy(2))));
      return setting.row(1, verdict, notes);
    }
  }

  private static Load send(TestCluster testCluster, int instances, int messages) {
    Load load =
        new Load(testCluster.plan(instances * 20).clients(4).pausing(Duration.ofMillis(200)));
    try (load) {
      load.awaitAcknowledged(messages);
    }
    return load;
  }

  private static List<TestCluster.BadEndpoint> badEndpoints(
      List<TenantInstance> instances, int each, BadReceivers receivers) {
    var endpoints = new ArrayList<TestCluster.BadEndpoint>();
    Kind[] kinds = Kind.values();
    for (TenantInstance instance : instances) {
      for (int i = 0; i < each; i++) {
        Kind kind = kinds[endpoints.size() % kinds.length];
        String id = "bad-" + i;
        endpoints.add(
            new TestCluster.BadEndpoint(
                instance, id, receivers.url(kind, id + "." + instance.instanceName())));
      }
    }
    return endpoints;
  }

  /** The receiver fails until a large backlog has gathered, and then it works again. */
  static Row dead(Setting setting) {
    int backlog = setting.rounds().of(400, 100_000);
    TestCluster.Shape shape = TestCluster.Shape.on(setting.machine().cluster()).retryingForever();
    try (TestCluster testCluster = new TestCluster(setting.machine(), shape)) {
      Load.Plan plan = testCluster.plan(setting.rounds().of(40, 200));
      // The short form measures nothing. Its clients pause, so that the backlog can drain on any
      // machine.
      boolean measured = setting.rounds() != Rounds.SHORT;
      Load load = new Load(measured ? plan : plan.pausing(Duration.ofMillis(500)));
      double usual;
      double growing;
      double draining;
      double sending;
      Duration noticed;
      int waiting;
      try (load) {
        load.awaitAcknowledged(backlog / 10);
        usual = sends(load, backlog / 5);
        testCluster.inbox().answer(503);
        int before = testCluster.inbox().count();
        growing = sends(load, backlog);
        testCluster.inbox().answer(204);
        waiting = load.acknowledged() - testCluster.inbox().count();
        assertThat(before).isPositive();
        int delivered = testCluster.inbox().count();
        // The backlog grew as fast as the machine could send. Usually fewer messages are sent.
        load.pause(Duration.ofMillis(measured ? 50 : 500));
        int sentBefore = load.acknowledged();
        long answering = System.nanoTime();
        // If an endpoint has failed for long, the service calls it only now and then.
        int _ =
            Eventually.get(
                NOTICED_WITHIN, () -> testCluster.inbox().count(), count -> count > delivered);
        noticed = Measured.since(answering);
        long back = System.nanoTime();
        // Clients go on sending in the meantime.
        int _ =
            Eventually.get(
                Duration.ofMinutes(10),
                () -> load.acknowledged() - testCluster.inbox().count(),
                left -> left < 200);
        draining =
            Measured.rate(testCluster.inbox().count() - (long) delivered, Measured.since(back));
        sending = Measured.rate(load.acknowledged() - (long) sentBefore, Measured.since(answering));
      }
      Verdict verdict =
          Verifier.verify(testCluster, load.journal(), System.nanoTime(), Duration.ofMinutes(2));
      if (measured) {
        assertThat(growing).as("sends beside the backlog").isGreaterThan(usual * 0.6);
        assertThat(draining).isGreaterThan(growing).isGreaterThan(sending);
      }
      return setting.row(
          1,
          verdict,
          "%d waiting; %.0f sends/s before, %.0f/s meanwhile; called again after %s, then drained at %.0f/s while %.0f/s were sent"
              .formatted(waiting, usual, growing, Measured.text(noticed), draining, sending));
    }
  }

  private static double sends(Load load, int count) {
    int before = load.acknowledged();
    long begun = System.nanoTime();
    load.awaitAcknowledged(count);
    return Measured.rate(load.acknowledged() - (long) before, Measured.since(begun));
  }
}
