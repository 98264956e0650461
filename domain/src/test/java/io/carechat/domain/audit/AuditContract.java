package io.carechat.domain.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Window;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every audit must do. Its three ports are of one audit. */
public interface AuditContract {
  Window<AuditKey> NEWEST = new Window.Newest<>();

  /** The ports under test. */
  AuditTrail auditTrail();

  AuditLog auditLog();

  AuditQueries auditQueries();

  private static PatientId newPatient() {
    return new PatientId(Samples.newUuid());
  }

  private static Instant second(int number) {
    return Samples.NOON.plusSeconds(number);
  }

  private List<AuditEntry> entries(TenantInstance instance, AuditFilter filter) {
    return auditQueries().read(instance, filter, NEWEST, 200).newestFirst().stream()
        .map(AuditRow::entry)
        .toList();
  }

  // --- what is stored ---

  @Test
  default void storesEntriesAsTheyAre() {
    TenantInstance instance = Samples.newInstance();
    PatientId patient = newPatient();
    AuditEntry page = AuditSamples.page(instance, patient, second(1).plusMillis(7));
    AuditEntry search =
        AuditSamples.entry(
            instance,
            patient,
            second(2),
            "k\u00e9y \"quoted\" \\ {a,b} \ud83d\ude00\n",
            "searchMessages",
            200,
            null,
            new Disclosure(
                null,
                null,
                2,
                List.of("IM6f03096c79094f9b9466c7d009073ca1", "x\"\\{}'"),
                "0123456789abcdef"));
    AuditEntry refused =
        AuditSamples.entry(
            instance, null, second(3), "key", "listChats", 403, "forbidden", Disclosure.NOTHING);
    var emergency =
        new AuditEntry(
            second(4),
            instance,
            CallerType.PARTNER,
            "emergency",
            "emergency",
            true,
            "2001:db8:0:0:0:0:0:0",
            "sendMessage",
            patient,
            "request",
            201,
            null,
            Disclosure.NOTHING.withIds(List.of("IM6f03096c79094f9b9466c7d009073ca2")));
    for (AuditEntry entry : List.of(page, search, refused, emergency)) {
      auditTrail().record(entry);
    }
    assertThat(entries(instance, AuditFilter.ALL))
        .containsExactly(emergency, refused, search, page);
    assertThat(auditLog().read(instance, LogPosition.START, 10))
        .extracting(AuditRow::entry)
        .containsExactly(page, search, refused, emergency);
  }

  @Test
  default void everyRowHasAPositionAndAnIdOfItsOwn() throws Exception {
    TenantInstance instance = Samples.newInstance();
    recordAtOnce(List.of(instance), 40, 5);
    List<AuditRow> rows = auditLog().read(instance, LogPosition.START, 1_000);
    assertThat(rows).hasSize(200);
    assertThat(rows.stream().map(AuditRow::position)).doesNotHaveDuplicates().isSorted();
    assertThat(rows.stream().map(AuditRow::id)).doesNotHaveDuplicates();
    assertThat(rows.stream().map(row -> row.entry().requestId())).doesNotHaveDuplicates();
  }

