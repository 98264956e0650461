package io.carechat.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.inbox.ChatDetails;
import io.carechat.domain.inbox.ChatFilter;
import io.carechat.domain.inbox.ChatKey;
import io.carechat.domain.inbox.ChatSummary;
import io.carechat.domain.inbox.Unread;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import io.carechat.domain.sessions.Session;
import io.carechat.domain.sessions.SessionStore;
import io.carechat.domain.sessions.SessionStoreContract;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.delivery.ClaimLimits;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.Delivery;
import io.carechat.domain.webhooks.delivery.DeliveryOutcome;
import io.carechat.domain.webhooks.delivery.DeliveryQueries;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.domain.webhooks.delivery.NewDelivery;
import io.carechat.domain.webhooks.delivery.Redeliveries;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** No statement of the service reads a table whole: each would get slower with every message. */
final class PlansTest {
  private static final String WHOLE_READS =
      """
      select coalesce(sum(seq_scan), 0)
      from pg_stat_user_tables
      where schemaname = 'carechat'
        and relname in (
          'chat', 'message', 'chat_event', 'read_marker', 'webhook_delivery', 'webhook_lane', 'webhook_attempt',
          'browser_session', 'sign_in_link')
      """;

  private static final String INDEX_READS = WHOLE_READS.replace("seq_scan", "idx_scan");

  private static final String ENTRIES_READ =
      """
      select indexrelname as index, idx_tup_read as read
      from pg_stat_user_indexes
      where schemaname = 'carechat' and relname in ('chat', 'message', 'read_marker', 'chat_event')
      """;

  private static final ClaimLimits NO_LIMITS =
      new ClaimLimits(Integer.MAX_VALUE, Duration.ZERO, List.of());

