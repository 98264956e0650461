package io.carechat.bootstrap.evidence;

import io.carechat.domain.audit.AuditEntry;
import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.audit.CallerType;
import io.carechat.domain.audit.CanonicalAuditRow;
import io.carechat.domain.audit.Disclosure;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.evidence.AuditReport;
import io.carechat.domain.evidence.CheckpointWitness;
import io.carechat.domain.evidence.InMemorySealLog;
import io.carechat.domain.evidence.Sealer;
import io.carechat.domain.evidence.SignedCheckpoint;
import io.carechat.domain.evidence.TamperableAudit;
import io.carechat.domain.evidence.TestKey;
import io.carechat.domain.evidence.VerifyingKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the vectors that are published for verifiers. They are always the same, because the keys
 * are those of RFC 8032 and Ed25519 uses no chance.
 */
final class AuditVectors {
  private static final TenantInstance ONE = Samples.THIS_INSTANCE;
  private static final String ACCEPTED = SignedCheckpoint.describe(TestKey.ONE);
  private static final String OTHER = SignedCheckpoint.describe(TestKey.TWO);

  private final List<Vector> vectors = new ArrayList<>();
  private final List<String> rows = new ArrayList<>();
  private final List<String> checkpoints;
  private final List<String> checkpointsOfTwo;

  /** A vector, without what is expected. */
  record Vector(
      String name,
      String description,
      List<String> keys,
      List<String> rows,
      List<String> checkpoints,
      long after) {
    AuditReport report() {
      return OfflineAudit.verify(rows, checkpoints, keys, after);
    }

    Map<String, Object> members() {
      AuditReport report = report();
      Map<String, Object> expected = new LinkedHashMap<>();
      var fault = report.fault();
      expected.put("valid", fault == null);
      expected.put("verifiedTo", report.verifiedTo());
      expected.put("unsealedRows", report.unsealedRows());
      if (fault != null) {
        expected.put("kind", fault.kind().name());
        expected.put("firstRow", fault.firstRow());
        expected.put("lastRow", fault.lastRow());
        if (fault.rowId() != null) {
          expected.put("rowId", fault.rowId());
        }
      }
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("name", name);
      members.put("description", description);
      members.put("keys", keys);
      members.put("rows", rows);
      members.put("checkpoints", checkpoints);
      members.put("after", after);
      members.put("expected", expected);
      return members;
    }
  }

  private static AuditEntry entry(int number) {
    return new AuditEntry(
        Samples.NOON.plusSeconds(number * 100L),
        ONE,
        CallerType.CARE_TEAM,
        "user:0123456789abcdef",
        "0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10",
        number % 4 == 0,
        "192.0.2.7",
        "searchMessages",
        PatientId.parse("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab").orElseThrow(),
        number == 3 ? "a \"quoted\"\n\u00e9\u20ac\ud83d\ude00" : "request-" + number,
        200,
        null,
        new Disclosure(
            Samples.NOON,
            Samples.NOON.plusMillis(1),
            2,
            List.of("IM6f03096c79094f9b9466c7d009073ca1"),
            "0123456789abcdef"));
  }

  private static List<String> sealed(TamperableAudit audit, TestKey key) {
    var seals = new InMemorySealLog(audit);
    var clock = new ManualClock(Samples.NOON.plusSeconds(2_000));
    var all = List.copyOf(audit.rows);
    for (int end : new int[] {4, 9, 12}) {
      audit.rows.clear();
      audit.rows.addAll(all.subList(0, end));
      new Sealer(
              audit,
              seals,
              key,
              new VerifyingKeys(List.of(key)),
              CheckpointWitness.NONE,
              100,
              clock)
          .sealAll();
      clock.move(Duration.ofMinutes(1));
    }
    audit.rows.clear();
    audit.rows.addAll(all);
    return seals.all(0, 10).stream().map(CheckpointLines::write).toList();
  }

  AuditVectors() {
    var audit = new TamperableAudit();
    for (int number = 1; number <= 12; number++) {
      // The order of ids is that of numbers: 9-9 is before 10-10.
      audit.rows.add(new AuditRow(new LogPosition(number, number), entry(number)));
    }
    audit.rows.forEach(row -> rows.add(CanonicalAuditRow.json(row)));
    checkpoints = sealed(audit, TestKey.ONE);
    checkpointsOfTwo = sealed(audit, TestKey.TWO);
  }

  private void add(
      String name, String description, List<String> given, List<String> published, long after) {
    vectors.add(new Vector(name, description, List.of(ACCEPTED), given, published, after));
  }

  private List<String> changed(int index, String from, String to) {
    var changed = new ArrayList<>(rows);
    changed.set(index, rows.get(index).replace(from, to));
    return changed;
  }

  private List<String> without(int... indexes) {
    var fewer = new ArrayList<>(rows);
    for (int i = indexes.length - 1; i >= 0; i--) {
      fewer.remove(indexes[i]);
    }
    return fewer;
  }

