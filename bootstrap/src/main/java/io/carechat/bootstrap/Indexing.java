package io.carechat.bootstrap;

import io.carechat.domain.search.index.IndexFollower;
import io.carechat.domain.search.index.IndexReconciler;
import io.carechat.persistence.PostgresStorage;
import io.carechat.search.ElasticsearchIndex;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Keeps the search index up to date: one thread indexes new events, another one compares the index
 * with the log and repairs it.
 */
final class Indexing implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final int EVENTS_PER_STEP = 1_000;
  private static final int COMPARED_PER_STEP = 500;

  private final IndexFollower follower;
  private final IndexReconciler reconciler;
  private final PollingWorker following;
  private final PollingWorker reconciling;

  private Indexing(IndexFollower follower, IndexReconciler reconciler, Duration reconcileEvery) {
    this.follower = follower;
    this.reconciler = reconciler;
    this.following = new PollingWorker("search index", () -> follower.step() > 0, POLL);
    this.reconciling =
        new PollingWorker(
            "index reconciler",
            () -> {
              reconciler.step();
              return false;
            },
            reconcileEvery);
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
            reconcileEvery);
    PollingWorker following = indexing.following.start();
    PollingWorker _ = indexing.reconciling.start();
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
    reconciling.close();
    following.close();
  }
}
