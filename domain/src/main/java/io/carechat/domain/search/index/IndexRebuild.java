package io.carechat.domain.search.index;

import io.carechat.domain.chat.Unavailable;

/**
 * An index that is filled beside the one that is searched, and then takes its place. Of several at
 * once the one that was begun last stays: it removes those that are not finished, whether whoever
 * began them is still at work or was killed.
 */
public interface IndexRebuild extends FollowedIndex {
  /** The one to be searched and followed from now on. */
  sealed interface Outcome {
    /** It is, and the one before is deleted. */
    record TookOver() implements Outcome {}

    /** It is not, and is deleted: another rebuild was begun after this one. */
    record Superseded() implements Outcome {}
  }

  /**
   * Whether this index was removed because another rebuild was begun.
   *
   * @throws Unavailable if the index is away
   */
  boolean isSuperseded();

  /**
   * Puts this index in the place of the one that is searched, in one step: every search sees
   * either. It should have caught up with the log, or searches will have to bring in much.
   *
   * @throws Unavailable if the index is away; whether it took over is then unknown, and may be
   *     asked for again
   */
  Outcome takeOver();
}
