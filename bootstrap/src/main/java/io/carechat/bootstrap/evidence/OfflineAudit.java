package io.carechat.bootstrap.evidence;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.evidence.AuditFault;
import io.carechat.domain.evidence.AuditLeaf;
import io.carechat.domain.evidence.AuditReport;
import io.carechat.domain.evidence.CompactRange;
import io.carechat.domain.evidence.OfflineVerification;
import io.carechat.domain.evidence.PublishedCheckpoint;
import io.carechat.domain.evidence.VerifyingKeys;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The command that verifies rows of the audit without the service. */
public final class OfflineAudit {
  private static final Pattern ID = Pattern.compile("([0-9]{1,20})-([0-9]{1,19})");

  private OfflineAudit() {}

  /** A row and its place in the order of the audit. */
  private record Placed(long transaction, long number, TenantInstance instance, AuditLeaf leaf) {}

  /**
   * Verifies rows, and prints the result.
   *
   * @param rows the rows of one instance as JSON, one on each line, in any order
   * @param checkpoints a file of checkpoints, or events or webhooks with checkpoints, one on each
   *     line
   * @param keys the lines of the accepted public keys
   * @param after how many of the first rows are left out
   * @return whether nothing is wrong
   * @throws IllegalStateException if a file cannot be read, or what is asked is not possible; the
   *     message says why
   */
  public static boolean verify(
      Path rows, Path checkpoints, Path keys, long after, PrintStream out) {
    return print(verify(lines(rows), lines(checkpoints), lines(keys), after), out);
  }

  /** As above, with the lines of the files. */
  static AuditReport verify(
      List<String> rows, List<String> checkpoints, List<String> keys, long after) {
    VerifyingKeys accepted = keys(keys);
    List<PublishedCheckpoint> published = checkpoints(checkpoints);
    List<Placed> placed = rows(rows);
    if (placed.isEmpty() && published.isEmpty()) {
      throw new IllegalStateException("there are neither rows nor checkpoints");
    }
    TenantInstance instance =
        placed.isEmpty()
            ? published.getFirst().signed().checkpoint().instance()
            : placed.getFirst().instance();
    for (int i = 0; i < placed.size(); i++) {
      if (!placed.get(i).instance().equals(instance)) {
        long row = after + i + 1;
        return new AuditReport(
            after,
            after,
            after,
            null,
            0,
            null,
            null,
            new AuditFault(AuditFault.Kind.ROW_ADDED, row, row, placed.get(i).leaf().id()));
      }
    }
    try {
      return new OfflineVerification(accepted)
          .verify(instance, published, placed.stream().map(Placed::leaf).iterator(), after);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  private static boolean print(AuditReport report, PrintStream out) {
    out.println("rows that are those that were sealed: up to " + report.verifiedTo());
    if (report.unsealedRows() > 0) {
      out.println(
          "rows that are not sealed yet: "
              + report.unsealedRows()
              + ", since "
              + report.unsealedSince());
    }
    AuditFault fault = report.fault();
    if (fault == null) {
      out.println("RIGHT");
      return true;
    }
    out.println(
        "WRONG: "
            + fault.kind()
            + (fault.firstRow() == fault.lastRow()
                ? " at row " + fault.firstRow()
                : " among rows " + fault.firstRow() + " to " + fault.lastRow())
            + (fault.rowId() == null ? "" : ", id " + fault.rowId()));
    return false;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      throw new IllegalStateException(file + " cannot be read as text in UTF-8", e);
    }
  }

  private static VerifyingKeys keys(List<String> lines) {
    try {
      return new VerifyingKeys(lines.stream().map(PublicKeyLine::parse).toList());
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException("each key " + e.getMessage(), e);
    }
  }

  private static List<PublishedCheckpoint> checkpoints(List<String> lines) {
    var all = new ArrayList<PublishedCheckpoint>();
    for (int i = 0; i < lines.size(); i++) {
      int number = i + 1;
      @Nullable String next = number < lines.size() ? lines.get(number) : null;
      var read = CheckpointLines.read(lines.get(i));
      if (read.isPresent()) {
        all.add(read.get().checkpoint());
      } else if (next == null || !next.startsWith(lines.get(i))) {
        // A crash leaves a part of a line, which is written again.
        throw new IllegalStateException("line " + number + " of the checkpoints has no checkpoint");
      }
    }
    return all;
  }

  private static List<Placed> rows(List<String> lines) {
    var rows = new ArrayList<Placed>();
    for (int i = 0; i < lines.size(); i++) {
      try {
        rows.add(row(lines.get(i)));
      } catch (ParseException | DateTimeException | IllegalArgumentException e) {
        throw new IllegalStateException(
            "line " + (i + 1) + " of the rows is no row of the audit", e);
      }
    }
    rows.sort(
        Comparator.comparing(Placed::transaction, Long::compareUnsigned)
            .thenComparingLong(Placed::number));
    return rows;
  }

  private static Placed row(String line) throws ParseException {
    if (!line.stripLeading().startsWith("{")) {
      throw new IllegalArgumentException("no object");
    }
    Map<String, Object> json = JSONObjectUtils.parse(line);
    String id = JSONObjectUtils.getString(json, "id");
    String at = JSONObjectUtils.getString(json, "occurredAt");
    String tenant = JSONObjectUtils.getString(json, "tenantName");
    String instance = JSONObjectUtils.getString(json, "instanceName");
    Matcher place = ID.matcher(id == null ? "" : id);
    if (!place.matches() || at == null || tenant == null || instance == null) {
      throw new IllegalArgumentException("a member is missing");
    }
    return new Placed(
        Long.parseUnsignedLong(place.group(1)),
        Long.parseLong(place.group(2)),
        new TenantInstance(tenant, instance),
        new AuditLeaf(
            id,
            Instant.parse(at),
            CompactRange.leafHash(CanonicalJson.of(line).getBytes(StandardCharsets.UTF_8))));
  }
}
