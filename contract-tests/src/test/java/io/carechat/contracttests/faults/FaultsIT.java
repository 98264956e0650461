package io.carechat.contracttests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever is killed, no acknowledged message is lost or doubled, and the rest of the system keeps
 * its promises. {@link FaultRounds} is the long form of this test.
 */
final class FaultsIT {
  private static final Map<Scenario, Row> ROWS = new EnumMap<>(Scenario.class);

  @BeforeAll
  static void run() {
    Campaign.run(EnumSet.allOf(Scenario.class), Rounds.SHORT, row -> {})
        .forEach(row -> ROWS.put(row.scenario(), row));
  }

  @ParameterizedTest
  @EnumSource(Scenario.class)
  void holds(Scenario scenario) {
    assertThat(ROWS.get(scenario)).isNotNull().matches(Row::holds, "holds");
  }
}
