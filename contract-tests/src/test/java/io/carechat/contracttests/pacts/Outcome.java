package io.carechat.contracttests.pacts;

import java.util.List;

/**
 * What the verification of one interaction came to.
 *
 * @param differences in words for the pact's author; none if the interaction is kept
 */
record Outcome(String consumer, String interaction, boolean pending, List<String> differences) {
  Outcome {
    differences = List.copyOf(differences);
  }

  boolean kept() {
    return differences.isEmpty();
  }

  /** Whether it makes the verification fail: a pending interaction never does. */
  boolean fails() {
    return !kept() && !pending;
  }

  /** Lines for a reader, the first with the interaction, then one for each difference. */
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
