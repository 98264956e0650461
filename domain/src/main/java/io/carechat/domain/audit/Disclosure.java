package io.carechat.domain.audit;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a response showed or made. It never has the text of a message, and a query only as a keyed
 * hash.
 *
 * @param first the time of the oldest item of a page, in whole milliseconds; null without items
 * @param last the time of the newest item of a page, in whole milliseconds; null without items
 * @param count how many items were shown; null if the response is no list
 * @param ids the ids of the hits of a search, of the one thing that was shown or changed, or of
 *     what was made; at most {@value #MAX_IDS}
 * @param queryHash a keyed hash of the query of a search; null without a query
 */
public record Disclosure(
    @Nullable Instant first,
    @Nullable Instant last,
    @Nullable Integer count,
    List<String> ids,
    @Nullable String queryHash) {
  /** The maximum number of ids. No page has more items. */
  public static final int MAX_IDS = 200;

  /** The maximum length of an id, in characters. */
  public static final int MAX_ID_LENGTH = 128;

  /** Nothing was shown. */
  public static final Disclosure NOTHING = new Disclosure(null, null, null, List.of(), null);

  /**
   * Copies the ids.
   *
   * @throws IllegalArgumentException if there are too many ids, an id is not 1 to {@value
   *     #MAX_ID_LENGTH} visible ASCII characters, or the count is negative
   */
  public Disclosure {
    ids = List.copyOf(ids);
    if (ids.size() > MAX_IDS) {
      throw new IllegalArgumentException("there are more than " + MAX_IDS + " ids");
    }
    if (!ids.stream().allMatch(Disclosure::isId)) {
      throw new IllegalArgumentException("an id is 1 to " + MAX_ID_LENGTH + " visible characters");
    }
    if (count != null && count < 0) {
      throw new IllegalArgumentException("a count is 0 or more");
    }
  }

  /**
   * Returns whether a text can be an id: 1 to {@value #MAX_ID_LENGTH} visible ASCII characters,
   * without commas.
   */
  public static boolean isId(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_ID_LENGTH
        && text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != ',');
  }

  /** Returns the same with other ids. */
  public Disclosure withIds(List<String> others) {
    return new Disclosure(first, last, count, others, queryHash);
  }

  /** Returns the same with the keyed hash of a query. */
  public Disclosure withQueryHash(String hash) {
    return new Disclosure(first, last, count, ids, hash);
  }
}
