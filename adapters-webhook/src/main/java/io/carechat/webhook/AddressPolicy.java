package io.carechat.webhook;

import io.carechat.domain.webhooks.management.WebhookAddresses;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides which addresses webhooks may be sent to: those of the public internet, and the networks
 * that the operator allows. It refuses every address that IANA's registries of special-purpose
 * addresses (RFC 6890 and later) do not give to public hosts. Otherwise a partner could make this
 * service call hosts that only this service can reach. Immutable.
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
   * The only block of IPv6 from which public hosts have addresses. Outside it are loopback, the
   * unspecified address, private and link-local addresses, multicast, and the forms of IPv6 that
   * contain an IPv4 address: mapped, compatible and NAT64.
   */
  private static final Network PUBLIC_IPV6 = Network.parse("2000::/3");

  private static final List<Network> NOT_PUBLIC_IPV6 =
      networks(
          "2001::/23", // protocol assignments, among them Teredo, ORCHID and benchmarks
          "2001:db8::/32", // documentation
          "2002::/16", // 6to4, which contains an IPv4 address
          "3fff::/20"); // documentation

  private final boolean allowHttp;
  private final List<Network> allowedNetworks;

  /**
   * @param allowHttp whether {@code http} is allowed, and not only {@code https}
   * @param allowedNetworks networks that are allowed although they are not public, such as {@code
   *     10.1.0.0/16} or {@code fd00:1::/32}
   * @throws IllegalArgumentException if a network does not have that form; the message names it
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
   * Why a call to a URL would be refused, as far as that can be said without resolving its host
   * name. The addresses of the name are checked at each new connection.
   *
   * @return empty if nothing is wrong so far
   */
  @Override
  public Optional<String> faultIn(URI url) {
    if (!allowHttp && !"https".equals(url.getScheme())) {
      return Optional.of("must be https: http is not allowed here");
    }
    InetAddress literal;
    try {
      literal = EndpointHost.parse(url.getHost()).literal();
    } catch (WebhookCallException notAHost) {
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
