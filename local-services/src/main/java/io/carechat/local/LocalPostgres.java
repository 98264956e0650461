package io.carechat.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A PostgreSQL that keeps its data. The data have their own folder and are synced to disk. The
 * server listens on loopback only. One process at a time can run it on a folder.
 *
 * <p>The server ends when this object is closed, or when the JVM ends in any way, even by {@code
 * kill -9}. A small shell process, the keeper, sees to that. It starts the server, and reads a pipe
 * whose other end only this JVM has. When the pipe closes, it stops the server. The keeper ignores
 * the signals of the terminal, and the server has its own session. So on Ctrl-C, a service that is
 * still shutting down can use the database to the end.
 *
 * <p>The folder contains {@code cluster} (the data), {@code password} (the superuser's password,
 * readable by the owner), {@code server.log}, and a lock. The log contains no statements and no
 * details of errors, because these may quote what people wrote.
 *
 * <p>Safe for use by several threads.
 */
public final class LocalPostgres implements AutoCloseable {
  /**
   * A script for a POSIX shell, because some systems have no setsid. It ignores three kinds of
   * signals: those of the terminal, those of the system's shutdown (which stops the JVM in order
   * first), and that of a pipe to a JVM that ended while the server was starting.
   */
  private static final String KEEPER =
      """
      trap '' HUP INT QUIT TERM PIPE
      pg_ctl=$1 data=$2 log=$3 options=$4
      "$pg_ctl" start -s -w -t 60 -D "$data" -l "$log" -o "$options" </dev/null >&2 || exit 1
      echo ready
      while read -r ignored; do :; done
      "$pg_ctl" stop -s -w -t 30 -m fast -D "$data" >&2 ||
        "$pg_ctl" stop -s -w -t 10 -m immediate -D "$data" >&2
      """;

  private static final String READY = "ready";

  /** The longest time that the keeper needs to stop the server. */
  private static final Duration STOP = Duration.ofSeconds(60);

  private static final Duration ORPHANS = Duration.ofSeconds(20);
  private static final int ATTEMPTS_AT_A_FREE_PORT = 5;

  private final FolderLock lock;
  private final Process keeper;
  private final int port;
  private final long pid;
  private final String password;

  private LocalPostgres(FolderLock lock, Process keeper, int port, long pid, String password) {
    this.lock = lock;
    this.keeper = keeper;
    this.port = port;
    this.pid = pid;
    this.password = password;
  }

  /**
   * How a server runs.
   *
   * @param port the TCP port on loopback; 0 for a free one
   * @param serverSettings further settings as in {@code postgresql.conf}, such as {@code
   *     max_connections}. Settings that keep acknowledged data safe are not allowed, nor those that
   *     this class sets.
   */
  public record Settings(int port, Map<String, String> serverSettings) {
    /** A free port, and settings for a small machine. */
    public static final Settings DEFAULT = new Settings(0, Map.of());

    private static final Set<String> OWNED =
        Set.of(
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "listen_addresses",
            "port",
            "unix_socket_directories",
            "data_directory",
            "config_file",
            "hba_file",
            "ident_file",
            "external_pid_file");

