package io.carechat.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.carechat.domain.chat.TenantInstance;
import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressPolicyTest {
  private static final TenantInstance INSTANCE = new TenantInstance("test-den", "chat2");
  private static final TenantInstance OTHER = new TenantInstance("test-den", "chat3");

  private final AddressPolicy strict = new AddressPolicy(false, List.of());

  private static boolean allows(AddressPolicy policy, InetAddress address) {
    return policy.allows(address, 443, INSTANCE);
  }

  private static List<AllowedNetwork> open(String... networks) {
    return Stream.of(networks).map(AllowedNetwork::open).toList();
  }

  private static InetAddress address(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  /** The address that follows another one at this distance. */
  private static InetAddress plus(InetAddress address, long count) throws UnknownHostException {
    byte[] bytes = address.getAddress();
    byte[] sum = new BigInteger(1, bytes).add(BigInteger.valueOf(count)).toByteArray();
    byte[] fitted = new byte[bytes.length];
    for (int i = 1; i <= Math.min(sum.length, fitted.length); i++) {
      fitted[fitted.length - i] = sum[sum.length - i];
    }
    return InetAddress.getByAddress(fitted);
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, 0.255.255.255",
    "10.0.0.0, 10.255.255.255",
    "100.64.0.0, 100.127.255.255",
    "127.0.0.0, 127.255.255.255",
    "169.254.0.0, 169.254.255.255",
    "172.16.0.0, 172.31.255.255",
    "192.0.0.0, 192.0.0.255",
    "192.0.2.0, 192.0.2.255",
    "192.88.99.0, 192.88.99.255",
    "192.168.0.0, 192.168.255.255",
    "198.18.0.0, 198.19.255.255",
    "198.51.100.0, 198.51.100.255",
    "203.0.113.0, 203.0.113.255",
    "224.0.0.0, 255.255.255.255",
    "2001::, 2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::, 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2002::, 2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff::, 3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"
  })
  void refusesBlocksFromTheirFirstToTheirLastAddressAndNotBeyond(String first, String last)
      throws UnknownHostException {
    assertThat(allows(strict, address(first))).isFalse();
    assertThat(allows(strict, plus(address(first), 1))).isFalse();
    assertThat(allows(strict, plus(address(last), -1))).isFalse();
    assertThat(allows(strict, address(last))).isFalse();
    assertThat(allows(strict, plus(address(first), -1))).isEqualTo(!first.equals("0.0.0.0"));
    assertThat(allows(strict, plus(address(last), 1))).isEqualTo(!last.equals("255.255.255.255"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "100::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2002:7f00:1::",
        "2002:808:808::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "febf::1",
        "ff02::1",
        "ff0e::1",
        "1fff:ffff::1",
        "4000::1",
        "5f00::1"
      })
  void refusesWhatIsNotPublic(String literal) {
    assertThat(allows(strict, address(literal))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "128.0.0.1",
        "169.253.1.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450:4001::1",
        "2001:200::1",
        "2001:4860:4860::8888"
      })
  void allowsWhatIsPublic(String literal) {
    assertThat(allows(strict, address(literal))).isTrue();
  }

  @Test
  void refusesIpv4InTheDisguiseOfIpv6WhateverItIs() throws UnknownHostException {
    for (String ipv4 : List.of("127.0.0.1", "10.0.0.1", "8.8.8.8")) {
      byte[] mapped = new byte[16];
      mapped[10] = (byte) 0xff;
      mapped[11] = (byte) 0xff;
      System.arraycopy(address(ipv4).getAddress(), 0, mapped, 12, 4);
      // Only here Java does not turn such bytes into an IPv4 address.
      InetAddress disguised = Inet6Address.getByAddress("host", mapped, 0);
      assertThat(disguised.getAddress()).hasSize(16);

      assertThat(allows(strict, disguised)).isFalse();
    }
  }

  @Test
  void agreesWithJavaOnEveryKindOfAddressThatJavaKnows() throws UnknownHostException {
    var random = new Random(1);
    int refused = 0;
    int allowed = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = new byte[i % 2 == 0 ? 4 : 16];
      random.nextBytes(bytes);
      if (i % 4 == 3) {
        // Near the beginning, where the special addresses are.
        Arrays.fill(bytes, 0, random.nextInt(15), (byte) 0);
      }
      InetAddress address = InetAddress.getByAddress(bytes);
      boolean special =
          address.isAnyLocalAddress()
              || address.isLoopbackAddress()
              || address.isLinkLocalAddress()
              || address.isSiteLocalAddress()
              || address.isMulticastAddress();
      if (special) {
        assertThat(allows(strict, address)).as("%s", address).isFalse();
        refused++;
      } else if (allows(strict, address)) {
        allowed++;
      }
    }
    assertThat(refused).isGreaterThan(1_000);
    assertThat(allowed).isGreaterThan(50_000);
  }

  @Test
  void allowsTheNetworksThatAnOperatorNamesAndNoMore() {
    var policy =
        new AddressPolicy(
            true, open("10.1.0.0/16", "127.0.0.1/32", "fd00:1::/32", "192.168.0.128/25"));

    for (String allowed :
        List.of("10.1.0.0", "10.1.255.255", "127.0.0.1", "fd00:1::5", "192.168.0.128", "8.8.8.8")) {
      assertThat(allows(policy, address(allowed))).as(allowed).isTrue();
    }
    for (String refused :
        List.of("10.0.255.255", "10.2.0.0", "127.0.0.2", "fd00:2::", "192.168.0.127", "::1")) {
      assertThat(allows(policy, address(refused))).as(refused).isFalse();
    }
    assertThat(policy.allowsHttp()).isTrue();
    assertThat(strict.allowsHttp()).isFalse();
  }

  @Test
  void allowsEverythingUnderPrefixesOfLengthZero() {
    var policy = new AddressPolicy(false, open("0.0.0.0/0", "::/0"));

    for (String literal : List.of("0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "ff02::1")) {
      assertThat(allows(policy, address(literal))).as(literal).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.0.0",
        "10.0.0.0/",
        "/8",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.0/8/8",
        "10.0.0.1/8",
        "10/8",
        "0x0a.0.0.0/8",
        "010.0.0.0/8",
        "localhost/8",
        "fd00::/129",
        "fd00::1/64",
        "::ffff:10.0.0.0/104",
        "fd00:::/8",
        " 10.0.0.0/8",
        "10.0.0.0/8 "
      })
  void refusesWhatIsNotANetwork(String cidr) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AllowedNetwork.open(cidr))
        .withMessageStartingWith(cidr);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://partner.example/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3:8443/",
        "https://[::1]/",
        "https://[fd00:ec2::254]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fe80::1%25eth0]/"
      })
  void tellsOfAnAddressThatItCannotBeCalled(String url) {
    assertThat(strict.faultIn(INSTANCE, URI.create(url))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://partner.example/", "https://8.8.8.8/", "HTTPS://partner.example/"})
  void leavesNamesToTheCall(String url) {
    assertThat(strict.faultIn(INSTANCE, URI.create(url))).isEmpty();
  }

  @Test
  void allowsInAnAddressWhatTheOperatorAllows() {
    var own = new AddressPolicy(true, open("127.0.0.0/8"));

    assertThat(own.faultIn(INSTANCE, URI.create("http://127.0.0.1:9000/"))).isEmpty();
    assertThat(own.faultIn(INSTANCE, URI.create("http://10.0.0.1/"))).isPresent();
  }

  @Test
  void opensOnlyTheNamedPortsForTheNamedInstances() {
    var policy =
        new AddressPolicy(
            true,
            List.of(
                new AllowedNetwork("10.1.2.0/24", Set.of(443, 8443), Set.of(INSTANCE), false),
                new AllowedNetwork("10.1.2.7/32", null, Set.of(OTHER), true)));
    InetAddress host = address("10.1.2.7");

    assertThat(policy.allows(host, 8443, INSTANCE)).isTrue();
    assertThat(policy.allows(host, 9200, INSTANCE)).isFalse();
    assertThat(policy.allows(address("10.1.2.8"), 8443, OTHER)).isFalse();
    assertThat(policy.allows(host, 9200, OTHER)).isTrue();
    assertThat(policy.faultIn(INSTANCE, URI.create("http://10.1.2.7:9200/"))).isPresent();
    assertThat(policy.faultIn(OTHER, URI.create("http://10.1.2.7:9200/"))).isEmpty();
    // A public address needs no network.
    assertThat(policy.allows(address("8.8.8.8"), 9200, OTHER)).isTrue();

    assertThat(policy.showsAnswers(host, 8443, INSTANCE)).isFalse();
    assertThat(policy.showsAnswers(host, 8443, OTHER)).isTrue();
    assertThat(policy.showsAnswers(address("8.8.8.8"), 443, INSTANCE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "169.254.170.2",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "fe80::1",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "fd00:c1::a9fe:a9fe",
        "fd00:42::42",
        "::169.254.169.254",
        "::ffff:0:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b::168.63.129.16",
        "64:ff9b:1::169.254.169.254",
        "2002:a9fe:a9fe::1",
        "2002:a83f:8110::1",
        "2001:0:a9fe:a9fe::1",
        "2001:0:808:808:0:0:5601:5601"
      })
  void refusesWhereCloudsServeTheirMachinesWhateverIsAllowed(String literal) {
    var open = new AddressPolicy(true, open("0.0.0.0/0", "::/0"));

    assertThat(allows(open, address(literal))).isFalse();
    assertThat(allows(strict, address(literal))).isFalse();
  }

  @Test
  void refusesAMappedAddressOfAPlatform() throws UnknownHostException {
    byte[] mapped = new byte[16];
    mapped[10] = (byte) 0xff;
    mapped[11] = (byte) 0xff;
    System.arraycopy(address("168.63.129.16").getAddress(), 0, mapped, 12, 4);
    InetAddress disguised = Inet6Address.getByAddress("host", mapped, 0);

    assertThat(allows(new AddressPolicy(true, open("::/0")), disguised)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 22, 25, 53, 110, 143, 389, 587, 993, 2049, 6000, 6667, 10080})
  void refusesPortsOfOtherProtocolsEverywhere(int port) {
    var open = new AddressPolicy(true, open("127.0.0.0/8"));

    assertThat(open.allows(address("8.8.8.8"), port, INSTANCE)).isFalse();
    assertThat(open.allows(address("127.0.0.1"), port, INSTANCE)).isFalse();
    assertThat(open.faultIn(INSTANCE, URI.create("https://partner.example:" + port + "/")))
        .isPresent();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AllowedNetwork("10.0.0.0/8", Set.of(443, port), null, false));
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 443, 444, 3000, 8080, 8443, 65_535})
  void allowsOtherPorts(int port) {
    assertThat(strict.allows(address("8.8.8.8"), port, INSTANCE)).isTrue();
    assertThat(strict.faultIn(INSTANCE, URI.create("https://partner.example:" + port + "/")))
        .isEmpty();
  }
}
