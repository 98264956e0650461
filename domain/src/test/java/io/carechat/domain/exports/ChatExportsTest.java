package io.carechat.domain.exports;

import static io.carechat.domain.access.AccessAssertions.assertDenied;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.messages.IdempotencyKey;
import io.carechat.domain.messages.InMemoryMessageLog;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ChatExportsTest {
  private static final Set<Scope> ALL = Set.of(Scope.values());

  private final ManualClock clock = new ManualClock(Samples.NOON);
  private final InMemoryExports store = new InMemoryExports(new InMemoryMessageLog(clock));
  private final AtomicInteger woken = new AtomicInteger();
  private final ChatExports exports =
      new ChatExports(
          store,
          new ExportLimits(100, 50, Duration.ofHours(1)),
          new TimeOrderedIds(clock, new Random(1)),
          clock,
          woken::incrementAndGet);

  private final TenantInstance instance = Samples.newInstance();
  private final ChatId chat = Samples.chatIn(instance);
  private final Caller partner = new Caller.Partner("key-1", instance, ALL);
  private final Caller patient = new Caller.PatientUser("user:1", instance, ALL, chat.patient());

  private final Caller nurse =
      new Caller.CareTeamUser(
          "user:2", instance, ALL, new Sender.CareTeamMember(Samples.newUuid(), null));

  private Export created(Caller caller, ExportRequest request) {
    return ((ExportResult.Created) exports.create(caller, request, null)).export();
  }

  @Test
  void aPatientExportsTheOwnChatAlone() {
    Export own = created(patient, ExportsContract.ofChat(chat));
    assertThat(exports.find(patient, instance, own.id())).contains(own);
    assertDenied(
        Scope.EXPORT_CHATS,
        () -> exports.create(patient, ExportsContract.ofInstance(instance), null));
    for (ChatId stranger : Samples.strangersTo(chat)) {
      assertDenied(
          Scope.EXPORT_CHATS,
          () -> exports.create(patient, ExportsContract.ofChat(stranger), null));
    }
    assertThat(woken).hasValue(1);
  }

  @Test
  void aPatientFindsTheExportsOfTheOwnChatAlone() {
    Export own = created(partner, ExportsContract.ofChat(chat));
    Export ofOther = created(partner, ExportsContract.ofChat(Samples.chatIn(instance)));
    Export whole = created(partner, ExportsContract.ofInstance(instance));
    assertThat(exports.find(patient, instance, own.id())).contains(own);
    for (Export other : List.of(ofOther, whole)) {
      assertThat(exports.find(patient, instance, other.id())).isEmpty();
      assertThat(exports.file(patient, instance, other.id()))
          .isEqualTo(new ExportResult.NoSuchExport());
      assertThat(exports.delete(patient, instance, other.id())).isFalse();
      assertThat(exports.find(nurse, instance, other.id())).contains(other);
    }
    assertThat(exports.delete(patient, instance, own.id())).isTrue();
  }

  @Test
  void nobodyExportsWithoutTheScopeOrElsewhere() {
    Set<Scope> others = EnumSet.complementOf(EnumSet.of(Scope.EXPORT_CHATS));
    Export export = created(partner, ExportsContract.ofChat(chat));
    for (Caller caller :
        List.of(
            new Caller.Partner("key-1", instance, others),
            new Caller.PatientUser("user:1", instance, others, chat.patient()),
            new Caller.Partner("key-1", Samples.OTHER_TENANT, ALL),
            new Caller.PatientUser("user:1", Samples.OTHER_TENANT, ALL, chat.patient()))) {
      assertDenied(
          Scope.EXPORT_CHATS, () -> exports.create(caller, ExportsContract.ofChat(chat), null));
      assertDenied(Scope.EXPORT_CHATS, () -> exports.find(caller, instance, export.id()));
      assertDenied(Scope.EXPORT_CHATS, () -> exports.file(caller, instance, export.id()));
      assertDenied(Scope.EXPORT_CHATS, () -> exports.delete(caller, instance, export.id()));
    }
    assertThat(exports.find(partner, instance, export.id())).contains(export);
  }

  /** The id that a token has in logs may change, and another key may have the id of a person. */
  @Test
  void aKeyBelongsToAPersonOrToAnApiKey() {
    var key = new IdempotencyKey("key");
    ExportRequest request = ExportsContract.ofChat(chat);
    Export ofPatient = ((ExportResult.Created) exports.create(patient, request, key)).export();
    Caller later = new Caller.PatientUser("user:9", instance, ALL, chat.patient());
    assertThat(exports.create(later, request, key)).isEqualTo(new ExportResult.Replayed(ofPatient));
    assertThat(exports.create(new Caller.Partner("user:1", instance, ALL), request, key))
        .isInstanceOf(ExportResult.Created.class);
    assertThat(exports.create(nurse, request, key)).isInstanceOf(ExportResult.Created.class);
    assertThat(woken).hasValue(3);
  }

  @Test
  void thereIsAFileOnceItIsComplete() {
    Export export = created(partner, ExportsContract.ofChat(chat));
    assertThat(exports.file(partner, instance, export.id()))
        .isEqualTo(new ExportResult.NoFile(ExportState.WAITING));
    ExportQueue.Claim claim =
        store
            .claim(
                Samples.newUuid(),
                ExportQueue.Kind.CHATS,
                Samples.NOON,
                Samples.NOON.plusSeconds(30))
            .orElseThrow();
    assertThat(exports.file(partner, instance, export.id()))
        .isEqualTo(new ExportResult.NoFile(ExportState.RUNNING));
    assertThat(
            store.finish(
                claim, ExportProgress.NONE, ExportsContract.HASH, Samples.NOON, Samples.NOON))
        .isTrue();
    assertThat(exports.file(partner, instance, export.id()))
        .isInstanceOfSatisfying(
            ExportResult.Complete.class,
            complete -> assertThat(complete.export().sha256()).isEqualTo(ExportsContract.HASH));
  }

  @Test
  void readsAndPrintsIds() {
    var id = new ExportId(Samples.newUuid());
    assertThat(ExportId.parse(id.toString())).contains(id);
    for (String other :
        List.of("", "EX", id + "0", id.toString().toLowerCase(java.util.Locale.ROOT))) {
      assertThat(ExportId.parse(other)).isEmpty();
    }
  }
}