  /** Records entries of patients, from several threads at once. */
  private void recordAtOnce(List<TenantInstance> instances, int threads, int each)
      throws Exception {
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Void>> all =
          IntStream.range(0, threads)
              .<Callable<Void>>mapToObj(thread ->
                  () -> {
                    for (int i = 0; i < each; i++) {
                      auditTrail()
                          .record(
                              AuditSamples.page(
                                  instances.get(i % instances.size()), newPatient(), second(i)));
                    }
                    return null;
                  })
              .toList();
      for (Future<Void> done : callers.invokeAll(all, 60, TimeUnit.SECONDS)) {
        done.get();
      }
    }
  }

  /** Whoever is answered finds the row. */
  @Test
  default void anEntryCanBeReadAtOnce() {
    TenantInstance instance = Samples.newInstance();
    for (int i = 0; i < 10; i++) {
      AuditEntry entry = AuditSamples.page(instance, newPatient(), second(i));
      auditTrail().record(entry);
      assertThat(entries(instance, AuditFilter.ALL)).startsWith(entry).hasSize(i + 1);
    }
  }

  @Test
  default void whatIsStoredSoonIsThereSoon() {
    TenantInstance instance = Samples.newInstance();
    AuditEntry soon = AuditSamples.page(instance, newPatient(), second(1));
    AuditEntry after = AuditSamples.page(instance, newPatient(), second(2));
    auditTrail().recordSoon(soon);
    // Entries are stored in their order.
    auditTrail().record(after);
    assertThat(entries(instance, AuditFilter.ALL)).containsExactly(after, soon);
  }

  // --- the log ---

  @Test
  default void readsTheLogFromAnyPosition() {
    TenantInstance instance = Samples.newInstance();
    for (int i = 0; i < 7; i++) {
      // The times are in the opposite order.
      auditTrail().record(AuditSamples.page(instance, newPatient(), second(-i)));
    }
    List<AuditRow> all = auditLog().read(instance, LogPosition.START, 100);
    assertThat(all).hasSize(7);
    assertThat(all.stream().map(row -> row.entry().occurredAt()))
        .isSortedAccordingTo((one, other) -> other.compareTo(one));
    for (int i = 0; i < 7; i++) {
      assertThat(auditLog().read(instance, all.get(i).position(), 3))
          .isEqualTo(all.subList(i + 1, Math.min(7, i + 4)));
    }
  }

  /** A reader that goes on after the last row that it saw misses none, whatever is stored. */
  @Test
  default void aReaderOfTheLogMissesNothingThatIsStoredMeanwhile() throws Exception {
    TenantInstance instance = Samples.newInstance();
    TenantInstance other = Samples.newInstance();
    var stored = new AtomicBoolean();
    try (ExecutorService reader = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<AuditRow>> read =
          reader.submit(() -> {
            var seen = new ArrayList<AuditRow>();
            LogPosition at = LogPosition.START;
            while (true) {
              boolean all = stored.get();
              List<AuditRow> more = auditLog().read(instance, at, 50);
              if (!more.isEmpty()) {
                seen.addAll(more);
                at = more.getLast().position();
              } else if (all) {
                return seen;
              }
            }
          });
      try {
        recordAtOnce(List.of(instance, other), 30, 20);
      } finally {
        stored.set(true);
      }
      List<AuditRow> seen = read.get(60, TimeUnit.SECONDS);
      assertThat(seen).hasSize(300).isEqualTo(auditLog().read(instance, LogPosition.START, 1_000));
    }
  }

  @Test
  default void listsTheInstancesThatHaveRows() {
    List<TenantInstance> made = IntStream.range(0, 3).mapToObj(i -> Samples.newInstance()).toList();
    made.forEach(instance -> {
      auditTrail().record(AuditSamples.page(instance, newPatient(), second(1)));
      auditTrail().record(AuditSamples.page(instance, newPatient(), second(2)));
    });
    var found = new ArrayList<TenantInstance>();
    List<TenantInstance> next = auditLog().instances(null, 2);
    while (!next.isEmpty()) {
      assertThat(next.size()).isLessThanOrEqualTo(2);
      found.addAll(next);
      next = auditLog().instances(next.getLast(), 2);
    }
    assertThat(found).containsAll(made).doesNotHaveDuplicates();
    assertThat(found.stream().map(TenantInstance::tenantName)).isSorted();
    assertThat(auditLog().instances(Samples.newInstance(), 1_000))
        .doesNotContain(Samples.newInstance());
  }

  // --- whose rows they are ---

  @Test
  default void showsOnlyTheRowsOfTheInstance() {
    TenantInstance instance = Samples.newInstance();
    PatientId patient = newPatient();
    AuditEntry own = AuditSamples.page(instance, patient, second(0));
    auditTrail().record(own);
    for (TenantInstance stranger : Samples.strangersTo(instance)) {
      auditTrail().record(AuditSamples.page(stranger, patient, second(0)));
    }
    assertThat(entries(instance, AuditFilter.ALL)).containsExactly(own);
    assertThat(entries(instance, AuditFilter.ofPatient(patient))).containsExactly(own);
    assertThat(auditLog().read(instance, LogPosition.START, 10))
        .extracting(AuditRow::entry)
        .containsExactly(own);
  }

  // --- conditions ---

  private static AuditFilter filter(
      @Nullable PatientId patient,
      @Nullable String credential,
      @Nullable String operation,
      @Nullable Instant from,
      @Nullable Instant to) {
    return new AuditFilter(patient, credential, operation, from, to);
  }

  @Test
  default void findsTheRowsThatMeetAllConditions() {
    TenantInstance instance = Samples.newInstance();
    PatientId one = newPatient();
    PatientId other = newPatient();
    int at = 0;
    for (PatientId patient : new PatientId[] {one, other}) {
      for (String credential : List.of("a", "b")) {
        for (String operation : List.of("findMessages", "getMessage")) {
          auditTrail()
              .record(
                  AuditSamples.entry(
                      instance,
                      patient,
                      second(at++),
                      credential,
                      operation,
                      200,
                      null,
                      Disclosure.NOTHING));
        }
      }
    }
    auditTrail()
        .record(
            AuditSamples.entry(
                instance, null, second(at), "a", "listChats", 200, null, Disclosure.NOTHING));
    List<AuditEntry> all = entries(instance, AuditFilter.ALL);
    assertThat(all).hasSize(9);
    Set<Integer> sizes = new HashSet<>();
    for (PatientId patient : new @Nullable PatientId[] {null, one, newPatient()}) {
      for (String credential : new @Nullable String[] {null, "a", "c"}) {
        for (String operation : new @Nullable String[] {null, "findMessages", "listChats"}) {
          for (Instant from : new @Nullable Instant[] {null, second(1), second(100)}) {
            for (Instant to : new @Nullable Instant[] {null, second(1), second(8)}) {
              AuditFilter filter = filter(patient, credential, operation, from, to);
              List<AuditEntry> expected = all.stream().filter(filter::matches).toList();
              sizes.add(expected.size());
              assertThat(entries(instance, filter)).as(filter.toString()).isEqualTo(expected);
            }
          }
        }
      }
    }
    assertThat(sizes).contains(0, 1, 2, 4, 9);
    assertThat(entries(instance, filter(null, null, null, second(1), second(2))))
        .isEqualTo(all.subList(7, 8));
  }

  // --- pages ---

  @Test
  default void pagesInBothDirectionsOverEqualTimes() {
    TenantInstance instance = Samples.newInstance();
    PatientId patient = newPatient();
    for (int i = 0; i < 23; i++) {
      auditTrail().record(AuditSamples.page(instance, patient, second(i / 5)));
    }
    for (AuditFilter filter :
        List.of(
            AuditFilter.ALL,
            AuditFilter.ofPatient(patient),
            filter(null, null, "findMessages", null, null))) {
      List<AuditRow> all = auditQueries().read(instance, filter, NEWEST, 100).newestFirst();
      assertThat(all).hasSize(23);
      assertThat(all.stream().map(AuditRow::key).toList().reversed()).isSorted();
      for (int size : new int[] {1, 2, 7, 23, 50}) {
        for (int i = 0; i < 23; i++) {
          AuditKey cursor = all.get(i).key();
          assertThat(
                  auditQueries()
                      .read(instance, filter, new Window.Before<>(cursor), size)
                      .newestFirst())
              .isEqualTo(all.subList(i + 1, Math.min(23, i + 1 + size)));
          assertThat(
                  auditQueries()
                      .read(instance, filter, new Window.After<>(cursor), size)
                      .newestFirst())
              .isEqualTo(all.subList(Math.max(0, i - size), i));
        }
      }
    }
  }
}
