package io.carechat.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EndpointHostTest {
  @ParameterizedTest
  @CsvSource({
    "partner.example, partner.example",
    "PARTNER.Example, partner.example",
    "partner.example., partner.example",
    "localhost, localhost",
    "a-b.c-d.e2, a-b.c-d.e2",
    "1.partner.example, 1.partner.example",
    "xn--bcher-kva.example, xn--bcher-kva.example",
    "0x7f.partner.example, 0x7f.partner.example",
    "1e1, 1e1"
  })
  void readsNames(String host, String name) throws WebhookCallException {
    assertThat(EndpointHost.parse(host)).isEqualTo(new EndpointHost(name, null));
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "0.0.0.0, 0.0.0.0",
    "255.255.255.255, 255.255.255.255",
    "127.0.0.1., 127.0.0.1"
  })
  void readsAddressesOfVersion4(String host, String address) throws WebhookCallException {
    assertThat(EndpointHost.parse(host))
        .isEqualTo(new EndpointHost(address, InetAddress.ofLiteral(address)));
  }

  @Test
  void readsAddressesOfVersion6() throws WebhookCallException {
    assertThat(EndpointHost.parse("[2001:DB8::1]"))
        .isEqualTo(new EndpointHost("2001:db8::1", InetAddress.ofLiteral("2001:db8::1")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0X7F000001",
        "0x7f.1",
        "0x7f.0x0.0x0.0x1",
        "127.1",
        "127.0.1",
        "0177.0.0.1",
        "127.0.0.01",
        "127.0.0.1.1",
        "127.0.0.256",
        "1.2.3",
        "1",
        "0",
        "0x",
        "4294967295",
        "99999999999",
        "partner.1",
        "partner.0x1",
        "127.0.0.1..",
        "10.0.0.010"
      })
  void refusesNumbersThatAResolverMightTakeForAddresses(String host) {
    assertThatThrownBy(() -> EndpointHost.parse(host)).isInstanceOf(WebhookCallException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "a..b",
        ".a",
        "-a",
        "a-",
        "a_b",
        "a b",
        "a%00b",
        "a/b",
        "a@b",
        "a\r\nb",
        "ⓔxample.com",
        "１２７.0.0.1",
        "127。0。0。1",
        "::1",
        "[]",
        "[",
        "[::1",
        "[partner.example]",
        "[127.0.0.1]",
        "[2130706433]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:8.8.8.8]",
        "[fe80::1%eth0]",
        "[fe80::1%1]",
        "[::1%lo]",
        "[1::2::3]"
      })
  void refusesWhatIsNoHost(String host) {
    assertThatThrownBy(() -> EndpointHost.parse(host)).isInstanceOf(WebhookCallException.class);
  }

  @Test
  void refusesNamesThatAreTooLong() throws WebhookCallException {
    String label = "a".repeat(63);
    String longest = label + "." + label + "." + label + "." + "a".repeat(61);

    assertThat(EndpointHost.parse(longest).name()).hasSize(253);
    assertThatThrownBy(() -> EndpointHost.parse(longest + "a"))
        .isInstanceOf(WebhookCallException.class);
    assertThatThrownBy(() -> EndpointHost.parse(label + "a"))
        .isInstanceOf(WebhookCallException.class);
  }
}
