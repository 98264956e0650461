package io.carechat.domain.exports;

import static io.carechat.domain.chat.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.exports.ExportQueue.Claim;
import io.carechat.domain.exports.ExportQueue.Kind;
import io.carechat.domain.exports.ExportStore.NewExport;
import io.carechat.domain.exports.ExportedMessages.Batch;
import io.carechat.domain.exports.ExportedMessages.Entry;
import io.carechat.domain.messages.IdempotencyKey;
import io.carechat.domain.messages.MessageLog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link ExportStore}, {@link ExportQueue} and {@link ExportedMessages} must do. */
public interface ExportsContract {
  ExportLimits LIMITS = new ExportLimits(10, 3, Duration.ofHours(24));
  Instant LEASE_END = NOON.plusSeconds(30);
  Instant END = NOON.plus(Duration.ofHours(24));
  String HASH = "8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92";

  /** The store under test. */
  ExportStore store();

  /** The queue of the same exports. It has no others to write. */
  ExportQueue queue();

  /** The messages of the log. */
  ExportedMessages messages();

  /** Where messages are stored. */
  MessageLog log();

  static ExportRequest ofChat(ChatId chat) {
    return new ExportRequest(new ExportSource.OfChat(chat), ExportFormat.NDJSON, null, null);
  }

  static ExportRequest ofInstance(TenantInstance instance) {
    return new ExportRequest(new ExportSource.OfInstance(instance), ExportFormat.FHIR, null, null);
  }

  static NewExport asked(ExportRequest request, String owner, @Nullable String key) {
    return new NewExport(
        new ExportId(Samples.newUuid()),
        request,
        owner,
        key == null ? null : new IdempotencyKey(key),
        NOON);
  }

  private Export created(ExportRequest request) {
    return created(asked(request, "owner-" + Samples.newUuid(), null));
  }

