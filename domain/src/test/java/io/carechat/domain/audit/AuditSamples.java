package io.carechat.domain.audit;

import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Audit entries for tests. */
public final class AuditSamples {
  private AuditSamples() {}

  /** A page that a nurse has read. */
  public static AuditEntry page(TenantInstance instance, PatientId patient, Instant at) {
    return entry(
        instance,
        patient,
        at,
        "user:0123456789abcdef",
        "findMessages",
        200,
        null,
        new Disclosure(at.minusSeconds(60), at.minusSeconds(1), 7, List.of(), null));
  }

  /** An entry of a member of the care team. */
  public static AuditEntry entry(
      TenantInstance instance,
      @Nullable PatientId patient,
      Instant at,
      String credentialId,
      String operation,
      int status,
      @Nullable String problem,
      Disclosure shown) {
    return new AuditEntry(
        at,
        instance,
        CallerType.CARE_TEAM,
        credentialId,
        "0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10",
        false,
        "192.0.2.7",
        operation,
        patient,
        "01FZ" + Samples.newUuid(),
        status,
        problem,
        shown);
  }
}
