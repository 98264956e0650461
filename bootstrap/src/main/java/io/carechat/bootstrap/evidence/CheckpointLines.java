package io.carechat.bootstrap.evidence;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.carechat.domain.evidence.CompactRange;
import io.carechat.domain.evidence.PublishedCheckpoint;
import io.carechat.domain.evidence.RowHashes;
import io.carechat.domain.evidence.SealLog;
import io.carechat.domain.evidence.SignedCheckpoint;
import java.text.ParseException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The lines in which checkpoints are kept outside the database: a JSON object on each. Events of
 * the API and bodies of webhooks are read too.
 */
public final class CheckpointLines {
  private CheckpointLines() {}

  /**
   * A line.
   *
   * @param number of the checkpoint among those of all instances; 0 if the line does not have it
   */
  public record Line(long number, PublishedCheckpoint checkpoint) {}

  /**
   * Writes a line, without a line break. All texts in it are ASCII but for the dash of the note.
   */
  static String write(SealLog.Numbered numbered) {
    Base64.Encoder base64 = Base64.getEncoder();
    return "{\"number\":"
        + numbered.number()
        + ",\"note\":\""
        + numbered.seal().signed().note().replace("\n", "\\n")
        + "\",\"tree\":\""
        + base64.encodeToString(numbered.seal().tree().bytes())
        + "\",\"rowHashes\":\""
        + base64.encodeToString(numbered.seal().rowHashes().bytes())
        + "\"}";
  }

  /** Reads a line. The result is empty if there is no checkpoint in it. */
  public static Optional<Line> read(String line) {
    if (!line.stripLeading().startsWith("{")) {
      return Optional.empty();
    }
    Map<String, Object> json;
    try {
      json = JSONObjectUtils.parse(line);
    } catch (ParseException e) {
      return Optional.empty();
    }
    Map<?, ?> from = json;
    if (from.get("data") instanceof Map<?, ?> data) {
      from = data;
    }
    if (from.get("checkpoint") instanceof Map<?, ?> checkpoint) {
      from = checkpoint;
    }
    if (!(from.get("note") instanceof String note)) {
      return Optional.empty();
    }
    Map<?, ?> members = from;
    long number = members.get("number") instanceof Number is ? is.longValue() : 0;
    return SignedCheckpoint.parse(note)
        .map(signed ->
            new Line(
                number,
                new PublishedCheckpoint(
                    signed,
                    tree(signed.checkpoint().size(), members.get("tree")),
                    rowHashes(members.get("rowHashes")))));
  }

  private static @Nullable CompactRange tree(long size, @Nullable Object base64) {
    try {
      return base64 instanceof String text
          ? CompactRange.of(size, Base64.getDecoder().decode(text))
          : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static @Nullable RowHashes rowHashes(@Nullable Object base64) {
    try {
      return base64 instanceof String text ? RowHashes.of(Base64.getDecoder().decode(text)) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
