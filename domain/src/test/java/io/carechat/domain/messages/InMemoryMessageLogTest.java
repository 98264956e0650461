package io.carechat.domain.messages;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.EventLogContract;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.inbox.ChatDirectory;
import io.carechat.domain.inbox.ChatDirectoryContract;
import io.carechat.domain.inbox.ReadMarkers;
import io.carechat.domain.inbox.ReadMarkersContract;

/** The fake keeps the contract that it stands in for. */
final class InMemoryMessageLogTest
    implements MessageLogContract.Append,
        MessageLogContract.Read,
        MessageLogContract.ReadLoggedAfter,
        MessageLogContract.Find,
        MessageLogContract.AcrossChats,
        EventLogContract,
        ChatDirectoryContract,
        ReadMarkersContract {
  private final ManualClock clock = new ManualClock(Samples.NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);

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
  public ChatDirectory chats() {
    return log;
  }

  @Override
  public ReadMarkers markers() {
    return log;
  }

  @Override
  public ManualClock clock() {
    return clock;
  }
}
