package io.carechat.domain.exports;

import io.carechat.domain.events.LogPosition;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An export, as it stands.
 *
 * @param id identifies it in its instance
 * @param request what is exported
 * @param createdAt when it was asked for, in whole milliseconds. Every message that was committed
 *     before then is in it.
 * @param through the last position of the log that belongs to it. Every message up to it is in the
 *     export, and none after it.
 * @param state how far it has come
 * @param progress how much of the file has been written
 * @param sha256 the SHA-256 of the file in hexadecimal digits; null until it is complete
 * @param finishedAt when the file was complete; null until then
 * @param expiresAt when the export is removed
 */
public record Export(
    ExportId id,
    ExportRequest request,
    Instant createdAt,
    LogPosition through,
    ExportState state,
    ExportProgress progress,
    @Nullable String sha256,
    @Nullable Instant finishedAt,
    Instant expiresAt) {}
