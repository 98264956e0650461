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
 * Who PostgreSQL's programs run as. PostgreSQL refuses the superuser of the system, so for root
 * there is a way around, with nothing changed for anyone else.
 *
 * @param name for messages
 * @param prefix what goes before a command
 * @param owner the number of the user and group that must own the data, if they are to be changed
 *     at all
 */
record ServerUser(String name, List<String> prefix, OptionalInt owner) {
  /**
   * Both the user {@code nobody} and the number that a user without a mapping has in a user
   * namespace.
   */
  private static final int NOBODY = 65_534;

  private static final ServerUser SELF =
      new ServerUser("the current user", List.of(), OptionalInt.empty());

  /** Root in fact, nobody in the server's eyes: the files keep their owner. */
  private static final ServerUser NAMESPACE =
      new ServerUser("root in a user namespace", List.of("unshare", "-U"), OptionalInt.of(0));

  /** Where user namespaces are forbidden, as in many containers. */
  private static final ServerUser UNPRIVILEGED =
      new ServerUser(
          "nobody",
          List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"),
          OptionalInt.of(NOBODY));

  ServerUser {
    prefix = List.copyOf(prefix);
  }

  /**
   * Every way that this machine offers, the best first.
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
   * A builder for a command of this user, without the settings that PostgreSQL's programs take from
   * the environment.
   */
  ProcessBuilder command(List<String> command) {
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(whole);
    builder.environment().keySet().removeIf(variable -> variable.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    return builder;
  }

  /** Whether this user can run the command, and it succeeds. */
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
   * Gives a file to this user; a folder with everything in it, unless it is this user's already.
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
            // After what is in it, so that a change that was cut short is done again.
            change(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Gives only the folder itself to this user, so that it can be entered. */
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
