package io.carechat.rest.patients;

import io.carechat.api.PatientsService;
import io.carechat.api.SignInLink;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.sessions.Sessions;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.ProblemKind;
import io.carechat.rest.http.RequestContext;
import io.carechat.rest.mapping.ApiMapper;
import java.net.URI;

/** The contract's operations that let patients in. Safe for use by many threads. */
public final class PatientOperations implements PatientsService<RequestContext> {
  private static final String PAGE = "/sign-in";

  private final Sessions sessions;
  private final Bulkhead bulkhead;
  private final URI publicUrl;
  private final boolean hasPage;

  /**
   * @param sessions makes links
   * @param bulkhead limits concurrent requests
   * @param publicUrl where browsers reach the service, without a slash at the end
   * @param hasPage whether the page that links open is served
   */
  public PatientOperations(Sessions sessions, Bulkhead bulkhead, URI publicUrl, boolean hasPage) {
    this.sessions = sessions;
    this.bulkhead = bulkhead;
    this.publicUrl = publicUrl;
    this.hasPage = hasPage;
  }

  @Override
  public CreateSignInLinkResponse createSignInLink(
      RequestContext context, CreateSignInLinkRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    if (!hasPage) {
      sessions.requireMayCreateLink(context.caller(), chat);
      return new CreateSignInLinkResponse.Conflict(
          context.problem(
              ProblemKind.CONFLICT,
              "This installation has no page for people. Its operator must set console.enabled."));
    }
    Sessions.Link link =
        bulkhead.run(context.caller(), () -> sessions.createLink(context.caller(), chat));
    // What follows the number sign is not sent to servers, so it is in no access log.
    return new CreateSignInLinkResponse.Created(
        new SignInLink(publicUrl + PAGE + "#" + link.token().value(), link.expiresAt()), PAGE);
  }
}
