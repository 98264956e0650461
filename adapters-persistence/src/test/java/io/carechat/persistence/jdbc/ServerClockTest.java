package io.carechat.persistence.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.persistence.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes agree about the time, whatever their clocks say. */
final class ServerClockTest {
  private final TestDatabase database = TestDatabase.create();
  private final Connections connections =
      new Connections(database.connection(), Connections.Purpose.WORKING, "test", 1);
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 10);

  ServerClockTest() throws SQLException {}

  @AfterEach
  void close() {
    connections.close();
  }

  private Instant server() throws SQLException {
    return Instant.ofEpochMilli(
        database.number("select (extract(epoch from clock_timestamp()) * 1000)::bigint"));
  }

  @Test
  void givesTheTimeOfTheServer() throws SQLException {
    Instant before = server();
    Instant given = new ServerClock(connections, nanos::get).instant();

    assertThat(given).isBetween(before.minusMillis(1), server().plusMillis(1));
  }

  @Test
  void countsOnBetweenTwoReadingsAndIsRightAgainAfterTheNext() throws SQLException {
    var clock = new ServerClock(connections, nanos::get);
    Instant given = clock.instant();
    nanos.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(clock.instant()).isEqualTo(given.plus(Duration.ofHours(1)));

    clock.refresh();
    assertThat(clock.instant()).isBetween(given, server().plusMillis(1));
  }
}
