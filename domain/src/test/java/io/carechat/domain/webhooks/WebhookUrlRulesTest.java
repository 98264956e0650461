package io.carechat.domain.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each refusal names what is wrong. */
final class WebhookUrlRulesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://partner.example/x",
        "HTTPS://Partner.Example/x",
        "hTTp://partner.example",
        "https://partner.example.:8443/x?y=z",
        "https://partner.example:/x",
        "https://xn--bcher-kva.example/",
        "https://192.0.2.1/",
        "https://[2001:db8::1]:8443/",
        "https://a-b.c--d.example/"
      })
  void acceptsUrls(String url) {
    assertThat(WebhookSubscription.faultIn(url)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "https://my_hook.partner.example/x, underscore",
    "https://partner.example:99999/, port",
    "https://partner.example:0/, port",
    "https://partner.example:99999999999/, port",
    "https://partner.example:https/, port",
    "https://user@partner.example/, user information",
    "https://user:password@partner.example/, user information",
    "https://my_user@partner.example/, user information",
    "https://partner.example/x#y, fragment",
    "ftp://partner.example/, must begin with https://",
    "//partner.example/, must begin with https://",
    "partner.example, must begin with https://",
    "partner.example:443, must begin with https://",
    "mailto:a@partner.example, must begin with https://",
    "https:partner.example, must have a host",
    "https:///x, must have a host",
    "https://:8443/x, must have a host",
    "https://bücher.example/, xn--",
    "https://-partner.example/, hyphen",
    "https://partner-.example/, hyphen",
    "https://partner..example/, two dots",
    "https://.partner.example/, two dots",
    "https://part%6eer.example/, escape",
    "https://1.2.3.4.5/, host name or an address",
    "https://partner.example/a b, RFC 3986: illegal character in path at character 26",
    "https://partner.example/%zz, RFC 3986: malformed escape pair at character 25",
    "https://part ner.example/, RFC 3986: illegal character in authority",
    "'https://[::1/', RFC 3986: ",
    "'https://[::g]/', RFC 3986: ",
    "https://, RFC 3986: ",
    "'', must begin with https://"
  })
  void namesWhatIsWrong(String url, String what) {
    assertThat(WebhookSubscription.faultIn(url))
        .hasValueSatisfying(rule -> assertThat(rule).contains(what).startsWith("must "));
  }

  @Test
  void namesWhatIsTooLong() {
    assertThat(WebhookSubscription.faultIn("https://" + "a".repeat(64) + ".example/"))
        .hasValueSatisfying(rule -> assertThat(rule).contains("63 characters"));
    assertThat(WebhookSubscription.faultIn("https://" + "a.".repeat(130) + "example/"))
        .hasValueSatisfying(rule -> assertThat(rule).contains("253 characters"));
  }
}
