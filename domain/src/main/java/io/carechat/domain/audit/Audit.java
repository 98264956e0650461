package io.carechat.domain.audit;

/**
 * What the API needs of the audit. Each part is safe for use by many threads.
 *
 * @param trail stores entries
 * @param queryHash makes hashes of queries
 * @param reports shows the audit
 */
public record Audit(AuditTrail trail, QueryHash queryHash, AuditReports reports) {}
