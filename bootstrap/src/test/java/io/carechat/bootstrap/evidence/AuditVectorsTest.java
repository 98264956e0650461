package io.carechat.bootstrap.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.carechat.domain.evidence.AuditFault;
import io.carechat.domain.evidence.AuditReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The verifier in Java agrees with the published vectors. {@code ./carechat clients} runs Python's.
 */
final class AuditVectorsTest {
  private static final Path FILE = Path.of("../api-spec/audit-vectors/vectors.json");

  private static Map<String, Object> published() throws IOException, ParseException {
    return JSONObjectUtils.parse(Files.readString(FILE));
  }

  private static List<String> texts(Map<String, Object> vector, String member)
      throws ParseException {
    return Objects.requireNonNull(JSONObjectUtils.getStringList(vector, member));
  }

  @TestFactory
  List<DynamicTest> agrees() throws IOException, ParseException {
    Map<String, Object>[] vectors =
        Objects.requireNonNull(JSONObjectUtils.getJSONObjectArray(published(), "vectors"));
    assertThat(vectors).hasSizeGreaterThan(20);
    return List.of(vectors).stream()
        .map(vector ->
            DynamicTest.dynamicTest(String.valueOf(vector.get("name")), () -> agrees(vector)))
        .toList();
  }

  private static void agrees(Map<String, Object> vector) throws ParseException {
    AuditReport report =
        OfflineAudit.verify(
            texts(vector, "rows"),
            texts(vector, "checkpoints"),
            texts(vector, "keys"),
            JSONObjectUtils.getLong(vector, "after"));
    Map<String, Object> expected =
        Objects.requireNonNull(JSONObjectUtils.getJSONObject(vector, "expected"));
    AuditFault fault = report.fault();
    assertThat(fault == null).isEqualTo(JSONObjectUtils.getBoolean(expected, "valid"));
    assertThat(report.verifiedTo()).isEqualTo(JSONObjectUtils.getLong(expected, "verifiedTo"));
    assertThat(report.unsealedRows()).isEqualTo(JSONObjectUtils.getInt(expected, "unsealedRows"));
    if (fault != null) {
      assertThat(fault.kind().name()).isEqualTo(expected.get("kind"));
      assertThat(fault.firstRow()).isEqualTo(JSONObjectUtils.getLong(expected, "firstRow"));
      assertThat(fault.lastRow()).isEqualTo(JSONObjectUtils.getLong(expected, "lastRow"));
      assertThat(fault.rowId()).isEqualTo(expected.get("rowId"));
    }
  }

  /** Write this text to the file if a vector is added. */
  @Test
  void areThoseThatAreMade() throws IOException {
    String made =
        new AuditVectors()
            .all().stream()
                .map(vector -> JSONObjectUtils.toJSONString(vector.members()))
                .collect(Collectors.joining(",\n", "{\"vectors\":[\n", "\n]}\n"));
    assertThat(Files.readString(FILE)).isEqualTo(made);
  }
}
