package io.carechat.domain.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.LogPosition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class CanonicalAuditRowTest {
  private static final PatientId PATIENT =
      new PatientId(UUID.fromString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab"));
  private static final Instant AT = Instant.parse("2026-12-01T08:09:10.120Z");

  private static AuditEntry entry(String credential, PatientId patient, Disclosure shown) {
    return new AuditEntry(
        AT,
        Samples.THIS_INSTANCE,
        CallerType.PARTNER,
        credential,
        "partner-1",
        false,
        "192.0.2.7",
        "findMessages",
        patient,
        "01FZ",
        200,
        null,
        shown);
  }

  private static String json(AuditEntry entry) {
    return CanonicalAuditRow.json(new AuditRow(new LogPosition(812, 3), entry));
  }

  /** Rows that are sealed depend on each byte of this. If this test fails, do not change it. */
  @Test
  void hasEveryMemberInTheOrderOfTheirNames() {
    var entry =
        new AuditEntry(
            AT,
            Samples.THIS_INSTANCE,
            CallerType.CARE_TEAM,
            "user:0123456789abcdef",
            "0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10",
            true,
            "2001:db8:0:0:0:0:0:0",
            "searchMessages",
            PATIENT,
            "01FZ",
            403,
            "forbidden",
            new Disclosure(
                AT.minusSeconds(2), AT.minusMillis(120), 2, List.of("IM1", "IM2"), "ab"));
    assertThat(json(entry))
        .isEqualTo(
            "{\"address\":\"2001:db8:0:0:0:0:0:0\",\"breakGlass\":true,\"callerType\":\"CARE_TEAM\","
                + "\"count\":2,\"credentialId\":\"user:0123456789abcdef\","
                + "\"firstCreatedAt\":\"2026-12-01T08:09:08.120Z\",\"id\":\"812-3\","
                + "\"ids\":[\"IM1\",\"IM2\"],\"instanceName\":\"chat2\","
                + "\"lastCreatedAt\":\"2026-12-01T08:09:10.000Z\","
                + "\"occurredAt\":\"2026-12-01T08:09:10.120Z\",\"operation\":\"searchMessages\","
                + "\"patientId\":\"5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab\",\"problem\":\"forbidden\","
                + "\"queryHash\":\"ab\",\"requestId\":\"01FZ\",\"status\":403,"
                + "\"subject\":\"0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10\",\"tenantName\":\"test-den\"}");
  }

  @Test
  void leavesOutWhatHasNoValue() {
    var entry =
        new AuditEntry(
            AT,
            Samples.THIS_INSTANCE,
            CallerType.PARTNER,
            "key",
            "key",
            false,
            "192.0.2.7",
            "listChats",
            null,
            "01FZ",
            200,
            null,
            Disclosure.NOTHING);
    assertThat(json(entry))
        .isEqualTo(
            "{\"address\":\"192.0.2.7\",\"breakGlass\":false,\"callerType\":\"PARTNER\","
                + "\"credentialId\":\"key\",\"id\":\"812-3\",\"instanceName\":\"chat2\","
                + "\"occurredAt\":\"2026-12-01T08:09:10.120Z\",\"operation\":\"listChats\","
                + "\"requestId\":\"01FZ\",\"status\":200,\"subject\":\"key\","
                + "\"tenantName\":\"test-den\"}");
  }

  /** RFC 8785, section 3.2.2.2: these escapes and no others. */
  @Test
  void escapesWhatMustBeEscaped() {
    AuditEntry entry =
        entry("\"\\/\b\f\n\r\t\u0001\u001f\u007f\u20ac\ud83d\ude00", PATIENT, Disclosure.NOTHING);
    assertThat(json(entry))
        .contains(
            "\"credentialId\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u007f\u20ac\ud83d\ude00\",");
    assertThat(CanonicalAuditRow.bytes(new AuditRow(new LogPosition(812, 3), entry)))
        .isEqualTo(json(entry).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void refusesTextsThatHaveNoUtf8() {
    for (String text : List.of("\ud83d", "\ude00x", "\ude00\ud83d", "a\0b")) {
      assertThatThrownBy(() -> entry(text, PATIENT, Disclosure.NOTHING))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void refusesIdsThatAreNoIds() {
    for (String id : List.of("", "a b", "a,b", "\u00e4", "x".repeat(129))) {
      assertThatThrownBy(() -> Disclosure.NOTHING.withIds(List.of(id)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(Disclosure.NOTHING.withIds(List.of("x".repeat(128))).ids()).hasSize(1);
  }
}
