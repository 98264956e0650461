package io.carechat.persistence;

import io.carechat.domain.EventLog;
import io.carechat.domain.EventLogContract;
import io.carechat.domain.InstanceEvents;
import io.carechat.domain.ManualClock;
import io.carechat.domain.MessageLog;
import io.carechat.domain.MessageLogContract;
import io.carechat.domain.Samples;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** The messages and their events keep the ports' contracts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresMessageLogTest
    implements MessageLogContract.Append,
        MessageLogContract.Read,
        MessageLogContract.ReadLoggedAfter,
        MessageLogContract.Find,
        MessageLogContract.AcrossChats,
        EventLogContract {
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
  public ManualClock clock() {
    return clock;
  }
}
