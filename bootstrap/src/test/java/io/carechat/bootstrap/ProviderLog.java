package io.carechat.bootstrap;

import java.text.MessageFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What {@link OpenIdProvider} logs, as lines of level and message. */
final class ProviderLog extends Handler {
  // A logger that nobody holds is forgotten with its handlers.
  private final Logger logger = Logger.getLogger(OpenIdProvider.class.getName());
  private final List<String> lines = new CopyOnWriteArrayList<>();

  ProviderLog() {
    logger.addHandler(this);
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  void clear() {
    lines.clear();
  }

  @Override
  public void publish(LogRecord line) {
    lines.add(
        line.getLevel() + ": " + MessageFormat.format(line.getMessage(), line.getParameters()));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
