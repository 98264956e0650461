package io.carechat.persistence.messages;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.EventLogContract;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.inbox.ChatDirectory;
import io.carechat.domain.inbox.ChatDirectoryContract;
import io.carechat.domain.inbox.ReadMarkers;
import io.carechat.domain.inbox.ReadMarkersContract;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.messages.MessageLogContract;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.TestDatabase;
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
