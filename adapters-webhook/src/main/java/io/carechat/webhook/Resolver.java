package io.carechat.webhook;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Resolves host names. It is called once for each new connection. Safe for use by many threads. */
@FunctionalInterface
interface Resolver {
  /**
   * The addresses of a host: at least one, the preferred one first.
   *
   * @throws UnknownHostException if the host has no address or the lookup fails
   */
  InetAddress[] resolve(String name) throws UnknownHostException;
}
