package io.carechat.domain.audit;

import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the audit says about a request with a known credential: who asked for what, when and from
 * where, how it ended, and what was shown. It never has the text of a message.
 *
 * @param occurredAt when the response was ready, in whole milliseconds
 * @param instance the instance of the credential. A request for another instance is refused; its
 *     entry belongs to the instance of the credential too.
 * @param callerType the kind of caller
 * @param credentialId the {@link Caller#credentialId} of the caller
 * @param subject the unique user: the id of the patient, of the member of the care team, or of the
 *     API key
 * @param breakGlass whether the credential is one for emergencies
 * @param address the address that the request came from; of an IPv6 address, the network of 64 bits
 * @param operation the name of the operation in the contract, or the name of a route of the page
 *     for people
 * @param patient the patient whose chat was asked for; null if the request names none, or one of
 *     another instance
 * @param requestId the {@code X-Request-Id} of the response
 * @param status the HTTP status of the response
 * @param problem the code of the problem; null if the request was not refused
 * @param shown what was shown or made
 */
public record AuditEntry(
    Instant occurredAt,
    TenantInstance instance,
    CallerType callerType,
    String credentialId,
    String subject,
    boolean breakGlass,
    String address,
    String operation,
    @Nullable PatientId patient,
    String requestId,
    int status,
    @Nullable String problem,
    Disclosure shown) {
  /**
   * @throws IllegalArgumentException if the time is not in whole milliseconds, or a text has
   *     characters that cannot be stored
   */
  public AuditEntry {
    if (!occurredAt.equals(occurredAt.truncatedTo(ChronoUnit.MILLIS))) {
      throw new IllegalArgumentException("the time has more than milliseconds");
    }
    requireStorable(credentialId);
    requireStorable(subject);
    requireStorable(address);
    requireStorable(operation);
    requireStorable(requestId);
    if (problem != null) {
      requireStorable(problem);
    }
  }

  /** NUL and unpaired surrogates have no form in UTF-8 that PostgreSQL stores. */
  private static void requireStorable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        throw new IllegalArgumentException("a text of an audit entry has a NUL");
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw new IllegalArgumentException("a text of an audit entry has an unpaired surrogate");
      }
    }
  }
}
