package io.carechat.rest.http;

import io.carechat.domain.access.Caller;
import io.carechat.domain.audit.AuditEntry;
import io.carechat.domain.audit.AuditTrail;
import io.carechat.domain.audit.CallerType;
import io.carechat.domain.audit.QueryHash;
import io.carechat.domain.chat.TenantInstance;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** Records requests with a known credential in the audit. Safe for use by many threads. */
public final class AuditRecorder {
  private final AuditTrail trail;
  private final QueryHash queryHash;
  private final InstantSource clock;

  /**
   * @param trail stores entries
   * @param queryHash makes hashes of queries
   * @param clock gives the time of entries
   */
  public AuditRecorder(AuditTrail trail, QueryHash queryHash, InstantSource clock) {
    this.trail = trail;
    this.queryHash = queryHash;
    this.clock = clock;
  }

  String hash(TenantInstance instance, String query) {
    return queryHash.of(instance, query);
  }

  /**
   * Records how a request ends.
   *
   * @param outcome what the response is
   * @throws io.carechat.domain.chat.Unavailable if it could not be stored in time
   */
  void record(Caller caller, RequestAudit.Target target, RequestAudit.Outcome outcome) {
    AuditEntry entry = entry(caller, target, outcome);
    if (ProblemKind.UNAVAILABLE.code().equals(outcome.problem())) {
      trail.recordSoon(entry);
    } else {
      trail.record(entry);
    }
  }

  /** Makes the entry of a request that ends now. */
  AuditEntry entry(Caller caller, RequestAudit.Target target, RequestAudit.Outcome outcome) {
    return new AuditEntry(
        clock.instant().truncatedTo(ChronoUnit.MILLIS),
        caller.instance(),
        CallerType.of(caller),
        caller.credentialId(),
        CallerType.subjectOf(caller),
        caller.isBreakGlass(),
        target.address(),
        target.operation(),
        target.patient(),
        target.requestId(),
        outcome.status(),
        outcome.problem(),
        outcome.shown());
  }
}
