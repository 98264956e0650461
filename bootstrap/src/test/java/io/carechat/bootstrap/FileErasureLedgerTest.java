package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.carechat.domain.chat.Samples;
import io.carechat.domain.records.ErasureId;
import io.carechat.domain.records.ErasureLedger.Entry;
import io.carechat.domain.records.ErasureReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileErasureLedgerTest {
  @TempDir private Path folder;

  private static Entry entry() {
    return new Entry(
        new ErasureId(Samples.newUuid()),
        Samples.newChat(),
        ErasureReason.OBJECTION,
        Samples.NOON,
        "a partner/ä",
        Samples.NOON.plusMillis(7));
  }

  private Path file() {
    return folder.resolve("ledger");
  }

  private List<Entry> filled(int count) {
    var entries = new ArrayList<Entry>();
    try (var ledger = FileErasureLedger.open(file(), true)) {
      for (int i = 0; i < count; i++) {
        entries.add(entry());
        ledger.append(entries.getLast());
        ledger.append(entries.getLast());
      }
    }
    return entries;
  }

  @Test
  void keepsEveryEntryOnceAndItsId() {
    List<Entry> entries = filled(3);
    String id;
    try (var ledger = FileErasureLedger.open(file(), false)) {
      id = ledger.id();
      assertThat(ledger.entries()).isEqualTo(entries);
      ledger.append(entry());
    }
    try (var ledger = FileErasureLedger.open(file(), false)) {
      assertThat(ledger.id()).isEqualTo(id);
      assertThat(ledger.entries()).hasSize(4).startsWith(entries.toArray(Entry[]::new));
    }
  }

  @Test
  void isNotBegunInPlaceOfOneThatIsMissing() throws IOException {
    assertThatIllegalStateException()
        .isThrownBy(() -> FileErasureLedger.open(file(), false))
        .withMessageContaining("is missing");
    assertThat(file()).doesNotExist();
    Files.createFile(file());
    try (var ledger = FileErasureLedger.open(file(), false)) {
      assertThat(ledger.entries()).isEmpty();
    }
  }

  @Test
  void cutsOffALineThatWasNotWrittenToItsEnd() throws IOException {
    List<Entry> entries = filled(2);
    Files.writeString(file(), "ER0123", StandardOpenOption.APPEND);
    try (var ledger = FileErasureLedger.open(file(), false)) {
      assertThat(ledger.entries()).isEqualTo(entries);
      ledger.append(entry());
    }
    try (var ledger = FileErasureLedger.open(file(), false)) {
      assertThat(ledger.entries()).hasSize(3);
    }
  }

  @Test
  void namesTheFirstLineThatWasChangedRemovedOrMoved() throws IOException {
    List<Entry> _ = filled(4);
    List<String> lines = Files.readAllLines(file());
    var changed = new ArrayList<>(lines);
    changed.set(2, changed.get(2).replace("OBJECTION", "RETENTION"));
    isDamaged(changed, 3);
    var removed = new ArrayList<>(lines);
    removed.remove(1);
    isDamaged(removed, 2);
    var moved = new ArrayList<>(lines);
    moved.set(3, lines.get(4));
    moved.set(4, lines.get(3));
    isDamaged(moved, 4);
    var headless = new ArrayList<>(lines);
    headless.removeFirst();
    isDamaged(headless, 1);
    isDamaged(List.of("nothing of the kind"), 1);
  }

  private void isDamaged(List<String> lines, int number) throws IOException {
    Files.write(file(), lines);
    assertThatIllegalStateException()
        .isThrownBy(() -> FileErasureLedger.open(file(), false))
        .withMessageContaining("is damaged in line " + number);
  }

  @Test
  void belongsToOneProcess() {
    List<Entry> _ = filled(1);
    try (var ledger = FileErasureLedger.open(file(), false)) {
      assertThat(ledger.entries()).hasSize(1);
      assertThatIllegalStateException()
          .isThrownBy(() -> FileErasureLedger.open(file(), false))
          .withMessageContaining("Another process");
    }
  }
}
