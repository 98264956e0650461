package io.carechat.rest.http;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Everything that anybody in this process logs, with exceptions in full. */
public final class LogCapture implements AutoCloseable {
  // Held on to: a logger that nobody holds is collected, and its level with it.
  private final Logger root = Logger.getLogger("");
  private final List<String> lines = new ArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          StringWriter text = new StringWriter();
          text.append(line.getLoggerName()).append(' ').append(String.valueOf(line.getLevel()));
          text.append(' ').append(String.valueOf(line.getMessage()));
          if (line.getParameters() != null) {
            text.append(List.of(line.getParameters()).toString());
          }
          if (line.getThrown() != null) {
            line.getThrown().printStackTrace(new PrintWriter(text, true));
          }
          synchronized (lines) {
            lines.add(text.toString());
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  public LogCapture() {
    handler.setLevel(Level.ALL);
    root.addHandler(handler);
  }

  /** So far. */
  public List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /** So far, of one logger. */
  public List<String> linesOf(String logger) {
    return lines().stream().filter(line -> line.startsWith(logger + " ")).toList();
  }

  @Override
  public void close() {
    root.removeHandler(handler);
  }
}
