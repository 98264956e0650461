package io.carechat.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The right of one process to run a service on a folder. The operating system releases it when the
 * process ends in any way, so a lock is never stale. The file has the holder's process id, but only
 * for error messages.
 */
final class FolderLock implements AutoCloseable {
  /**
   * The folders that this JVM has locked. This is checked before the file is opened. The reason is
   * a rule of POSIX: when a process closes any descriptor of a file, it loses all its locks on that
   * file.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Takes the lock at once, or fails. Creates the folder if it is missing.
   *
   * @throws LocalServiceException if another process holds the lock, or if this process holds it
   *     already
   */
  static FolderLock take(Path folder) throws IOException {
    Path real = create(folder);
    if (!HELD.add(real)) {
      throw inUse(real, Long.toString(ProcessHandle.current().pid()));
    }
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              real.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw inUse(real, read(channel));
      }
      channel.truncate(0);
      channel.write(bytes(Long.toString(ProcessHandle.current().pid())), 0);
      return new FolderLock(real, channel);
    } catch (IOException | RuntimeException e) {
      release(real, channel);
      throw e;
    }
  }

  /** The folder's real path. This process and its children use no other spelling. */
  Path folder() {
    return folder;
  }

  /** Releases the lock. A second call does nothing. */
  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      release(folder, channel);
    }
  }

  private static void release(Path folder, @Nullable FileChannel channel) throws IOException {
    if (channel != null) {
      channel.close();
    }
    HELD.remove(folder);
  }

  private static Path create(Path folder) throws IOException {
    Path absolute = folder.toAbsolutePath();
    if (!Files.isDirectory(absolute)) {
      Path parent = absolute.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectories(
          absolute,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    return absolute.toRealPath();
  }

  private static LocalServiceException inUse(Path folder, String holder) {
    return new LocalServiceException(
        folder
            + " is in use by process "
            + (holder.isEmpty() ? "(unknown)" : holder)
            + ": only one process at a time can run a service on a folder. Stop it, or use another"
            + " folder.");
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(32);
    channel.read(buffer, 0);
    return StandardCharsets.US_ASCII.decode(buffer.flip()).toString().strip();
  }

  private static ByteBuffer bytes(String text) {
    return StandardCharsets.US_ASCII.encode(text);
  }
}
