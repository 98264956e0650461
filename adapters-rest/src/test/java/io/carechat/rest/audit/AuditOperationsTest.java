package io.carechat.rest.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.audit.AuditSamples;
import io.carechat.domain.audit.CanonicalAuditRow;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.rest.ServedApi;
import io.carechat.rest.http.Received;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The operations that show the audit. */
final class AuditOperationsTest {
  private static final String BASE = "/api/v1/" + Samples.THIS_INSTANCE;
  private static final String AUDIT = BASE + "/audit";
  private static final String CHAT = BASE + "/patients/" + ServedApi.PATIENT;
  private static final String ACCESSES = CHAT + "/accesses";
  private static final String AUDITOR = "key-of-the-auditor";

  private final ServedApi served = new ServedApi();

  AuditOperationsTest() {
    served.keys.put(
        AUDITOR, new Caller.Partner("auditor", Samples.THIS_INSTANCE, Set.of(Scope.READ_AUDIT)));
  }

  @AfterEach
  void stop() {
    served.close();
  }

  private Received list(String parameters) {
    return served.get(AUDIT + "?" + parameters, AUDITOR);
  }

  private static List<String> ids(Received page) {
    assertThat(page.status()).as(page.text()).isEqualTo(200);
    var ids = new ArrayList<String>();
    page.json().path("content").forEach(event -> ids.add(event.path("id").asText()));
    return ids;
  }

  private static String token(Received page, String name) {
    return URLEncoder.encode(page.json().path("meta").path(name).asText(), StandardCharsets.UTF_8);
  }

  /** Without what is null or empty, what a list shows of a row is what is hashed, byte for byte. */
  @Test
  void showsRowsInTheFormThatIsHashed() {
    served.sent(CHAT + "/messages", "hello knee");
    served.get(CHAT + "/messages/search?query=knee", ServedApi.NURSES_TOKEN);
    served.get(BASE + "/patients", ServedApi.PATIENTS_TOKEN);
    List<AuditRow> rows = served.audit.rows();
    Received page = list("pageSize=50");
    assertThat(ids(page)).isEqualTo(rows.reversed().stream().map(AuditRow::id).toList());
    assertThat(rows).hasSize(3);
    String withoutNulls = page.text().replaceAll("\"\\w+\":(null|\\[]),", "");
    for (AuditRow row : rows) {
      assertThat(withoutNulls).contains(CanonicalAuditRow.json(row));
    }
    assertThat(page.text()).doesNotContain("hello", "knee");
  }

  @Test
  void readingTheAuditIsInTheAudit() {
    Received first = list("");
    Received second = list("");
    JsonNode event = second.json().at("/content/0");
    assertThat(event.path("operation").asText()).isEqualTo("listAuditEvents");
    assertThat(event.path("requestId").asText()).isEqualTo(first.header("x-request-id"));
    assertThat(event.path("count").asInt()).isZero();
    Received accesses = served.get(ACCESSES, ServedApi.PATIENTS_TOKEN);
    assertThat(served.audited(accesses).entry().operation()).isEqualTo("listAccesses");
  }

  @Test
  void pagesLeadToEveryRowAndBack() {
    for (int i = 0; i < 7; i++) {
      served.clock.move(Duration.ofSeconds(1));
      served.get(CHAT);
    }
    List<String> all = served.audit.rows().reversed().stream().map(AuditRow::id).toList();
    Received first = list("pageSize=3&operation=getChat");
    Received second = list("operation=getChat&pageToken=" + token(first, "nextPageToken"));
    Received third = list("operation=getChat&pageToken=" + token(second, "nextPageToken"));
    var seen = new ArrayList<>(ids(first));
    seen.addAll(ids(second));
    seen.addAll(ids(third));
    assertThat(seen).isEqualTo(all);
    assertThat(third.json().at("/meta/nextPageToken").isNull()).isTrue();
    Received back = list("operation=getChat&pageToken=" + token(second, "prevPageToken"));
    assertThat(ids(back)).isEqualTo(ids(first));
  }