  private Export created(NewExport asked) {
    ExportResult.OfCreate result = store().create(asked, LIMITS);
    assertThat(result).isInstanceOf(ExportResult.Created.class);
    return ((ExportResult.Created) result).export();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Claim claimed(UUID worker, Kind kind) {
    return queue().claim(worker, kind, NOON, LEASE_END).orElseThrow();
  }

  /** Removes what other tests have left to be written. */
  private void emptyQueue() {
    for (Kind kind : Kind.values()) {
      Optional<Claim> left = queue().claim(UUID.randomUUID(), kind, END, END);
      while (left.isPresent()) {
        queue().fail(left.get(), END);
        left = queue().claim(UUID.randomUUID(), kind, END, END);
      }
    }
  }

  private boolean append(Claim claim, ExportProgress before, ExportProgress after, String part) {
    return queue().append(claim, before, after, last(after), bytes(part), LEASE_END, END);
  }

  private static LogPosition last(ExportProgress progress) {
    LogPosition last = progress.last();
    return last == null ? LogPosition.START : last;
  }

  private static ExportProgress progress(long messages, long bytes) {
    return new ExportProgress(
        messages, bytes, new LogPosition(5, 1), new LogPosition(5 + messages, 1));
  }

  /** A file of two parts. */
  private Export done(ExportRequest request) {
    emptyQueue();
    Export export = created(request);
    Kind kind = request.source() instanceof ExportSource.OfChat ? Kind.CHATS : Kind.INSTANCES;
    Claim claim = claimed(UUID.randomUUID(), kind);
    assertThat(claim.export().id()).isEqualTo(export.id());
    assertThat(append(claim, ExportProgress.NONE, progress(2, 6), "ab\ncd\n")).isTrue();
    assertThat(append(claim, progress(2, 6), progress(3, 9), "ef\n")).isTrue();
    assertThat(queue().finish(claim, progress(3, 9), HASH, NOON.plusSeconds(1), END)).isTrue();
    return store().find(request.source().instance(), export.id()).orElseThrow();
  }

  private Optional<String> part(Export export, long at) {
    return store()
        .part(export.request().source().instance(), export.id(), at)
        .map(part -> part.firstByte() + ":" + new String(part.bytes(), StandardCharsets.UTF_8));
  }

  // --- asking ---

  @Test
  default void findsWhatWasAskedFor() {
    ChatId chat = Samples.newChat();
    var bounded =
        new ExportRequest(
            new ExportSource.OfChat(chat),
            ExportFormat.FHIR,
            Instant.parse("0000-01-01T00:00:00.001Z"),
            Instant.parse("9999-12-31T23:59:59.999Z"));
    for (ExportRequest request :
        List.of(ofChat(chat), ofInstance(Samples.newInstance()), bounded)) {
      Export export = created(request);
      assertThat(export.request()).isEqualTo(request);
      assertThat(export.state()).isEqualTo(ExportState.WAITING);
      assertThat(export.createdAt()).isEqualTo(NOON);
      assertThat(export.expiresAt()).isEqualTo(END);
      assertThat(export.progress()).isEqualTo(ExportProgress.NONE);
      assertThat(export.sha256()).isNull();
      assertThat(store().find(request.source().instance(), export.id())).contains(export);
    }
  }

  @Test
  default void findsAndDeletesNothingOfAnotherInstance() {
    Export export = done(ofChat(Samples.newChat()));
    TenantInstance own = export.request().source().instance();
    for (TenantInstance stranger : Samples.strangersTo(own)) {
      assertThat(store().find(stranger, export.id())).isEmpty();
      assertThat(store().part(stranger, export.id(), 0)).isEmpty();
      assertThat(store().delete(stranger, export.id())).isFalse();
    }
    assertThat(store().find(own, new ExportId(Samples.newUuid()))).isEmpty();
    assertThat(part(export, 0)).isPresent();
  }

  @Test
  default void aKeyMakesOneExportOfItsOwner() {
    TenantInstance instance = Samples.newInstance();
    ChatId chat = Samples.chatIn(instance);
    Export first = created(asked(ofChat(chat), "one", "key"));
    assertThat(store().create(asked(ofChat(chat), "one", "key"), LIMITS))
        .isEqualTo(new ExportResult.Replayed(first));
    for (ExportRequest other :
        List.of(
            ofInstance(instance),
            ofChat(Samples.chatIn(instance)),
            new ExportRequest(new ExportSource.OfChat(chat), ExportFormat.FHIR, null, null),
            new ExportRequest(new ExportSource.OfChat(chat), ExportFormat.NDJSON, NOON, null),
            new ExportRequest(new ExportSource.OfChat(chat), ExportFormat.NDJSON, null, NOON))) {
      assertThat(store().create(asked(other, "one", "key"), LIMITS))
          .isEqualTo(new ExportResult.KeyReused());
    }
    // Others have keys of their own: another owner, another instance, and the same key in capitals.
    created(asked(ofInstance(instance), "two", "key"));
    created(asked(ofInstance(Samples.newInstance()), "one", "key"));
    created(asked(ofInstance(instance), "one", "KEY"));
    // What is deleted has no key any more.
    assertThat(store().delete(instance, first.id())).isTrue();
    assertThat(created(asked(ofChat(chat), "one", "key")).id()).isNotEqualTo(first.id());
  }

  @Test
  default void concurrentRequestsWithAKeyMakeOneExport() throws Exception {
    TenantInstance instance = Samples.newInstance();
    List<ExportResult.OfCreate> results =
        atOnce(8, () -> store().create(asked(ofInstance(instance), "one", "key"), LIMITS));
    assertThat(results).filteredOn(ExportResult.Created.class::isInstance).hasSize(1);
    assertThat(results).filteredOn(ExportResult.Replayed.class::isInstance).hasSize(7);
  }

  @Test
  default void keepsTheLimitsAlsoOfConcurrentRequests() throws Exception {
    TenantInstance instance = Samples.newInstance();
    List<ExportResult.OfCreate> results =
        atOnce(8, () -> store().create(asked(ofInstance(instance), "one", null), LIMITS));
    assertThat(results).filteredOn(ExportResult.Created.class::isInstance).hasSize(3);
    assertThat(results).filteredOn(new ExportResult.TooManyOfCaller(3)::equals).hasSize(5);
    for (int i = 3; i < LIMITS.perInstance(); i++) {
      created(asked(ofInstance(instance), "other-" + i, null));
    }
    assertThat(store().create(asked(ofInstance(instance), "last", null), LIMITS))
        .isEqualTo(new ExportResult.TooManyOfInstance(10));
    created(asked(ofInstance(Samples.newInstance()), "one", null));
    // A deleted one does not count.
    assertThat(store().delete(instance, idOf(results))).isTrue();
    created(asked(ofInstance(instance), "one", null));
  }

  private static ExportId idOf(List<ExportResult.OfCreate> results) {
    for (ExportResult.OfCreate result : results) {
      if (result instanceof ExportResult.Created(var export)) {
        return export.id();
      }
    }
    throw new AssertionError("none was created");
  }

  private static <T> List<T> atOnce(int count, Callable<T> call) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
      List<T> results = new ArrayList<>();
      for (Future<T> each :
          threads.invokeAll(IntStream.range(0, count).mapToObj(_ -> call).toList())) {
        results.add(each.get(30, TimeUnit.SECONDS));
      }
      return results;
    }
  }

  // --- writing ---

  @Test
  default void aWorkerHasAnExportUntilItsLeaseEnds() {
    emptyQueue();
    Export export = created(ofChat(Samples.newChat()));
    UUID one = UUID.randomUUID();
    UUID other = UUID.randomUUID();
    assertThat(queue().claim(one, Kind.INSTANCES, NOON, LEASE_END)).isEmpty();
    Claim claim = claimed(one, Kind.CHATS);
    assertThat(claim.export().id()).isEqualTo(export.id());
    assertThat(claim.export().state()).isEqualTo(ExportState.RUNNING);
    assertThat(claim.after()).isEqualTo(LogPosition.START);
    assertThat(claim.attempts()).isEqualTo(1);
    assertThat(queue().claim(other, Kind.CHATS, LEASE_END.minusMillis(1), END)).isEmpty();
    assertThat(claimed(one, Kind.CHATS).attempts()).isEqualTo(2);
    assertThat(append(claim, ExportProgress.NONE, progress(1, 3), "ab\n")).isTrue();

    Claim taken = queue().claim(other, Kind.CHATS, LEASE_END, END).orElseThrow();
    assertThat(taken.export().progress()).isEqualTo(progress(1, 3));
    assertThat(taken.after()).isEqualTo(new LogPosition(6, 1));
    assertThat(taken.attempts()).isEqualTo(1);
    // The first one comes back, and must not write into the file of the other.
    assertThat(append(claim, progress(1, 3), progress(2, 6), "xx\n")).isFalse();
    assertThat(queue().finish(claim, progress(1, 3), HASH, NOON, END)).isFalse();
    queue().fail(claim, NOON);
    assertThat(append(taken, progress(1, 3), progress(2, 6), "cd\n")).isTrue();
    assertThat(queue().finish(taken, progress(2, 6), HASH, NOON, END)).isTrue();
    assertThat(part(export, 3)).contains("3:cd\n");
    assertThat(queue().claim(one, Kind.CHATS, END, END)).isEmpty();
  }

  @Test
  default void storesNothingTwice() {
    emptyQueue();
    Export export = created(ofChat(Samples.newChat()));
    Claim claim = claimed(UUID.randomUUID(), Kind.CHATS);
    assertThat(append(claim, ExportProgress.NONE, progress(1, 3), "ab\n")).isTrue();
    // Its answer was lost, and the worker tries again.
    assertThat(append(claim, ExportProgress.NONE, progress(1, 3), "ab\n")).isFalse();
    assertThat(queue().finish(claim, ExportProgress.NONE, HASH, NOON, END)).isFalse();
    assertThat(queue().finish(claim, progress(1, 3), HASH, NOON, END)).isTrue();
    assertThat(append(claim, progress(1, 3), progress(2, 6), "cd\n")).isFalse();
    assertThat(part(export, 0)).contains("0:ab\n");
    assertThat(part(export, 3)).isEmpty();
  }

  @Test
  default void countsAttemptsUntilThereIsProgress() {
    emptyQueue();
    created(ofChat(Samples.newChat()));
    UUID worker = UUID.randomUUID();
    for (int attempt = 1; attempt <= 4; attempt++) {
      Claim claim = claimed(worker, Kind.CHATS);
      assertThat(claim.attempts()).isEqualTo(attempt);
      // It only keeps the export for longer.
      assertThat(append(claim, ExportProgress.NONE, ExportProgress.NONE, "")).isTrue();
    }
    Claim claim = claimed(worker, Kind.CHATS);
    assertThat(append(claim, ExportProgress.NONE, progress(1, 3), "ab\n")).isTrue();
    assertThat(claimed(worker, Kind.CHATS).attempts()).isEqualTo(1);
    queue().fail(claim, NOON);
    Export failed = store().find(Samples.THIS_INSTANCE, claim.export().id()).orElseThrow();
    assertThat(failed.state()).isEqualTo(ExportState.FAILED);
    assertThat(failed.finishedAt()).isEqualTo(NOON);
    assertThat(part(failed, 0)).isEmpty();
  }

  @Test
  default void anInstanceHasOneRunningExportOfAKind() throws Exception {
    emptyQueue();
    TenantInstance one = Samples.newInstance();
    TenantInstance other = Samples.newInstance();
    Export first = created(ofInstance(one));
    Export second = created(ofInstance(one));
    Export ofOther = created(ofInstance(other));
    Export ofChat = created(ofChat(Samples.chatIn(one)));
    List<Optional<Claim>> claims =
        atOnce(6, () -> queue().claim(UUID.randomUUID(), Kind.INSTANCES, NOON, LEASE_END));
    assertThat(claims.stream().flatMap(Optional::stream).map(claim -> claim.export().id()))
        .containsExactlyInAnyOrder(first.id(), ofOther.id());
    assertThat(claimed(UUID.randomUUID(), Kind.CHATS).export().id()).isEqualTo(ofChat.id());

    assertThat(store().delete(one, first.id())).isTrue();
    assertThat(claimed(UUID.randomUUID(), Kind.INSTANCES).export().id()).isEqualTo(second.id());
  }

  @Test
  default void aFinishedExportHasItsFileAndItsManifest() {
    Export export = done(ofInstance(Samples.newInstance()));
    assertThat(export.state()).isEqualTo(ExportState.DONE);
    assertThat(export.progress()).isEqualTo(progress(3, 9));
    assertThat(export.sha256()).isEqualTo(HASH);
    assertThat(export.finishedAt()).isEqualTo(NOON.plusSeconds(1));
    for (long at = 0; at < 6; at++) {
      assertThat(part(export, at)).contains("0:ab\ncd\n");
    }
    for (long at = 6; at < 9; at++) {
      assertThat(part(export, at)).contains("6:ef\n");
    }
    assertThat(part(export, 9)).isEmpty();
    assertThat(part(export, Long.MAX_VALUE)).isEmpty();
  }

  // --- removing ---

  @Test
  default void aDeletedExportIsGoneAtOnce() {
    Export export = done(ofChat(Samples.newChat()));
    assertThat(store().delete(Samples.THIS_INSTANCE, export.id())).isTrue();
    assertThat(store().find(Samples.THIS_INSTANCE, export.id())).isEmpty();
    assertThat(part(export, 0)).isEmpty();
    assertThat(store().delete(Samples.THIS_INSTANCE, export.id())).isFalse();

    Export running = created(ofChat(Samples.newChat()));
    Claim claim = claimed(UUID.randomUUID(), Kind.CHATS);
    assertThat(store().delete(Samples.THIS_INSTANCE, running.id())).isTrue();
    assertThat(append(claim, ExportProgress.NONE, progress(1, 3), "ab\n")).isFalse();
    assertThat(queue().finish(claim, ExportProgress.NONE, HASH, NOON, END)).isFalse();
    assertThat(part(running, 0)).isEmpty();
  }

  @Test
  default void removesWhatHasExpired() {
    Export export = done(ofChat(Samples.newChat()));
    while (queue().removeEnded(END.minusMillis(1), 1)) {
      assertThat(store().find(Samples.THIS_INSTANCE, export.id())).contains(export);
    }
    assertThat(part(export, 8)).isPresent();
    while (queue().removeEnded(END, 1)) {
      // Until nothing is left.
    }
    assertThat(store().find(Samples.THIS_INSTANCE, export.id())).isEmpty();
    assertThat(part(export, 8)).isEmpty();
  }

  @Test
  default void anErasureRemovesWhatMayHaveTheChat() {
    TenantInstance instance = Samples.newInstance();
    ChatId chat = Samples.chatIn(instance);
    Export ofChat = done(ofChat(chat));
    Export ofInstance = done(ofInstance(instance));
    Export ofOtherChat = done(ofChat(Samples.chatIn(instance)));
    Export ofOtherInstance = done(ofInstance(Samples.newInstance()));
    Export waiting = created(asked(ofInstance(instance), "one", null));

    store().deleteOfChat(chat);

    assertThat(store().find(instance, ofChat.id())).isEmpty();
    assertThat(part(ofChat, 0)).isEmpty();
    for (Export each : List.of(ofInstance, waiting)) {
      assertThat(store().find(instance, each.id()).map(Export::state))
          .contains(ExportState.DISCARDED);
      assertThat(part(each, 0)).isEmpty();
    }
    assertThat(part(ofOtherChat, 0)).isPresent();
    assertThat(part(ofOtherInstance, 0)).isPresent();
    while (queue().removeEnded(NOON, 1)) {
      // Until the space is free.
    }
    assertThat(store().find(instance, ofInstance.id()).map(Export::state))
        .contains(ExportState.DISCARDED);
    assertThat(part(ofOtherChat, 0)).isPresent();
    assertThat(part(ofOtherInstance, 0)).isPresent();
  }

  /** What a worker has read before an erasure must not be written after it. */
  @Test
  default void whatWasReadBeforeAnErasureIsNotWritten() {
    emptyQueue();
    TenantInstance instance = Samples.newInstance();
    Export export = created(ofChat(Samples.chatIn(instance)));
    UUID worker = UUID.randomUUID();
    Claim claim = claimed(worker, Kind.CHATS);
    assertThat(append(claim, ExportProgress.NONE, progress(1, 3), "ab\n")).isTrue();
    store().deleteOfChat(Samples.chatIn(instance));
    assertThat(append(claim, progress(1, 3), progress(2, 6), "cd\n")).isFalse();
    assertThat(queue().finish(claim, progress(1, 3), HASH, NOON, END)).isFalse();
    // It claims again and reads again. The part that it has stored is of its own chat.
    Claim again = claimed(worker, Kind.CHATS);
    assertThat(again.export().id()).isEqualTo(export.id());
    assertThat(again.export().progress()).isEqualTo(progress(1, 3));
    assertThat(append(again, progress(1, 3), progress(2, 6), "cd\n")).isTrue();
  }

  // --- reading ---

  private List<Message> exported(ExportRequest request, LogPosition through, int limit) {
    List<Message> all = new ArrayList<>();
    LogPosition after = LogPosition.START;
    LogPosition last = LogPosition.START;
    while (true) {
      Batch batch = messages().read(request, after, through, limit);
      for (Entry entry : batch.entries()) {
        assertThat(entry.position()).isGreaterThan(last).isLessThanOrEqualTo(through);
        last = entry.position();
        all.add(entry.message());
      }
      if (batch.isLast()) {
        return all;
      }
      assertThat(batch.after()).isGreaterThan(after);
      after = batch.after();
    }
  }

  @Test
  default void readsTheMessagesUpToThePosition() {
    TenantInstance instance = Samples.newInstance();
    ChatId one = Samples.chatIn(instance);
    ChatId other = Samples.chatIn(instance);
    List<Message> before = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      before.add(Samples.stored(log(), i % 2 == 0 ? one : other, "before " + i));
    }
    Export ofInstance = created(ofInstance(instance));
    Export ofChat = created(ofChat(one));
    Samples.stored(log(), one, "after");
    assertThat(messages().isComplete(ofInstance.through())).isTrue();
    for (int limit : List.of(1, 2, 7, 100)) {
      assertThat(exported(ofInstance.request(), ofInstance.through(), limit))
          .containsExactlyElementsOf(before);
      assertThat(exported(ofChat.request(), ofChat.through(), limit))
          .containsExactly(before.get(0), before.get(2), before.get(4), before.get(6));
    }
    Export later = created(ofChat(one));
    assertThat(exported(later.request(), later.through(), 100)).hasSize(5);
  }

  @Test
  default void readsNothingOfOthers() {
    ChatId chat = Samples.chatIn(Samples.newInstance());
    for (ChatId stranger : Samples.strangersTo(chat)) {
      Samples.stored(log(), stranger, "of somebody else");
    }
    for (TenantInstance stranger : Samples.strangersTo(chat.instance())) {
      Samples.stored(log(), new ChatId(stranger, chat.patient()), "of somebody else");
    }
    Message own = Samples.stored(log(), chat, "own");
    Export export = created(ofChat(chat));
    assertThat(exported(export.request(), export.through(), 100)).containsExactly(own);
    assertThat(exported(ofChat(Samples.chatIn(chat.instance())), export.through(), 100)).isEmpty();
    assertThat(exported(ofInstance(Samples.newInstance()), export.through(), 100)).isEmpty();
  }

  @Test
  default void readsTheMessagesBetweenTwoTimes() {
    ChatId chat = Samples.newChat();
    List<Message> all =
        IntStream.range(0, 5).mapToObj(i -> Samples.stored(log(), chat, "no. " + i)).toList();
    Export export = created(ofChat(chat));
    assertThat(between(chat, all.get(1).createdAt(), all.get(3).createdAt(), export))
        .containsExactly(all.get(1), all.get(2));
    assertThat(between(chat, all.get(3).createdAt(), null, export))
        .containsExactly(all.get(3), all.get(4));
    assertThat(between(chat, null, all.get(1).createdAt(), export)).containsExactly(all.get(0));
    assertThat(between(chat, all.get(3).createdAt(), all.get(1).createdAt(), export)).isEmpty();
  }

  private List<Message> between(
      ChatId chat, @Nullable Instant from, @Nullable Instant to, Export export) {
    return exported(
        new ExportRequest(new ExportSource.OfChat(chat), ExportFormat.NDJSON, from, to),
        export.through(),
        2);
  }
}