  private static final List<ChatFilter> FILTERS =
      List.of(
          ChatFilter.ALL, new ChatFilter(ClientType.PATIENT), new ChatFilter(ClientType.CARE_TEAM));

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
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    long indexReads = 0;
    while (indexReads < 100) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      indexReads = database.number(INDEX_READS);
    }
    try (Connection connection = database.superuser()) {
      assertThat(TestDatabase.number(connection, WHOLE_READS)).isEqualTo(before);
    }
  }

  /**
   * A page of the inbox costs what is on it, however many chats there are, however long they are,
   * and whatever was read of them.
   */
  @Test
  void anInboxOfManyChatsIsReadWhereItIsAskedFor() throws SQLException {
    TestDatabase database = TestDatabase.create();
    database.execute(
        """
        insert into carechat.chat
        select 'test-den', 'chat2', gen_random_uuid(), timestamptz '2021-03-01Z' + n * interval '1 s'
        from generate_series(1, 5000) as n;
        insert into carechat.message
        select
          tenant_name, instance_name, patient_id, last_created_at, gen_random_uuid(), gen_random_uuid(),
          'PATIENT', null, 'hello', null
        from carechat.chat;
        -- The two newest chats have many messages of the care team before the patient's one.
        insert into carechat.message
        select
          tenant_name, instance_name, patient_id, last_created_at - n * interval '1 ms', gen_random_uuid(),
          gen_random_uuid(), 'CARE_TEAM', null, 'hello', null
        from generate_series(1, 5000) as n
          cross join (select * from carechat.chat order by last_created_at desc limit 2) as newest;
        -- And the patient of the newest has read them.
        insert into carechat.read_marker
        select
          tenant_name, instance_name, patient_id, 'PATIENT', last_created_at, gen_random_uuid(), last_created_at
        from carechat.chat order by last_created_at desc limit 1;
        analyze carechat.chat, carechat.message, carechat.read_marker;
        select pg_stat_force_next_flush();
        """);
    Map<String, Long> before = entriesRead(database);
    try (PostgresStorage storage =
        PostgresStorage.open(database.settings(), new ManualClock(Samples.NOON), () -> {})) {
      List<ChatSummary> first =
          storage
              .chats()
              .list(Samples.THIS_INSTANCE, ChatFilter.ALL, new Window.Newest<>(), 10)
              .newestFirst();
      assertThat(first.get(0).unread()).isEqualTo(new Unread(0, 1));
      assertThat(first.get(1).unread()).isEqualTo(new Unread(100, 1));
      ChatKey last = first.getLast().key();
      assertThat(
              storage
                  .chats()
                  .list(Samples.THIS_INSTANCE, ChatFilter.ALL, new Window.Before<>(last), 10)
                  .newestFirst())
          .hasSize(10);
      assertThat(
              storage
                  .chats()
                  .list(Samples.THIS_INSTANCE, ChatFilter.ALL, new Window.After<>(last), 10)
                  .newestFirst())
          .hasSize(9);
      assertThat(storage.chats().find(first.getFirst().chat()).orElseThrow().messageCount())
          .isEqualTo(ChatDetails.MAX_COUNTED);
    }
    Map<String, Long> read = entriesReadSince(before, database);
    assertThat(read.values()).as("%s", read).allMatch(count -> count < 2_000);
  }

  /**
   * A page of unread chats costs what is on it, however many chats were read, also if the statement
   * was planned when there were none. The unread ones are the oldest, so that nothing is found by
   * luck.
   */
  @Test
  void unreadChatsAreReadWithoutTheReadOnes() throws SQLException {
    TestDatabase database = TestDatabase.create();
    Map<String, Long> before;
    try (PostgresStorage storage =
        PostgresStorage.open(database.settings(), new ManualClock(Samples.NOON), () -> {})) {
      // More often than connections that could plan anew, and than the driver needs to prepare.
      for (int i = 0; i < 100; i++) {
        assertThat(pagesOfUnread(storage)).isZero();
      }
      database.execute(
          """
          insert into carechat.chat
            (tenant_name, instance_name, patient_id, last_created_at, read_by_patient_as_of, read_by_care_team_as_of)
          select
            'test-den', 'chat2', gen_random_uuid(), time, case when n > 5 then time end, case when n > 5 then time end
          from generate_series(1, 20000) as n,
            lateral (select timestamptz '2021-03-01Z' + n * interval '1 s' as time) as times;
          insert into carechat.message
          select
            tenant_name, instance_name, patient_id, last_created_at - back, gen_random_uuid(), gen_random_uuid(),
            side, null, 'hello', null
          from carechat.chat
            cross join (values ('PATIENT', interval '0 s'), ('CARE_TEAM', interval '1 ms')) as sides (side, back);
          insert into carechat.read_marker
          select
            tenant_name, instance_name, patient_id, side, last_created_at, gen_random_uuid(), last_created_at
          from carechat.chat cross join (values ('PATIENT'), ('CARE_TEAM')) as sides (side)
          where read_by_patient_as_of is not null;
          select pg_stat_force_next_flush();
          """);
      before = entriesRead(database);
      assertThat(pagesOfUnread(storage)).isEqualTo(10);
    }
    Map<String, Long> read = entriesReadSince(before, database);
    assertThat(read.values()).as("%s", read).allMatch(count -> count < 200);
  }

  /** Reads the unread chats of both sides, three to a page, and returns how many there are. */
  private static int pagesOfUnread(PostgresStorage storage) {
    int chats = 0;
    for (ClientType side : ClientType.values()) {
      var filter = new ChatFilter(side);
      Window<ChatKey> window = new Window.Newest<>();
      Slice<ChatSummary> slice;
      do {
        slice = storage.chats().list(Samples.THIS_INSTANCE, filter, window, 3);
        chats += slice.newestFirst().size();
        window =
            slice.newestFirst().isEmpty()
                ? window
                : new Window.Before<>(slice.newestFirst().getLast().key());
      } while (slice.olderExist());
      ChatKey oldest =
          window instanceof Window.Before<ChatKey>(ChatKey last)
              ? last
              : new ChatKey(Instant.EPOCH, new PatientId(new UUID(0, 0)));
      slice = storage.chats().list(Samples.THIS_INSTANCE, filter, new Window.After<>(oldest), 10);
      assertThat(slice.newestFirst()).hasSize(slice.olderExist() ? 4 : 0);
    }
    return chats;
  }

  /** Every search in a chat reads what the index has not seen, however long the chat is. */
  @Test
  void whatWasLoggedSinceAPositionIsReadWithoutTheRestOfTheChat() throws SQLException {
    TestDatabase database = TestDatabase.create();
    database.execute(
        """
        insert into carechat.message
        select
          'test-den', 'chat2', '00000000-0000-4000-8000-000000000001', timestamptz '2021-03-01Z' + n * interval '1 s',
          gen_random_uuid(), gen_random_uuid(), 'PATIENT', null, 'hello', null
        from generate_series(1, 5000) as n;
        alter table carechat.chat_event disable trigger all;
        insert into carechat.chat_event
          (tenant_name, instance_name, patient_id, log_transaction, log_number, type, message_created_at)
        select tenant_name, instance_name, patient_id, 100, row_number() over (order by created_at), 'MESSAGE_SENT',
          created_at
        from carechat.message;
        alter table carechat.chat_event enable trigger all;
        analyze carechat.message, carechat.chat_event;
        select pg_stat_force_next_flush();
        """);
    var chat =
        new ChatId(
            Samples.THIS_INSTANCE,
            new PatientId(UUID.fromString("00000000-0000-4000-8000-000000000001")));
    Instant middle = Instant.parse("2021-03-01T01:00:00Z");
    Map<String, Long> before = entriesRead(database);
    try (PostgresStorage storage =
        PostgresStorage.open(database.settings(), new ManualClock(Samples.NOON), () -> {})) {
      var almostAll = new LogPosition(100, 4_998);
      for (Window<Instant> window :
          List.of(
              new Window.Newest<Instant>(),
              new Window.Before<>(middle),
              new Window.After<>(middle))) {
        for (int i = 0; i < 5; i++) {
          assertThat(storage.messages().readLoggedAfter(almostAll, chat, window, 500).newestFirst())
              .hasSize(window.contains(Instant.MAX) ? 2 : 0);
        }
      }
    }
    Map<String, Long> read = entriesReadSince(before, database);
    assertThat(read.values()).as("%s", read).allMatch(count -> count < 200);
  }

  /** Returns how many entries of each index were read. At least one must have been. */
  private static Map<String, Long> entriesReadSince(Map<String, Long> before, TestDatabase database)
      throws SQLException {
    // The counts arrive when the sessions that made them have ended.
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    Map<String, Long> after = before;
    while (after.equals(before)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      after = entriesRead(database);
    }
    after.replaceAll((index, read) -> read - Objects.requireNonNull(before.get(index)));
    return after;
  }

  private static Map<String, Long> entriesRead(TestDatabase database) throws SQLException {
    var read = new TreeMap<String, Long>();
    try (Connection connection = database.superuser();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(ENTRIES_READ)) {
      while (rows.next()) {
        read.put(rows.getString("index"), rows.getLong("read"));
      }
    }
    return read;
  }

  private static void everything(PostgresStorage storage, ChatId chat, int round) {
    Message message =
        Samples.stored(storage.messages(), Samples.message(chat, "text", "key-" + round));
    storage.messages().append(Samples.message(chat, "text", "key-" + round));
    LogPosition from = storage.deliveryPlans().plannedUpTo();
    for (Window<Instant> window :
        List.of(
            new Window.Newest<Instant>(),
            new Window.Before<>(message.createdAt()),
            new Window.After<>(message.createdAt()))) {
      storage.messages().read(chat, window, 3);
      storage.messages().readLoggedAfter(from, chat, window, 3);
    }
    assertThat(storage.messages().readLoggedAfter(from, chat.instance(), 3)).isNotEmpty();
    assertThat(storage.messages().findAll(chat.instance(), List.of(MessageRef.of(message))))
        .containsExactly(message);
    assertThat(storage.messages().find(chat, message.externalId())).contains(message);
    LogPosition position = next(storage, from);
    storage.readMarkers().advance(chat, ClientType.CARE_TEAM, message.externalId());
    storage.readMarkers().advance(chat, ClientType.PATIENT, message.externalId());
    assertThat(storage.chats().find(chat)).isPresent();
    var own = new ChatKey(message.createdAt(), chat.patient());
    for (Window<ChatKey> window :
        List.of(new Window.Newest<ChatKey>(), new Window.Before<>(own), new Window.After<>(own))) {
      for (ChatFilter filter : FILTERS) {
        storage.chats().list(chat.instance(), filter, window, 3);
      }
    }
    storage.deliveryPlans().plan(from, position, deliveries(position, message), Samples.NOON);
    List<ClaimedDelivery> claimed =
        storage.deliveryQueue().claim(5, Samples.NOON, Duration.ofSeconds(60), NO_LIMITS);
    assertThat(claimed).hasSize(2);
    for (ClaimedDelivery delivery : claimed) {
      storage
          .deliveryQueue()
          .settle(
              delivery,
              new WebhookAnswer.Answered(204, null, "", Duration.ZERO),
              new DeliveryOutcome.Delivered(),
              Samples.NOON);
    }
    for (ClaimedDelivery delivery : claimed) {
      assertThat(
              storage
                  .deliveryQueries()
                  .read(
                      chat.instance(),
                      delivery.endpointId(),
                      new DeliveryQueries.Filter(null, chat.patient(), null, null),
                      new Window.Newest<>(),
                      100))
          .hasSize(round + 1);
    }
    deliveries(storage, claimed.getFirst());
    sessions(storage.sessions(), chat);
  }

  private static void sessions(SessionStore sessions, ChatId chat) {
    var session =
        new Session(
            new Caller.PatientUser("user", chat.instance(), Set.of(), chat.patient()),
            Samples.NOON.plusSeconds(900),
            Samples.NOON.plusSeconds(900));
    Secret token = SessionStoreContract.newSecret();
    sessions.add(token, session);
    assertThat(sessions.find(token, Samples.NOON)).contains(session);
    assertThat(sessions.extend(token, Samples.NOON, session.end())).contains(session);
    sessions.remove(token);
    sessions.addLink(token, chat, Samples.NOON.plusSeconds(900));
    assertThat(sessions.useLink(token, Samples.NOON)).contains(chat);
    assertThat(sessions.deleteEnded(Samples.NOON, 10)).isZero();
  }

  /** What partners read and request of deliveries, and what removes them. */
  private static void deliveries(PostgresStorage storage, ClaimedDelivery delivery) {
    ChatId chat = delivery.message().chat();
    EndpointId endpoint = delivery.endpointId();
    DeliveryQueries deliveries = storage.deliveryQueries();
    Delivery found = deliveries.find(chat.instance(), endpoint, delivery.id()).orElseThrow();
    for (DeliveryQueries.Filter filter :
        List.of(
            Samples.ALL_DELIVERIES,
            new DeliveryQueries.Filter(DeliveryState.DELIVERED, null, null, null),
            new DeliveryQueries.Filter(null, chat.patient(), null, null))) {
      for (Window<Delivery.Key> window :
          List.of(
              new Window.Newest<Delivery.Key>(),
              new Window.Before<>(found.key()),
              new Window.After<>(found.key()))) {
        deliveries.read(chat.instance(), endpoint, filter, window, 3);
      }
    }
    assertThat(deliveries.anyOf(chat.instance(), endpoint)).isTrue();
    assertThat(deliveries.attempts(chat.instance(), endpoint, delivery.id())).isNotEmpty();
    Redeliveries redeliveries = storage.redeliveries();
    assertThat(redeliveries.redeliver(chat.instance(), endpoint, delivery.id(), Samples.NOON))
        .isEqualTo(new Redeliveries.Outcome.Due());
    storage
        .deliveryQueue()
        .settle(
            storage
                .deliveryQueue()
                .claim(1, Samples.NOON, Duration.ofSeconds(60), NO_LIMITS)
                .getFirst(),
            new WebhookAnswer.Answered(204, null, "", Duration.ZERO),
            new DeliveryOutcome.Delivered(),
            Samples.NOON);
    redeliveries.redeliverAll(
        chat.instance(), endpoint, Redeliveries.Redeliverable.DEAD, Instant.EPOCH, Samples.NOON);
    while (redeliveries.continueBatch(10, Samples.NOON)) {
      // Until it has seen that nothing is dead.
    }
    assertThat(storage.deliveryRetention().forgetDelivered(Samples.NOON.minusSeconds(1), 10))
        .isZero();
  }

  private static List<NewDelivery> deliveries(LogPosition position, Message message) {
    var deliveries = new ArrayList<NewDelivery>();
    for (String endpoint : List.of("one", "two")) {
      deliveries.add(
          new NewDelivery(
              new DeliveryId(UUID.randomUUID()),
              new EndpointId(endpoint),
              position,
              new ChatEvent.MessageSent(message),
              URI.create("https://chat.example/")));
    }
    return deliveries;
  }

  private static LogPosition next(PostgresStorage storage, LogPosition from) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (System.nanoTime() < deadline) {
      List<LoggedEvent> next = storage.events().read(from, 1);
      if (!next.isEmpty()) {
        return next.getFirst().position();
      }
    }
    throw new AssertionError("The event does not appear.");
  }
}
