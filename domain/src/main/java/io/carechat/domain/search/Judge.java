package io.carechat.domain.search;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Does the computing of searches: it judges messages and makes highlights. It does so where the
 * computing cannot hold up others. Requests run on virtual threads. Only as many of these run at
 * once as there are processors, and one that computes is not interrupted. So a few long
 * computations would hold up every other request. Therefore an executor does what may take long. It
 * does so part by part, so that searches take turns.
 *
 * <p>A few texts are judged at once on the thread of the request, because a change of threads costs
 * about as much as judging them. These are the messages of a usual page.
 *
 * <p>Safe for use by many threads.
 */
final class Judge {
  /**
   * The length of the texts, in UTF-16 code units, that are judged on the thread of the request. In
   * the worst case this takes a few milliseconds.
   */
  static final int MAX_LENGTH_AT_ONCE = 16_384;

  /** The length of the texts, in UTF-16 code units, that the executor judges in one turn. */
  private static final int PART_LENGTH = 65_536;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  private final Executor executor;

  /**
   * @param executor has few threads of the operating system and no bound for what waits. Each
   *     search has at most one task in it.
   */
  Judge(Executor executor) {
    this.executor = executor;
  }

  /**
   * Does some work for each message, in order. If this throws an exception, nothing that the work
   * has changed may be used, because a thread of the executor may still be changing it.
   *
   * @param work computes, and does not wait for anything
   * @throws Unavailable if the search has taken too long; this is checked before each message
   */
  void forEach(List<Message> messages, SearchBudget budget, Consumer<Message> work) {
    int from = 0;
    while (from < messages.size()) {
      int to = from;
      int length = 0;
      do {
        length += messages.get(to).text().value().length();
        to++;
      } while (to < messages.size()
          && length + messages.get(to).text().value().length() <= PART_LENGTH);
      List<Message> part = messages.subList(from, to);
      Runnable judging =
          () -> {
            for (Message message : part) {
              budget.checkTime();
              work.accept(message);
            }
          };
      if (length <= MAX_LENGTH_AT_ONCE) {
        judging.run();
      } else {
        runElsewhere(judging, budget);
      }
      from = to;
    }
  }

  private void runElsewhere(Runnable judging, SearchBudget budget) {
    budget.checkTime();
    var task = new FutureTask<Void>(judging, null);
    try {
      executor.execute(task);
      var _ = task.get(budget.remaining().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      task.cancel(false);
      throw SearchBudget.tookTooLong();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    } catch (RejectedExecutionException | CancellationException e) {
      throw new Unavailable("The service is stopping", RETRY_AFTER, e);
    } catch (InterruptedException e) {
      task.cancel(false);
      Thread.currentThread().interrupt();
      throw new Unavailable("A search was interrupted", RETRY_AFTER, e);
    }
  }
}
