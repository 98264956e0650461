package io.carechat.domain.audit;

import io.carechat.domain.chat.Unavailable;

/** Stores audit entries. Safe for use by many threads. */
public interface AuditTrail {
  /**
   * Stores an entry. When this returns, the entry is committed and synced to disk. Only then may
   * the caller of the request see anything of the response.
   *
   * @throws Unavailable if the entry could not be stored in time; it may have been stored all the
   *     same
   */
  void record(AuditEntry entry);

  /**
   * Stores an entry soon, and does not wait for it. If that fails, or the service ends before, the
   * entry is lost. It is only for refusals because something is unavailable or overloaded: the
   * caller sees nothing, and waiting would make matters worse.
   */
  void recordSoon(AuditEntry entry);
}
