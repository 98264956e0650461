package io.carechat.bootstrap.logs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Makes lines of events. Safe for use by many threads.
 *
 * <p>In JSON, each event is one line with the members {@code time} (RFC 3339, UTC, milliseconds),
 * {@code level} (as {@link System.Logger.Level} names it), {@code logger} and {@code message}. With
 * an exception it also has {@code exception}. A line of the access log has a member for each of its
 * values instead of the message.
 */
final class LineFormatter extends Formatter {
  /** Its messages consist of words of the form {@code name=value}, without spaces in the values. */
  private static final String ACCESS = "io.carechat.access";

  private static final Set<String> NUMBERS = Set.of("status", "ms", "left-out");

  private static final JsonFactory JSON = new JsonFactory();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

  private final LogFormat format;

  LineFormatter(LogFormat format) {
    this.format = format;
  }

  @Override
  public String format(LogRecord event) {
    return switch (format) {
      case JSON -> json(event);
      case TEXT -> text(event);
    };
  }

  private String text(LogRecord event) {
    return TIME.format(event.getInstant())
        + ' '
        + levelOf(event)
        + ' '
        + event.getLoggerName()
        + ' '
        + formatMessage(event)
        + (event.getThrown() == null ? "" : "\n" + trace(event.getThrown()))
        + '\n';
  }

  private String json(LogRecord event) {
    var line = new StringWriter(256);
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("time", TIME.format(event.getInstant()));
      json.writeStringField("level", levelOf(event));
      json.writeStringField("logger", event.getLoggerName());
      String message = formatMessage(event);
      if (ACCESS.equals(event.getLoggerName())) {
        writeValues(json, message);
      } else {
        json.writeStringField("message", message);
      }
      if (event.getThrown() != null) {
        json.writeStringField("exception", trace(event.getThrown()));
      }
      json.writeEndObject();
    } catch (IOException e) {
      // Nothing is written but to memory.
      throw new UncheckedIOException(e);
    }
    return line.append('\n').toString();
  }

  /** Writes the values of a line of the access log. */
  private static void writeValues(JsonGenerator json, String message) throws IOException {
    for (String word : message.split(" ", -1)) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        json.writeStringField("message", word);
        continue;
      }
      String name = word.substring(0, equals);
      String value = word.substring(equals + 1);
      if (!NUMBERS.contains(name)) {
        json.writeStringField(name, value);
      } else if (value.equals("-")) {
        json.writeNullField(name);
      } else {
        json.writeNumberField(name, Long.parseLong(value));
      }
    }
  }

  private static String levelOf(LogRecord event) {
    int level = event.getLevel().intValue();
    if (level >= Level.SEVERE.intValue()) {
      return "ERROR";
    }
    if (level >= Level.WARNING.intValue()) {
      return "WARNING";
    }
    return level >= Level.INFO.intValue() ? "INFO" : "DEBUG";
  }

  private static String trace(Throwable thrown) {
    var trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace, true));
    return trace.toString();
  }
}
