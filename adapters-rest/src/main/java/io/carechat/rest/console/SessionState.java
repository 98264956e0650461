package io.carechat.rest.console;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.rest.http.BrowserSessions.SignedIn;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the page is told of the session of a person.
 *
 * @param clientType {@code CARE_TEAM} or {@code PATIENT}
 * @param id the member of the care team, or the patient
 * @param scopes in the order of the documentation
 * @param csrfToken to be sent in {@code X-CSRF-Token} with whatever changes something
 * @param idleSeconds when the session ends if the person does nothing
 */
record SessionState(
    boolean signedIn,
    String tenantName,
    String instanceName,
    String clientType,
    UUID id,
    @Nullable String titleName,
    List<String> scopes,
    String csrfToken,
    long idleSeconds) {

  /** Nobody is signed in. */
  record Nobody(boolean signedIn) {}

  static SessionState of(SignedIn signedIn, long idleSeconds) {
    Caller caller = signedIn.caller();
    return switch (caller) {
      case Caller.PatientUser user ->
          of(signedIn, "PATIENT", user.patient().value(), null, idleSeconds);
      case Caller.CareTeamUser user ->
          of(signedIn, "CARE_TEAM", user.member().id(), user.member().titleName(), idleSeconds);
      case Caller.Partner _ -> throw new IllegalStateException("a partner has no session");
    };
  }

  private static SessionState of(
      SignedIn signedIn, String clientType, UUID id, @Nullable String titleName, long idleSeconds) {
    Caller caller = signedIn.caller();
    return new SessionState(
        true,
        caller.instance().tenantName(),
        caller.instance().instanceName(),
        clientType,
        id,
        titleName,
        caller.scopes().stream().sorted(Comparator.naturalOrder()).map(Scope::wireName).toList(),
        signedIn.csrfToken().value(),
        idleSeconds);
  }
}
