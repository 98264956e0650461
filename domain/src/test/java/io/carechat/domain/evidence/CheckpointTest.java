package io.carechat.domain.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.TenantInstance;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The text of checkpoints, and their signatures. */
final class CheckpointTest {
  private static final Instant AT = Instant.parse("2026-12-01T11:40:00.120Z");
  private static final TenantInstance INSTANCE = new TenantInstance("test-den", "chat2");
  private static final Hash ROOT = MerkleProofs.root(CompactRangeTest.leafHashes());
  private static final VerifyingKeys BOTH = new VerifyingKeys(List.of(TestKey.ONE, TestKey.TWO));

  private static Checkpoint checkpoint() {
    return new Checkpoint(Checkpoint.Statement.SEALED, INSTANCE, 8, ROOT, AT);
  }

  @Test
  void hasTheTextOfC2sp() {
    assertThat(checkpoint().text())
        .isEqualTo(
            """
            carechat/audit/test-den/chat2
            8
            ROOT
            time 2026-12-01T11:40:00.120Z
            """
                .replace("ROOT", ROOT.base64()));
    SignedCheckpoint signed = SignedCheckpoint.sign(checkpoint(), TestKey.ONE, TestKey.ONE);
    assertThat(signed.note())
        .startsWith(checkpoint().text() + "\n\u2014 " + TestKey.ONE.keyId() + " ")
        .endsWith("\n");
    assertThat(SignedCheckpoint.describe(TestKey.ONE))
        .matches("[0-9a-f]{32}\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]{44}");
  }

  @Test
  void readsWhatItWrites() {
    for (Checkpoint.Statement statement : Checkpoint.Statement.values()) {
      var checkpoint = new Checkpoint(statement, INSTANCE, 8, ROOT, AT);
      assertThat(Checkpoint.parse(checkpoint.text())).contains(checkpoint);
      SignedCheckpoint signed = SignedCheckpoint.sign(checkpoint, TestKey.TWO, TestKey.TWO);
      assertThat(SignedCheckpoint.parse(signed.note())).contains(signed);
      assertThat(signed.isSignedBy(BOTH)).isTrue();
      assertThat(signed.isSignedBy(new VerifyingKeys(List.of(TestKey.ONE)))).isFalse();
    }
  }

  /** Whatever is changed in a note, it is not read, or is not signed. */
  @Test
  void findsEachChangedCharacter() {
    String note = SignedCheckpoint.sign(checkpoint(), TestKey.ONE, TestKey.ONE).note();
    for (int i = 0; i < note.length(); i++) {
      for (char other : new char[] {'0', '1', 'a', 'A', '\n', ' ', '/', '-'}) {
        String changed = note.substring(0, i) + other + note.substring(i + 1);
        if (!changed.equals(note)) {
          assertThat(SignedCheckpoint.parse(changed).filter(read -> read.isSignedBy(BOTH)))
              .as("%s at %s", other, i)
              .isEmpty();
        }
      }
      String shorter = note.substring(0, i) + note.substring(i + 1);
      assertThat(SignedCheckpoint.parse(shorter).filter(read -> read.isSignedBy(BOTH))).isEmpty();
    }
    assertThat(SignedCheckpoint.parse(note + note)).isEmpty();
    assertThat(SignedCheckpoint.parse("")).isEmpty();
  }

  @Test
  void refusesOtherTexts() {
    String text = checkpoint().text();
    for (String wrong :
        List.of(
            text.replace("\n8\n", "\n08\n"),
            text.replace("\n8\n", "\n0\n"),
            text.replace("\n8\n", "\n-8\n"),
            text.replace("\n8\n", "\n9999999999999999999\n"),
            text.replace("chat2", "Chat2"),
            text.replace("audit", "audits"),
            text.replace("2026-12-01", "2026-13-01"),
            text.replace("11:40", "24:40"),
            text.replace("\n", "\r\n"),
            text + "more\n")) {
      assertThat(Checkpoint.parse(wrong)).as(wrong).isEmpty();
    }
    assertThatThrownBy(() -> new Checkpoint(Checkpoint.Statement.SEALED, INSTANCE, 0, ROOT, AT))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new Checkpoint(Checkpoint.Statement.SEALED, INSTANCE, 1, ROOT, AT.plusNanos(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
