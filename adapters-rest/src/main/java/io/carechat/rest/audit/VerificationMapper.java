package io.carechat.rest.audit;

import io.carechat.api.AuditFaultKind;
import io.carechat.api.AuditVerification;
import io.carechat.domain.evidence.AuditFault;
import io.carechat.domain.evidence.AuditReport;
import org.jspecify.annotations.Nullable;

/** Converts what a verification of the audit has found to the contract. */
final class VerificationMapper {
  private VerificationMapper() {}

  static AuditVerification report(AuditReport report) {
    AuditFault fault = report.fault();
    return new AuditVerification(
        fault == null,
        report.removedRows(),
        report.verifiedFrom(),
        report.verifiedTo(),
        report.next(),
        report.unsealedRows(),
        report.unsealedSince(),
        report.checkpoint() == null ? null : report.checkpoint().note(),
        fault(fault));
  }

  private static io.carechat.api.@Nullable AuditFault fault(@Nullable AuditFault fault) {
    return fault == null
        ? null
        : new io.carechat.api.AuditFault(
            kind(fault.kind()), fault.firstRow(), fault.lastRow(), fault.rowId());
  }

  private static AuditFaultKind kind(AuditFault.Kind kind) {
    return switch (kind) {
      case ROW_CHANGED -> AuditFaultKind.ROW_CHANGED;
      case ROW_MISSING -> AuditFaultKind.ROW_MISSING;
      case ROW_ADDED -> AuditFaultKind.ROW_ADDED;
      case ROW_MOVED -> AuditFaultKind.ROW_MOVED;
      case ROWS_DIFFER -> AuditFaultKind.ROWS_DIFFER;
      case CHECKPOINT_CHANGED -> AuditFaultKind.CHECKPOINT_CHANGED;
      case CHECKPOINT_MISSING -> AuditFaultKind.CHECKPOINT_MISSING;
      case TREE_REPLACED -> AuditFaultKind.TREE_REPLACED;
    };
  }
}
