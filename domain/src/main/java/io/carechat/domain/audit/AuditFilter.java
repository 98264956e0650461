package io.carechat.domain.audit;

import io.carechat.domain.chat.PatientId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The condition that the rows of a list meet. Null means that it does not matter.
 *
 * @param patient only rows of requests for the chat of this patient
 * @param credentialId only rows of this credential
 * @param operation only rows of this operation
 * @param from only rows of this time or later
 * @param to only rows before this time
 */
public record AuditFilter(
    @Nullable PatientId patient,
    @Nullable String credentialId,
    @Nullable String operation,
    @Nullable Instant from,
    @Nullable Instant to) {
  /** All rows of an instance. */
  public static final AuditFilter ALL = new AuditFilter(null, null, null, null, null);

  /** Returns all rows of requests for the chat of one patient. */
  public static AuditFilter ofPatient(PatientId patient) {
    return new AuditFilter(patient, null, null, null, null);
  }

  /** Returns whether an entry meets the condition. */
  public boolean matches(AuditEntry entry) {
    return (patient == null || patient.equals(entry.patient()))
        && (from == null || !entry.occurredAt().isBefore(from))
        && (to == null || entry.occurredAt().isBefore(to))
        && isOfCaller(entry);
  }

  private boolean isOfCaller(AuditEntry entry) {
    return (credentialId == null || credentialId.equals(entry.credentialId()))
        && (operation == null || operation.equals(entry.operation()));
  }
}
