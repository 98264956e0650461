package io.carechat.rest.connections;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Finds out which address a request comes from. Normally this is the other end of the connection.
 * If that is a trusted proxy, it is the last address in {@code X-Forwarded-For} that is not a
 * trusted proxy. A caller can write anything before that address, so the rest is ignored.
 *
 * <p>An address is written as a short text that identifies whoever has a share of the service. An
 * IPv6 address stands for its network of 64 bits, because one subscriber has at least that many
 * addresses. Safe for use by many threads.
 */
public final class ClientAddresses {
  private static final HeaderName FORWARDED_FOR = HeaderNames.create("X-Forwarded-For");
  private static final int SUBSCRIBER_BITS = 64;

  private final List<AddressRange> trustedProxies;

  /**
   * @param trustedProxies the proxies whose header is believed
   */
  public ClientAddresses(List<AddressRange> trustedProxies) {
    this.trustedProxies = List.copyOf(trustedProxies);
  }

  /** Returns whether the other end of a connection is a trusted proxy. */
  boolean isTrustedProxy(SocketAddress peer) {
    return peer instanceof InetSocketAddress address && isTrusted(address.getAddress());
  }

  /** Returns the address of the other end of a connection. */
  static String of(SocketAddress peer) {
    return peer instanceof InetSocketAddress address ? text(address.getAddress()) : "local";
  }

  /** Returns the address that a request comes from. */
  public String of(SocketAddress peer, Headers headers) {
    if (!isTrustedProxy(peer) || !headers.contains(FORWARDED_FOR)) {
      return of(peer);
    }
    String[] hops = String.join(",", headers.get(FORWARDED_FOR).allValues()).split(",", -1);
    InetAddress nearest = ((InetSocketAddress) peer).getAddress();
    for (int i = hops.length - 1; i >= 0; i--) {
      try {
        nearest = address(hops[i].strip());
      } catch (IllegalArgumentException unreadable) {
        break;
      }
      if (!isTrusted(nearest)) {
        break;
      }
    }
    return text(nearest);
  }

  private boolean isTrusted(InetAddress address) {
    return trustedProxies.stream().anyMatch(range -> range.contains(address));
  }

  /** Parses an address with or without a port. Never asks a name server. */
  private static InetAddress address(String hop) {
    String host = hop;
    if (hop.startsWith("[") && hop.contains("]")) {
      host = hop.substring(1, hop.indexOf(']'));
    } else if (hop.indexOf(':') == hop.lastIndexOf(':') && hop.indexOf(':') > 0) {
      host = hop.substring(0, hop.indexOf(':'));
    }
    return InetAddress.ofLiteral(host);
  }

  private static String text(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address.getHostAddress();
    }
    try {
      return InetAddress.getByAddress(AddressRange.firstBits(address.getAddress(), SUBSCRIBER_BITS))
          .getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("16 bytes are an address", e);
    }
  }
}
