package io.carechat.domain.search;

import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Limits the time of one search, and decides how many messages it processes in each step. The index
 * may propose many messages for each hit, so the steps grow even if few hits are wanted. The first
 * step is small, so that the first proposals are checked at once. Thousands of proposals still need
 * only a few steps. For use by one thread at a time.
 */
final class SearchBudget {
  /**
   * The maximum duration of a search. A search normally takes milliseconds. A caller that has
   * waited this long has given up, or soon will.
   */
  static final Duration MAX_DURATION = Duration.ofSeconds(10);

  /**
   * The minimum number of proposals in a step. Nearly all proposals are hits, so the first step
   * asks for little more than the wanted hits. Fetching a proposal costs the index about as much as
   * finding it.
   */
  private static final int MIN_PROPOSALS = 25;

  private static final int MAX_PROPOSALS = 1_600;

  /** Smaller than the maximum number of proposals, because texts may be long. */
  private static final int MAX_TEXTS = 500;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

  private final LongSupplier nanoTime;
  private final long start;
  private int proposals;
  private int texts;

  /** Starts the search's time. */
  SearchBudget(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  /**
   * Prepares the steps of one pass.
   *
   * @param hits how many hits are wanted, 1 or more
   */
  void begin(int hits) {
    proposals = Math.max(hits + hits / 4, MIN_PROPOSALS);
    texts = hits;
  }

  /**
   * Returns how many messages the index should propose in the next step.
   *
   * @throws Unavailable if the search has taken too long
   */
  int nextProposals() {
    checkTime();
    int next = proposals;
    proposals = Math.max(next, Math.min(2 * next, MAX_PROPOSALS));
    return next;
  }

  /**
   * Returns how many of the proposed messages to check in the next step.
   *
   * @throws Unavailable if the search has taken too long
   */
  int nextTexts() {
    checkTime();
    int next = texts;
    texts = Math.max(next, Math.min(2 * next, MAX_TEXTS));
    return next;
  }

  /**
   * Checks that the search may continue.
   *
   * @throws Unavailable if the search has taken too long
   */
  void checkTime() {
    if (remaining().isNegative()) {
      throw tookTooLong();
    }
  }

  /** Returns the time that is left to the search. It is negative if the search took too long. */
  Duration remaining() {
    return MAX_DURATION.minusNanos(nanoTime.getAsLong() - start);
  }

  /** Makes the exception of a search that has taken too long. */
  static Unavailable tookTooLong() {
    return new Unavailable("A search has taken too long", RETRY_AFTER);
  }
}
