package io.carechat.domain.search;

import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How one search goes on. The index may propose many messages for each that is a hit, so the steps
 * grow, however few hits are wanted: what is proposed first is judged at once, and thousands of
 * proposals take a few steps. And a search does not go on for ever. For one thread.
 */
final class SearchBudget {
  /** A search takes milliseconds; who waits longer than this has given up, or soon will. */
  static final Duration LONGEST = Duration.ofSeconds(10);

  /** A proposal costs next to nothing but the way to the index. */
  private static final int FEWEST_PROPOSALS = 100;

  private static final int MOST_PROPOSALS = 1_600;

  /** Texts may be long. */
  private static final int MOST_TEXTS = 500;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

  private final LongSupplier nanoTime;
  private final long start;
  private int proposals;
  private int texts;

  /** Begins now. */
  SearchBudget(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  /**
   * Begins to look for hits.
   *
   * @param hits how many are wanted, 1 or more
   */
  void begin(int hits) {
    proposals = Math.max(hits, FEWEST_PROPOSALS);
    texts = hits;
  }

  /**
   * How many messages to have proposed next.
   *
   * @throws Unavailable if the search has taken too long
   */
  int nextProposals() {
    goOn();
    int next = proposals;
    proposals = Math.max(next, Math.min(2 * next, MOST_PROPOSALS));
    return next;
  }

  /**
   * How many of the messages that were proposed to judge next.
   *
   * @throws Unavailable if the search has taken too long
   */
  int nextTexts() {
    goOn();
    int next = texts;
    texts = Math.max(next, Math.min(2 * next, MOST_TEXTS));
    return next;
  }

  /**
   * Tells whether the search may go on.
   *
   * @throws Unavailable if it has taken too long
   */
  void goOn() {
    if (nanoTime.getAsLong() - start > LONGEST.toNanos()) {
      throw new Unavailable("A search has taken too long", RETRY_AFTER);
    }
  }
}
