package io.carechat.contracttests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nothing that was acknowledged is lost or doubled, whatever is killed; and what is left keeps its
 * promises. The long form of the same is {@link FaultRounds}.
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
