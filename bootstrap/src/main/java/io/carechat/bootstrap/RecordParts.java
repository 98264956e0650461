package io.carechat.bootstrap;

import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.evidence.SigningKey;
import io.carechat.domain.records.ChatRecords;
import io.carechat.domain.records.ErasureWork;
import io.carechat.domain.records.LedgerKeeper;
import io.carechat.domain.records.Retention;
import io.carechat.domain.search.ChatWordsCache;
import io.carechat.persistence.PostgresStorage;
import io.carechat.search.ElasticsearchIndex;
import java.time.Duration;
import java.util.Optional;

/** The use case for the records of chats, and the thread that carries erasures to their end. */
final class RecordParts implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration RETENTION_POLL = Duration.ofMinutes(10);

  private static final System.Logger LOG = System.getLogger(RecordParts.class.getName());

  private final ChatRecords records;
  private final Retention retention;
  private final PollingWorker erasing;
  private final PollingWorker retaining;
  private final Optional<FileErasureLedger> ledger;

  private RecordParts(
      ChatRecords records,
      Retention retention,
      PollingWorker erasing,
      Optional<FileErasureLedger> ledger) {
    this.records = records;
    this.retention = retention;
    this.erasing = erasing;
    this.retaining = new PollingWorker("retention", retention::step, RETENTION_POLL).start();
    this.ledger = ledger;
  }

  /**
   * Erases what the ledger says was erased, if there is a ledger, and starts the thread.
   *
   * @param words what this node remembers of chats
   * @param key signs receipts
   * @throws IllegalStateException if the ledger is damaged or missing; the message says so
   */
  static RecordParts start(
      Settings.Records settings,
      PostgresStorage storage,
      ElasticsearchIndex index,
      ChatWordsCache words,
      TimeOrderedIds ids,
      SigningKey key) {
    Optional<FileErasureLedger> ledger =
        settings
            .ledgerFile()
            .map(file -> FileErasureLedger.open(file, !storage.ledgeredErasures().anyNoted()));
    try {
      Optional<LedgerKeeper> keeper =
          ledger.map(
              each -> new LedgerKeeper(each, storage.ledgeredErasures(), storage.erasures()));
      keeper.ifPresent(RecordParts::replay);
      return start(settings, storage, index, words, ids, key, ledger, keeper);
    } catch (RuntimeException e) {
      ledger.ifPresent(FileErasureLedger::close);
      throw e;
    }
  }

  private static void replay(LedgerKeeper keeper) {
    int replayed = keeper.replay();
    if (replayed > 0) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The database did not know of {0} erasures. They were carried out again.",
          replayed);
    }
  }

  private static RecordParts start(
      Settings.Records settings,
      PostgresStorage storage,
      ElasticsearchIndex index,
      ChatWordsCache words,
      TimeOrderedIds ids,
      SigningKey key,
      Optional<FileErasureLedger> ledger,
      Optional<LedgerKeeper> keeper) {
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
              keeper.ifPresent(LedgerKeeper::step);
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
            () -> {
              // Before the caller is told.
              keeper.ifPresent(LedgerKeeper::step);
              erasing.wake();
            });
    var retention =
        new Retention(
            settings::retentionOf,
            storage.retentionCandidates(),
            storage.erasures(),
            ids,
            storage.sharedClock());
    return new RecordParts(records, retention, erasing.start(), ledger);
  }

  ChatRecords records() {
    return records;
  }

  Retention retention() {
    return retention;
  }

  @Override
  public void close() {
    retaining.close();
    erasing.close();
    ledger.ifPresent(FileErasureLedger::close);
  }
}
