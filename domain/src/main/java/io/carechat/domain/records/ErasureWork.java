package io.carechat.domain.records;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.evidence.SigningKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Carries erasures on to their end, whichever node they were requested on: the rest of the rows,
 * the index, the files of the index, and the receipt. Whatever is interrupted is repeated. {@link
 * #step} is for one thread of a node. Several nodes may do the same work, and do no harm.
 */
public final class ErasureWork {
  private static final int MAX_AT_ONCE = 100;

  private final Erasures erasures;
  private final ErasedDocuments documents;
  private final Supplier<LogPosition> indexedUpTo;
  private final Consumer<ChatId> forget;
  private final SigningKey key;
  private final InstantSource clock;
  private final Duration settling;
  private final Duration backups;

  /**
   * @param erasures the erasures
   * @param documents the documents of the index
   * @param indexedUpTo how far the index has followed the log
   * @param forget makes this node forget what it remembers of a chat
   * @param key signs the receipts
   * @param clock a clock that all nodes share
   * @param settling how long a node may still be writing messages to the index that it has read
   *     from the log before they were erased
   * @param backups how long backups are kept
   */
  public ErasureWork(
      Erasures erasures,
      ErasedDocuments documents,
      Supplier<LogPosition> indexedUpTo,
      Consumer<ChatId> forget,
      SigningKey key,
      InstantSource clock,
      Duration settling,
      Duration backups) {
    this.erasures = erasures;
    this.documents = documents;
    this.indexedUpTo = indexedUpTo;
    this.forget = forget;
    this.key = key;
    this.clock = clock;
    this.settling = settling;
    this.backups = backups;
  }

  /**
   * Does what can be done now.
   *
   * @return how many erasures are still unfinished
   * @throws Unavailable if the database or the index is unavailable; nothing is lost, and the
   *     caller tries again
   */
  public int step() {
    List<Erasure> unfinished = erasures.unfinished(MAX_AT_ONCE);
    var indexing = new ArrayList<Erasure>();
    for (Erasure erasure : unfinished) {
      Erasure current = erasure;
      while (current.state() == Erasure.State.REMOVING) {
        current = erasures.removeMore(current);
      }
      forget.accept(current.chat());
      if (current.state() == Erasure.State.INDEXING) {
        indexing.add(current);
      }
    }
    return unfinished.size() - completeThoseOf(indexing);
  }

  /** Returns how many were completed. */
  private int completeThoseOf(List<Erasure> indexing) {
    Instant now = now();
    List<Erasure> settled =
        indexing.stream()
            .filter(erasure ->
                !now.isBefore(Objects.requireNonNull(erasure.removedAt()).plus(settling)))
            .toList();
    if (settled.isEmpty()) {
      return 0;
    }
    LogPosition indexed = indexedUpTo.get();
    List<Erasure> followed =
        settled.stream()
            .filter(erasure -> Objects.requireNonNull(erasure.event()).compareTo(indexed) <= 0)
            .toList();
    for (Erasure erasure : followed) {
      long _ = documents.remove(erasure.chat(), Objects.requireNonNull(erasure.through()));
    }
    if (followed.isEmpty() || !documents.purge()) {
      return 0;
    }
    Instant purged = now();
    for (Erasure erasure : followed) {
      erasures.complete(erasure, ErasureReceipt.sign(erasure, purged, backups, key));
    }
    return followed.size();
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
