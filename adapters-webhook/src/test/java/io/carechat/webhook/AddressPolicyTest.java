package io.carechat.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressPolicyTest {
  private final AddressPolicy strict = new AddressPolicy(false, List.of());

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
    assertThat(strict.allows(address(first))).isFalse();
    assertThat(strict.allows(plus(address(first), 1))).isFalse();
    assertThat(strict.allows(plus(address(last), -1))).isFalse();
    assertThat(strict.allows(address(last))).isFalse();
    assertThat(strict.allows(plus(address(first), -1))).isEqualTo(!first.equals("0.0.0.0"));
    assertThat(strict.allows(plus(address(last), 1))).isEqualTo(!last.equals("255.255.255.255"));
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
    assertThat(strict.allows(address(literal))).isFalse();
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
    assertThat(strict.allows(address(literal))).isTrue();
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

      assertThat(strict.allows(disguised)).isFalse();
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
        assertThat(strict.allows(address)).as("%s", address).isFalse();
        refused++;
      } else if (strict.allows(address)) {
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
            true, List.of("10.1.0.0/16", "127.0.0.1/32", "fd00:1::/32", "192.168.0.128/25"));

    for (String allowed :
        List.of("10.1.0.0", "10.1.255.255", "127.0.0.1", "fd00:1::5", "192.168.0.128", "8.8.8.8")) {
      assertThat(policy.allows(address(allowed))).as(allowed).isTrue();
    }
    for (String refused :
        List.of("10.0.255.255", "10.2.0.0", "127.0.0.2", "fd00:2::", "192.168.0.127", "::1")) {
      assertThat(policy.allows(address(refused))).as(refused).isFalse();
    }
    assertThat(policy.allowsHttp()).isTrue();
    assertThat(strict.allowsHttp()).isFalse();
  }

  @Test
  void allowsEverythingUnderPrefixesOfLengthZero() {
    var policy = new AddressPolicy(false, List.of("0.0.0.0/0", "::/0"));

    for (String literal : List.of("0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "ff02::1")) {
      assertThat(policy.allows(address(literal))).as(literal).isTrue();
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
        .isThrownBy(() -> new AddressPolicy(false, List.of("192.168.0.0/16", cidr)))
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
    assertThat(strict.faultIn(URI.create(url))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://partner.example/", "https://8.8.8.8/"})
  void leavesNamesToTheCall(String url) {
    assertThat(strict.faultIn(URI.create(url))).isEmpty();
  }

  @Test
  void allowsInAnAddressWhatTheOperatorAllows() {
    var own = new AddressPolicy(true, List.of("127.0.0.0/8"));

    assertThat(own.faultIn(URI.create("http://127.0.0.1:9000/"))).isEmpty();
    assertThat(own.faultIn(URI.create("http://10.0.0.1/"))).isPresent();
  }
}
