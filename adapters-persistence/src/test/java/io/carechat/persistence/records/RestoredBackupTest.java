package io.carechat.persistence.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.paging.Window;
import io.carechat.domain.records.Erasure;
import io.carechat.domain.records.ErasureId;
import io.carechat.domain.records.ErasureLedger;
import io.carechat.domain.records.ErasureReason;
import io.carechat.domain.records.Erasures;
import io.carechat.domain.records.HoldId;
import io.carechat.domain.records.LedgerKeeper;
import io.carechat.domain.records.LegalHold;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What was erased stays erased, in the database's files and when an older backup is restored. */
final class RestoredBackupTest {
  private final ManualClock clock = new ManualClock(Samples.NOON);
  private final String planted = "planted" + Samples.newUuid().toString().replace("-", "");
  private final ChatId chat = Samples.newChat();

  /** A ledger outside the database. */
  private static final class Ledger implements ErasureLedger {
    private final List<Entry> entries = new ArrayList<>();

    @Override
    public String id() {
      return "a ledger";
    }

    @Override
    public List<Entry> entries() {
      return List.copyOf(entries);
    }

    @Override
    public void append(Entry entry) {
      entries.add(entry);
    }
  }

  private PostgresStorage open(TestDatabase database) {
    return PostgresStorage.open(database.settings(), clock, () -> {});
  }

  private static LedgerKeeper keeper(Ledger ledger, PostgresStorage storage) {
    return new LedgerKeeper(ledger, storage.ledgeredErasures(), storage.erasures());
  }

  private Erasures.Requested erase(PostgresStorage storage) {
    return storage
        .erasures()
        .request(
            new Erasures.Request(
                new ErasureId(Samples.newUuid()),
                chat,
                ErasureReason.OBJECTION,
                "partner",
                clock.instant(),
                null));
  }

  private List<Message> messages(PostgresStorage storage) {
    return storage.messages().read(chat, new Window.Newest<>(), 100).newestFirst();
  }

  @Test
  void anOlderBackupDoesNotBringBackWhatWasErased() throws SQLException {
    TestDatabase database = TestDatabase.create();
    var ledger = new Ledger();
    ChatId other = Samples.newChat();
    try (PostgresStorage storage = open(database)) {
      Samples.stored(storage.messages(), chat, planted);
      Samples.stored(storage.messages(), other, "kept");
      // At the time of the backup the chat was held, and its erasure waited.
      storage
          .legalHolds()
          .place(
              chat, new LegalHold(new HoldId(Samples.newUuid()), null, clock.instant(), "partner"));
      assertThat(erase(storage)).isEqualTo(new Erasures.Requested.Held());
    }
    TestDatabase backup = database.copy();
    Erasure erased;
    try (PostgresStorage storage = open(database)) {
      storage
          .legalHolds()
          .lift(chat, storage.legalHolds().list(chat).getFirst().id(), clock.instant());
      erased = ((Erasures.Requested.Accepted) erase(storage)).erasure();
      while (erased.state() == Erasure.State.REMOVING) {
        erased = storage.erasures().removeMore(erased);
      }
      keeper(ledger, storage).step();
      assertThat(ledger.entries()).extracting(ErasureLedger.Entry::id).containsExactly(erased.id());
      // A start on a database that is not behind does nothing.
      assertThat(keeper(ledger, storage).replay()).isZero();
    }

    try (PostgresStorage restored = open(backup)) {
      assertThat(messages(restored)).hasSize(1);

      assertThat(keeper(ledger, restored).replay()).isEqualTo(1);

      assertThat(messages(restored)).isEmpty();
      assertThat(restored.erasures().find(chat, erased.id()).orElseThrow().through())
          .isEqualTo(erased.through());
      assertThat(restored.messages().read(other, new Window.Newest<>(), 10).newestFirst())
          .hasSize(1);
      assertThat(restored.instanceEvents().read(chat, LogPosition.START, 10))
          .extracting(LoggedEvent::event)
          .singleElement()
          .isInstanceOf(ChatEvent.RecordChanged.class);
      assertThat(keeper(ledger, restored).replay()).isZero();
    }
    assertThat(filesWith(backup, planted)).isEmpty();
  }

  @Test
  void theFilesOfTheDatabaseAreFreeOfItAfterAFullVacuum() throws SQLException {
    TestDatabase database = TestDatabase.create();
    try (PostgresStorage storage = open(database)) {
      Samples.stored(storage.messages(), chat, planted);
      database.execute(
          "insert into carechat.webhook_delivery (tenant_name, instance_name, patient_id,"
              + " endpoint_id, log_transaction, log_number, delivery_id, message_created_at,"
              + " patient_url, state, attempts, created_at) select tenant_name, instance_name,"
              + " patient_id, 'e', log_transaction, log_number, gen_random_uuid(),"
              + " message_created_at, 'https://x', 'PENDING', 1, message_created_at"
              + " from carechat.chat_event");
      database.execute(
          "insert into carechat.webhook_attempt (tenant_name, instance_name, patient_id,"
              + " delivery_id, attempt, ended_at, took_ms, note) select tenant_name,"
              + " instance_name, patient_id, delivery_id, 1, now(), 1, 'it said "
              + planted
              + "' from carechat.webhook_delivery");
      database.execute("checkpoint");
      assertThat(filesOf(database, planted)).isNotEmpty();

      Erasure erasure = ((Erasures.Requested.Accepted) erase(storage)).erasure();

      assertThat(erasure.removed().deliveries()).isEqualTo(1);
      assertThat(erasure.removed().attempts()).isEqualTo(1);
      for (String table : List.of("message", "chat_event", "webhook_delivery", "webhook_attempt")) {
        assertThat(database.number("select count(*) from carechat." + table))
            .as(table)
            .isEqualTo(table.equals("chat_event") ? 1 : 0);
      }
    }
    assertThat(filesWith(database, planted)).isEmpty();
  }

  @Test
  void aLedgerThatHasLostItsEndIsNoticed() throws SQLException {
    TestDatabase database = TestDatabase.create();
    var ledger = new Ledger();
    try (PostgresStorage storage = open(database)) {
      Samples.stored(storage.messages(), chat, planted);
      assertThat(storage.ledgeredErasures().anyNoted()).isFalse();
      erase(storage);
      keeper(ledger, storage).step();
      assertThat(storage.ledgeredErasures().anyNoted()).isTrue();
      ErasureLedger.Entry lost = ledger.entries.removeLast();

      assertThatIllegalStateException()
          .isThrownBy(() -> keeper(ledger, storage).replay())
          .withMessageContaining("lacks 1")
          .withMessageContaining(lost.id().toString());
    }
  }

  /** As {@link #filesOf}, after the tables were rewritten. */
  private static List<Path> filesWith(TestDatabase database, String word) throws SQLException {
    database.execute("vacuum full carechat.message");
    database.execute("vacuum full carechat.webhook_attempt");
    database.execute("checkpoint");
    return filesOf(database, word);
  }

  /** The files of a database's tables and indexes that contain a word. */
  private static List<Path> filesOf(TestDatabase database, String word) throws SQLException {
    Path folder;
    try (Connection connection = database.superuser();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select current_setting('data_directory') || '/base/' || oid from pg_database"
                    + " where datname = current_database()")) {
      rows.next();
      folder = Path.of(rows.getString(1));
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).filter(file -> contains(file, word)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean contains(Path file, String word) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(word);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
