package io.carechat.bootstrap.logs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Writes events on a thread of its own, several with one system call. Nobody who logs ever waits:
 * if the output takes nothing, such as a pipe that nobody reads, events above a bound are dropped
 * and counted. Safe for use by many threads.
 */
final class AsyncHandler extends Handler {
  /** How many events may wait. They need some MB of memory. */
  static final int CAPACITY = 16_384;

  /** This part of the capacity is for warnings and errors only. */
  private static final int FOR_WARNINGS = CAPACITY / 4;

  private static final int MAX_BATCH = 1_024;

  /** How long events are gathered. A process that is killed loses at most what came meanwhile. */
  private static final Duration GATHER = Duration.ofMillis(20);

  private final ArrayBlockingQueue<LogRecord> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final LongAdder dropped = new LongAdder();
  private final OutputStream out;
  private final Duration lastLines;
  private final Thread writer;
  private volatile boolean closed;

  /**
   * Starts the thread.
   *
   * @param out where lines are written, in UTF-8; it needs no buffer
   * @param formatter makes lines of events, each with its line break
   * @param lastLines how long {@link #close} waits for the output
   */
  AsyncHandler(OutputStream out, Formatter formatter, Duration lastLines) {
    this.out = out;
    this.lastLines = lastLines;
    setFormatter(formatter);
    setLevel(Level.ALL);
    this.writer = Thread.ofPlatform().daemon().name("log").start(this::run);
  }

  @Override
  public void publish(LogRecord event) {
    if (!isLoggable(event)) {
      return;
    }
    if (event.getParameters() != null) {
      // They may change before the event is written.
      event.setMessage(getFormatter().formatMessage(event));
      event.setParameters(null);
    }
    boolean admitted =
        event.getLevel().intValue() >= Level.WARNING.intValue()
            || queue.remainingCapacity() > FOR_WARNINGS;
    if (!admitted || closed || !queue.offer(event)) {
      dropped.increment();
    }
  }

  /** How many events were dropped since the start. */
  long dropped() {
    return dropped.sum();
  }

  private void run() {
    List<LogRecord> batch = new ArrayList<>();
    while (true) {
      // Read before the queue, so that nothing that was offered before the end is left.
      boolean last = closed;
      int count = queue.drainTo(batch, MAX_BATCH);
      write(batch);
      batch.clear();
      if (count < MAX_BATCH) {
        if (last) {
          return;
        }
        LockSupport.parkNanos(GATHER.toNanos());
      }
    }
  }

  private void write(List<LogRecord> batch) {
    if (batch.isEmpty()) {
      return;
    }
    var lines = new StringBuilder();
    for (LogRecord event : batch) {
      try {
        lines.append(getFormatter().format(event));
      } catch (RuntimeException e) {
        // This thread must go on.
        dropped.increment();
      }
    }
    try {
      out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      // There is nowhere to say so, but in the metrics.
      dropped.add(batch.size());
    }
  }

  /** Does nothing: what waits is written within {@link #GATHER}. */
  @Override
  public void flush() {}

  /** Writes what waits, if the output takes it in time. Later events are dropped. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(writer);
    try {
      boolean _ = writer.join(lastLines);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
