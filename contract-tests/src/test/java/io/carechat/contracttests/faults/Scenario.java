package io.carechat.contracttests.faults;

import java.util.Locale;

/** What happens to the service while clients send. */
enum Scenario {
  POSTGRESQL_KILLED(true),
  ELASTICSEARCH_AWAY(true),
  BAD_RECEIVERS(true),
  RECEIVER_DEAD(true),
  OVERLOAD(true),
  BAD_ROW(true),
  IDLE_STREAMS(true),
  HOSTILE_CALLERS(true),
  POOL_EXHAUSTED(true),
  // The scenarios that take longest come first.
  LINK_CUT(false),
  IDLE_TRANSACTION(false),
  NODE_STOPPED(false),
  TWO_NODES(false),
  SERVICE_KILLED(false),
  KILLED_BEFORE_SETTLING(false),
  CLOCK_BACK(false),
  SERVICE_STOPPED(false),
  DISK_FULL(false);

  private final boolean alone;

  /** What a scenario runs on, and how many rounds it has. */
  record Setting(Scenario scenario, Machine machine, Rounds rounds) {
    /** A test cluster of the usual shape. */
    TestCluster testCluster() {
      return new TestCluster(machine, TestCluster.Shape.on(machine.cluster()));
    }

    Row row(int times, Verdict verdict, String notes) {
      return Row.of(scenario, times, verdict, notes);
    }
  }

  Scenario(boolean alone) {
    this.alone = alone;
  }

  /** Whether the scenario must be alone on the machine. */
  boolean isAlone() {
    return alone;
  }

  /** The title on the command line and in the table. */
  String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Runs the scenario. The row says whatever went wrong. */
  Row run(Machine machine, Rounds rounds) {
    try {
      return run(new Setting(this, machine, rounds));
    } catch (Exception | AssertionError failure) {
      return Row.failed(this, failure);
    }
  }

  private Row run(Setting setting) throws Exception {
    return switch (this) {
      case POSTGRESQL_KILLED -> Kills.postgresql(setting);
      case ELASTICSEARCH_AWAY -> Kills.elasticsearch(setting);
      case BAD_RECEIVERS -> Receivers.bad(setting);
      case RECEIVER_DEAD -> Receivers.dead(setting);
      case OVERLOAD -> Pressure.overload(setting);
      case BAD_ROW -> Pressure.badRow(setting);
      case IDLE_STREAMS -> IdleStreams.hold(setting);
      case HOSTILE_CALLERS -> HostileCallers.attack(setting);
      case POOL_EXHAUSTED -> Pressure.poolExhausted(setting);
      case LINK_CUT -> Nodes.linkCut(setting);
      case IDLE_TRANSACTION -> Pressure.idleTransaction(setting);
      case NODE_STOPPED -> Nodes.onePaused(setting);
      case TWO_NODES -> Nodes.oneKilled(setting);
      case SERVICE_KILLED -> Kills.service(setting);
      case KILLED_BEFORE_SETTLING -> Kills.beforeSettling(setting);
      case CLOCK_BACK -> Nodes.clockBack(setting);
      case SERVICE_STOPPED -> Kills.stopped(setting);
      case DISK_FULL -> Pressure.diskFull(setting);
    };
  }
}
