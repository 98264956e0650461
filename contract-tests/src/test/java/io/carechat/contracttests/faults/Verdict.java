package io.carechat.contracttests.faults;

import java.util.List;

/**
 * The result of comparing a journal with everything else.
 *
 * @param tried how many messages clients tried to send
 * @param survived how many of them were acknowledged and are everywhere: once in PostgreSQL, under
 *     the acknowledged id, found, searchable, indexed, and delivered to every endpoint that works
 * @param lost how many were acknowledged, but are missing somewhere
 * @param duplicated how many exist more than once, acknowledged or not
 * @param repeated how many webhook calls were made again with the same {@code webhook-id}, which
 *     the contract allows
 * @param faults the first messages that were lost or duplicated, and anything else that must not
 *     happen, such as a wrong order
 */
record Verdict(
    int tried, int survived, int lost, int duplicated, int repeated, List<String> faults) {
  Verdict {
    faults = List.copyOf(faults);
  }

  /** Whether nothing is wrong. */
  boolean holds() {
    return lost == 0 && duplicated == 0 && faults.isEmpty();
  }
}
