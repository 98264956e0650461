package io.carechat.domain.records;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.inbox.ChatDirectory;
import io.carechat.domain.inbox.ReadMarkers;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.messages.MessageLog;

final class InMemoryRecordsTest implements RecordsContract {
  private final ManualClock clock = new ManualClock(Samples.NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final InMemoryRecords records = new InMemoryRecords(log);

  @Override
  public MessageLog log() {
    return log;
  }

  @Override
  public EventLog events() {
    return log;
  }

  @Override
  public InstanceEvents instanceEvents() {
    return log;
  }

  @Override
  public ManualClock clock() {
    return clock;
  }

  @Override
  public Erasures erasures() {
    return records;
  }

  @Override
  public Restrictions restrictions() {
    return records;
  }

  @Override
  public LegalHolds holds() {
    return records;
  }

  @Override
  public ReadMarkers markers() {
    return log;
  }

  @Override
  public ChatDirectory chats() {
    return log;
  }

  @Override
  public RetentionCandidates candidates() {
    return records;
  }
}
