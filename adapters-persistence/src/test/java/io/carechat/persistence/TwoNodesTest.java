package io.carechat.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.EventLogContract;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.messages.MessageLogContract;
import io.carechat.domain.messages.NewMessage;
import io.carechat.domain.paging.Window;
import io.carechat.persistence.events.LogOrder;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What holds across transactions, and across nodes that know nothing of each other. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TwoNodesTest {
  private final TestDatabase database;
  private final PostgresStorage one;
  private final PostgresStorage two;
  private final AtomicInteger notified = new AtomicInteger();

  TwoNodesTest() throws SQLException {
    database = TestDatabase.create();
    one =
        PostgresStorage.open(
            database.settings(), new ManualClock(Samples.NOON), notified::incrementAndGet);
    // Its clock is behind.
    two =
        PostgresStorage.open(
            database.settings(),
            new ManualClock(Samples.NOON.minus(Duration.ofHours(1))),
            () -> {});
  }

  @AfterAll
  void close() {
    one.close();
    two.close();
  }

  private LogPosition end() {
    return EventLogContract.positionOf(
        one.events(), Samples.stored(one.messages(), Samples.newChat(), "the end"));
  }

  private List<Message> read(LogPosition from, int count) {
    var read = new ArrayList<LoggedEvent>();
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (read.size() < count && System.nanoTime() < deadline) {
      read.addAll(one.events().read(read.isEmpty() ? from : read.getLast().position(), 13));
    }
    return read.stream().map(TwoNodesTest::message).toList();
  }

  private static Message message(LoggedEvent logged) {
    return ((ChatEvent.MessageSent) logged.event()).message();
  }

  private static List<Message> all(PostgresStorage node, ChatId chat) {
    return node.messages().read(chat, new Window.Newest<>(), 1_000).newestFirst().reversed();
  }

  @Test
  void keepsTheOrderOfEachChatInTheLogWhileBothWriteToIt() throws Exception {
    LogPosition start = end();
    List<ChatId> chats = List.of(Samples.newChat(), Samples.newChat(), Samples.newChat());
    int threads = 16;
    int each = 20;
    var next = new AtomicInteger();

    boolean _ =
        MessageLogContract.atOnce(
                threads,
                () -> {
                  PostgresStorage node = next.getAndIncrement() % 2 == 0 ? one : two;
                  for (int i = 0; i < each; i++) {
                    Samples.stored(node.messages(), chats.get(i % chats.size()), "message");
                  }
                  return true;
                })
            .isEmpty();

    List<Message> read = read(start, threads * each);
    assertThat(read).hasSize(threads * each).doesNotHaveDuplicates();
    for (ChatId chat : chats) {
      List<Message> ofChat = read.stream().filter(m -> m.chat().equals(chat)).toList();
      assertThat(ofChat).isEqualTo(all(one, chat)).isEqualTo(all(two, chat));
      assertThat(ofChat).extracting(Message::createdAt).doesNotHaveDuplicates().isSorted();
    }
  }

  @Test
  void storesOneMessageForAKeyThatBothGet() throws Exception {
    for (int round = 0; round < 10; round++) {
      ChatId chat = Samples.newChat();
      var next = new AtomicInteger();

      List<MessageLog.Appended> answers =
          MessageLogContract.atOnce(
              12,
              () ->
                  (next.getAndIncrement() % 2 == 0 ? one : two)
                      .messages()
                      .append(Samples.message(chat, "hello", "key")));

      assertThat(all(one, chat)).hasSize(1);
      Message stored = all(one, chat).getFirst();
      assertThat(answers).containsOnlyOnce(new MessageLog.Appended.Stored(stored));
      assertThat(Collections.frequency(answers, new MessageLog.Appended.AlreadyStored(stored)))
          .isEqualTo(11);
    }
  }

  @Test
  void withholdsWhatWasCommittedBehindAnOpenTransactionAndThenShowsAllInOrder()
      throws SQLException {
    LogPosition start = end();
    ChatId slow = Samples.newChat();
    ChatId fast = Samples.newChat();
    Message later;
    try (Connection open = database.superuser()) {
      open.setAutoCommit(false);
      LogOrder.enter(open);
      // A writer that has its transaction's id, and is slow to commit.
      TestDatabase.execute(
          open,
          """
          with key as (select 'test-den', 'chat2', uuid '%s', timestamptz '2021-02-08T17:17:29Z'),
          message as (
            insert into carechat.message
            select key.*, gen_random_uuid(), gen_random_uuid(), 'CARE_TEAM', null, 'slow', null
            from key)
          insert into carechat.chat_event
          select 'test-den', 'chat2', uuid '%s', pg_current_xact_id()::text::bigint,
            nextval('carechat.event_number'), 'MESSAGE_SENT', '2021-02-08T17:17:29Z'
          """
              .formatted(slow.patient(), slow.patient()));
      later = Samples.stored(one.messages(), fast, "fast");

      assertThat(one.events().read(start, 10)).isEmpty();
      // It is withheld only from the log's readers.
      assertThat(all(two, fast)).containsExactly(later);
      assertThat(
              one.messages().readLoggedAfter(start, fast, new Window.Newest<>(), 10).newestFirst())
          .containsExactly(later);
      open.commit();
    }

    assertThat(read(start, 2))
        .extracting(message -> message.text().value())
        .containsExactly("slow", "fast");
  }

  @Test
  void withholdsWhatIsBehindAWriterThatHasNoIdYet() throws SQLException {
    LogPosition start = end();
    try (Connection open = database.superuser()) {
      open.setAutoCommit(false);
      LogOrder.enter(open);
      Message later = Samples.stored(one.messages(), Samples.newChat(), "later");

      assertThat(two.events().read(start, 10)).isEmpty();
      assertThat(two.instanceEvents().read(later.chat(), start, 10)).isEmpty();
      open.rollback();

      assertThat(read(start, 1)).containsExactly(later);
    }
  }

  /** The guard that all tests of this module run under works. */
  @Test
  void refusesATransactionThatWritesToTheLogWithoutHavingEnteredIt() throws SQLException {
    try (Connection careless = database.superuser()) {
      assertThatThrownBy(() ->
              TestDatabase.execute(
                  careless,
                  """
                  insert into carechat.chat_event
                  select 'test-den', 'chat2', gen_random_uuid(), pg_current_xact_id()::text::bigint,
                    nextval('carechat.event_number'), 'MESSAGE_SENT', now()
                  """))
          .hasMessageContaining("see LogOrder");
    }
  }

  @Test
  void goesOnBesideOpenTransactionsThatDoNotWriteToTheLog() throws SQLException {
    LogPosition start = end();
    try (Connection here = database.superuser();
        Connection elsewhere = TestDatabase.postgres().superuser()) {
      for (Connection other : List.of(here, elsewhere)) {
        other.setAutoCommit(false);
        TestDatabase.execute(other, "select pg_current_xact_id()");
      }
      // One that has entered the log of another database.
      LogOrder.enter(elsewhere);
      Message sent = Samples.stored(one.messages(), Samples.newChat(), "goes on");

      assertThat(read(start, 1)).containsExactly(sent);
      assertThat(two.instanceEvents().read(sent.chat(), start, 10)).hasSize(1);
      assertThat(two.instanceEvents().end()).isGreaterThan(start);
    }
  }

  @Test
  void failsOnlyTheSendThatPostgresRefusesAndSaysNothingOfIt() throws Exception {
    database.execute(
        "alter table carechat.message add constraint no_boom check (text not like '%boom%')");
    ChatId chat = Samples.newChat();
    var next = new AtomicInteger();
    var failures = new ConcurrentHashMap<ExternalId, RuntimeException>();

    List<NewMessage> sent =
        MessageLogContract.atOnce(
            24,
            () -> {
              boolean bad = next.getAndIncrement() % 8 == 3;
              NewMessage message = Samples.message(chat, bad ? "boom" : "fine", null);
              try {
                one.messages().append(message);
              } catch (RuntimeException e) {
                failures.put(message.externalId(), e);
              }
              return message;
            });

    List<ExternalId> bad =
        sent.stream()
            .filter(message -> message.text().value().equals("boom"))
            .map(NewMessage::externalId)
            .toList();
    assertThat(bad).hasSize(3);
    assertThat(failures.keySet()).containsExactlyInAnyOrderElementsOf(bad);
    assertThat(all(one, chat)).hasSize(21);
    for (RuntimeException failure : failures.values()) {
      assertThat(failure).isInstanceOf(IllegalStateException.class);
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        assertThat(String.valueOf(cause.getMessage()))
            .doesNotContain("boom'", "(boom", chat.patient().toString(), "Failing row");
      }
    }
    database.execute("alter table carechat.message drop constraint no_boom");
  }

  @Test
  void notifiesAListenerOfWhatWasStoredAndOfNothingElse() {
    ChatId chat = Samples.newChat();
    int before = notified.get();
    Samples.stored(one.messages(), Samples.message(chat, "hello", "key"));
    assertThat(notified.get()).isEqualTo(before + 1);

    one.messages().append(Samples.message(chat, "hello", "key"));
    one.messages().append(Samples.message(chat, "another", "key"));
    assertThat(notified.get()).isEqualTo(before + 1);
  }

  @Test
  void storesThoughTheListenerFails() {
    Runnable failing =
        () -> {
          throw new IllegalStateException("a listener that fails");
        };
    ChatId chat = Samples.newChat();
    try (PostgresStorage node =
        PostgresStorage.open(database.settings(), new ManualClock(Samples.NOON), failing)) {
      Message first = Samples.stored(node.messages(), chat, "first");
      Message second = Samples.stored(node.messages(), chat, "second");
      assertThat(all(one, chat)).containsExactly(first, second);
    }
  }

  @Test
  void doesNotLetAnotherChatsLockHoldUpMoreThanItsOwnSends() throws Exception {
    ChatId locked = Samples.newChat();
    try (Connection other = database.superuser()) {
      other.setAutoCommit(false);
      TestDatabase.execute(
          other, "select pg_advisory_xact_lock(hashtextextended('" + locked + "', 0))");

      var turn = new AtomicInteger();
      List<Boolean> stored =
          MessageLogContract.atOnce(
              2,
              () -> {
                if (turn.getAndIncrement() == 0) {
                  assertThatThrownBy(() -> one.messages().append(Samples.message(locked, "waits")))
                      .isInstanceOf(Unavailable.class);
                  return false;
                }
                Samples.stored(one.messages(), Samples.newChat(), "goes on");
                return true;
              });

      assertThat(stored).containsExactlyInAnyOrder(true, false);
      other.rollback();
    }
    Samples.stored(one.messages(), locked, "free again");
    assertThat(all(one, locked)).hasSize(1);
  }
}
