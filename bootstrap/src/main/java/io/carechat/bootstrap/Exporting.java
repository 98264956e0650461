package io.carechat.bootstrap;

import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.exports.ChatExports;
import io.carechat.domain.exports.ExportLimits;
import io.carechat.domain.exports.ExportQueue;
import io.carechat.domain.exports.ExportWriter;
import io.carechat.persistence.PostgresStorage;
import io.carechat.rest.exports.FileLines;
import io.carechat.rest.exports.Sha256;
import java.time.Duration;
import java.util.List;

/**
 * Makes exports. One thread writes those of chats, and another one those of whole instances. A
 * third one removes what has expired.
 */
final class Exporting implements AutoCloseable {
  /** An export that was asked for at another node may wait so long. */
  private static final Duration POLL = Duration.ofSeconds(1);

  private static final Duration AGAIN = Duration.ofMillis(20);
  private static final Duration REMOVAL_POLL = Duration.ofSeconds(10);
  private static final int REMOVED_PER_STEP = 200;

  private final Closeables workers = new Closeables();
  private final ChatExports exports;

  private Exporting(PostgresStorage storage, ExportLimits limits, TimeOrderedIds ids) {
    List<PollingWorker> writers =
        List.of(
            writer("exports of chats", storage, limits, ids, ExportQueue.Kind.CHATS),
            writer("exports of instances", storage, limits, ids, ExportQueue.Kind.INSTANCES));
    exports =
        new ChatExports(
            storage.exports(),
            limits,
            ids,
            storage.sharedClock(),
            () -> writers.forEach(PollingWorker::wake));
    writers.forEach(writer -> {
      PollingWorker _ = workers.add(writer.start());
    });
    PollingWorker _ =
        workers.add(
            new PollingWorker(
                    "removed exports",
                    () ->
                        storage
                            .exportQueue()
                            .removeEnded(storage.sharedClock().instant(), REMOVED_PER_STEP),
                    REMOVAL_POLL)
                .start());
  }

  private static PollingWorker writer(
      String name,
      PostgresStorage storage,
      ExportLimits limits,
      TimeOrderedIds ids,
      ExportQueue.Kind kind) {
    var writer =
        new ExportWriter(
            storage.exportQueue(),
            storage.exports(),
            storage.exportedMessages(),
            new FileLines(),
            Sha256::new,
            limits.kept(),
            ids.next(),
            kind,
            storage.sharedClock());
    return new PollingWorker(name, writer::step, POLL, AGAIN);
  }

  /** Starts the threads. */
  static Exporting start(PostgresStorage storage, ExportLimits limits, TimeOrderedIds ids) {
    return new Exporting(storage, limits, ids);
  }

  /** Asks for exports, and gets them. */
  ChatExports exports() {
    return exports;
  }

  /** Ends the threads after the part that they write. Another node goes on with it. */
  @Override
  public void close() {
    workers.close();
  }
}
