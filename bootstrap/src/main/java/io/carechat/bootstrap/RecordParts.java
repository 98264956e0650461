package io.carechat.bootstrap;

import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.evidence.SigningKey;
import io.carechat.domain.records.ChatRecords;
import io.carechat.domain.records.ErasureWork;
import io.carechat.domain.search.ChatWordsCache;
import io.carechat.persistence.PostgresStorage;
import io.carechat.search.ElasticsearchIndex;
import java.time.Duration;

/** The use case for the records of chats, and the thread that carries erasures to their end. */
final class RecordParts implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);

  private final ChatRecords records;
  private final PollingWorker erasing;

  private RecordParts(ChatRecords records, PollingWorker erasing) {
    this.records = records;
    this.erasing = erasing;
  }

  /**
   * Starts the thread.
   *
   * @param words what this node remembers of chats
   * @param key signs receipts
   */
  static RecordParts start(
      Settings.Records settings,
      PostgresStorage storage,
      ElasticsearchIndex index,
      ChatWordsCache words,
      TimeOrderedIds ids,
      SigningKey key) {
    var work =
        new ErasureWork(
            storage.erasures(),
            index.erased(),
            index::indexedUpTo,
            words::forget,
            key,
            storage.sharedClock(),
            settings.settling(),
            settings.backupRetention());
    PollingWorker erasing =
        new PollingWorker(
            "erasures",
            () -> {
              int _ = work.step();
              return false;
            },
            POLL);
    var records =
        new ChatRecords(
            storage.erasures(),
            storage.restrictions(),
            storage.legalHolds(),
            ids,
            storage.sharedClock(),
            erasing::wake);
    return new RecordParts(records, erasing.start());
  }

  ChatRecords records() {
    return records;
  }

  @Override
  public void close() {
    erasing.close();
  }
}
