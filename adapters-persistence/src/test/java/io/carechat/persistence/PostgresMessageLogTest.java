package io.carechat.persistence;

import io.carechat.domain.ChatDirectory;
import io.carechat.domain.ChatDirectoryContract;
import io.carechat.domain.EventLog;
import io.carechat.domain.EventLogContract;
import io.carechat.domain.InstanceEvents;
import io.carechat.domain.ManualClock;
import io.carechat.domain.MessageLog;
import io.carechat.domain.MessageLogContract;
import io.carechat.domain.ReadMarkers;
import io.carechat.domain.ReadMarkersContract;
import io.carechat.domain.Samples;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** The messages, their events, the chats and their markers keep the ports' contracts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresMessageLogTest
    implements MessageLogContract.Append,
        MessageLogContract.Read,
        MessageLogContract.ReadLoggedAfter,
        MessageLogContract.Find,
        MessageLogContract.AcrossChats,
        EventLogContract,
        ChatDirectoryContract,
        ReadMarkersContract {
  private final ManualClock clock = new ManualClock(Samples.NOON);
  private final PostgresStorage storage;

  PostgresMessageLogTest() throws SQLException {
    storage = PostgresStorage.open(TestDatabase.create().settings(), clock, () -> {});
  }

  @AfterAll
  void close() {
    storage.close();
  }

  @Override
  public MessageLog log() {
    return storage.messages();
  }

  @Override
  public EventLog events() {
    return storage.events();
  }

  @Override
  public InstanceEvents instanceEvents() {
    return storage.instanceEvents();
  }

  @Override
  public ChatDirectory chats() {
    return storage.chats();
  }

  @Override
  public ReadMarkers markers() {
    return storage.readMarkers();
  }

  @Override
  public ManualClock clock() {
    return clock;
  }
}
