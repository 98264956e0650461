package io.carechat.local;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The user that runs PostgreSQL's programs. PostgreSQL refuses to run as root. So root uses another
 * way, and nothing changes for anyone else.
 *
 * @param name the name for messages
 * @param prefix the words that go before a command
 * @param owner the id of the user and group that must own the data; empty if the owner need not
 *     change
 */
record ServerUser(String name, List<String> prefix, OptionalInt owner) {
  /**
   * The id of the user {@code nobody}. It is also the id that a user without a mapping has in a
   * user namespace.
   */
  private static final int NOBODY = 65_534;

  private static final ServerUser SELF =
      new ServerUser("the current user", List.of(), OptionalInt.empty());

  /** This is root, but the server sees nobody. The files keep their owner. */
  private static final ServerUser NAMESPACE =
      new ServerUser("root in a user namespace", List.of("unshare", "-U"), OptionalInt.of(0));

  /** For machines that forbid user namespaces, as many containers do. */
  private static final ServerUser UNPRIVILEGED =
      new ServerUser(
          "nobody",
          List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"),
          OptionalInt.of(NOBODY));

  ServerUser {
    prefix = List.copyOf(prefix);
  }

  /**
   * All ways that this machine offers, the best one first.
   *
   * @throws LocalServiceException if there is none
   */
  static List<ServerUser> available() {
    if (new UnixSystem().getUid() != 0) {
      return List.of(SELF);
    }
    List<ServerUser> users = new ArrayList<>();
    for (ServerUser user : List.of(NAMESPACE, UNPRIVILEGED)) {
      if (user.runs("true")) {
        users.add(user);
      }
    }
    if (users.isEmpty()) {
      throw new LocalServiceException(
          "PostgreSQL does not run as root, and neither 'unshare -U' nor 'setpriv' works here: run"
              + " this as another user.");
    }
    return users;
  }

  /**
   * A builder for a command of this user. Its environment has none of the settings that
   * PostgreSQL's programs read.
   */
  ProcessBuilder command(List<String> command) {
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(whole);
    builder.environment().keySet().removeIf(variable -> variable.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    return builder;
  }

  /** Whether this user can run the command, and the command succeeds. */
  boolean runs(String... command) {
    try {
      Process process =
          command(List.of(command))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalServiceException("interrupted", e);
    }
  }

  /**
   * Makes this user the owner of a file, or of a folder with everything in it. A folder that
   * belongs to this user already is not changed.
   */
  void own(Path path) throws IOException {
    if (owner.isEmpty() || isOwned(path)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            change(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException fault)
              throws IOException {
            if (fault != null) {
              throw fault;
            }
            // The folder comes after its content, so that a change that was interrupted is done
            // again.
            change(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Makes this user the owner of the folder itself only, so that the user can enter it. */
  void ownFolder(Path folder) throws IOException {
    if (owner.isPresent() && !isOwned(folder)) {
      change(folder);
    }
  }

  private boolean isOwned(Path path) throws IOException {
    return Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS)
        .equals(owner.orElseThrow());
  }

  private void change(Path path) throws IOException {
    Files.setAttribute(path, "unix:gid", owner.orElseThrow(), LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:uid", owner.orElseThrow(), LinkOption.NOFOLLOW_LINKS);
  }
}
