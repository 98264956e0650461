package io.carechat.domain.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NormalizedUrlTest {
  private static NormalizedUrl of(String url) {
    return NormalizedUrl.of(URI.create(url));
  }

  @ParameterizedTest
  @CsvSource({
    "https://partner.example, https://partner.example/",
    "https://partner.example/a, https://PARTNER.Example/a",
    "https://partner.example/a, https://partner.example./a",
    "https://partner.example/a, https://partner.example:443/a",
    "http://partner.example/a, http://partner.example:80/a",
    "https://partner.example/a/c, https://partner.example/a/./b/../c",
    "https://partner.example/a, https://partner.example/../../a",
    "https://partner.example/a/, https://partner.example/a/b/..",
    "https://partner.example/a, https://partner.example/%2e%2E/%61",
    "https://partner.example/%C3%A9?q=%2F, https://partner.example/%c3%a9?q=%2f",
    "https://partner.example/?a~b, https://partner.example?%61%7Eb",
    "https://[2001:db8::1]/, https://[2001:0DB8:0:0:0:0:0:0001]/",
    "https://[::1.2.3.4]/, https://[0:0:0:0:0:0:102:304]/"
  })
  void isEqualForTheSameUrlWrittenInAnotherWay(String one, String other) {
    assertThat(of(one)).isEqualTo(of(other));
  }

  @ParameterizedTest
  @CsvSource({
    "https://partner.example/, https://partner.example/a",
    "https://partner.example/a, https://partner.example/A",
    "https://partner.example/a, https://partner.example/a/",
    "https://partner.example/a, https://partner.example/a?",
    "https://partner.example/?a, https://partner.example/?b",
    "https://partner.example/, https://partner.example:8443/",
    "https://partner.example/, https://other.example/",
    "https://partner.example/a%2Fb, https://partner.example/a/b",
    "http://partner.example:443/, https://partner.example/",
    "https://[2001:db8::1]/, https://[2001:db8::10]/"
  })
  void isDifferentForAnotherUrl(String one, String other) {
    assertThat(of(one)).isNotEqualTo(of(other));
  }

  @ParameterizedTest
  @CsvSource({
    "https://Partner.example./a?b, partner.example:443",
    "http://partner.example, partner.example:80",
    "https://partner.example:8443/, partner.example:8443",
    "https://[::1]/, [0:0:0:0:0:0:0:1]:443"
  })
  void namesTheServer(String url, String server) {
    assertThat(of(url).server()).isEqualTo(server);
  }
}
