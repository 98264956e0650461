package io.carechat.contracttests.faults;

import java.util.List;

/**
 * What the comparison of a journal with everything else gave.
 *
 * @param tried how many messages clients tried to send
 * @param survived how many of those were acknowledged and are everywhere: once in PostgreSQL, under
 *     the id that was acknowledged, found, searchable, indexed, and delivered to every endpoint
 *     that works
 * @param lost how many were acknowledged, and are missing somewhere
 * @param duplicated how many are there more than once, acknowledged or not
 * @param repeated how many webhook calls were made again under the same {@code webhook-id}, which
 *     the contract allows
 * @param faults the first of those that were lost or duplicated, and whatever else must not be,
 *     such as a wrong order
 */
record Verdict(
    int tried, int survived, int lost, int duplicated, int repeated, List<String> faults) {
  Verdict {
    faults = List.copyOf(faults);
  }

  /** Whether everything holds. */
  boolean holds() {
    return lost == 0 && duplicated == 0 && faults.isEmpty();
  }
}
