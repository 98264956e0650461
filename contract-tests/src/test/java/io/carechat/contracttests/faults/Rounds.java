package io.carechat.contracttests.faults;

/** How much of each scenario is done. */
enum Rounds {
  /** As little as shows anything: with the ordinary tests. */
  SHORT,
  /** As much as finds what is rare: by the command {@code ./carechat faults --rounds long}. */
  LONG;

  /** One of two counts. */
  int of(int whenShort, int whenLong) {
    return this == SHORT ? whenShort : whenLong;
  }
}
