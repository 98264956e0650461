package io.carechat.webhook;
import io.carechat.domain.webhooks.management.WebhookAddresses;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where webhooks may be sent: to the public internet, and to what the operator names. Everything
 * that IANA's registries of special-purpose addresses (RFC 6890 and later) don't give to public
 * hosts is refused, so that a partner cannot have this service call what only it can reach.
 * Immutable.
 */
public final class AddressPolicy implements WebhookAddresses {
  private static final List<Network> NOT_PUBLIC_IPV4 =
      networks(
          "0.0.0.0/8", // this network, unspecified
          "10.0.0.0/8", // private
          "100.64.0.0/10", // carrier-grade NAT
          "127.0.0.0/8", // loopback
          "169.254.0.0/16", // link-local, and the clouds' metadata
          "172.16.0.0/12", // private
          "192.0.0.0/24", // protocol assignments
          "192.0.2.0/24", // documentation
          "192.88.99.0/24", // 6to4 relays
          "192.168.0.0/16", // private
          "198.18.0.0/15", // benchmarks
          "198.51.100.0/24", // documentation
          "203.0.113.0/24", // documentation
          "224.0.0.0/4", // multicast
          "240.0.0.0/4"); // reserved, broadcast

  /**
   * All that is given to public hosts in IPv6. Outside it are loopback, the unspecified address,
   * private and link-local ones, multicast, and IPv4 addresses in disguise: mapped, compatible, and
   * NAT64.
   */
  private static final Network PUBLIC_IPV6 = Network.parse("2000::/3");

  private static final List<Network> NOT_PUBLIC_IPV6 =
      networks(
          "2001::/23", // protocol assignments, among them Teredo, ORCHID and benchmarks
          "2001:db8::/32", // documentation
          "2002::/16", // 6to4, which has an IPv4 address within
          "3fff::/20"); // documentation

  private final boolean allowHttp;
  private final List<Network> allowedNetworks;

  /**
   * @param allowHttp whether {@code http} is allowed, and not only {@code https}
   * @param allowedNetworks what is allowed although it is not public, such as {@code 10.1.0.0/16}
   *     or {@code fd00:1::/32}
   * @throws IllegalArgumentException if a network is not of that form; the message names it
   */
  public AddressPolicy(boolean allowHttp, List<String> allowedNetworks) {
    this.allowHttp = allowHttp;
    this.allowedNetworks = networks(allowedNetworks.toArray(String[]::new));
  }

  private static List<Network> networks(String... cidrs) {
    return Stream.of(cidrs).map(Network::parse).toList();
  }

  /** Whether {@code http} is allowed, and not only {@code https}. */
  public boolean allowsHttp() {
    return allowHttp;
  }

  /** Whether an endpoint may have this address. */
  public boolean allows(InetAddress address) {
    byte[] bytes = address.getAddress();
    return contains(allowedNetworks, bytes)
        || (bytes.length == 4
            ? !contains(NOT_PUBLIC_IPV4, bytes)
            : PUBLIC_IPV6.contains(bytes) && !contains(NOT_PUBLIC_IPV6, bytes));
  }

  /**
   * What a call to an address would be refused for, as far as that shows without looking its name
   * up. What the name resolves to is checked at each call.
   */
  @Override
  public Optional<String> faultIn(URI url) {
    if (!allowHttp && !"https".equals(url.getScheme())) {
      return Optional.of("must be https: http is not allowed here");
    }
    InetAddress literal;
    try {
      literal = EndpointHost.parse(url.getHost()).literal();
    } catch (CallFailed notAHost) {
      return Optional.of("cannot be called: " + notAHost.reason());
    }
    return literal == null || allows(literal)
        ? Optional.empty()
        : Optional.of(
            "cannot be called: the address " + literal.getHostAddress() + " is not allowed");
  }

  private static boolean contains(List<Network> networks, byte[] address) {
    return networks.stream().anyMatch(network -> network.contains(address));
  }
}
