package io.carechat.rest.connections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.helidon.http.HeaderNames;
import io.helidon.http.WritableHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ClientAddressesTest {
  private static final ClientAddresses ADDRESSES =
      new ClientAddresses(Stream.of("10.0.0.0/8", "fd00::/8").map(AddressRange::parse).toList());

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        // A direct connection, whatever it claims.
        "192.0.2.1 | - | 192.0.2.1",
        "192.0.2.1 | 198.51.100.7 | 192.0.2.1",
        // One proxy, two proxies, and what the caller itself wrote.
        "10.0.0.1 | 198.51.100.7 | 198.51.100.7",
        "10.0.0.1 | 198.51.100.7, 10.9.9.9 | 198.51.100.7",
        "10.0.0.1 | 203.0.113.9, 198.51.100.7 | 198.51.100.7",
        "10.0.0.1 | 198.51.100.7:4711 | 198.51.100.7",
        "fd00::1 | [2001:db8:1:2:3::4]:4711 | 2001:db8:1:2:0:0:0:0",
        "fd00::1 | 2001:db8:1:2:ffff::9 | 2001:db8:1:2:0:0:0:0",
        "10.0.0.1 | ::ffff:198.51.100.7 | 198.51.100.7",
        // Nothing to believe: the nearest address that is known.
        "10.0.0.1 | - | 10.0.0.1",
        "10.0.0.1 | unknown | 10.0.0.1",
        "10.0.0.1 | localhost | 10.0.0.1",
        "10.0.0.1 | '' | 10.0.0.1",
        "10.0.0.1 | 198.51.100.7, _hidden, 10.9.9.9 | 10.9.9.9",
        "10.0.0.1 | 10.1.1.1 | 10.1.1.1"
      })
  void findsTheNearestAddressThatIsNoProxy(String peer, String header, String expected) {
    var headers = WritableHeaders.create();
    if (header != null) {
      headers.set(HeaderNames.create("X-Forwarded-For"), header);
    }
    assertThat(ADDRESSES.of(new InetSocketAddress(InetAddress.ofLiteral(peer), 1), headers))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "example.org", "::/129"})
  void refusesWhatIsNoRange(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AddressRange.parse(text))
        .withMessageContaining("is not an address or a range");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.255.255, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.1.2.3, 10.1.2.3, true",
    "10.1.2.3, 10.1.2.2, false",
    "10.1.2.128/25, 10.1.2.127, false",
    "10.1.2.128/25, 10.1.2.200, true",
    "0.0.0.0/0, 203.0.113.1, true",
    "0.0.0.0/0, ::1, false",
    "fd00::/8, fdff::1, true",
    "fd00::/8, fe00::1, false"
  })
  void containsItsAddresses(String range, String address, boolean contains) {
    assertThat(AddressRange.parse(range).contains(InetAddress.ofLiteral(address)))
        .isEqualTo(contains);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 31, 32})
  void keepsTheFirstBits(int bits) {
    byte[] all = {-1, -1, -1, -1};
    int kept = 0;
    for (byte b : AddressRange.firstBits(all, bits)) {
      kept += Integer.bitCount(b & 0xff);
    }
    assertThat(kept).isEqualTo(bits);
  }
}
