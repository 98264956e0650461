package io.carechat.webhook;

import java.net.InetAddress;

/** A block of IPv4 or IPv6 addresses in CIDR notation (RFC 4632, RFC 4291). Immutable. */
final class Network {
  private final byte[] base;
  private final int prefixLength;

  private Network(byte[] base, int prefixLength) {
    this.base = base;
    this.prefixLength = prefixLength;
  }

  /**
   * Parses a block such as {@code 10.0.0.0/8} or {@code fd00::/8}.
   *
   * @throws IllegalArgumentException if the text does not have that form, or bits beyond the prefix
   *     are set
   */
  static Network parse(String cidr) {
    int slash = cidr.indexOf('/');
    String address = slash < 0 ? cidr : cidr.substring(0, slash);
    if (slash < 0
        || !(address.indexOf(':') >= 0 || EndpointHost.isDottedQuad(address))
        || !cidr.substring(slash + 1).matches("0|[1-9][0-9]{0,2}")) {
      throw malformed(cidr);
    }
    byte[] base;
    try {
      base = InetAddress.ofLiteral(address).getAddress();
    } catch (IllegalArgumentException notAnAddress) {
      throw malformed(cidr);
    }
    int prefixLength = Integer.parseInt(cidr.substring(slash + 1));
    if (prefixLength > base.length * 8) {
      throw malformed(cidr);
    }
    for (int bit = prefixLength; bit < base.length * 8; bit++) {
      if (bit(base, bit) != 0) {
        throw new IllegalArgumentException(cidr + " has bits beyond its prefix");
      }
    }
    return new Network(base, prefixLength);
  }

  private static IllegalArgumentException malformed(String cidr) {
    return new IllegalArgumentException(cidr + " is not a network such as 10.0.0.0/8 or fd00::/8");
  }

  /** Whether the block contains an address of 4 or 16 bytes in network order. */
  boolean contains(byte[] address) {
    if (address.length != base.length) {
      return false;
    }
    for (int bit = 0; bit < prefixLength; bit++) {
      if (bit(address, bit) != bit(base, bit)) {
        return false;
      }
    }
    return true;
  }

  private static int bit(byte[] bytes, int index) {
    return (bytes[index / 8] >> (7 - index % 8)) & 1;
  }
}
