package io.carechat.bootstrap;

import com.sun.management.UnixOperatingSystemMXBean;
import io.carechat.persistence.PostgresStorage;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;

/**
 * Makes the limits of connections fit the number of files that the process may have open. Every
 * connection is an open file. If none is left, Helidon cannot accept a connection, and then it
 * never accepts one again. So there must always be some left.
 */
final class FileHandles {
  /** Connections to Elasticsearch. */
  static final int SEARCH = 64;

  /** Connections to endpoints: for deliveries under way, and those that are kept for a while. */
  private static final int WEBHOOKS = 2_048;

  /** Connections to the port for health and metrics. */
  private static final int MANAGEMENT = 64;

  /** Files of the JVM, logs, and calls of issuers. */
  private static final int OTHERS = 256;

  /** The service does not start with fewer connections. */
  private static final int LEAST_CONNECTIONS = 64;

  private static final String HOW =
      " Raise the limit (ulimit -n, or LimitNOFILE of systemd), or lower http.connections and"
          + " streams.open.";

  private static final System.Logger LOG = System.getLogger(FileHandles.class.getName());

  private FileHandles() {}

  /** Returns the number of files that this process may have open; a large number if unknown. */
  static long max() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            && unix.getMaxFileDescriptorCount() > 0
        ? unix.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }

  /**
   * Returns settings with as many connections as there are file handles for. If these are fewer
   * than configured, a warning says so.
   *
   * @param max how many files the process may have open
   * @throws IllegalStateException if hardly any connection is left; the message says what to do
   */
  static Settings fit(Settings settings, long max) {
    Settings.Http http = settings.http();
    Settings.Streams streams = settings.streams();
    long others =
        (long) settings.database().poolSize()
            + PostgresStorage.MORE_CONNECTIONS
            + SEARCH
            + WEBHOOKS
            + MANAGEMENT
            + OTHERS;
    long wanted = (long) http.connections() + streams.open();
    long left = max - others;
    if (left >= wanted) {
      return settings;
    }
    String numbers =
        "The process may have "
            + max
            + " files open. "
            + others
            + " are for the database, Elasticsearch, webhooks and the process itself, and "
            + wanted
            + " for http.connections and streams.open.";
    if (left < LEAST_CONNECTIONS) {
      throw new IllegalStateException(numbers + HOW);
    }
    LOG.log(
        Level.WARNING,
        numbers + " So this node accepts only " + left + " connections, streams included." + HOW);
    var share = new Share(left, wanted);
    return settings.withConnections(
        new Settings.Http(
            http.host(),
            http.port(),
            http.management(),
            http.trustedProxies(),
            share.of(http.connections()),
            share.of(http.connectionsPerAddress()),
            http.allowedOrigins()),
        new Settings.Streams(
            share.of(streams.open()),
            share.of(streams.perInstance()),
            share.of(streams.perCredential()),
            streams.perPatient(),
            streams.heartbeat()));
  }

  private record Share(long left, long wanted) {
    int of(int number) {
      return (int) Math.max(1, number * left / wanted);
    }
  }
}
