package io.carechat.domain.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageRequest;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AuditReportsTest {
  private static final TenantInstance INSTANCE = Samples.THIS_INSTANCE;
  private static final PatientId PATIENT = new PatientId(Samples.newUuid());
  private static final Caller AUDITOR =
      new Caller.Partner("auditor", INSTANCE, Set.of(Scope.READ_AUDIT));
  private static final PageRequest<AuditKey> FIRST = request(null);

  private final InMemoryAudit audit = new InMemoryAudit();
  private final AuditReports reports = new AuditReports(audit);

  private static PageRequest<AuditKey> request(@Nullable PageToken<AuditKey> token) {
    return new PageRequest<>(token, token == null ? new PageSize(10) : null);
  }

  private void record(int count, String operation) {
    for (int i = 0; i < count; i++) {
      audit.record(
          AuditSamples.entry(
              INSTANCE,
              PATIENT,
              Samples.NOON.plusSeconds(audit.rows().size()),
              "key",
              operation,
              200,
              null,
              Disclosure.NOTHING));
    }
  }

  private Page<AuditRow, AuditKey> list(AuditFilter filter, PageRequest<AuditKey> request) {
    return reports.list(AUDITOR, INSTANCE, filter, request);
  }

  private static AuditFilter ofOperation(String operation) {
    return new AuditFilter(null, null, operation, null, null);
  }

  @Test
  void leadsFromPageToPageToTheOldestRowAndBack() {
    record(35, "findMessages");
    var seen = new ArrayList<AuditRow>();
    Page<AuditRow, AuditKey> page = list(AuditFilter.ALL, FIRST);
    seen.addAll(page.newestFirst());
    while (page.older() != null) {
      page = list(AuditFilter.ALL, request(page.older()));
      seen.addAll(page.newestFirst());
    }
    assertThat(seen).isEqualTo(audit.rows().reversed());
    var back = new ArrayList<>(page.newestFirst());
    while (true) {
      page = list(AuditFilter.ALL, request(page.newer()));
      if (page.newestFirst().isEmpty()) {
        break;
      }
      back.addAll(0, page.newestFirst());
    }
    assertThat(back).isEqualTo(seen);
    record(1, "findMessages");
    assertThat(list(AuditFilter.ALL, request(page.newer())).newestFirst())
        .containsExactly(audit.rows().getLast());
  }

  @Test
  void anEmptyAuditLeadsToWhatIsStoredLater() {
    Page<AuditRow, AuditKey> page = list(AuditFilter.ALL, FIRST);
    assertThat(page.newestFirst()).isEmpty();
    assertThat(page.older()).isNull();
    record(1, "findMessages");
    assertThat(list(AuditFilter.ALL, request(page.newer())).newestFirst()).hasSize(1);
  }

  /** The rows of a rare operation are found, however many others are between them. */
  @Test
  void findsRareRowsPageByPage() {
    record(1, "createWebhook");
    record(AuditQueries.MAX_EXAMINED, "findMessages");
    record(1, "createWebhook");
    record(AuditQueries.MAX_EXAMINED + 5, "findMessages");
    var seen = new ArrayList<AuditRow>();
    int pages = 0;
    PageToken<AuditKey> token = null;
    do {
      Page<AuditRow, AuditKey> page = list(ofOperation("createWebhook"), request(token));
      seen.addAll(page.newestFirst());
      token = page.older();
      pages++;
      assertThat(pages).isLessThan(10);
    } while (token != null);
    assertThat(seen).hasSize(2);
    assertThat(pages).isEqualTo(3);

    var back = new ArrayList<AuditRow>();
    token =
        new PageToken<>(new PageSize(10), AuditKey.startOf(Samples.NOON.minusSeconds(1)), false);
    for (int i = 0; i < 4; i++) {
      Page<AuditRow, AuditKey> page = list(ofOperation("createWebhook"), request(token));
      back.addAll(page.newestFirst());
      token = page.newer();
    }
    assertThat(back).isEqualTo(seen.reversed());
  }

  // --- who may ask ---

  @Test
  void theWholeAuditNeedsItsScopeInTheWholeInstance() {
    Set<Scope> others = EnumSet.complementOf(EnumSet.of(Scope.READ_AUDIT));
    Set<Scope> all = EnumSet.allOf(Scope.class);
    for (Caller caller :
        List.of(
            new Caller.Partner("p", INSTANCE, others),
            new Caller.Partner("p", Samples.OTHER_INSTANCE, all),
            new Caller.Partner("p", Samples.OTHER_TENANT, all),
            new Caller.PatientUser("u", INSTANCE, all, PATIENT),
            new Caller.CareTeamUser(
                "u", INSTANCE, others, new Sender.CareTeamMember(Samples.newUuid(), null)))) {
      assertThatThrownBy(() -> reports.list(caller, INSTANCE, AuditFilter.ALL, FIRST))
          .isInstanceOf(AccessDenied.class);
    }
  }

  @Test
  void patientsSeeWhoHasAccessedTheirOwnChatsOnly() {
    record(3, "findMessages");
    audit.record(AuditSamples.page(INSTANCE, new PatientId(Samples.newUuid()), Samples.NOON));
    audit.record(AuditSamples.page(Samples.OTHER_INSTANCE, PATIENT, Samples.NOON));
    ChatId chat = new ChatId(INSTANCE, PATIENT);
    Caller patient = new Caller.PatientUser("u", INSTANCE, Set.of(Scope.READ_MESSAGES), PATIENT);
    assertThat(reports.accesses(patient, chat, FIRST).newestFirst())
        .isEqualTo(audit.rows().subList(0, 3).reversed());
    assertThat(reports.accesses(AUDITOR, chat, FIRST).newestFirst()).hasSize(3);
    Set<Scope> all = EnumSet.allOf(Scope.class);
    Set<Scope> others = EnumSet.complementOf(EnumSet.of(Scope.READ_AUDIT));
    for (Caller caller :
        List.of(
            new Caller.PatientUser("u", INSTANCE, all, new PatientId(Samples.newUuid())),
            new Caller.PatientUser("u", Samples.OTHER_INSTANCE, all, PATIENT),
            new Caller.PatientUser("u", Samples.OTHER_TENANT, all, PATIENT),
            new Caller.PatientUser("u", INSTANCE, Set.of(Scope.SEND_MESSAGES), PATIENT),
            new Caller.Partner("p", INSTANCE, others),
            new Caller.Partner("p", Samples.OTHER_INSTANCE, all),
            new Caller.CareTeamUser(
                "u", INSTANCE, others, new Sender.CareTeamMember(Samples.newUuid(), null)))) {
      assertThatThrownBy(() -> reports.accesses(caller, chat, FIRST))
          .isInstanceOf(AccessDenied.class);
    }
  }
}
