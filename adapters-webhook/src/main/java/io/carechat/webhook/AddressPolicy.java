package io.carechat.webhook;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.management.WebhookAddresses;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides which addresses webhooks may be sent to: those of the public internet, and the networks
 * that the operator allows, at the ports and for the instances that the operator names. It refuses
 * every address that IANA's registries of special-purpose addresses (RFC 6890 and later) do not
 * give to public hosts. Otherwise a partner could make this service call hosts that only this
 * service can reach.
 *
 * <p>The addresses at which clouds serve their machines are refused even inside an allowed network:
 * what they respond gives a machine's credentials away. {@link BadPorts} are refused everywhere.
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

  /** Where clouds give their machines metadata, credentials and commands. Never allowed. */
  private static final List<Network> PLATFORM =
      networks(
          "169.254.0.0/16", // metadata of most clouds, credentials of containers; link-local
          "168.63.129.16/32", // Azure's host agent, in a public block
          "100.100.100.200/32", // Alibaba
          "192.0.0.192/32", // Oracle
          "fe80::/10", // link-local
          "fd00:ec2::/32", // Amazon
          "fd20:ce::254/128", // Google
          "fd00:c1::a9fe:a9fe/128", // Oracle
          "fd00:42::42/128"); // Scaleway

  /** A form of IPv6 that contains an IPv4 address, and where in the 16 bytes it is. */
  private record Ipv4InIpv6(Network network, int offset, int xor) {
    static Ipv4InIpv6 of(String network, int offset, int xor) {
      return new Ipv4InIpv6(Network.parse(network), offset, xor);
    }

    byte[] ipv4(byte[] address) {
      var ipv4 = new byte[4];
      for (int i = 0; i < 4; i++) {
        ipv4[i] = (byte) (address[offset + i] ^ xor);
      }
      return ipv4;
    }
  }

  private static final List<Ipv4InIpv6> FORMS =
      List.of(
          // Compatible, mapped, and translated (SIIT): 96 bits that are zeros or begin with them.
          Ipv4InIpv6.of("::/64", 12, 0),
          Ipv4InIpv6.of("64:ff9b::/96", 12, 0), // NAT64
          Ipv4InIpv6.of("64:ff9b:1::/48", 12, 0), // NAT64 with a prefix of the network's own
          Ipv4InIpv6.of("2002::/16", 2, 0), // 6to4
          Ipv4InIpv6.of("2001::/32", 4, 0), // Teredo: the server
          Ipv4InIpv6.of("2001::/32", 12, 0xff)); // Teredo: the client, whose bits are inverted

  private final boolean allowHttp;
  private final List<Allowed> allowedNetworks;

  private record Allowed(Network block, AllowedNetwork rule) {}

  /**
   * @param allowHttp whether {@code http} is allowed, and not only {@code https}
   * @param allowedNetworks networks that are allowed although they are not public
   */
  public AddressPolicy(boolean allowHttp, List<AllowedNetwork> allowedNetworks) {
    this.allowHttp = allowHttp;
    this.allowedNetworks =
        allowedNetworks.stream()
            .map(rule -> new Allowed(Network.parse(rule.network()), rule))
            .toList();
  }

  private static List<Network> networks(String... cidrs) {
    return Stream.of(cidrs).map(Network::parse).toList();
  }

  /** Whether {@code http} is allowed, and not only {@code https}. */
  public boolean allowsHttp() {
    return allowHttp;
  }

  /**
   * Whether an endpoint may have this address and port.
   *
   * @param instance the instance that the endpoint belongs to
   */
  public boolean allows(InetAddress address, int port, TenantInstance instance) {
    byte[] bytes = address.getAddress();
    return !BadPorts.contains(port)
        && !isPlatform(bytes)
        && (isPublic(bytes) || rules(bytes, port, instance).findAny().isPresent());
  }

  /**
   * Whether the partner may read what this address responds. That is not so for the hosts of an
   * allowed network, unless the operator says so: a partner could make them say what is meant for
   * the operator's own services.
   *
   * @param instance the instance that the endpoint belongs to
   */
  boolean showsAnswers(InetAddress address, int port, TenantInstance instance) {
    byte[] bytes = address.getAddress();
    return isPublic(bytes) || rules(bytes, port, instance).anyMatch(AllowedNetwork::showAnswers);
  }

  private Stream<AllowedNetwork> rules(byte[] address, int port, TenantInstance instance) {
    return allowedNetworks.stream()
        .filter(allowed -> allowed.block().contains(address))
        .map(Allowed::rule)
        .filter(rule -> rule.allows(port, instance));
  }

  private static boolean isPublic(byte[] address) {
    return address.length == 4
        ? !contains(NOT_PUBLIC_IPV4, address)
        : PUBLIC_IPV6.contains(address) && !contains(NOT_PUBLIC_IPV6, address);
  }

  private static boolean isPlatform(byte[] address) {
    return contains(PLATFORM, address)
        || (address.length == 16
            && FORMS.stream()
                .filter(form -> form.network().contains(address))
                .anyMatch(form -> contains(PLATFORM, form.ipv4(address))));
  }

  /**
   * Why a call to a URL would be refused, as far as that can be said without resolving its host
   * name. The addresses of the name are checked at each new connection.
   *
   * @return empty if nothing is wrong so far
   */
  @Override
  public Optional<String> faultIn(TenantInstance instance, URI url) {
    if (!allowHttp && !isHttps(url)) {
      return Optional.of("must be https: http is not allowed here");
    }
    int port = port(url);
    if (BadPorts.contains(port)) {
      return Optional.of(
          "cannot be called: the port " + port + " is for another protocol than HTTP");
    }
    InetAddress literal;
    try {
      literal = EndpointHost.parse(url.getHost()).literal();
    } catch (WebhookCallException notAHost) {
      return Optional.of("cannot be called: " + notAHost.reason());
    }
    return literal == null || allows(literal, port, instance)
        ? Optional.empty()
        : Optional.of(
            "cannot be called: the address " + literal.getHostAddress() + " is not allowed");
  }

  /** The port of a URL, which is that of its scheme if it names none. */
  static int port(URI url) {
    return url.getPort() >= 0 ? url.getPort() : isHttps(url) ? 443 : 80;
  }

  /** Whether a URL is called with TLS. The case of a scheme does not matter (RFC 3986, 3.1). */
  static boolean isHttps(URI url) {
    return "https".equalsIgnoreCase(url.getScheme());
  }

  private static boolean contains(List<Network> networks, byte[] address) {
    return networks.stream().anyMatch(network -> network.contains(address));
  }
}
