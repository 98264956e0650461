package io.carechat.contracttests.faults;

/** How much of each scenario is done. */
enum Rounds {
  /** As little as shows anything: with the ordinary tests. */
  SHORT,
  /** A fifth of the long form, or as much as the short one. */
  MEDIUM,
  /** As much as finds what is rare. */
  LONG;

  /** A count between the one of the short form and the one of the long form. */
  int of(int whenShort, int whenLong) {
    return switch (this) {
      case SHORT -> whenShort;
      case MEDIUM -> Math.max(whenShort, whenLong / 5);
      case LONG -> whenLong;
    };
  }
}
