package io.carechat.domain.records;

import io.carechat.domain.chat.Unavailable;
import java.util.List;
import java.util.Set;

/**
 * What the database knows of ledgers. Only erasures that have begun belong into one. Safe for use
 * by many threads. Every method may throw {@link Unavailable}.
 */
public interface LedgeredErasures {
  /** Returns whether any erasure was noted in any ledger. */
  boolean anyNoted();

  /** Returns the ids of the erasures that were noted in a ledger. */
  Set<ErasureId> notedIn(String ledger);

  /** Returns begun erasures that were not noted in a ledger, oldest first. */
  List<Erasure> notNotedIn(String ledger, int limit);

  /** Records that an erasure is in a ledger. */
  void note(String ledger, Erasure erasure);

  /**
   * Begins an erasure again in a database that does not know that it has begun. Whatever stands
   * against it in this database was out of the way when it began: holds are not considered, and a
   * restriction ends.
   *
   * @return the erasure, perhaps with rows that are still to be removed; if the database knows that
   *     it has begun, as it is
   */
  Erasure replay(ErasureLedger.Entry entry);
}
