package io.carechat.domain.evidence;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a verification of the audit of an instance has found.
 *
 * @param removedRows how many of the first rows were removed, because they need not be kept
 * @param verifiedFrom how many rows are before the first one that was verified this time
 * @param verifiedTo up to which row the rows are those that were sealed
 * @param next the number of rows after which to go on; null if there is nothing more to verify
 * @param unsealedRows how many rows are after the newest checkpoint, as far as they were counted; 0
 *     if there is more to verify
 * @param unsealedSince the time in the first of these rows; null if there is none
 * @param checkpoint the last checkpoint that was verified; null if there was none
 * @param fault the first thing that is wrong; null if nothing is
 */
public record AuditReport(
    long removedRows,
    long verifiedFrom,
    long verifiedTo,
    @Nullable Long next,
    int unsealedRows,
    @Nullable Instant unsealedSince,
    @Nullable SignedCheckpoint checkpoint,
    @Nullable AuditFault fault) {}
