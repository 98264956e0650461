package io.carechat.rest.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.audit.AuditEntry;
import io.carechat.domain.audit.CallerType;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.rest.ServedApi;
import io.carechat.rest.http.Received;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What people do on the page is in the audit, as what programs do. */
final class AuditedSessionsTest {
  private static final Caller PATIENT =
      new Caller.PatientUser(
          "patient-with-browser",
          Samples.THIS_INSTANCE,
          Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES),
          new PatientId(ServedApi.PATIENT));

  private final ServedApi served = new ServedApi();

  @AfterEach
  void stop() {
    served.close();
  }

  private Browser signedIn() {
    var browser = new Browser(served);
    browser.setCookie(Browser.SESSION, served.sessions.open(PATIENT).token().value());
    return browser;
  }

  @Test
  void requestsWithASessionAreInTheAudit() {
    Browser patient = signedIn();
    Received page = patient.get(ServedApi.messages());
    AuditEntry entry = served.audited(page).entry();
    assertThat(entry.operation()).isEqualTo("findMessages");
    assertThat(entry.callerType()).isEqualTo(CallerType.PATIENT);
    assertThat(entry.subject()).isEqualTo(ServedApi.PATIENT.toString());
    assertThat(served.audited(patient.state()).entry().operation()).isEqualTo("session");
    Received forged = patient.post(ServedApi.messages(), "{\"message\":\"hello\"}");
    assertThat(forged.status()).isEqualTo(403);
  }

  @Test
  void signingInAndOutIsInTheAudit() {
    String url =
        served
            .post(
                "/api/v1/"
                    + Samples.THIS_INSTANCE
                    + "/patients/"
                    + ServedApi.PATIENT
                    + "/sign-in-links",
                ServedApi.KEY,
                "")
            .json()
            .path("url")
            .asText();
    var browser = new Browser(served);
    Received opened = browser.useLink(url.substring(url.indexOf('#') + 1));
    assertThat(served.audited(opened).entry().operation()).isEqualTo("sessionLink");
    Received left = browser.send("DELETE", "/session", null, browser.csrf());
    assertThat(left.status()).isEqualTo(204);
    assertThat(served.audited(left).entry().operation()).isEqualTo("session");
    assertThat(served.audit.rows().toString()).doesNotContain(url.substring(url.indexOf('#')));
  }

  /** Nothing of a session is told without its row. */
  @Test
  void withoutItsRowASessionTellsNothing() {
    Browser patient = signedIn();
    String csrf = patient.csrf();
    served.audit.setAway(true);
    for (Received refused :
        List.of(
            patient.get("/session"),
            patient.post("/session/activity", "", csrf),
            patient.get(ServedApi.messages()))) {
      assertThat(refused.status()).as(refused.text()).isEqualTo(503);
      assertThat(refused.text()).doesNotContain("csrfToken", ServedApi.PATIENT.toString());
    }
    served.audit.setAway(false);
  }
}
