package io.carechat.rest.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.evidence.CheckpointWitness;
import io.carechat.domain.evidence.Sealer;
import io.carechat.domain.evidence.SignedCheckpoint;
import io.carechat.domain.evidence.TestKey;
import io.carechat.domain.evidence.VerifyingKeys;
import io.carechat.rest.ServedApi;
import io.carechat.rest.http.Received;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The verification of the audit, as callers see it. */
final class VerificationOperationTest {
  private static final String PATH = "/api/v1/" + Samples.THIS_INSTANCE + "/audit/verification";

  private ServedApi served;

  /** Checkpoints of 4 and 12 rows, and two rows that are not sealed. */
  @BeforeEach
  void serve() {
    served = new ServedApi();
    var sealer =
        new Sealer(
            served.sealedAudit,
            served.seals,
            TestKey.ONE,
            new VerifyingKeys(List.of(TestKey.ONE)),
            CheckpointWitness.NONE,
            100,
            new ManualClock(Samples.NOON));
    for (int rows : new int[] {4, 8}) {
      served.sealedAudit.add(Samples.THIS_INSTANCE, rows);
      sealer.sealAll();
    }
    served.sealedAudit.add(Samples.THIS_INSTANCE, 2);
  }

  @AfterEach
  void stop() {
    served.close();
  }

  private Received verify(String query) {
    return served.get(PATH + query, ServedApi.KEY);
  }

  @Test
  void verifiesFromCheckpointToCheckpoint() {
    Received first = verify("");
    assertThat(first.status()).isEqualTo(200);
    assertThat(first.json().path("valid").asBoolean()).isTrue();
    assertThat(first.json().path("verifiedTo").asLong()).isEqualTo(12);
    assertThat(first.json().path("continueAfter").asLong()).isEqualTo(12);
    assertThat(first.json().has("fault")).isFalse();
    assertThat(SignedCheckpoint.parse(first.json().path("checkpoint").asText()))
        .contains(served.seals.newest(Samples.THIS_INSTANCE).orElseThrow().signed());
    Received last = verify("?after=12");
    assertThat(last.json().path("continueAfter").isNull()).isTrue();
    assertThat(last.json().path("unsealedRows").asInt()).isEqualTo(2);
    assertThat(last.json().path("unsealedSince").asText()).isEqualTo("2021-02-08T17:17:42.000Z");
    assertThat(last.json().path("checkpoint").isNull()).isTrue();
  }

  @Test
  void namesTheFirstRowThatIsWrong() {
    String id = served.sealedAudit.rows.get(5).id();
    served.sealedAudit.change(5);
    Received report = verify("");
    assertThat(report.status()).isEqualTo(200);
    assertThat(report.json().path("valid").asBoolean()).isFalse();
    assertThat(report.json().path("verifiedTo").asLong()).isEqualTo(4);
    assertThat(report.json().path("fault").path("kind").asText()).isEqualTo("ROW_CHANGED");
    assertThat(report.json().path("fault").path("firstRow").asLong()).isEqualTo(6);
    assertThat(report.json().path("fault").path("rowId").asText()).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "-1", "x", "", "9007199254740992", "1e3", "99999999999999999999"})
  void refusesWhatIsNotTheSizeOfACheckpoint(String after) {
    Received refused = verify("?after=" + after);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.code()).isEqualTo("invalid-request");
    assertThat(refused.json().path("errors").path(0).path("parameter").asText()).isEqualTo("after");
  }

  @Test
  void needsTheScopeAndTheInstance() {
    for (String key : List.of(ServedApi.READ_ONLY, ServedApi.OTHER_INSTANCE)) {
      assertThat(served.get(PATH, key).status()).isEqualTo(403);
    }
    assertThat(served.get(PATH, null).status()).isEqualTo(401);
  }
}
