package io.carechat.domain.exports;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.messages.MessageLog;

final class InMemoryExportsTest implements ExportsContract {
  private final InMemoryMessageLog log = new InMemoryMessageLog(new ManualClock(Samples.NOON));
  private final InMemoryExports exports = new InMemoryExports(log);

  @Override
  public ExportStore store() {
    return exports;
  }

  @Override
  public ExportQueue queue() {
    return exports;
  }

  @Override
  public ExportedMessages messages() {
    return exports;
  }

  @Override
  public MessageLog log() {
    return log;
  }
}
