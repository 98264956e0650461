package io.carechat.bootstrap;

import io.carechat.domain.search.index.IndexFollower;
import io.carechat.domain.search.index.IndexReconciler;
import io.carechat.persistence.PostgresStorage;
import io.carechat.search.ElasticsearchIndex;
import io.carechat.search.OldIndices;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Keeps the search index up to date. One thread indexes new events. Another one compares the index
 * with the log and repairs it. A third one deletes indices of earlier versions of the service.
 */
final class Indexing implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Indexing.class.getName());
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final int EVENTS_PER_STEP = 1_000;
  private static final int COMPARED_PER_STEP = 500;

  /**
   * The pause after a step that indexed few events. Searches read what is not indexed yet from the
   * log, so indexing may wait. Larger steps need much less of Elasticsearch for each event.
   */
  private static final Duration GATHER = Duration.ofMillis(200);

  private static final Duration OLD_INDICES_POLL = Duration.ofMinutes(10);
  private static final Duration OLD_INDICES_UNFOLLOWED = Duration.ofHours(1);

  private final IndexFollower follower;
  private final IndexReconciler reconciler;
  private final PollingWorker following;
  private final PollingWorker reconciling;
  private final PollingWorker tidying;
  private final ElasticsearchIndex index;

  /** Whether something was indexed since the last refresh. For the thread that follows. */
  private boolean unrefreshed;

  private Indexing(
      IndexFollower follower,
      IndexReconciler reconciler,
      ElasticsearchIndex index,
      Duration reconcileEvery) {
    this.index = index;
    this.follower = follower;
    this.reconciler = reconciler;
    this.following = new PollingWorker("search index", this::follow, POLL);
    this.reconciling =
        new PollingWorker(
            "index reconciler",
            () -> {
              reconciler.step();
              return false;
            },
            reconcileEvery);
    OldIndices old = index.oldIndices(OLD_INDICES_UNFOLLOWED);
    this.tidying =
        new PollingWorker(
            "old indices",
            () -> {
              old.deleteUnused()
                  .forEach(name -> LOG.log(System.Logger.Level.INFO, "deleted index {0}", name));
              return false;
            },
            OLD_INDICES_POLL);
  }

  private boolean follow() throws InterruptedException {
    int indexed = follower.step();
    if (indexed == 0) {
      if (unrefreshed) {
        index.refresh();
        unrefreshed = false;
      }
      return false;
    }
    unrefreshed = true;
    if (indexed < EVENTS_PER_STEP) {
      TimeUnit.NANOSECONDS.sleep(GATHER.toNanos());
    }
    return true;
  }

  /**
   * Starts it.
   *
   * @param reconcileEvery the pause between two steps of the reconciler
   */
  static Indexing start(
      PostgresStorage storage,
      ElasticsearchIndex index,
      RandomGenerator random,
      Duration reconcileEvery,
      LogSignal logSignal) {
    var indexing =
        new Indexing(
            new IndexFollower(storage.events(), index, EVENTS_PER_STEP),
            new IndexReconciler(
                storage.events(),
                storage.messages(),
                index,
                index.documents(),
                random,
                COMPARED_PER_STEP),
            index,
            reconcileEvery);
    PollingWorker following = indexing.following.start();
    PollingWorker _ = indexing.reconciling.start();
    PollingWorker _ = indexing.tidying.start();
    logSignal.subscribe(following::wake);
    return indexing;
  }

  IndexFollower follower() {
    return follower;
  }

  IndexReconciler reconciler() {
    return reconciler;
  }

  /** Whether the last attempt to index new events succeeded. True before the first one. */
  boolean works() {
    return following.works();
  }

  /** Ends both threads after the step that they are at. */
  @Override
  public void close() {
    tidying.close();
    reconciling.close();
    following.close();
  }
}
