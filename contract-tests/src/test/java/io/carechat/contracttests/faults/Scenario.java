package io.carechat.contracttests.faults;

import java.util.Locale;

/** What is done to the service while clients send. */
enum Scenario {
  SERVICE_KILLED(true, Kills::service),
  POSTGRESQL_KILLED(true, Kills::postgresql),
  ELASTICSEARCH_AWAY(true, Kills::elasticsearch),
  SERVICE_STOPPED(true, Kills::stopped),
  BAD_RECEIVERS(true, Receivers::bad),
  RECEIVER_DEAD(true, Receivers::dead),
  OVERLOAD(true, Pressure::overload),
  POOL_EXHAUSTED(true, Pressure::poolExhausted),
  DISK_FULL(true, Pressure::diskFull),
  BAD_ROW(true, Pressure::badRow),
  IDLE_TRANSACTION(false, Pressure::idleTransaction),
  KILLED_BEFORE_SETTLING(false, Kills::beforeSettling),
  TWO_NODES(false, Nodes::oneKilled),
  NODE_STOPPED(false, Nodes::onePaused),
  LINK_CUT(false, Nodes::linkCut),
  CLOCK_BACK(false, Nodes::clockBack);

  private final boolean alone;
  private final Course course;

  /** What happens in a scenario. */
  @FunctionalInterface
  interface Course {
    Row run(Setting setting) throws Exception;
  }

  /** Where a scenario takes place. */
  record Setting(Scenario scenario, Machine machine, Rounds rounds) {
    /** A site of the usual shape. */
    Site site() {
      return new Site(machine, Site.Shape.on(machine.cluster()));
    }

    Row row(int times, Verdict verdict, String notes) {
      return Row.of(scenario, times, verdict, notes);
    }
  }

  Scenario(boolean alone, Course course) {
    this.alone = alone;
    this.course = course;
  }

  /** Whether nothing else may happen on the machine meanwhile; the others mostly wait. */
  boolean isAlone() {
    return alone;
  }

  /** As it is written on the command line and in the table. */
  String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Does it; whatever it is that goes wrong is in the row. */
  Row run(Machine machine, Rounds rounds) {
    try {
      return course.run(new Setting(this, machine, rounds));
    } catch (Exception | AssertionError failure) {
      return Row.failed(this, failure);
    }
  }
}
