package io.carechat.bootstrap.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.evidence.CheckpointWitness;
import io.carechat.domain.evidence.InMemorySealLog;
import io.carechat.domain.evidence.Seal;
import io.carechat.domain.evidence.Sealer;
import io.carechat.domain.evidence.TamperableAudit;
import io.carechat.domain.evidence.TestKey;
import io.carechat.domain.evidence.VerifyingKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of checkpoints outside the database. */
final class CheckpointFileTest {
  private static final VerifyingKeys KEYS = new VerifyingKeys(List.of(TestKey.ONE));

  @TempDir private Path folder;

  private final TamperableAudit audit = new TamperableAudit();
  private final InMemorySealLog seals = new InMemorySealLog(audit);
  private final ManualClock clock = new ManualClock(Samples.NOON);

  private Path path() {
    return folder.resolve("checkpoints.ndjson");
  }

  private CheckpointFile open() {
    return new CheckpointFile(path(), seals, KEYS);
  }

  private void seal(int rows) {
    audit.add(Samples.THIS_INSTANCE, rows);
    sealer(CheckpointWitness.NONE).sealAll();
  }

  private Sealer sealer(CheckpointWitness witness) {
    return new Sealer(audit, seals, TestKey.ONE, KEYS, witness, 100, clock);
  }

  @Test
  void keepsEachCheckpointOnce() throws IOException {
    seal(3);
    try (CheckpointFile file = open()) {
      assertThat(file.follow()).isFalse();
      assertThat(file.follow()).isFalse();
      seal(4);
      file.follow();
    }
    seal(5);
    try (CheckpointFile file = open()) {
      file.follow();
      file.follow();
      assertThat(file.last(Samples.THIS_INSTANCE))
          .contains(seals.newest(Samples.THIS_INSTANCE).orElseThrow().signed());
      assertThat(file.last(Samples.OTHER_INSTANCE)).isEmpty();
      assertThat(file.all(Samples.THIS_INSTANCE))
          .isEqualTo(seals.all.stream().map(Seal::signed).toList());
    }
    List<String> lines = Files.readAllLines(path());
    assertThat(lines).hasSize(3);
    for (int i = 0; i < 3; i++) {
      CheckpointLines.Line line = CheckpointLines.read(lines.get(i)).orElseThrow();
      assertThat(line.number()).isEqualTo(i + 1);
      assertThat(line.checkpoint().tree()).isEqualTo(seals.all.get(i).tree());
      assertThat(line.checkpoint().rowHashes()).isEqualTo(seals.all.get(i).rowHashes());
    }
  }

  /** A crash may leave a part of a line. */
  @Test
  void goesOnAfterAPartOfALine() throws IOException {
    seal(3);
    try (CheckpointFile file = open()) {
      file.follow();
    }
    String whole = Files.readString(path());
    Files.writeString(path(), whole.substring(0, whole.length() / 2));
    try (CheckpointFile file = open()) {
      assertThat(file.last(Samples.THIS_INSTANCE)).isEmpty();
      file.follow();
      assertThat(file.last(Samples.THIS_INSTANCE)).isPresent();
    }
    assertThat(Files.readAllLines(path())).hasSize(2);
    assertThat(Files.readString(path())).endsWith("\n" + whole);
  }

  /** The whole tree was computed again, with the same key. */
  @Test
  void keepsWhatItKnowsIfTheStoredTreeIsAnother() {
    seal(3);
    try (CheckpointFile file = open()) {
      file.follow();
      var known = file.last(Samples.THIS_INSTANCE);
      audit.change(1);
      seals.all.clear();
      seal(2);
      // Their numbers go on, as those of the table do.
      for (int i = 0; i < 2; i++) {
        seals.all.addFirst(seals.all.getFirst());
      }
      file.follow();
      assertThat(file.last(Samples.THIS_INSTANCE)).isEqualTo(known);
      assertThat(file.all(Samples.THIS_INSTANCE)).hasSize(1);
      Sealer sealer = sealer(file);
      audit.add(Samples.THIS_INSTANCE, 1);
      sealer.sealAll();
      assertThat(sealer.refusedInstances()).isEqualTo(1);
    }
    try (CheckpointFile again = open()) {
      again.follow();
      assertThat(again.all(Samples.THIS_INSTANCE)).hasSize(1);
    }
  }

  @Test
  void ignoresLinesThatAreNotGenuine() throws IOException {
    seal(3);
    try (CheckpointFile file = open()) {
      file.follow();
    }
    Files.writeString(
        path(),
        "{}\n[]\nnull\n\n{\"note\":7}\n"
            + Files.readString(path()).replace("time 2021", "time 2022"));
    try (CheckpointFile file = open()) {
      assertThat(file.last(Samples.THIS_INSTANCE)).isEmpty();
    }
    assertThatThrownBy(() -> new CheckpointFile(folder, seals, KEYS))
        .isInstanceOf(IllegalStateException.class);
  }
}
