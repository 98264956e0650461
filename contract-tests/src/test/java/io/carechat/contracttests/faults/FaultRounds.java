package io.carechat.contracttests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The command {@code ./carechat faults}. It runs only if it is named. It reads three system
 * properties: {@code faults.rounds} (short, medium or long), {@code faults.only} (titles of
 * scenarios, separated by commas; empty for all) and {@code faults.report} (the file that gets each
 * row as soon as it is there).
 */
final class FaultRounds {
  @Test
  void hold() {
    Path report = Path.of(property("faults.report"));
    Rounds rounds = Rounds.valueOf(property("faults.rounds").toUpperCase(Locale.ROOT));
    append(report, "| " + String.join(" | ", Row.HEADS) + " |\n");
    append(report, "|" + " --- |".repeat(Row.HEADS.size()) + "\n");

    List<Row> rows =
        Campaign.run(chosen(property("faults.only")), rounds, row -> append(report, row.line()));

    assertThat(rows).isNotEmpty().allMatch(Row::holds);
  }

  private static Set<Scenario> chosen(String only) {
    if (only.isBlank()) {
      return EnumSet.allOf(Scenario.class);
    }
    Set<String> titles = Set.of(only.split(",", -1));
    Set<Scenario> chosen =
        Arrays.stream(Scenario.values())
            .filter(scenario -> titles.contains(scenario.title()))
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Scenario.class)));
    assertThat(chosen).as("scenarios of the names %s", titles).hasSameSizeAs(titles);
    return chosen;
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty(name), name);
  }

  private static void append(Path report, String text) {
    try {
      Files.writeString(report, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
