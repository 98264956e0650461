package io.carechat.search;

import io.carechat.domain.events.LogPosition;
import org.jspecify.annotations.Nullable;

/**
 * An index, and the watermark in it as it was once read or written. That remains true for as long
 * as the index exists, even when the watermark has moved on.
 *
 * @param seqNo of the watermark's document, with {@code primaryTerm} to tell whether it is still
 *     the same; null if there was none
 */
record Generation(String name, LogPosition upTo, @Nullable Long seqNo, @Nullable Long primaryTerm) {
  /**
   * The alias that belongs to this index alone. A write that insists on an alias is refused where
   * there is none; to an index by its own name, it would create it anew, empty.
   */
  String writingAlias() {
    return writingAliasOf(name);
  }

  static String writingAliasOf(String name) {
    return name + "-writing";
  }
}
