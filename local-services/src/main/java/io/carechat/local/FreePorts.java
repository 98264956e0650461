package io.carechat.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * TCP ports on loopback for servers that must know their port before they start, or that keep it
 * when they start again.
 *
 * <p>Such a server cannot use a port that the system chose for port 0. Once that port is closed,
 * the system may give it to any outgoing connection, and a busy machine has many of those. The
 * ports from this class are below the range of outgoing connections. Only another server that asks
 * for the same number can take one. This process gets each port only once, and each process begins
 * at a random port. Safe for use by several threads.
 */
public final class FreePorts {
  private static final int LOWEST = 10_000;
  private static final int FEWEST = 1_000;

  /** The range of outgoing connections on Linux. On other systems it begins above the default. */
  private static final Path EPHEMERAL = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  private static final int EPHEMERAL_BY_DEFAULT = 32_768;

  /** The end of the ports to choose from, exclusive. */
  private static final int END = firstEphemeral();

  private static int next = LOWEST;

  static {
    if (END - LOWEST >= FEWEST) {
      next = ThreadLocalRandom.current().nextInt(LOWEST, END);
    }
  }

  private FreePorts() {}

  /**
   * Returns a port on which nothing listens now.
   *
   * @throws LocalServiceException if there is none
   */
  public static int one() {
    return firstOf(1);
  }

  /**
   * Returns the first of several ports with consecutive numbers, on which nothing listens now.
   *
   * @param count at least 1
   * @throws LocalServiceException if there are none
   */
  public static synchronized int firstOf(int count) {
    if (END - LOWEST < FEWEST) {
      return anyOf(count);
    }
    for (int tried = LOWEST; tried < END; tried += count) {
      int first = next + count <= END ? next : LOWEST;
      next = first + count;
      if (areFree(first, count)) {
        return first;
      }
    }
    throw new LocalServiceException("no free port from " + LOWEST + " to " + END);
  }

  /** For a system that leaves hardly any ports to servers. Nothing better is possible there. */
  private static int anyOf(int count) {
    while (true) {
      int first;
      try (var socket = listen(0)) {
        first = socket.getLocalPort();
      } catch (IOException e) {
        throw new LocalServiceException("no free port", e);
      }
      if (first + count <= 65_536 && areFree(first, count)) {
        return first;
      }
    }
  }

  private static boolean areFree(int first, int count) {
    for (int port = first; port < first + count; port++) {
      try (var _ = listen(port)) {
        // The port is free.
      } catch (IOException taken) {
        return false;
      }
    }
    return true;
  }

  private static ServerSocket listen(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }

  private static int firstEphemeral() {
    // One read must get all of it: a second one of such a file gets nothing.
    try (BufferedReader range = Files.newBufferedReader(EPHEMERAL)) {
      return Integer.parseInt(String.valueOf(range.readLine()).split("\\s", 2)[0]);
    } catch (IOException | NumberFormatException unknown) {
      return EPHEMERAL_BY_DEFAULT;
    }
  }
}
