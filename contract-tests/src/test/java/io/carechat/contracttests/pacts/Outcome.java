package io.carechat.contracttests.pacts;

import java.util.List;

/**
 * The result of verifying one interaction.
 *
 * @param differences descriptions for the pact's author; empty if the service keeps the interaction
 */
record Outcome(String consumer, String interaction, boolean pending, List<String> differences) {
  Outcome {
    differences = List.copyOf(differences);
  }

  boolean kept() {
    return differences.isEmpty();
  }

  /** Whether the interaction makes the verification fail. A pending interaction never does. */
  boolean fails() {
    return !kept() && !pending;
  }

  /**
   * Lines for a reader. The first line names the interaction, and each further line is a
   * difference.
   */
  String report() {
    var lines = new StringBuilder();
    lines
        .append(kept() ? "kept     " : pending ? "pending  " : "DIFFERS  ")
        .append(consumer)
        .append(": ")
        .append(interaction)
        .append('\n');
    differences.forEach(difference ->
        lines.append("    - ").append(difference.strip().replace("\n", "\n      ")).append('\n'));
    return lines.toString();
  }
}
