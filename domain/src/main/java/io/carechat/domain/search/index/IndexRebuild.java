package io.carechat.domain.search.index;

import io.carechat.domain.chat.Unavailable;

/**
 * A new index that is filled while another one is searched, and that then replaces it. If several
 * rebuilds are begun, the last one wins. It removes all unfinished ones, whether the processes that
 * began them still run or not.
 */
public interface IndexRebuild extends FollowedIndex {
  /** The result of {@link #takeOver}. */
  sealed interface Outcome {
    /** This index is now the one that is searched and followed. The one before is deleted. */
    record TookOver() implements Outcome {}

    /** Another rebuild was begun after this one. This index is deleted. */
    record Superseded() implements Outcome {}
  }

  /**
   * Returns whether this index was removed because another rebuild was begun.
   *
   * @throws Unavailable if the index is unavailable
   */
  boolean isSuperseded();

  /**
   * Replaces the index that is searched by this one, in one step. Every search sees either one or
   * the other. This index should have caught up with the log. Otherwise searches must read many
   * messages from the log.
   *
   * @throws Unavailable if the index is unavailable. It is then unknown whether this index has
   *     taken over, and the caller may call this again.
   */
  Outcome takeOver();
}
