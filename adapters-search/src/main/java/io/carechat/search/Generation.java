package io.carechat.search;

import io.carechat.domain.events.LogPosition;
import org.jspecify.annotations.Nullable;

/**
 * An index, and its watermark as it was once read or written. The index reaches at least that far
 * for as long as it exists, even when the watermark has moved on.
 *
 * @param seqNo the sequence number of the watermark's document. Together with {@code primaryTerm}
 *     it shows whether the document is still the same. Null if there was no watermark.
 */
record Generation(String name, LogPosition upTo, @Nullable Long seqNo, @Nullable Long primaryTerm) {
  /**
   * The alias that belongs to this index alone. A write can require an alias, and Elasticsearch
   * refuses it if there is no such alias. A write by the index's own name would create a missing
   * index again, empty.
   */
  String writingAlias() {
    return writingAliasOf(name);
  }

  static String writingAliasOf(String name) {
    return name + "-writing";
  }
}
