package io.carechat.rest.audit;

import io.carechat.api.Access;
import io.carechat.api.AccessPage;
import io.carechat.api.AuditCallerType;
import io.carechat.api.AuditEvent;
import io.carechat.api.AuditEventPage;
import io.carechat.api.AuditService;
import io.carechat.domain.audit.AuditEntry;
import io.carechat.domain.audit.AuditFilter;
import io.carechat.domain.audit.AuditKey;
import io.carechat.domain.audit.AuditReports;
import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.audit.CallerType;
import io.carechat.domain.audit.Disclosure;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.evidence.AuditVerification;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageRequest;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.RequestContext;
import io.carechat.rest.mapping.ApiMapper;
import io.carechat.rest.paging.PageTokenType;
import java.util.UUID;

/** The contract's operations that show and verify the audit. Safe for use by many threads. */
public final class AuditOperations implements AuditService<RequestContext> {
  private static final AuditTokens EVENT_TOKENS = new AuditTokens(PageTokenType.AUDIT);
  private static final AuditTokens ACCESS_TOKENS = new AuditTokens(PageTokenType.ACCESSES);

  private final AuditReports reports;
  private final AuditVerification verification;
  private final Bulkhead bulkhead;

  /**
   * @param reports shows the audit
   * @param verification verifies it
   * @param bulkhead limits concurrent requests
   */
  public AuditOperations(AuditReports reports, AuditVerification verification, Bulkhead bulkhead) {
    this.reports = reports;
    this.verification = verification;
    this.bulkhead = bulkhead;
  }

  @Override
  public VerifyAuditResponse verifyAudit(RequestContext context, VerifyAuditRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    long after = request.after() == null ? 0 : request.after();
    return new VerifyAuditResponse.Ok(
        VerificationMapper.report(
            bulkhead.run(
                context.caller(), () -> verification.verify(context.caller(), instance, after))));
  }

  @Override
  public ListAuditEventsResponse listAuditEvents(
      RequestContext context, ListAuditEventsRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    UUID patient = request.patientId();
    var filter =
        new AuditFilter(
            patient == null ? null : new PatientId(patient),
            request.credentialId(),
            request.operation(),
            request.from(),
            request.to());
    PageRequest<AuditKey> page =
        ApiMapper.page(request.pageToken(), request.pageSize(), EVENT_TOKENS::read);
    Page<AuditRow, AuditKey> found =
        bulkhead.run(
            context.caller(), () -> reports.list(context.caller(), instance, filter, page));
    return new ListAuditEventsResponse.Ok(
        new AuditEventPage(
            ApiMapper.meta(found, EVENT_TOKENS::write),
            found.newestFirst().stream().map(AuditOperations::event).toList()));
  }

  @Override
  public ListAccessesResponse listAccesses(RequestContext context, ListAccessesRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    PageRequest<AuditKey> page =
        ApiMapper.page(request.pageToken(), request.pageSize(), ACCESS_TOKENS::read);
    Page<AuditRow, AuditKey> found =
        bulkhead.run(context.caller(), () -> reports.accesses(context.caller(), chat, page));
    return new ListAccessesResponse.Ok(
        new AccessPage(
            ApiMapper.meta(found, ACCESS_TOKENS::write),
            found.newestFirst().stream().map(row -> access(row.entry())).toList()));
  }

  // --- to the contract ---

  private static AuditEvent event(AuditRow row) {
    AuditEntry entry = row.entry();
    Disclosure shown = entry.shown();
    return new AuditEvent(
        entry.address(),
        entry.breakGlass(),
        callerType(entry.callerType()),
        shown.count(),
        entry.credentialId(),
        shown.first(),
        row.id(),
        shown.ids(),
        entry.instance().instanceName(),
        shown.last(),
        entry.occurredAt(),
        entry.operation(),
        entry.patient() == null ? null : entry.patient().value(),
        entry.problem(),
        shown.queryHash(),
        entry.requestId(),
        entry.status(),
        entry.subject(),
        entry.instance().tenantName());
  }

  private static Access access(AuditEntry entry) {
    return new Access(
        entry.occurredAt(),
        callerType(entry.callerType()),
        entry.subject(),
        entry.breakGlass(),
        entry.operation(),
        entry.status(),
        entry.shown().count());
  }

  private static AuditCallerType callerType(CallerType type) {
    return switch (type) {
      case PARTNER -> AuditCallerType.PARTNER;
      case PATIENT -> AuditCallerType.PATIENT;
      case CARE_TEAM -> AuditCallerType.CARE_TEAM;
    };
  }
}
