package io.carechat.domain.evidence;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The checkpoints that seal the audit. They are only ever added. Safe for use by many threads and
 * by several nodes. May throw {@link Unavailable}.
 */
public interface SealLog {
  /** Returns the newest checkpoint of an instance. The result is empty if there is none. */
  Optional<Seal> newest(TenantInstance instance);

  /**
   * Adds a checkpoint, and logs it as an event of its instance, in one transaction.
   *
   * @param previousSize the number of rows in the newest checkpoint of the instance, which this one
   *     continues; 0 if there is none
   * @return false if another node has added one meanwhile; nothing is added then
   */
  boolean add(Seal seal, long previousSize);

  /** Returns the checkpoint of an instance that has exactly so many rows, if there is one. */
  Optional<Seal> find(TenantInstance instance, long size);

  /**
   * Returns the next checkpoints of an instance that have more rows than that, those with the
   * fewest first.
   *
   * @param limit the maximum number of checkpoints, 1 or more
   */
  List<Seal> after(TenantInstance instance, long size, int limit);

  /**
   * Returns the next checkpoints of all instances, in an order in which none is missed.
   *
   * @param after the number of the last checkpoint that the reader saw, or 0
   * @param limit the maximum number of checkpoints, 1 or more
   */
  List<Numbered> all(long after, int limit);

  /**
   * A checkpoint, and its number among those of all instances.
   *
   * @param number 1 or more
   */
  record Numbered(long number, Seal seal) {}

  /**
   * Returns what was said when the first rows of an instance were last removed. The result is empty
   * if none were removed.
   */
  Optional<SignedCheckpoint> removal(TenantInstance instance);

  /**
   * Removes the rows at the beginning of an instance's audit, and keeps what is said about that.
   * The checkpoints remain.
   *
   * @param removal what is said: its size is that of a checkpoint, up to which the rows are removed
   * @param olderThan all of these rows are older; it is 30 days ago or longer
   * @return how many rows were removed; 0 if so many have been removed before
   * @throws IllegalStateException if there is no such checkpoint, a row is too young, or the rows
   *     are not as many as were sealed; nothing is removed then
   */
  long remove(SignedCheckpoint removal, Instant olderThan);
}