  private static String note(String line) {
    return CheckpointLines.read(line)
        .orElseThrow()
        .checkpoint()
        .signed()
        .note()
        .replace("\n", "\\n");
  }

  private static String root(String line) {
    return CheckpointLines.read(line)
        .orElseThrow()
        .checkpoint()
        .signed()
        .checkpoint()
        .root()
        .base64();
  }

  private List<String> asEvents() {
    return List.of(
        "{\"id\":\"7-1\",\"type\":\"audit.checkpoint\",\"checkpoint\":{\"rows\":4,\"note\":\""
            + note(checkpoints.get(0))
            + "\"}}",
        "{\"type\":\"audit.checkpoint\",\"data\":{\"checkpoint\":{\"rows\":9,\"note\":\""
            + note(checkpoints.get(1))
            + "\"}}}",
        "{\"note\":\"" + note(checkpoints.get(2)) + "\"}");
  }

  List<Vector> all() {
    add("right", "Nothing was changed.", rows, checkpoints, 0);
    add(
        "right-in-any-order",
        "The order of lines says nothing.",
        rows.reversed(),
        checkpoints.reversed(),
        0);
    add(
        "right-from-events",
        "An event, the body of a webhook, and a note alone.",
        rows,
        asEvents(),
        0);
    add(
        "right-in-another-form",
        "JSON with white space and its members in another order.",
        rows.stream()
            .map(row ->
                "{ \"tenantName\": \"test-den\","
                    + row.substring(1).replace(",\"tenantName\":\"test-den\"", ""))
            .toList(),
        checkpoints,
        0);
    add(
        "right-with-unsealed",
        "The last rows are not sealed yet.",
        rows,
        checkpoints.subList(0, 2),
        0);
    add(
        "right-after-removed",
        "The first 9 rows were removed.",
        rows.subList(9, 12),
        checkpoints,
        9);
    vectors.add(
        new Vector(
            "right-with-two-keys",
            "The signing key was replaced.",
            List.of(ACCEPTED, OTHER),
            rows,
            List.of(checkpoints.get(0), checkpointsOfTwo.get(1), checkpointsOfTwo.get(2)),
            0));
    add(
        "row-changed",
        "The status of a row was changed.",
        changed(5, "\"status\":200", "\"status\":403"),
        checkpoints,
        0);
    add(
        "row-changed-known-from-events",
        "Events have no hashes of rows, so it is one of some rows.",
        changed(5, "\"status\":200", "\"status\":403"),
        asEvents(),
        0);
    add(
        "member-removed",
        "A member of a row was removed.",
        changed(5, "\"count\":2,", ""),
        checkpoints,
        0);
    add("row-removed", "A row was removed.", without(5), checkpoints, 0);
    add("first-row-removed", "The first row was removed.", without(0), checkpoints, 0);
    add("last-row-removed", "The last row was removed.", without(11), checkpoints, 0);
    add(
        "end-cut-off",
        "The rows after a checkpoint were removed.",
        rows.subList(0, 9),
        checkpoints,
        0);
    add("everything-removed", "All rows were removed.", List.of(), checkpoints, 0);
    var inserted = new ArrayList<>(rows);
    inserted.add(5, rows.get(5).replace("\"id\":\"6-6\"", "\"id\":\"5-6\""));
    add("row-inserted", "A row was inserted.", inserted, checkpoints, 0);
    var swapped = new ArrayList<>(rows);
    swapped.set(5, rows.get(6).replace("\"id\":\"7-7\"", "\"id\":\"6-6\""));
    swapped.set(6, rows.get(5).replace("\"id\":\"6-6\"", "\"id\":\"7-7\""));
    add("rows-swapped", "Two rows have changed places.", swapped, checkpoints, 0);
    add(
        "row-of-another-instance",
        "A row was moved from another instance.",
        changed(5, "\"instanceName\":\"chat2\"", "\"instanceName\":\"chat3\""),
        checkpoints,
        0);
    add(
        "checkpoint-changed",
        "The root of a checkpoint was changed.",
        rows,
        List.of(
            checkpoints.get(0),
            checkpoints.get(1).replace(root(checkpoints.get(1)), root(checkpoints.get(0))),
            checkpoints.get(2)),
        0);
    add(
        "checkpoint-of-another-key",
        "A key that is not accepted has signed a checkpoint.",
        rows,
        List.of(checkpoints.get(0), checkpointsOfTwo.get(1), checkpoints.get(2)),
        0);
    add(
        "tree-of-another-key",
        "The whole tree was computed again and signed with another key.",
        changed(5, "\"status\":200", "\"status\":403"),
        checkpointsOfTwo,
        0);
    add(
        "checkpoints-cut-off",
        "Rows that are old enough to be sealed are not.",
        rows,
        checkpoints.subList(0, 1),
        0);
    add(
        "checkpoints-of-another-instance",
        "There is no checkpoint of this instance.",
        rows,
        checkpoints.stream().map(line -> line.replace("chat2", "chat3")).toList(),
        0);
    return List.copyOf(vectors);
  }
}