  @Test
  void findsByPatientCredentialOperationAndTime() {
    UUID other = UUID.fromString("11111111-2222-4333-8444-555555555555");
    served.get(CHAT);
    served.get(CHAT + "/messages", ServedApi.NURSES_TOKEN);
    served.clock.move(Duration.ofSeconds(10));
    served.get(BASE + "/patients/" + other);
    List<String> rows = served.audit.rows().stream().map(AuditRow::id).toList();
    assertThat(ids(list("patientId=" + ServedApi.PATIENT)))
        .containsExactly(rows.get(1), rows.get(0));
    assertThat(ids(list("credentialId=nurse-1"))).containsExactly(rows.get(1));
    assertThat(ids(list("operation=getChat"))).containsExactly(rows.get(2), rows.get(0));
    assertThat(ids(list("operation=getChat&to=2021-02-08T17:17:30Z"))).containsExactly(rows.get(0));
    assertThat(ids(list("operation=getChat&from=2021-02-08T17:17:30Z")))
        .containsExactly(rows.get(2));
    assertThat(ids(list("operation=noSuchOperation"))).isEmpty();
  }

  /** Patients see who it was and what was done, and not from where. */
  @Test
  void patientsSeeWhoHasAccessedTheirChat() {
    served.get(CHAT + "/messages", ServedApi.NURSES_TOKEN);
    served.sent(CHAT + "/messages", "hello");
    served.get(BASE + "/patients/" + UUID.fromString("11111111-2222-4333-8444-555555555555"));
    Received page = served.get(ACCESSES, ServedApi.PATIENTS_TOKEN);
    assertThat(page.status()).as(page.text()).isEqualTo(200);
    JsonNode accesses = page.json().path("content");
    assertThat(accesses).hasSize(2);
    assertThat(accesses.at("/1").toString())
        .isEqualTo(
            "{\"occurredAt\":\"2021-02-08T17:17:29.000Z\",\"callerType\":\"CARE_TEAM\",\"callerId\":\""
                + ServedApi.NURSE
                + "\",\"breakGlass\":false,\"operation\":\"findMessages\",\"status\":200,\"count\":0}");
    assertThat(accesses.at("/0/callerType").asText()).isEqualTo("PARTNER");
    assertThat(accesses.at("/0/callerId").asText()).isEqualTo("partner-1");
    assertThat(served.get(ACCESSES, AUDITOR).json().path("content"))
        .hasSize(3)
        .last()
        .isEqualTo(accesses.at("/1"));
  }

  @Test
  void refusesEverybodyElse() {
    PatientId stranger = new PatientId(Samples.newUuid());
    served.audit.record(AuditSamples.page(Samples.THIS_INSTANCE, stranger, Samples.NOON));
    String ofStranger = BASE + "/patients/" + stranger + "/accesses";
    for (String key :
        List.of(
            ServedApi.READ_ONLY,
            ServedApi.OTHER_INSTANCE,
            ServedApi.OTHER_TENANT,
            ServedApi.PATIENTS_TOKEN)) {
      assertThat(served.get(AUDIT, key).status()).isEqualTo(403);
      assertThat(served.get(ofStranger, key).status()).isEqualTo(403);
    }
  }

  @Test
  void tokensBelongToTheirList() {
    served.get(CHAT);
    served.get(CHAT);
    Received audit = list("pageSize=1");
    Received accesses = served.get(ACCESSES + "?pageSize=1", AUDITOR);
    for (Received refused :
        List.of(
            list("pageToken=" + token(accesses, "nextPageToken")),
            served.get(ACCESSES + "?pageToken=" + token(audit, "nextPageToken"), AUDITOR))) {
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.code()).isEqualTo("invalid-page-token");
    }
  }
}
