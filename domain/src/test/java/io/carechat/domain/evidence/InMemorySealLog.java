package io.carechat.domain.evidence;

import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.chat.TenantInstance;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Checkpoints in memory. Safe for use by many threads. */
public final class InMemorySealLog implements SealLog {
  /** All checkpoints, in the order in which they were added. A test may change them. */
  public final List<Seal> all = new ArrayList<>();

  /** What was said of removed rows. */
  public final List<SignedCheckpoint> removals = new ArrayList<>();

  private final TamperableAudit audit;

  /** Makes one whose audit has no rows to remove. */
  public InMemorySealLog() {
    this(new TamperableAudit());
  }

  /**
   * @param audit whose rows are removed
   */
  public InMemorySealLog(TamperableAudit audit) {
    this.audit = audit;
  }

  private Stream<Seal> of(TenantInstance instance) {
    return all.stream()
        .filter(seal -> seal.signed().checkpoint().instance().equals(instance))
        .sorted(Comparator.comparingLong(Seal::size));
  }

  @Override
  public synchronized Optional<Seal> newest(TenantInstance instance) {
    return of(instance).reduce((one, other) -> other);
  }

  @Override
  public synchronized boolean add(Seal seal, long previousSize) {
    long newest = newest(seal.signed().checkpoint().instance()).map(Seal::size).orElse(0L);
    return newest == previousSize && all.add(seal);
  }

  @Override
  public synchronized Optional<Seal> find(TenantInstance instance, long size) {
    return of(instance).filter(seal -> seal.size() == size).findFirst();
  }

  @Override
  public synchronized List<Seal> after(TenantInstance instance, long size, int limit) {
    return of(instance).filter(seal -> seal.size() > size).limit(limit).toList();
  }

  @Override
  public synchronized List<Numbered> all(long after, int limit) {
    var numbered = new ArrayList<Numbered>();
    for (int i = 0; i < all.size(); i++) {
      numbered.add(new Numbered(i + 1, all.get(i)));
    }
    return numbered.stream().filter(each -> each.number() > after).limit(limit).toList();
  }

  @Override
  public synchronized Optional<SignedCheckpoint> removal(TenantInstance instance) {
    return removals.stream()
        .filter(signed -> signed.checkpoint().instance().equals(instance))
        .max(Comparator.comparingLong(signed -> signed.checkpoint().size()));
  }

  @Override
  public synchronized long remove(SignedCheckpoint removal, Instant olderThan) {
    Checkpoint checkpoint = removal.checkpoint();
    Seal seal =
        find(checkpoint.instance(), checkpoint.size())
            .orElseThrow(() -> new IllegalStateException("there is no such checkpoint"));
    long before =
        removal(checkpoint.instance()).map(signed -> signed.checkpoint().size()).orElse(0L);
    if (checkpoint.size() <= before) {
      return 0;
    }
    List<AuditRow> rows =
        audit.rows.stream()
            .filter(row -> row.entry().instance().equals(checkpoint.instance()))
            .filter(row -> row.position().compareTo(seal.last()) <= 0)
            .toList();
    if (rows.size() != checkpoint.size() - before
        || !rows.stream().allMatch(row -> row.entry().occurredAt().isBefore(olderThan))) {
      throw new IllegalStateException("the rows are too young, or not those that were sealed");
    }
    audit.rows.removeAll(rows);
    removals.add(removal);
    return rows.size();
  }
}
