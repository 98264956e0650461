package io.carechat.bootstrap;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The threads that compute for searches. They are threads of the operating system, which shares the
 * processors between them and the requests. There is one for every two processors. So the computing
 * of searches, however long, leaves half of the processors to everything else.
 */
final class SearchThreads implements Executor, AutoCloseable {
  private final ExecutorService threads;

  private SearchThreads(ExecutorService threads) {
    this.threads = threads;
  }

  /** Starts the threads that this machine needs. */
  static SearchThreads start() {
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    return new SearchThreads(
        Executors.newFixedThreadPool(
            count, Thread.ofPlatform().daemon().name("search-", 1).factory()));
  }

  @Override
  public void execute(Runnable task) {
    threads.execute(task);
  }

  /** Ends the threads. Tasks that are not finished end first; each takes some milliseconds. */
  @Override
  public void close() {
    threads.close();
  }
}
