package io.carechat.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The data of one PostgreSQL, in a folder that the caller has locked.
 *
 * @param folder the folder's real path; the data are in its subfolder {@code cluster}
 */
record PostgresCluster(Path folder, PostgresProgram program, ServerUser user, ServerLog log) {
  static final String SUPERUSER = "postgres";

  private static final Duration INITDB = Duration.ofMinutes(2);
  private static final Duration STOP = Duration.ofSeconds(60);
  private static final int PASSWORD_BYTES = 24;

  Path data() {
    return folder.resolve("cluster");
  }

  /**
   * Creates the data if there are none yet. Then the folder and everything in it belong to the
   * server's user.
   */
  void prepare(Consumer<String> progress) throws IOException {
    user.ownFolder(folder);
    requireReachable();
    if (Files.exists(data())) {
      requireSameMajor();
      user.own(data());
    } else {
      progress.accept("creating a PostgreSQL cluster in " + folder);
      create();
    }
  }

  /** The superuser's password. */
  String password() throws IOException {
    Path file = passwordFile();
    if (!Files.exists(file)) {
      throw new LocalServiceException(
          file
              + " is missing: without it nobody can log in to the data in "
              + data()
              + " without it");
    }
    return Files.readString(file).strip();
  }

  /** The id of the server process, from the server's own file. */
  long postmaster() throws IOException {
    return postmasterInFile()
        .orElseThrow(() -> new LocalServiceException("PostgreSQL ended. " + log.tail()));
  }

  /**
   * Stops a server that has outlived its keeper. Whoever holds the folder's lock also owns the
   * process that {@code postmaster.pid} names. If that id now belongs to an unrelated process, the
   * id is replaced in the file, and the process is left alone. The rest of the file stays.
   * PostgreSQL uses it to find the orphans of a server that was killed, and does not start while
   * they live.
   */
  void clearWhatIsLeft(Consumer<String> progress) throws IOException {
    if (!Files.exists(postmasterFile())) {
      return;
    }
    Optional<Long> pid = postmasterInFile();
    if (pid.isEmpty()) {
      // A crash cut the file short. PostgreSQL would refuse to start with it.
      Files.delete(postmasterFile());
      return;
    }
    if (ProcessHandle.of(pid.get()).isEmpty()) {
      return;
    }
    List<String> arguments =
        ProcessArguments.of(pid.get())
            .orElseThrow(() ->
                new LocalServiceException(
                    postmasterFile()
                        + " names process "
                        + pid.get()
                        + ", and the system does not say what that is. If it is not PostgreSQL,"
                        + " delete that file."));
    if (isPostmaster(arguments)) {
      progress.accept("stopping the PostgreSQL of an earlier run, process " + pid.get());
      stop(pid.get());
    } else {
      forgetPostmaster();
    }
  }

  /** Replaces the process id in the file with the id of a process that has certainly ended. */
  private void forgetPostmaster() throws IOException {
    Process ended = new ProcessBuilder("true").start();
    waitFor(ended, Duration.ofSeconds(10));
    List<String> lines =
        new ArrayList<>(Files.readAllLines(postmasterFile(), StandardCharsets.ISO_8859_1));
    lines.set(0, Long.toString(ended.pid()));
    Files.write(postmasterFile(), lines, StandardCharsets.ISO_8859_1);
  }

  private boolean isPostmaster(List<String> arguments) {
    return !arguments.isEmpty()
        && Path.of(arguments.getFirst()).endsWith("postgres")
        && arguments.contains(data().toString());
  }

  private void stop(long pid) throws IOException {
    for (String mode : List.of("fast", "immediate")) {
      ProcessBuilder stop =
          user.command(
              List.of(
                  program.program("pg_ctl"),
                  "stop",
                  "--silent",
                  "--wait",
                  "--timeout=30",
                  "--mode=" + mode,
                  "--pgdata=" + data()));
      if (run(stop, STOP)) {
        return;
      }
    }
    if (ProcessArguments.of(pid).map(this::isPostmaster).orElse(true)) {
      throw new LocalServiceException(
          "the PostgreSQL of an earlier run, process " + pid + ", does not stop. " + log.tail());
    }
  }

  private void create() throws IOException {
    Path part = folder.resolve("cluster.new");
    FileTree.delete(part);
    Files.deleteIfExists(passwordFile());
    byte[] password = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(password);
    Files.createFile(
        passwordFile(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(passwordFile(), HexFormat.of().formatHex(password));
    user.own(passwordFile());
    ProcessBuilder initdb =
        user.command(
            List.of(
                program.program("initdb"),
                "--pgdata=" + part,
                "--username=" + SUPERUSER,
                "--pwfile=" + passwordFile(),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions"));
    if (!run(initdb, INITDB)) {
      if (log.contains("could not look up effective user ID")) {
        throw new LocalServiceException(
            "PostgreSQL's initdb needs a user with a name, but this user's number has no entry in"
                + " /etc/passwd. Add one, or run as a user that has one.");
      }
      throw new LocalServiceException("initdb failed. " + log.tail());
    }
    // The data appear in one step, so half-made data of a crash are never taken for a cluster.
    Files.move(part, data(), StandardCopyOption.ATOMIC_MOVE);
  }

  private boolean run(ProcessBuilder builder, Duration time) throws IOException {
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()))
            .start();
    process.getOutputStream().close();
    return waitFor(process, time) && process.exitValue() == 0;
  }

  /** Whether the process ended in time. Otherwise it is killed. */
  private static boolean waitFor(Process process, Duration time) {
    try {
      boolean ended = process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      return ended;
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new LocalServiceException("interrupted", e);
    }
  }

  private void requireReachable() {
    if (!user.prefix().isEmpty() && !user.runs(program.program("postgres"), "--version")) {
      throw new LocalServiceException(
          "PostgreSQL runs as "
              + user.name()
              + " here. That user cannot run the programs in "
              + program.folder()
              + ": other users must be able to enter every folder above.");
    }
  }

  private void requireSameMajor() throws IOException {
    String made = Files.readString(data().resolve("PG_VERSION")).strip();
    if (!made.equals(program.major())) {
      throw new LocalServiceException(
          "the data in "
              + data()
              + " belong to PostgreSQL "
              + made
              + ", but this is PostgreSQL "
              + program.major()
              + ": move them elsewhere, or run the version that created them.");
    }
  }

  private Path passwordFile() {
    return folder.resolve("password");
  }

  private Path postmasterFile() {
    return data().resolve("postmaster.pid");
  }

  private Optional<Long> postmasterInFile() throws IOException {
    if (!Files.exists(postmasterFile())) {
      return Optional.empty();
    }
    return Files.readString(postmasterFile(), StandardCharsets.ISO_8859_1)
        .lines()
        .findFirst()
        .map(String::strip)
        .filter(line -> line.matches("[0-9]{1,18}"))
        .map(Long::valueOf);
  }
}
