package io.carechat.domain.evidence;

import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.audit.CanonicalAuditRow;
import java.time.Instant;

/**
 * A row of the audit, as the tree sees it.
 *
 * @param id the {@link AuditRow#id} of the row
 * @param at the time in the row
 * @param hash the leaf hash of its canonical JSON
 */
public record AuditLeaf(String id, Instant at, Hash hash) {
  /** Takes what the tree needs of a row. */
  public static AuditLeaf of(AuditRow row) {
    return new AuditLeaf(
        row.id(), row.entry().occurredAt(), CompactRange.leafHash(CanonicalAuditRow.bytes(row)));
  }
}
