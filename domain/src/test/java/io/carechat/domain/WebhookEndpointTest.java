package io.carechat.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WebhookEndpointTest {
  private static final Secret KEY = signingKey(32);
  private static final URI URL = URI.create("https://partner.example/hooks?a=b");

  private static Secret signingKey(int bytes) {
    return new Secret(Base64.getEncoder().encodeToString(new byte[bytes]));
  }

  private static WebhookEndpoint endpoint(String id, URI url, String header, List<Secret> keys) {
    return new WebhookEndpoint(
        Samples.PLACE, id, url, new Secret(header), new Secret("other-" + header), keys);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://partner.example",
        "http://partner.example:8080/a/b?c=d",
        "https://partner.example:65535/",
        "https://192.0.2.1/",
        "https://[2001:db8::1]:8443/"
      })
  void acceptsUrls(String url) {
    assertThat(endpoint("crm", URI.create(url), "header", List.of(KEY)).url())
        .isEqualTo(URI.create(url));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://partner.example/",
        "file:///etc/passwd",
        "HTTPS:partner",
        "/hooks",
        "https:///hooks",
        "https://user:password@partner.example/",
        "https://partner.example/#part",
        "https://partner.example:0/",
        "https://partner.example:65536/",
        "https://under_score.example/"
      })
  void refusesUrls(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> endpoint("crm", URI.create(url), "header", List.of(KEY)))
        .withMessageContaining("url");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-a", "A", "a.b", "a b", "ä"})
  void refusesIds(String id) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> endpoint(id, URL, "header", List.of(KEY)))
        .withMessageContaining("id");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> endpoint("a".repeat(64), URL, "header", List.of(KEY)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", " planted", "planted ", "planted\r\nX-Other: 1", "plant\u00e9", "a\tb"})
  void refusesWhatCannotBeAHeaderAndDoesNotRepeatIt(String header) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> endpoint("crm", URL, header, List.of(KEY)))
        .withMessageContaining("apiKey")
        .withMessageNotContaining("plant");
  }

  @Test
  void acceptsOneSigningKeyOrTwoOf24To64Bytes() {
    for (List<Secret> keys :
        List.of(List.of(signingKey(24)), List.of(signingKey(64), signingKey(24)))) {
      assertThat(endpoint("crm", URL, "header", keys).signingKeys()).isEqualTo(keys);
    }
    for (List<Secret> keys :
        List.of(
            List.<Secret>of(),
            List.of(KEY, KEY, KEY),
            List.of(signingKey(23)),
            List.of(signingKey(65)),
            List.of(KEY, signingKey(1)),
            List.of(new Secret("whsec_" + KEY.value())),
            List.of(new Secret("planted, not base64")))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> endpoint("crm", URL, "header", keys))
          .withMessageContaining("signing")
          .withMessageNotContaining("planted");
    }
  }

  @Test
  void takesTheEventsOfItsInstanceOnly() {
    WebhookEndpoint endpoint = endpoint("crm", URL, "header", List.of(KEY));
    ChatId chat = Samples.newChat();
    var log = new InMemoryMessageLog(new ManualClock(Samples.NOON));

    assertThat(endpoint.takes(new ChatEvent.MessageSent(Samples.stored(log, chat, "hello"))))
        .isTrue();
    for (TenantInstance place : List.of(Samples.OTHER_INSTANCE, Samples.OTHER_TENANT)) {
      ChatId elsewhere = new ChatId(place, chat.patient());
      assertThat(endpoint.takes(new ChatEvent.MessageSent(Samples.stored(log, elsewhere, "hello"))))
          .isFalse();
    }
  }

  @Test
  void printsNoSecret() {
    assertThat(endpoint("crm", URL, "planted", List.of(KEY)).toString())
        .contains("crm")
        .doesNotContain("planted")
        .doesNotContain(KEY.value());
  }
}
