package io.carechat.persistence.jdbc;
import io.carechat.domain.chat.Unavailable;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets concurrent writes share a transaction and its sync to disk. Nothing waits for company: its
 * thread takes what gathered while it was writing, so a lone caller is served at once. Safe for use
 * by many threads.
 *
 * @param <T> what is written
 * @param <R> what is answered once it is durable
 */
final class GroupCommit<T, R> implements AutoCloseable {
  private static final Duration LAST_WRITES = Duration.ofSeconds(4);

  /** Writes a batch in one transaction: all of it or nothing. */
  @FunctionalInterface
  interface Writing<T, R> {
    /** The answers, in the order of the batch. */
    List<R> write(List<T> batch) throws SQLException;
  }

  /**
   * @param until when its caller gives up, as {@link System#nanoTime} tells it
   */
  private record Waiting<T, R>(T request, CompletableFuture<R> answer, long until) {}

  private final Writing<T, R> writing;
  private final int most;
  private final int capacity;
  private final Duration patience;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Waiting<T, R>> queue = new ArrayDeque<>();
  private final Thread writer;
  private boolean closed;

  /**
   * How long a write takes these days: as long as the shorter of the last two that succeeded, since
   * one alone may have been held up by anything, such as the start of the service.
   */
  private volatile long usualNanos;

  /** How long the last that succeeded took. The writer's own. */
  private long lastNanos;

  /** When the write that is under way should be done; in the past if there is none. */
  private volatile long expectedEnd = System.nanoTime();

  /**
   * @param name of the thread that writes
   * @param most how much a batch has at most
   * @param capacity how much may wait
   * @param patience how long a caller waits before it is told to try again
   */
  GroupCommit(String name, int most, int capacity, Duration patience, Writing<T, R> writing) {
    this.patience = patience;
    this.writing = writing;
    this.most = most;
    this.capacity = capacity;
    this.writer = Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /**
   * Has something written, and gives its answer when it is durable.
   *
   * @throws Unavailable if too much waits, or PostgreSQL is away; whether it was written is unknown
   * @throws IllegalStateException if PostgreSQL refuses it
   */
  R write(T request) {
    var waiting =
        new Waiting<T, R>(
            request, new CompletableFuture<>(), System.nanoTime() + patience.toNanos());
    enqueue(waiting);
    try {
      return waiting.answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // If no writer has taken it yet, none will.
      waiting.answer.cancel(false);
      throw new Unavailable("PostgreSQL did not write in time", SqlErrors.RETRY_AFTER, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("The wait for a write was interrupted", SqlErrors.RETRY_AFTER, e);
    } catch (ExecutionException e) {
      // Thrown anew: the writer's exception may go to many callers.
      if (e.getCause() instanceof Unavailable away) {
        throw new Unavailable(String.valueOf(away.getMessage()), away.retryAfter(), away);
      }
      throw new IllegalStateException("PostgreSQL refused a write", e.getCause());
    }
  }

  private void enqueue(Waiting<T, R> waiting) {
    lock.lock();
    try {
      if (closed) {
        throw new Unavailable("The storage is closing", SqlErrors.RETRY_AFTER);
      }
      if (queue.size() >= capacity) {
        throw new Unavailable("Too many writes are waiting", SqlErrors.RETRY_AFTER);
      }
      long now = System.nanoTime();
      if (isTooLate(waiting, now + Math.clamp(expectedEnd - now, 0, usualNanos))) {
        throw tooSlow();
      }
      queue.add(waiting);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    List<Waiting<T, R>> batch = take();
    while (!batch.isEmpty()) {
      write(batch);
      batch = take();
    }
  }

  /** What waits, as soon as there is something; nothing once this is closed and all is written. */
  private List<Waiting<T, R>> take() {
    var batch = new ArrayList<Waiting<T, R>>();
    lock.lock();
    try {
      while (batch.isEmpty() && !(closed && queue.isEmpty())) {
        if (queue.isEmpty()) {
          changed.awaitUninterruptibly();
        }
        while (batch.size() < most && !queue.isEmpty()) {
          Waiting<T, R> next = queue.remove();
          if (!isLate(next)) {
            batch.add(next);
          }
        }
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether its caller has given up, or will have before it is written; the latter is told at once.
   * Under overload all writes would else be for those who have waited longest, and are gone when
   * they are done.
   */
  private boolean isLate(Waiting<T, R> waiting) {
    if (!closed && isTooLate(waiting, System.nanoTime())) {
      waiting.answer.completeExceptionally(tooSlow());
    }
    return waiting.answer.isDone();
  }

  /**
   * Whether a write that begins then would be done too late for a caller. Asked also when the
   * caller comes: those who are refused together come back together, and if all of them come too
   * early to be still there for the next write, that one would be for the first of them alone, and
   * so on.
   */
  private boolean isTooLate(Waiting<T, R> waiting, long begin) {
    // A little more than usual, because the first to be let through are those who just make it; but
    // never so much that nobody would be, to show that writes have become faster.
    long needed = Math.min(usualNanos * 5 / 4, patience.toNanos() * 4 / 5);
    return begin + needed - waiting.until > 0;
  }

  private static Unavailable tooSlow() {
    return new Unavailable(
        "PostgreSQL writes too slowly for the number of waiting writes", SqlErrors.RETRY_AFTER);
  }

  private void write(List<Waiting<T, R>> batch) {
    try {
      answer(batch);
    } catch (SQLException e) {
      if (batch.size() > 1 && !SqlErrors.isAway(e)) {
        alone(batch);
      } else {
        fail(batch, SqlErrors.of(e));
      }
    } catch (Unavailable e) {
      fail(batch, e);
    } catch (RuntimeException | Error e) {
      // Without this thread nothing would be written any more.
      if (batch.size() > 1) {
        alone(batch);
      } else {
        fail(batch, e);
      }
    }
  }

  /** One bad row makes PostgreSQL refuse them all: alone, only the bad one fails. */
  private void alone(List<Waiting<T, R>> batch) {
    for (Waiting<T, R> waiting : batch) {
      if (!waiting.answer.isDone()) {
        write(List.of(waiting));
      }
    }
  }

  private void answer(List<Waiting<T, R>> batch) throws SQLException {
    List<R> answers = measured(batch.stream().map(Waiting::request).toList());
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).answer.complete(answers.get(i));
    }
  }

  /**
   * Measured before anybody is answered: the first to be may come back before the last is, and
   * there is no write under way then. What failed took its time for another reason.
   */
  private List<R> measured(List<T> requests) throws SQLException {
    long begun = System.nanoTime();
    expectedEnd = begun + usualNanos;
    try {
      List<R> answers = writing.write(requests);
      long took = System.nanoTime() - begun;
      usualNanos = Math.min(took, lastNanos);
      lastNanos = took;
      return answers;
    } finally {
      expectedEnd = System.nanoTime();
    }
  }

  private static <T, R> void fail(List<Waiting<T, R>> batch, Throwable fault) {
    for (Waiting<T, R> waiting : batch) {
      waiting.answer.completeExceptionally(fault);
    }
  }

  /** Takes no more, and returns when what waits has been written, or after four seconds. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    try {
      boolean _ = writer.join(LAST_WRITES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
