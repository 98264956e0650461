package io.carechat.persistence.exports;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.exports.Export;
import io.carechat.domain.exports.ExportQueue;
import io.carechat.domain.exports.ExportRequest;
import io.carechat.domain.exports.ExportResult;
import io.carechat.domain.exports.ExportState;
import io.carechat.domain.exports.ExportStore;
import io.carechat.domain.exports.ExportWriter;
import io.carechat.domain.exports.ExportedMessages;
import io.carechat.domain.exports.ExportsContract;
import io.carechat.domain.exports.PlainLines;
import io.carechat.persistence.StorageTest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class PostgresExportsTest extends StorageTest implements ExportsContract {
  private static final int WRITERS = 4;

  @Override
  public ExportStore store() {
    return storage.exports();
  }

  @Override
  public ExportQueue queue() {
    return storage.exportQueue();
  }

  @Override
  public ExportedMessages messages() {
    return storage.exportedMessages();
  }

  private ExportWriter writer(ExportQueue.Kind kind) {
    return new ExportWriter(
        queue(),
        store(),
        messages(),
        new PlainLines(),
        PlainLines::hash,
        Duration.ofHours(24),
        UUID.randomUUID(),
        kind,
        new ManualClock(Samples.NOON));
  }

  private Export created(ExportRequest request) {
    return ((ExportResult.Created)
            store()
                .create(
                    ExportsContract.asked(request, "owner-" + Samples.newUuid(), null),
                    ExportsContract.LIMITS))
        .export();
  }

  private Export now(Export export) {
    return store().find(export.request().source().instance(), export.id()).orElseThrow();
  }

  /** Writes everything that waits. */
  private void write(ExportQueue.Kind kind) throws InterruptedException {
    ExportWriter writer = writer(kind);
    while (writer.step() || isWaiting(kind)) {
      Thread.onSpinWait();
    }
  }

  private boolean isWaiting(ExportQueue.Kind kind) {
    try {
      return database.number(
              "select count(*) from carechat.chat_export where state in ('WAITING', 'RUNNING')"
                  + " and (patient_id is null) = "
                  + (kind == ExportQueue.Kind.INSTANCES))
          > 0;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The lines that a file must have: every message of the log up to the export's position. */
  private List<String> expected(Export export) {
    List<String> lines = new ArrayList<>();
    LogPosition after = LogPosition.START;
    while (true) {
      List<LoggedEvent> events =
          storage.instanceEvents().read(export.request().source().instance(), after, 500);
      for (LoggedEvent event : events) {
        if (event.position().compareTo(export.through()) <= 0
            && event.event() instanceof ChatEvent.MessageSent(var message)) {
          lines.add(
              PlainLines.line(
                  export.request().format(),
                  new ExportedMessages.Entry(event.position(), message)));
        }
      }
      if (events.isEmpty()) {
        return lines;
      }
      after = events.getLast().position();
    }
  }

  /** The file is the log up to one position, while others go on to write. */
  @Test
  void anExportIsOneMomentWhileMessagesAreSent() throws Exception {
    TenantInstance instance = Samples.newInstance();
    List<ChatId> chats = List.of(Samples.chatIn(instance), Samples.chatIn(instance));
    var stop = new AtomicBoolean();
    List<Export> exports = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
      List<Future<Integer>> sent = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        ChatId chat = chats.get(i % chats.size());
        sent.add(
            threads.submit(() -> {
              int count = 0;
              while (!stop.get()) {
                var _ = Samples.stored(log(), chat, "a message with number " + count);
                count++;
              }
              return count;
            }));
      }
      try {
        for (int i = 0; i < 5; i++) {
          var last = Samples.stored(log(), chats.getFirst(), "sent before export " + i);
          Export export = created(ExportsContract.ofInstance(instance));
          exports.add(export);
          write(ExportQueue.Kind.INSTANCES);
          assertThat(PlainLines.file(store(), now(export)))
              .as("what was sent before the export was asked for is in it")
              .contains(last.text().value());
        }
      } finally {
        stop.set(true);
      }
      for (Future<Integer> each : sent) {
        assertThat(each.get(30, TimeUnit.SECONDS)).isPositive();
      }
    }
    for (Export export : exports) {
      Export done = now(export);
      assertThat(done.state()).isEqualTo(ExportState.DONE);
      String file = PlainLines.file(store(), done);
      assertThat(file).isEqualTo(String.join("", expected(export)));
      assertThat(done.sha256()).isEqualTo(PlainLines.hash(file));
    }
    assertThat(exports).extracting(each -> now(each).progress().messages()).isSorted();
  }

  /**
   * Chats are erased one after the other while exports are asked for and written. Whenever an
   * erasure is committed, no file that can be read has a word of its chat.
   */
  @Test
  void noFileHasWhatIsErasedMeanwhile() throws Exception {
    TenantInstance instance = Samples.newInstance();
    Samples.stored(log(), Samples.chatIn(instance), "is never erased");
    var stop = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<Integer> exporting =
          threads.submit(() -> {
            int done = 0;
            while (!stop.get()) {
              Export export = created(ExportsContract.ofInstance(instance));
              write(ExportQueue.Kind.INSTANCES);
              done += now(export).state() == ExportState.DONE ? 1 : 0;
              assertThat(store().delete(instance, export.id())).isTrue();
            }
            return done;
          });
      try (Connection connection = database.superuser()) {
        connection.setAutoCommit(false);
        for (int i = 0; i < 25; i++) {
          ChatId chat = Samples.chatIn(instance);
          Samples.stored(log(), chat, "erased word " + i);
          ExportFence.deleteOfChat(connection, chat);
          erase(connection, chat);
          connection.commit();
          assertThat(
                  database.number(
                      "select count(*) from carechat.chat_export_part as part join"
                          + " carechat.chat_export as export using (export_id) where"
                          + " export.state in ('RUNNING', 'DONE') and position('erased word "
                          + i
                          + "' in convert_from(part.bytes, 'UTF8')) > 0"))
              .isZero();
        }
      } finally {
        stop.set(true);
      }
      assertThat(exporting.get(60, TimeUnit.SECONDS)).isNotNegative();
    }
    Export last = created(ExportsContract.ofInstance(instance));
    write(ExportQueue.Kind.INSTANCES);
    assertThat(PlainLines.file(store(), now(last)))
        .contains("is never erased")
        .doesNotContain("erased word");
  }

  private static void erase(Connection connection, ChatId chat) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "delete from carechat.message where instance_name = ? and patient_id = ?")) {
      statement.setString(1, chat.instance().instanceName());
      statement.setObject(2, chat.patient().value());
      assertThat(statement.executeUpdate()).isPositive();
    }
  }

  /** What nobody can read any more does not stay in the table either. */
  @Test
  void freesTheSpaceOfWhatIsRemoved() throws Exception {
    TenantInstance instance = Samples.newInstance();
    ChatId chat = Samples.chatIn(instance);
    Samples.stored(log(), chat, "hello");
    Export ofChat = created(ExportsContract.ofChat(chat));
    Export ofInstance = created(ExportsContract.ofInstance(instance));
    write(ExportQueue.Kind.CHATS);
    write(ExportQueue.Kind.INSTANCES);
    String parts =
        "select count(*) from carechat.chat_export_part where instance_name = '"
            + instance.instanceName()
            + "'";
    assertThat(database.number(parts)).isEqualTo(2);
    store().deleteOfChat(chat);
    while (queue().removeEnded(Samples.NOON, 10)) {
      Thread.onSpinWait();
    }
    assertThat(database.number(parts)).isZero();
    assertThat(store().find(instance, ofChat.id())).isEmpty();
    assertThat(now(ofInstance).state()).isEqualTo(ExportState.DISCARDED);
    assertThat(
            database.number(
                "select count(*) from carechat.chat_export where patient_id = '"
                    + chat.patient()
                    + "'"))
        .isZero();
  }

  /** A hundred thousand messages take no more memory than a few. */
  @Test
  void takesTheSameMemoryHoweverMuchIsExported() throws Exception {
    TenantInstance instance = Samples.newInstance();
    int messages = 100_000;
    fill(instance, messages);
    Export export = created(ExportsContract.ofInstance(instance));
    ExportWriter writer = writer(ExportQueue.Kind.INSTANCES);
    long before = usedMemory();
    long most = 0;
    int steps = 0;
    while (writer.step() || isWaiting(ExportQueue.Kind.INSTANCES)) {
      if (++steps % 10 == 0) {
        most = Math.max(most, usedMemory() - before);
      }
    }
    Export done = now(export);
    assertThat(done.progress().messages()).isEqualTo(messages);
    assertThat(done.progress().bytes()).isGreaterThan(20_000_000);
    assertThat(steps).isGreaterThan(50);
    assertThat(most).isLessThan(10_000_000);
  }

  private static long usedMemory() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** With one statement, since a hundred thousand sends would take a minute. */
  private void fill(TenantInstance instance, int messages) throws SQLException {
    try (Connection connection = database.superuser()) {
      connection.setAutoCommit(false);
      for (String sql :
          List.of(
              // The trigger of the tests would refuse this.
              "set local session_replication_role = replica",
              "insert into carechat.message (tenant_name, instance_name, patient_id, created_at,"
                  + " external_id, sender_id, sender_type, text) select '%1$s', '%2$s',"
                  + " lpad((i %% 50)::text, 32, '0')::uuid, timestamptz '2021-01-01' + i * interval"
                  + " '1 second', gen_random_uuid(), gen_random_uuid(), 'PATIENT',"
                  + " repeat('message ' || i || ' ', 12) from generate_series(1, %3$s) as i",
              "insert into carechat.chat_event (tenant_name, instance_name, patient_id,"
                  + " log_transaction, log_number, type, message_created_at) select tenant_name,"
                  + " instance_name, patient_id, pg_current_xact_id()::text::bigint,"
                  + " nextval('carechat.event_number'), 'MESSAGE_SENT', created_at from"
                  + " carechat.message where instance_name = '%2$s'")) {
        try (PreparedStatement statement =
            connection.prepareStatement(
                sql.formatted(instance.tenantName(), instance.instanceName(), messages))) {
          boolean _ = statement.execute();
        }
      }
      connection.commit();
    }
  }
}
