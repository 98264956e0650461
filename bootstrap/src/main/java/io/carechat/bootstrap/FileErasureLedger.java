package io.carechat.bootstrap;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.records.ErasureId;
import io.carechat.domain.records.ErasureLedger;
import io.carechat.domain.records.ErasureReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A ledger of erasures in a file: a line for the id of the ledger, and one for each erasure. Each
 * line ends with the SHA-256 of the line before and of itself. So a line that was changed, removed
 * or inserted is found. The end of a line that was being written when the power failed is cut off:
 * nobody was told of that erasure. One process has the file at a time.
 */
final class FileErasureLedger implements ErasureLedger, AutoCloseable {
  private static final String MAGIC = "carechat-erasure-ledger-1";
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final Path file;
  private final FileChannel channel;
  private final List<Entry> entries = new ArrayList<>();
  private final Set<ErasureId> ids = new HashSet<>();
  private String id = "";
  private String hash = "";
  private long end;

  private FileErasureLedger(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens the file, or begins a ledger.
   *
   * @param mayBegin whether a missing file may be made. An empty one always begins a ledger.
   * @throws IllegalStateException if the file is missing, is damaged, cannot be used, or another
   *     process has it; the message names the file, and the line
   */
  static FileErasureLedger open(Path file, boolean mayBegin) {
    FileErasureLedger ledger = null;
    try {
      if (!mayBegin && !file.toFile().exists()) {
        throw new IllegalStateException(
            "The ledger of erasures "
                + file
                + " is missing, but the database knows of erasures in a ledger. Restore the file. On a new"
                + " node, make an empty file: then a new ledger begins.");
      }
      ledger =
          new FileErasureLedger(
              file,
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE));
      ledger.lock();
      ledger.read();
      return ledger;
    } catch (IOException e) {
      closeQuietly(ledger);
      throw new IllegalStateException("The ledger of erasures " + file + " cannot be used", e);
    } catch (RuntimeException e) {
      closeQuietly(ledger);
      throw e;
    }
  }

  private static void closeQuietly(@Nullable FileErasureLedger ledger) {
    if (ledger != null) {
      ledger.close();
    }
  }

  private void lock() throws IOException {
    try {
      if (channel.tryLock() != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // This process has it already.
    }
    throw new IllegalStateException(
        "Another process has the ledger of erasures "
            + file
            + ". Each node needs a file of its own.");
  }

  private void read() throws IOException {
    var bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
    while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {
      // Until all is read.
    }
    String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
    int number = 0;
    int from = 0;
    for (int to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      number++;
      readLine(text.substring(from, to), number);
      from = to + 1;
    }
    end = from;
    if (number == 0) {
      id = UUID.randomUUID().toString();
      write(MAGIC + " " + id);
    } else {
      channel.truncate(end);
    }
  }

  private void readLine(String line, int number) {
    int last = line.lastIndexOf(' ');
    String body = last < 0 ? "" : line.substring(0, last);
    if (last < 0 || !line.substring(last + 1).equals(hashOf(body))) {
      throw damaged(number);
    }
    String[] parts = body.split(" ", -1);
    try {
      if (number == 1) {
        if (parts.length != 2 || !parts[0].equals(MAGIC)) {
          throw damaged(number);
        }
        id = parts[1];
      } else {
        Entry entry = entry(parts);
        entries.add(entry);
        ids.add(entry.id());
      }
    } catch (IllegalArgumentException | DateTimeException e) {
      throw damaged(number);
    }
    hash = line.substring(last + 1);
  }

  private IllegalStateException damaged(int number) {
    return new IllegalStateException(
        "The ledger of erasures "
            + file
            + " is damaged in line "
            + number
            + ": it is not what was written after the line before. Restore the file.");
  }

  private static Entry entry(String[] parts) {
    if (parts.length != 8) {
      throw new IllegalArgumentException("There must be eight values");
    }
    return new Entry(
        ErasureId.parse(parts[0]).orElseThrow(() -> new IllegalArgumentException("no id")),
        new ChatId(
            new TenantInstance(parts[1], parts[2]), new PatientId(UUID.fromString(parts[3]))),
        ErasureReason.valueOf(parts[4]),
        Instant.parse(parts[5]),
        URLDecoder.decode(parts[6], StandardCharsets.UTF_8),
        Instant.parse(parts[7]));
  }

  private String hashOf(String body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((hash + "\n" + body).getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Writes a line, and waits until it is on the disk. */
  private void write(String body) throws IOException {
    String newHash = hashOf(body);
    ByteBuffer line =
        ByteBuffer.wrap((body + " " + newHash + "\n").getBytes(StandardCharsets.US_ASCII));
    // At the end of the last whole line: a write that failed may have left a part of one.
    long position = end;
    while (line.hasRemaining()) {
      position += channel.write(line, position);
    }
    channel.force(true);
    end = position;
    hash = newHash;
  }

  @Override
  public synchronized String id() {
    return id;
  }

  @Override
  public synchronized List<Entry> entries() {
    return List.copyOf(entries);
  }

  @Override
  public synchronized void append(Entry entry) {
    if (ids.contains(entry.id())) {
      return;
    }
    try {
      write(
          String.join(
              " ",
              entry.id().toString(),
              entry.chat().instance().tenantName(),
              entry.chat().instance().instanceName(),
              entry.chat().patient().toString(),
              entry.reason().name(),
              entry.requestedAt().toString(),
              URLEncoder.encode(entry.requestedBy(), StandardCharsets.UTF_8),
              entry.through().toString()));
    } catch (IOException e) {
      throw new Unavailable("The ledger of erasures cannot be written", RETRY_AFTER, e);
    }
    entries.add(entry);
    ids.add(entry.id());
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
