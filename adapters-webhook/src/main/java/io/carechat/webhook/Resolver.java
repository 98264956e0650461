package io.carechat.webhook;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Finds the addresses of a name. It is asked once for each connection. */
@FunctionalInterface
interface Resolver {
  /**
   * The addresses of a host, the preferred first, at least one.
   *
   * @throws UnknownHostException if it has none
   */
  InetAddress[] resolve(String name) throws UnknownHostException;
}
