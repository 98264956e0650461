package io.carechat.webhook;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The host of an endpoint's URL: a name, or an address in its usual form.
 *
 * <p>Resolvers accept other forms of addresses too, such as {@code 2130706433}, {@code 0x7f.1} and
 * {@code 0177.0.0.1}. These are refused. They are recognised by their last label, as the URL
 * standard of WHATWG does it.
 *
 * @param name in lower case, without a dot at its end and without brackets
 * @param literal the address, if the host is one; null if it is a name
 */
record EndpointHost(String name, @Nullable InetAddress literal) {
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern DOTTED_QUAD = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");
  private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  private static final Pattern NAME = Pattern.compile(LABEL + "(\\." + LABEL + ")*");
  private static final int LONGEST_NAME = 253;

  /** Whether a text is an IPv4 address as four decimal numbers without leading zeros. */
  static boolean isDottedQuad(String text) {
    return DOTTED_QUAD.matcher(text).matches();
  }

  /**
   * Parses the host of a URI.
   *
   * @param host as {@link java.net.URI#getHost} gives it, an IPv6 address in brackets
   * @throws WebhookCallException if it is neither a name nor an address in its usual form
   */
  static EndpointHost parse(String host) throws WebhookCallException {
    if (host.startsWith("[") && host.endsWith("]")) {
      return ipv6(host.substring(1, host.length() - 1));
    }
    String lower = host.toLowerCase(Locale.ROOT);
    String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    if (NUMBER.matcher(name.substring(name.lastIndexOf('.') + 1)).matches()) {
      if (!isDottedQuad(name)) {
        throw new WebhookCallException(
            "the host is a number, but not an address of the form 192.0.2.1");
      }
      return new EndpointHost(name, InetAddress.ofLiteral(name));
    }
    if (name.length() > LONGEST_NAME || !NAME.matcher(name).matches()) {
      throw new WebhookCallException("the host is not a host name");
    }
    return new EndpointHost(name, null);
  }

  private static EndpointHost ipv6(String text) throws WebhookCallException {
    InetAddress address;
    try {
      address = InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException notAnAddress) {
      throw new WebhookCallException("the host is not an IPv6 address");
    }
    if (address instanceof Inet4Address) {
      throw new WebhookCallException(
          "the host is an IPv4 address in the form of IPv6, such as ::ffff:192.0.2.1");
    }
    if (text.indexOf('%') >= 0) {
      throw new WebhookCallException(
          "the host is an IPv6 address with a zone, which has a meaning only on one link");
    }
    return new EndpointHost(text.toLowerCase(Locale.ROOT), address);
  }
}