    /**
     * @throws IllegalArgumentException if the port or the name of a setting is not valid, or if the
     *     caller may not set it
     */
    public Settings {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("not a TCP port: " + port);
      }
      serverSettings = Map.copyOf(serverSettings);
      serverSettings.forEach((name, value) -> {
        if (!name.matches("[A-Za-z_][A-Za-z0-9_.]*")
            || value.chars().anyMatch(Character::isISOControl)) {
          throw new IllegalArgumentException("not a PostgreSQL setting: " + name);
        }
        if (OWNED.contains(name.toLowerCase(Locale.ROOT))) {
          throw new IllegalArgumentException(name + " must not be changed");
        }
      });
    }
  }

  /**
   * Starts the server on a free port.
   *
   * @see #start(Path, Settings, Consumer)
   */
  public static LocalPostgres start(Path folder, Consumer<String> progress) {
    return start(folder, Settings.DEFAULT, progress);
  }

  /**
   * Starts a server on the data in a folder. First it creates the folder, the programs and the data
   * if they are missing. Returns when the server accepts connections.
   *
   * @param folder is created if it does not exist
   * @param progress gets a line for each step that takes time
   * @throws LocalServiceException if another process runs on the folder, or the server does not
   *     start
   */
  public static LocalPostgres start(Path folder, Settings settings, Consumer<String> progress) {
    return start(folder, settings, ServerUser.available().getFirst(), progress);
  }

  static LocalPostgres start(
      Path folder, Settings settings, ServerUser user, Consumer<String> progress) {
    try {
      FolderLock lock = FolderLock.take(folder);
      try {
        return start(lock, settings, user, progress);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new LocalServiceException("PostgreSQL did not start in " + folder, e);
    }
  }

  private static LocalPostgres start(
      FolderLock lock, Settings settings, ServerUser user, Consumer<String> progress)
      throws IOException {
    Path folder = lock.folder();
    ServerLog log = new ServerLog(folder.resolve("server.log"));
    PostgresCluster cluster =
        new PostgresCluster(folder, PostgresProgram.unpacked(folder, progress), user, log);
    ChildRecord record = new ChildRecord(folder.resolve("keeper.pid"), cluster.data().toString());
    record.awaitEnd(STOP);
    beginLog(log, user);
    cluster.clearWhatIsLeft(progress);
    cluster.prepare(progress);
    String password = cluster.password();
    long orphansGone = System.nanoTime() + ORPHANS.toNanos();
    for (int attempt = 1; ; attempt++) {
      int port = settings.port() == 0 ? FreePorts.one() : settings.port();
      Process keeper = startKeeper(cluster, options(port, settings), log);
      record.write(keeper);
      if (isReady(keeper)) {
        progress.accept("PostgreSQL is ready on port " + port);
        return new LocalPostgres(lock, keeper, port, cluster.postmaster(), password);
      }
      boolean portTaken =
          settings.port() == 0
              && attempt < ATTEMPTS_AT_A_FREE_PORT
              && log.contains("could not bind");
      // When a server process was killed, its children live on for a moment and hold the shared
      // memory.
      boolean orphans =
          System.nanoTime() < orphansGone && log.contains("pre-existing shared memory block");
      if (!portTaken && !orphans) {
        throw new LocalServiceException(
            "PostgreSQL did not start on port " + port + ". " + log.tail());
      }
      pause(Duration.ofMillis(200));
      beginLog(log, user);
    }
  }

  /** The TCP port on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** The name of the superuser. The service itself should use a role with fewer rights. */
  public String superuser() {
    return PostgresCluster.SUPERUSER;
  }

  /** The superuser's password. It is random, and was made together with the data. */
  public String password() {
    return password;
  }

  /** The JDBC address of a database, without user and password. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:"
        + port
        + "/"
        + URLEncoder.encode(database, StandardCharsets.UTF_8);
  }

  /** The id of the server's first process, as it was at the start. */
  public long pid() {
    return pid;
  }

  /**
   * Closes all connections, stops the server in order, and waits for that. A second call does
   * nothing. A server that has already died is no problem.
   *
   * @throws LocalServiceException if the server does not stop within a minute
   */
  @Override
  public synchronized void close() {
    try {
      keeper.getOutputStream().close();
      if (!keeper.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        throw new LocalServiceException("PostgreSQL, process " + pid + ", did not stop");
      }
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalServiceException("interrupted while PostgreSQL stopped", e);
    }
  }

  private static void beginLog(ServerLog log, ServerUser user) throws IOException {
    log.begin();
    user.own(log.file());
  }

  private static Process startKeeper(PostgresCluster cluster, String options, ServerLog log)
      throws IOException {
    return cluster
        .user()
        .command(
            List.of(
                "sh",
                "-c",
                KEEPER,
                "carechat-postgres-keeper",
                cluster.program().program("pg_ctl"),
                cluster.data().toString(),
                log.file().toString(),
                options))
        .redirectError(ProcessBuilder.Redirect.appendTo(log.file().toFile()))
        .start();
  }

  /** Whether the server accepts connections; false if the keeper has ended instead. */
  private static boolean isReady(Process keeper) throws IOException {
    try (BufferedReader lines = keeper.inputReader(StandardCharsets.US_ASCII)) {
      return READY.equals(lines.readLine());
    }
  }

  /**
   * The options for the command line. They have precedence over every file in the data. {@code ps}
   * shows them, so they contain no secret.
   */
  private static String options(int port, Settings settings) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("shared_buffers", "128MB");
    all.put("max_connections", "100");
    all.put("max_wal_size", "512MB");
    all.put("timezone", "UTC");
    all.put("log_timezone", "UTC");
    all.put("log_line_prefix", "%m [%p] ");
    all.put("log_checkpoints", "off");
    all.put("log_min_error_statement", "panic");
    all.put("log_error_verbosity", "terse");
    settings
        .serverSettings()
        .forEach((name, value) -> all.put(name.toLowerCase(Locale.ROOT), value));
    all.put("fsync", "on");
    all.put("synchronous_commit", "on");
    all.put("full_page_writes", "on");
    all.put("listen_addresses", "127.0.0.1");
    all.put("unix_socket_directories", "");
    all.put("port", Integer.toString(port));
    return all.entrySet().stream()
        .map(setting -> "-c " + quoted(setting.getKey() + "=" + setting.getValue()))
        .collect(Collectors.joining(" "));
  }

  /** Quotes one word for the shell that pg_ctl passes the options to. */
  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalServiceException("interrupted while PostgreSQL started", e);
    }
  }
}
