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
 * Lets concurrent writes share a transaction and its sync to disk. Its thread takes the writes that
 * arrived during the previous transaction. It never waits for more of them, so a lone caller is
 * served at once. Safe for use by many threads.
 *
 * @param <T> what is written
 * @param <R> the answer, given once the write is durable
 */
public final class GroupCommit<T, R> implements AutoCloseable {
  private static final Duration LAST_WRITES = Duration.ofSeconds(4);

  /** Writes a batch in one transaction: all of it or nothing. */
  @FunctionalInterface
  public interface BatchWriter<T, R> {
    /** The answers, in the order of the batch. */
    List<R> write(List<T> batch) throws SQLException;
  }

  /**
   * @param until when its caller gives up, by {@link System#nanoTime}
   */
  private record Waiting<T, R>(T request, CompletableFuture<R> answer, long until) {}

  private final BatchWriter<T, R> batchWriter;
  private final int maxBatch;
  private final int capacity;
  private final Duration timeout;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Waiting<T, R>> queue = new ArrayDeque<>();
  private final Thread writer;
  private boolean closed;

  /**
   * How long a write takes at present: the shorter of the last two that succeeded. A single one may
   * have been slow for any reason, such as the start of the service.
   */
  private volatile long usualNanos;

  /** How long the last one that succeeded took. Used by the writer's thread only. */
  private long lastNanos;

  /** When the write that is under way should be done; in the past if there is none. */
  private volatile long expectedEnd = System.nanoTime();

  /**
   * @param name of the thread that writes
   * @param maxBatch how many writes share a transaction at most
   * @param capacity how many writes may wait
   * @param timeout how long a caller waits before {@link Unavailable} is thrown
   */
  public GroupCommit(
      String name, int maxBatch, int capacity, Duration timeout, BatchWriter<T, R> batchWriter) {
    this.timeout = timeout;
    this.batchWriter = batchWriter;
    this.maxBatch = maxBatch;
    this.capacity = capacity;
    this.writer = Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /**
   * Writes something, and gives the answer once it is durable.
   *
   * @throws Unavailable if too many writes wait, or PostgreSQL is unavailable or too slow; whether
   *     it was written is then unknown
   * @throws IllegalStateException if PostgreSQL refuses it
   */
  public R write(T request) {
    var waiting =
        new Waiting<T, R>(
            request, new CompletableFuture<>(), System.nanoTime() + timeout.toNanos());
    enqueue(waiting);
    try {
      return waiting.answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // If no writer has taken it yet, none will.
      waiting.answer.cancel(false);
      throw new Unavailable("PostgreSQL did not write in time", SqlErrors.RETRY_AFTER, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("The wait for a write was interrupted", SqlErrors.RETRY_AFTER, e);
    } catch (ExecutionException e) {
      // A new exception, because the writer's may go to many callers.
      if (e.getCause() instanceof Unavailable unavailable) {
        throw new Unavailable(
            String.valueOf(unavailable.getMessage()), unavailable.retryAfter(), unavailable);
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

  /**
   * Waits for something to write, and takes a batch of it. Empty once this is closed and everything
   * is written.
   */
  private List<Waiting<T, R>> take() {
    var batch = new ArrayList<Waiting<T, R>>();
    lock.lock();
    try {
      while (batch.isEmpty() && !(closed && queue.isEmpty())) {
        if (queue.isEmpty()) {
          changed.awaitUninterruptibly();
        }
        while (batch.size() < maxBatch && !queue.isEmpty()) {
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
   * Whether the caller has given up, or will have given up before its request can be written. In
   * the second case the caller gets its exception at once. Without this, all writes under overload
   * would be for the callers who have waited longest. These callers would be gone when the writes
   * are done.
   */
  private boolean isLate(Waiting<T, R> waiting) {
    if (!closed && isTooLate(waiting, System.nanoTime())) {
      waiting.answer.completeExceptionally(tooSlow());
    }
    return waiting.answer.isDone();
  }

  /**
   * Whether a write that begins at that time would end too late for the caller. This is checked
   * when the caller arrives, too. The reason is that callers who are refused together come back
   * together. Suppose all of them come back so early that they cannot wait for the next write. Then
   * that write would be for the first of them alone, and so would the one after it.
   */
  private boolean isTooLate(Waiting<T, R> waiting, long begin) {
    // A little more than the usual time, because the first callers to pass are those with just
    // enough time left. But never so much that no caller passes. Then no write would show that
    // writes have become faster.
    long needed = Math.min(usualNanos * 5 / 4, timeout.toNanos() * 4 / 5);
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
      if (batch.size() > 1 && !SqlErrors.isUnavailable(e)) {
        writeOneByOne(batch);
      } else {
        fail(batch, SqlErrors.of(e));
      }
    } catch (Unavailable e) {
      fail(batch, e);
    } catch (RuntimeException | Error e) {
      // This thread must go on: without it nothing would be written any more.
      if (batch.size() > 1) {
        writeOneByOne(batch);
      } else {
        fail(batch, e);
      }
    }
  }

  /** One bad row makes PostgreSQL refuse the whole batch. One by one, only the bad row fails. */
  private void writeOneByOne(List<Waiting<T, R>> batch) {
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
   * Measures how long a write takes, before any caller is answered. Otherwise the first caller
   * could come back before the last one is answered, at a time when no write is running. A failed
   * write is not measured, because its time has another cause.
   */
  private List<R> measured(List<T> requests) throws SQLException {
    long begun = System.nanoTime();
    expectedEnd = begun + usualNanos;
    try {
      List<R> answers = batchWriter.write(requests);
      long took = System.nanoTime() - begun;
      usualNanos = Math.min(took, lastNanos);
      lastNanos = took;
      return answers;
    } finally {
      expectedEnd = System.nanoTime();
    }
  }

  private static <T, R> void fail(List<Waiting<T, R>> batch, Throwable failure) {
    for (Waiting<T, R> waiting : batch) {
      waiting.answer.completeExceptionally(failure);
    }
  }

  /** Accepts no more writes. Returns when those that wait are done, or after four seconds. */
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
