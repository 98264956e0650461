package io.carechat.domain.records;

import io.carechat.domain.chat.Unavailable;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Keeps a ledger and the database in step. {@link #replay} is for one thread, before the service
 * answers requests. {@link #step} is safe for use by many threads.
 */
public final class LedgerKeeper {
  private static final int BATCH_SIZE = 100;

  private final ErasureLedger ledger;
  private final LedgeredErasures database;
  private final Erasures erasures;

  /**
   * @param ledger the ledger
   * @param database what the database knows of it
   * @param erasures removes rows
   */
  public LedgerKeeper(ErasureLedger ledger, LedgeredErasures database, Erasures erasures) {
    this.ledger = ledger;
    this.database = database;
    this.erasures = erasures;
  }

  /**
   * Erases from the database whatever the ledger says is erased. This is for a start: the database
   * may be an older one, which was restored from a backup.
   *
   * @return how many erasures the database did not know
   * @throws IllegalStateException if the ledger lacks entries that the database knows to be in it;
   *     the message says how many, and names one
   * @throws Unavailable if the database is unavailable
   */
  public int replay() {
    List<ErasureLedger.Entry> entries = ledger.entries();
    Set<ErasureId> noted = database.notedIn(ledger.id());
    var missing = new HashSet<>(noted);
    entries.forEach(entry -> missing.remove(entry.id()));
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "The ledger of erasures lacks "
              + missing.size()
              + " that the database knows to be in it, such as "
              + missing.iterator().next()
              + ". Its end is lost, or it is not the ledger of this node. Restore the file.");
    }
    int replayed = 0;
    for (ErasureLedger.Entry entry : entries) {
      if (!noted.contains(entry.id())) {
        Erasure erasure = database.replay(entry);
        while (erasure.state() == Erasure.State.REMOVING) {
          erasure = erasures.removeMore(erasure);
        }
        database.note(ledger.id(), erasure);
        replayed++;
      }
    }
    step();
    return replayed;
  }

  /**
   * Appends every begun erasure that the ledger lacks, whichever node it was requested on.
   *
   * @throws Unavailable if the ledger or the database is unavailable; nothing is lost, and the
   *     caller tries again
   */
  public void step() {
    List<Erasure> next;
    do {
      next = database.notNotedIn(ledger.id(), BATCH_SIZE);
      for (Erasure erasure : next) {
        ledger.append(
            new ErasureLedger.Entry(
                erasure.id(),
                erasure.chat(),
                erasure.reason(),
                erasure.requestedAt(),
                erasure.requestedBy(),
                Objects.requireNonNull(erasure.through())));
        database.note(ledger.id(), erasure);
      }
    } while (next.size() == BATCH_SIZE);
  }
}
