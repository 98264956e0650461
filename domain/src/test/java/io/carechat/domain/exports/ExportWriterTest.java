package io.carechat.domain.exports;

import static io.carechat.domain.chat.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.exports.ExportQueue.Kind;
import io.carechat.domain.exports.ExportedMessages.Batch;
import io.carechat.domain.exports.ExportedMessages.Entry;
import io.carechat.domain.messages.InMemoryMessageLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class ExportWriterTest {
  private final ManualClock clock = new ManualClock(NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final InMemoryExports exports = new InMemoryExports(log);
  private final TenantInstance instance = Samples.newInstance();
  private final ChatId chat = Samples.chatIn(instance);

  private ExportWriter writer(Kind kind) {
    return writer(exports, exports, kind);
  }

  private ExportWriter writer(ExportQueue queue, ExportedMessages messages, Kind kind) {
    return new ExportWriter(
        queue,
        exports,
        messages,
        new PlainLines(),
        PlainLines::hash,
        Duration.ofHours(24),
        UUID.randomUUID(),
        kind,
        clock);
  }

  private Export created(ExportRequest request) {
    return ((ExportResult.Created)
            exports.create(ExportsContract.asked(request, "one", null), ExportsContract.LIMITS))
        .export();
  }

  private Export now(Export export) {
    return exports.find(instance, export.id()).orElseThrow();
  }

  private static void untilDone(ExportWriter writer) {
    while (writer.step()) {
      // There is more to do.
    }
  }

  private String expected(Export export) {
    return exports
        .read(export.request(), LogPosition.START, export.through(), Integer.MAX_VALUE)
        .entries()
        .stream()
        .map(entry -> PlainLines.line(export.request().format(), entry))
        .collect(Collectors.joining());
  }

  private void isWhole(Export export) {
    Export done = now(export);
    String file = PlainLines.file(exports, done);
    assertThat(done.state()).isEqualTo(ExportState.DONE);
    assertThat(file).isEqualTo(expected(export));
    assertThat(done.sha256()).isEqualTo(PlainLines.hash(file));
    assertThat(done.progress().messages()).isEqualTo(file.lines().count());
    assertThat(done.finishedAt()).isEqualTo(clock.instant());
    assertThat(done.expiresAt()).isEqualTo(clock.instant().plus(Duration.ofHours(24)));
  }

  /** Long enough for several parts. */
  private void fill(int messages) {
    for (int i = 0; i < messages; i++) {
      Samples.stored(log, i % 3 == 0 ? Samples.chatIn(instance) : chat, i + "x".repeat(9_000));
    }
  }

  @Test
  void writesAChatAndAnInstance() {
    fill(100);
    Export ofChat = created(ExportsContract.ofChat(chat));
    Export ofInstance = created(ExportsContract.ofInstance(instance));
    Samples.stored(log, chat, "too late");
    untilDone(writer(Kind.CHATS));
    assertThat(now(ofInstance).state()).isEqualTo(ExportState.WAITING);
    untilDone(writer(Kind.INSTANCES));
    isWhole(ofChat);
    isWhole(ofInstance);
    assertThat(now(ofInstance).progress().messages()).isEqualTo(100);
    assertThat(exports.part(instance, ofInstance.id(), 0).orElseThrow().bytes().length)
        .isBetween(ExportWriter.PART_SIZE, ExportWriter.PART_SIZE + 10_000);
  }

  @Test
  void writesAnEmptyFileOfAnEmptyChat() {
    Export export = created(ExportsContract.ofChat(chat));
    untilDone(writer(Kind.CHATS));
    isWhole(export);
    assertThat(now(export).progress()).isEqualTo(ExportProgress.NONE);
  }

  @Test
  void waitsForTheLogToBeComplete() {
    Samples.stored(log, chat, "hello");
    Export export = created(ExportsContract.ofChat(chat));
    exports.logIsBehind = true;
    ExportWriter writer = writer(Kind.CHATS);
    assertThat(writer.step()).isFalse();
    assertThat(writer.step()).isFalse();
    assertThat(now(export).progress()).isEqualTo(ExportProgress.NONE);
    exports.logIsBehind = false;
    untilDone(writer);
    isWhole(export);
  }

  /** As after kill -9: what the first worker had in memory is lost. */
  @Test
  void anotherWorkerContinuesAfterTheLastPart() {
    fill(200);
    Export export = created(ExportsContract.ofInstance(instance));
    assertThat(writer(Kind.INSTANCES).step()).isTrue();
    for (int part = 0; part < 4; part++) {
      assertThat(now(export).state()).isEqualTo(ExportState.RUNNING);
      long before = now(export).progress().bytes();
      assertThat(before).isPositive();
      ExportWriter next = writer(Kind.INSTANCES);
      assertThat(next.step()).isFalse();
      clock.move(ExportWriter.LEASE);
      assertThat(next.step()).isTrue();
      assertThat(now(export).progress().bytes()).isGreaterThan(before);
    }
    clock.move(ExportWriter.LEASE);
    untilDone(writer(Kind.INSTANCES));
    isWhole(export);
  }

  @Test
  void continuesAfterAnOutage() {
    fill(200);
    Export export = created(ExportsContract.ofInstance(instance));
    ExportWriter writer = writer(Kind.INSTANCES);
    assertThat(writer.step()).isTrue();
    for (int i = 0; i < 3; i++) {
      exports.setAway(true);
      assertThatThrownBy(writer::step).isInstanceOf(Unavailable.class);
      exports.setAway(false);
      assertThat(writer.step()).isTrue();
    }
    untilDone(writer);
    isWhole(export);
  }

  @Test
  void aCancelledExportIsNotWrittenAnyFurther() {
    fill(100);
    Export export = created(ExportsContract.ofInstance(instance));
    ExportWriter writer = writer(Kind.INSTANCES);
    assertThat(writer.step()).isTrue();
    assertThat(exports.delete(instance, export.id())).isTrue();
    Export next = created(ExportsContract.ofInstance(instance));
    untilDone(writer);
    assertThat(exports.find(instance, export.id())).isEmpty();
    isWhole(next);
  }

  @Test
  void anErasureMeanwhileDiscardsAnExportOfTheInstance() {
    fill(100);
    Export export = created(ExportsContract.ofInstance(instance));
    ExportWriter writer = writer(Kind.INSTANCES);
    assertThat(writer.step()).isTrue();
    exports.deleteOfChat(chat);
    untilDone(writer);
    assertThat(now(export).state()).isEqualTo(ExportState.DISCARDED);
  }

  @Test
  void givesUpWhatCannotBeWritten() {
    Samples.stored(log, chat, "hello");
    Export broken = created(ExportsContract.ofChat(chat));
    var attempts = new AtomicInteger();
    ExportedMessages faulty =
        new ExportedMessages() {
          @Override
          public boolean isComplete(LogPosition through) {
            return true;
          }

          @Override
          public Batch read(
              ExportRequest request, LogPosition after, LogPosition through, int limit) {
            attempts.incrementAndGet();
            throw new IllegalStateException("a message that cannot be read");
          }
        };
    ExportWriter writer = writer(exports, faulty, Kind.CHATS);
    for (int i = 0; i < ExportWriter.MAX_ATTEMPTS; i++) {
      assertThatThrownBy(writer::step).isInstanceOf(IllegalStateException.class);
    }
    assertThat(writer.step()).isTrue();
    assertThat(writer.step()).isFalse();
    assertThat(attempts).hasValue(ExportWriter.MAX_ATTEMPTS);
    assertThat(now(broken).state()).isEqualTo(ExportState.FAILED);
  }

  /** The lease is kept although nothing is written for long. */
  @Test
  void storesHowFarItHasReadWhenThereIsNothingToWrite() {
    List<LogPosition> stored = new ArrayList<>();
    int batches = 120;
    ExportedMessages sparse =
        new ExportedMessages() {
          private int reads;

          @Override
          public boolean isComplete(LogPosition through) {
            return true;
          }

          @Override
          public Batch read(
              ExportRequest request, LogPosition after, LogPosition through, int limit) {
            reads++;
            return new Batch(
                List.of(),
                new LogPosition(after.transaction() + 1, after.number()),
                reads == batches);
          }
        };
    Export export = created(ExportsContract.ofInstance(instance));
    ExportWriter writer = writer(exports, sparse, Kind.INSTANCES);
    while (writer.step()) {
      exports
          .claim(UUID.randomUUID(), Kind.INSTANCES, clock.instant().plus(ExportWriter.LEASE), NOON)
          .ifPresent(claim -> stored.add(claim.after()));
      if (stored.size() == 1) {
        break;
      }
    }
    assertThat(stored).containsExactly(new LogPosition(ExportWriter.READS_PER_PART, 0));
    assertThat(now(export).progress()).isEqualTo(ExportProgress.NONE);
  }

  /** A part in the middle of a batch: the next worker must read the rest of the batch again. */
  @Test
  void aPartMayEndInTheMiddleOfABatch() {
    for (int i = 0; i < 90; i++) {
      Samples.stored(log, chat, i + "y".repeat(9_900));
    }
    Export export = created(ExportsContract.ofChat(chat));
    assertThat(writer(Kind.CHATS).step()).isTrue();
    assertThat(now(export).progress().messages()).isLessThan(ExportWriter.BATCH_SIZE);
    clock.move(ExportWriter.LEASE);
    untilDone(writer(Kind.CHATS));
    isWhole(export);
    List<Entry> entries =
        exports.read(export.request(), LogPosition.START, export.through(), 100).entries();
    assertThat(now(export).progress().first()).isEqualTo(entries.getFirst().position());
    assertThat(now(export).progress().last()).isEqualTo(entries.getLast().position());
  }
}
