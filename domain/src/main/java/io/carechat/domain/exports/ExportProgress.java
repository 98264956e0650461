package io.carechat.domain.exports;

import io.carechat.domain.events.LogPosition;
import org.jspecify.annotations.Nullable;

/**
 * How much of the file of an export has been written.
 *
 * @param messages how many messages
 * @param bytes how many bytes
 * @param first the position of the first message; null if there is none yet
 * @param last the position of the last message; null if there is none yet
 */
public record ExportProgress(
    long messages, long bytes, @Nullable LogPosition first, @Nullable LogPosition last) {
  /** Nothing has been written. */
  public static final ExportProgress NONE = new ExportProgress(0, 0, null, null);

  /** Returns the progress after one more message. */
  ExportProgress plus(LogPosition position, int moreBytes) {
    return new ExportProgress(
        messages + 1, bytes + moreBytes, first == null ? position : first, position);
  }
}
