package io.carechat.rest.connections;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * A range of IP addresses in CIDR notation (RFC 4632, RFC 4291), for example {@code 10.0.0.0/8} or
 * {@code fd00::/8}. An address without a prefix length is a range of one address.
 */
public final class AddressRange {
  private final byte[] first;
  private final int prefix;

  private AddressRange(byte[] first, int prefix) {
    this.first = first;
    this.prefix = prefix;
  }

  /**
   * Parses a range. Never asks a name server.
   *
   * @throws IllegalArgumentException if it is not a range
   */
  public static AddressRange parse(String text) {
    String[] parts = text.split("/", -1);
    try {
      byte[] address = InetAddress.ofLiteral(parts[0]).getAddress();
      int bits = address.length * Byte.SIZE;
      int prefix = parts.length == 1 ? bits : Integer.parseInt(parts[1]);
      if (parts.length <= 2 && prefix >= 0 && prefix <= bits) {
        return new AddressRange(firstBits(address, prefix), prefix);
      }
    } catch (IllegalArgumentException notAnAddress) {
      // Reported below.
    }
    throw new IllegalArgumentException(
        "'" + text + "' is not an address or a range such as 10.0.0.0/8 or fd00::/8");
  }

  /** Returns whether the range contains an address. IPv4 ranges contain no IPv6 addresses. */
  public boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == first.length && Arrays.equals(firstBits(bytes, prefix), first);
  }

  /** Returns an address whose bits after the first ones are zero. */
  static byte[] firstBits(byte[] address, int bits) {
    byte[] first = new byte[address.length];
    for (int i = 0; i < first.length; i++) {
      int kept = Math.clamp(bits - i * (long) Byte.SIZE, 0, Byte.SIZE);
      first[i] = (byte) (address[i] & 0xff00 >> kept);
    }
    return first;
  }
}
