package io.carechat.domain.exports;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is to be exported, and how. Two requests with the same idempotency key must be equal.
 *
 * @param source the messages
 * @param format how they are written
 * @param from only messages that were created then or later, in whole milliseconds; null for no
 *     bound
 * @param to only messages that were created before then, in whole milliseconds; null for no bound
 */
public record ExportRequest(
    ExportSource source, ExportFormat format, @Nullable Instant from, @Nullable Instant to) {
  /** Returns whether a message that was created at a time is a part of the export. */
  public boolean includes(Instant createdAt) {
    return (from == null || !createdAt.isBefore(from)) && (to == null || createdAt.isBefore(to));
  }
}
