package io.carechat.bootstrap.evidence;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.evidence.Checkpoint;
import io.carechat.domain.evidence.CheckpointWitness;
import io.carechat.domain.evidence.SealLog;
import io.carechat.domain.evidence.SignedCheckpoint;
import io.carechat.domain.evidence.VerifyingKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A file outside the database to which this node copies the checkpoints of all instances, whichever
 * node has signed them. The node only appends to it. Each node has a file of its own.
 *
 * <p>One thread calls {@link #follow}. The other methods are safe for use by many threads.
 */
public final class CheckpointFile implements CheckpointWitness, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(CheckpointFile.class.getName());
  private static final int BATCH = 100;

  private final Path file;
  private final SealLog seals;
  private final VerifyingKeys keys;
  private final FileChannel channel;
  private final Map<TenantInstance, SignedCheckpoint> last = new ConcurrentHashMap<>();
  private long lastNumber;
  private long size;

  /**
   * Opens the file, or makes it, and reads what is in it. Checkpoints that no accepted key has
   * signed are ignored.
   *
   * @throws IllegalStateException if the file cannot be read or written
   */
  public CheckpointFile(Path file, SealLog seals, VerifyingKeys keys) {
    this.file = file;
    this.seals = seals;
    this.keys = keys;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
      forEachLine(line -> {
        lastNumber = Math.max(lastNumber, line.number());
        note(line.checkpoint().signed());
      });
      size = channel.size();
      endLastLine();
    } catch (IOException e) {
      throw new IllegalStateException(
          "The file of checkpoints " + file + " cannot be read and written", e);
    }
  }

  /** A crash may have left a part of a line, which must not be the beginning of the next one. */
  private void endLastLine() throws IOException {
    if (size > 0) {
      try (FileChannel reading = FileChannel.open(file, StandardOpenOption.READ)) {
        ByteBuffer end = ByteBuffer.allocate(1);
        int read = reading.read(end, size - 1);
        if (read == 1 && end.get(0) != '\n') {
          write("\n");
        }
      }
    }
  }

  private void forEachLine(Consumer<CheckpointLines.Line> action) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      lines.flatMap(line -> CheckpointLines.read(line).stream()).forEach(action);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void note(SignedCheckpoint signed) {
    if (signed.isSignedBy(keys)) {
      last.merge(
          signed.checkpoint().instance(),
          signed,
          (one, other) -> other.checkpoint().size() > one.checkpoint().size() ? other : one);
    }
  }

  /**
   * Appends the next checkpoints, and syncs them to disk.
   *
   * @return whether there may be more now
   * @throws io.carechat.domain.chat.Unavailable if the checkpoints are unavailable
   * @throws UncheckedIOException if the file cannot be written
   */
  public boolean follow() {
    List<SealLog.Numbered> next = seals.all(lastNumber, BATCH);
    if (next.isEmpty()) {
      return false;
    }
    var text = new StringBuilder();
    for (SealLog.Numbered numbered : next) {
      SignedCheckpoint signed = numbered.seal().signed();
      if (continuesWhatIsKnown(signed)) {
        text.append(CheckpointLines.write(numbered)).append('\n');
        note(signed);
      }
    }
    try {
      if (channel.size() != size) {
        LOG.log(
            System.Logger.Level.ERROR,
            "Somebody else has changed the file of checkpoints {0}: it has {1} bytes instead of {2}",
            file,
            channel.size(),
            size);
      }
      write(text.toString());
    } catch (IOException e) {
      throw new UncheckedIOException("The file of checkpoints cannot be written", e);
    }
    lastNumber = next.getLast().number();
    return next.size() == BATCH;
  }

  /**
   * Returns whether a checkpoint goes on from the last one in this file. If it does not, the file
   * keeps what it knows, and so shows that the tree was computed again.
   */
  private boolean continuesWhatIsKnown(SignedCheckpoint signed) {
    TenantInstance instance = signed.checkpoint().instance();
    if (!signed.isSignedBy(keys)) {
      LOG.log(System.Logger.Level.ERROR, "A checkpoint of {0} is not genuine", instance);
      return false;
    }
    Optional<Checkpoint> known = last(instance).map(SignedCheckpoint::checkpoint);
    if (known.isEmpty()) {
      return true;
    }
    boolean continues =
        signed.checkpoint().size() > known.get().size()
            && seals
                .find(instance, known.get().size())
                .filter(seal -> seal.signed().checkpoint().root().equals(known.get().root()))
                .isPresent();
    if (!continues) {
      LOG.log(
          System.Logger.Level.ERROR,
          "A checkpoint of {0} does not continue the one of {1} rows in the file of checkpoints",
          instance,
          known.get().size());
    }
    return continues;
  }

  private void write(String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      int _ = channel.write(bytes);
    }
    channel.force(true);
    size = channel.size();
  }

  @Override
  public Optional<SignedCheckpoint> last(TenantInstance instance) {
    return Optional.ofNullable(last.get(instance));
  }

  @Override
  public List<SignedCheckpoint> all(TenantInstance instance) {
    var all = new ArrayList<SignedCheckpoint>();
    try {
      forEachLine(line -> {
        if (line.checkpoint().signed().checkpoint().instance().equals(instance)) {
          all.add(line.checkpoint().signed());
        }
      });
    } catch (IOException e) {
      throw new UncheckedIOException("The file of checkpoints cannot be read", e);
    }
    return all;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("The file of checkpoints cannot be closed", e);
    }
  }
}
