package io.carechat.domain.exports;

import io.carechat.domain.events.LogPosition;
import io.carechat.domain.exports.ExportQueue.Claim;
import io.carechat.domain.exports.ExportQueue.Kind;
import io.carechat.domain.exports.ExportedMessages.Batch;
import io.carechat.domain.exports.ExportedMessages.Entry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes exports, one after the other, part by part. A part ends where a line ends, so that another
 * worker can continue after it. However large an export is, no more than one part and one batch of
 * messages is in memory. For use by one thread.
 */
public final class ExportWriter {
  /** A part has at least so many bytes, unless it is the last one. */
  static final int PART_SIZE = 262_144;

  /** How many events of the log one read looks at. Their texts are in memory at the same time. */
  static final int BATCH_SIZE = 100;

  /** After so many reads what was found is stored, so that the lease is renewed. */
  static final int READS_PER_PART = 50;

  /** Longer than a part takes. A worker whose node has stopped is replaced after this time. */
  static final Duration LEASE = Duration.ofSeconds(30);

  /**
   * How often an export is tried without any progress. With the pauses of its worker this takes
   * some minutes, so a short outage of what it needs does not end it.
   */
  static final int MAX_ATTEMPTS = 60;

  /** How many parts are hashed again before the lease is renewed. */
  static final int PARTS_PER_RENEWAL = 200;

  private final ExportQueue queue;
  private final ExportStore store;
  private final ExportedMessages messages;
  private final ExportEncoder encoder;
  private final Supplier<FileHash> hashes;
  private final Duration kept;
  private final UUID worker;
  private final Kind kind;
  private final InstantSource clock;
  private @Nullable File current;

  /** A file that this worker writes. */
  private static final class File {
    private final Claim claim;
    private final FileHash hash;
    private final Queue<Entry> pending = new ArrayDeque<>();
    private ExportProgress progress;

    /** Up to where the log was read. What is pending is before it. */
    private LogPosition readUpTo;

    private boolean isReadWhole;

    File(Claim claim, FileHash hash) {
      this.claim = claim;
      this.hash = hash;
      this.progress = claim.export().progress();
      this.readUpTo = claim.after();
    }
  }

  /**
   * @param queue the exports to write
   * @param store what was written before
   * @param messages the messages
   * @param encoder writes lines
   * @param hashes makes hashes of nothing
   * @param kept how long a file is kept after it is complete
   * @param worker a new id
   * @param kind which exports it writes
   * @param clock a clock that all nodes share
   */
  public ExportWriter(
      ExportQueue queue,
      ExportStore store,
      ExportedMessages messages,
      ExportEncoder encoder,
      Supplier<FileHash> hashes,
      Duration kept,
      UUID worker,
      Kind kind,
      InstantSource clock) {
    this.queue = queue;
    this.store = store;
    this.messages = messages;
    this.encoder = encoder;
    this.hashes = hashes;
    this.kept = kept;
    this.worker = worker;
    this.kind = kind;
    this.clock = clock;
  }

  /**
   * Writes a part of an export, if there is one to write. After an exception, the next step begins
   * where the last stored part ends.
   *
   * @return whether there may be more to do now
   */
  public boolean step() {
    File file = current;
    current = null;
    if (file == null) {
      Optional<Claim> claim = queue.claim(worker, kind, now(), now().plus(LEASE));
      if (claim.isEmpty()) {
        return false;
      }
      if (claim.get().attempts() > MAX_ATTEMPTS) {
        queue.fail(claim.get(), now());
        return true;
      }
      file = resume(claim.get());
      if (file == null) {
        return true;
      }
    }
    if (file.readUpTo.equals(LogPosition.START)
        && !messages.isComplete(file.claim.export().through())) {
      // A transaction that may still add messages before the position is under way.
      current = file;
      return false;
    }
    if (write(file)) {
      current = file;
    }
    return true;
  }

  /**
   * Goes on with what was stored. It is hashed again, because what another worker knew of it is
   * lost with that worker.
   *
   * @return null if a part is not there any more, or the worker does not have the export any more
   */
  private @Nullable File resume(Claim claim) {
    FileHash hash = hashes.get();
    Export export = claim.export();
    long at = 0;
    int parts = 0;
    while (at < export.progress().bytes()) {
      FilePart part =
          store.part(export.request().source().instance(), export.id(), at).orElse(null);
      if (part == null || part.firstByte() != at) {
        return null;
      }
      hash.update(part.bytes());
      at = part.end();
      if (++parts % PARTS_PER_RENEWAL == 0 && !renew(claim)) {
        return null;
      }
    }
    return new File(claim, hash);
  }

  /** Keeps the export for longer. Nothing else changes. */
  private boolean renew(Claim claim) {
    ExportProgress same = claim.export().progress();
    return queue.append(
        claim, same, same, claim.after(), new byte[0], now().plus(LEASE), now().plus(kept));
  }

  /**
   * Writes the next part.
   *
   * @return whether there is more to write, and this worker still has the export
   */
  private boolean write(File file) {
    ExportProgress before = file.progress;
    List<byte[]> lines = new ArrayList<>();
    int size = 0;
    LogPosition after = file.readUpTo;
    for (int reads = 0; size < PART_SIZE; ) {
      Entry entry = file.pending.poll();
      if (entry != null) {
        byte[] line = encoder.encode(file.claim.export().request().format(), entry);
        lines.add(line);
        size += line.length;
        file.progress = file.progress.plus(entry.position(), line.length);
        after = file.pending.isEmpty() ? file.readUpTo : entry.position();
      } else if (file.isReadWhole || reads == READS_PER_PART) {
        break;
      } else {
        read(file);
        reads++;
        after = file.pending.isEmpty() ? file.readUpTo : after;
      }
    }
    boolean isWhole = file.isReadWhole && file.pending.isEmpty();
    byte[] part = joined(lines, size);
    Instant expiresAt = now().plus(kept);
    if (!queue.append(
        file.claim, before, file.progress, after, part, now().plus(LEASE), expiresAt)) {
      return false;
    }
    file.hash.update(part);
    if (!isWhole) {
      return true;
    }
    boolean _ = queue.finish(file.claim, file.progress, file.hash.value(), now(), now().plus(kept));
    return false;
  }

  private void read(File file) {
    Export export = file.claim.export();
    Batch batch = messages.read(export.request(), file.readUpTo, export.through(), BATCH_SIZE);
    file.pending.addAll(batch.entries());
    file.readUpTo = batch.after();
    file.isReadWhole = batch.isLast();
  }

  private static byte[] joined(List<byte[]> lines, int size) {
    byte[] all = new byte[size];
    int at = 0;
    for (byte[] line : lines) {
      System.arraycopy(line, 0, all, at, line.length);
      at += line.length;
    }
    return all;
  }

  private Instant now() {
    return clock.instant();
  }
}
