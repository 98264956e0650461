package io.carechat.contracttests.faults;

/** How many rounds each scenario has. */
enum Rounds {
  /** As few as can show anything. This runs with the ordinary tests. */
  SHORT,
  /** A fifth of the long form, but at least as many as the short form. */
  MEDIUM,
  /** Enough to find rare faults. */
  LONG;

  /** A count between that of the short form and that of the long form. */
  int of(int whenShort, int whenLong) {
    return switch (this) {
      case SHORT -> whenShort;
      case MEDIUM -> Math.max(whenShort, whenLong / 5);
      case LONG -> whenLong;
    };
  }
}
