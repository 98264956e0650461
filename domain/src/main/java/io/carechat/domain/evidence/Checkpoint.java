package io.carechat.domain.evidence;

import io.carechat.domain.chat.TenantInstance;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is said of the audit of an instance at some time: how many rows its tree has, and the root
 * of the tree. The text is a checkpoint of C2SP ({@code c2sp.org/tlog-checkpoint}) with the time as
 * an extension line.
 *
 * @param statement what is said of these rows
 * @param instance the instance
 * @param size the number of rows, 1 or more
 * @param root the root of the tree of these rows
 * @param at when this was said, in whole milliseconds
 */
public record Checkpoint(
    Statement statement, TenantInstance instance, long size, Hash root, Instant at) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final String NAME = "[a-z0-9][a-z0-9-]{0,62}";

  /** Exactly one text for each checkpoint, so that a signature is for one meaning. */
  private static final Pattern TEXT =
      Pattern.compile(
          "carechat/(audit|audit-removed)/("
              + NAME
              + ")/("
              + NAME
              + ")\n([1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n"
              + "time ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z)\n");

  /** What a checkpoint says of the rows. */
  public enum Statement {
    /** These are the first rows of the audit. */
    SEALED("audit"),
    /** These first rows of the audit were removed, because they need not be kept any longer. */
    REMOVED("audit-removed");

    private final String origin;

    Statement(String origin) {
      this.origin = origin;
    }
  }

  /**
   * @throws IllegalArgumentException if a value is not as described
   */
  public Checkpoint {
    if (size < 1) {
      throw new IllegalArgumentException("size must be 1 or more");
    }
    if (!at.equals(at.truncatedTo(ChronoUnit.MILLIS))) {
      throw new IllegalArgumentException("at must be in whole milliseconds");
    }
  }

  /** Returns the first line of the text, which names the tree. */
  public String origin() {
    return "carechat/" + statement.origin + "/" + instance;
  }

  /** Returns the text that is signed. It ends with a line break. */
  public String text() {
    return origin() + "\n" + size + "\n" + root.base64() + "\ntime " + TIME.format(at) + "\n";
  }

  /** Reads a text. The result is empty if {@link #text} gives no such text. */
  public static Optional<Checkpoint> parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      var read =
          new Checkpoint(
              matcher.group(1).equals(Statement.SEALED.origin)
                  ? Statement.SEALED
                  : Statement.REMOVED,
              new TenantInstance(matcher.group(2), matcher.group(3)),
              Long.parseLong(matcher.group(4)),
              Hash.of(Base64.getDecoder().decode(matcher.group(5))),
              Instant.from(TIME.parse(matcher.group(6))));
      return read.text().equals(text) ? Optional.of(read) : Optional.empty();
    } catch (DateTimeException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
