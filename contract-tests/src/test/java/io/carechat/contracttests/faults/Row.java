package io.carechat.contracttests.faults;

import java.util.List;
import java.util.Optional;

/**
 * The result of a scenario.
 *
 * @param rounds how often the fault was caused
 * @param verdict empty if the scenario broke off
 * @param notes what else was measured
 * @param failure why the scenario broke off
 */
record Row(
    Scenario scenario,
    int rounds,
    Optional<Verdict> verdict,
    String notes,
    Optional<String> failure) {
  /** The most characters of a reason, because some reasons list every request. */
  private static final int LONGEST_REASON = 1_000;

  /** The headings of the columns. */
  static final List<String> HEADS =
      List.of("scenario", "rounds", "tried", "survived", "lost", "duplicated", "repeated", "notes");

  static Row of(Scenario scenario, int rounds, Verdict verdict, String notes) {
    return new Row(scenario, rounds, Optional.of(verdict), notes, Optional.empty());
  }

  static Row failed(Scenario scenario, Throwable failure) {
    String reason = String.valueOf(failure);
    return new Row(
        scenario,
        0,
        Optional.empty(),
        "",
        Optional.of(reason.substring(0, Math.min(reason.length(), LONGEST_REASON))));
  }

  /** Whether the scenario went as it must. */
  boolean holds() {
    return failure.isEmpty() && verdict.filter(Verdict::holds).isPresent();
  }

  /** The line of the table, followed by what is wrong. */
  String line() {
    String cells =
        verdict
            .map(v ->
                "%d | %d | %d | %d | %d | %d | %s"
                    .formatted(
                        rounds,
                        v.tried(),
                        v.survived(),
                        v.lost(),
                        v.duplicated(),
                        v.repeated(),
                        notes))
            .orElse("- | - | - | - | - | - | broke off");
    var line = new StringBuilder("| %s | %s |%n".formatted(scenario.title(), cells));
    verdict.ifPresent(
        v -> v.faults().forEach(fault -> line.append("FAULT: %s%n".formatted(fault))));
    failure.ifPresent(reason -> line.append("FAULT: %s%n".formatted(reason)));
    return line.toString();
  }
}
