package io.carechat.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.ChatEvent;
import io.carechat.domain.ChatId;
import io.carechat.domain.ClaimedDelivery;
import io.carechat.domain.DeliveryId;
import io.carechat.domain.DeliveryOutcome;
import io.carechat.domain.LogPosition;
import io.carechat.domain.LoggedEvent;
import io.carechat.domain.ManualClock;
import io.carechat.domain.Message;
import io.carechat.domain.MessageRef;
import io.carechat.domain.NewDelivery;
import io.carechat.domain.Samples;
import io.carechat.domain.WebhookAnswer;
import io.carechat.domain.Window;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** No statement of the service reads a table whole: each would get slower with every message. */
final class PlansTest {
  private static final String WHOLE_READS =
      """
      select coalesce(sum(seq_scan), 0)
      from pg_stat_user_tables
      where schemaname = 'carechat'
        and relname in ('chat', 'message', 'chat_event', 'webhook_delivery', 'webhook_lane', 'webhook_attempt')
      """;

  private static final String INDEX_READS = WHOLE_READS.replace("seq_scan", "idx_scan");

  @Test
  void readsNoTableWholeThoughItsStatementsWerePlannedOnAnEmptyOne() throws SQLException {
    TestDatabase database = TestDatabase.create();
    long before = database.number(WHOLE_READS);
    try (PostgresStorage storage =
        PostgresStorage.open(database.settings(), new ManualClock(Samples.NOON), () -> {})) {
      ChatId chat = Samples.newChat();
      for (int i = 0; i < 10; i++) {
        everything(storage, chat, i);
      }
    }
    // The counts arrive when the sessions that made them have ended.
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    long indexReads = 0;
    while (indexReads < 100) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      indexReads = database.number(INDEX_READS);
    }
    try (Connection connection = database.superuser()) {
      assertThat(TestDatabase.number(connection, WHOLE_READS)).isEqualTo(before);
    }
  }

  private static void everything(PostgresStorage storage, ChatId chat, int round) {
    Message message =
        Samples.stored(storage.messages(), Samples.message(chat, "text", "key-" + round));
    storage.messages().append(Samples.message(chat, "text", "key-" + round));
    LogPosition from = storage.webhookLedger().plannedUpTo();
    for (Window window :
        List.of(
            new Window.Newest(),
            new Window.Before(message.createdAt()),
            new Window.After(message.createdAt()))) {
      storage.messages().read(chat, window, 3);
      storage.messages().readLoggedAfter(from, chat, window, 3);
    }
    assertThat(storage.messages().readLoggedAfter(from, chat.place(), 3)).isNotEmpty();
    assertThat(storage.messages().findAll(chat.place(), List.of(MessageRef.of(message))))
        .containsExactly(message);
    assertThat(storage.messages().find(chat, message.externalId())).contains(message);
    LogPosition position = next(storage, from);
    storage.webhookLedger().plan(from, position, deliveries(position, message), Samples.NOON);
    List<ClaimedDelivery> claimed =
        storage.webhookLedger().claim(5, Samples.NOON, Duration.ofSeconds(60));
    assertThat(claimed).hasSize(2);
    for (ClaimedDelivery delivery : claimed) {
      storage
          .webhookLedger()
          .settle(
              delivery,
              new WebhookAnswer.Answered(204, null, "", Duration.ZERO),
              new DeliveryOutcome.Delivered(),
              Samples.NOON);
    }
    assertThat(storage.webhookLedger().ofChat(chat)).hasSize(2 * (round + 1));
  }

  private static List<NewDelivery> deliveries(LogPosition position, Message message) {
    var deliveries = new ArrayList<NewDelivery>();
    for (String endpoint : List.of("one", "two")) {
      deliveries.add(
          new NewDelivery(
              new DeliveryId(UUID.randomUUID()),
              endpoint,
              position,
              new ChatEvent.MessageSent(message),
              URI.create("https://chat.example/")));
    }
    return deliveries;
  }

  private static LogPosition next(PostgresStorage storage, LogPosition from) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (System.nanoTime() < deadline) {
      List<LoggedEvent> next = storage.events().read(from, 1);
      if (!next.isEmpty()) {
        return next.getFirst().position();
      }
    }
    throw new AssertionError("The event does not appear.");
  }
}
