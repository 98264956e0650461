package io.carechat.webhook;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Samples;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookPayload;
import io.carechat.domain.webhooks.WebhookSecrets;
import io.carechat.domain.webhooks.WebhookSubscription;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PostTest {
  @ParameterizedTest
  @CsvSource({
    "https://partner.example, /, partner.example",
    "https://partner.example/, /, partner.example",
    "https://partner.example:8443/a/b, /a/b, partner.example:8443",
    "https://partner.example?a=b&c=%20d, /?a=b&c=%20d, partner.example",
    "https://partner.example/ä?ö, /%C3%A4?%C3%B6, partner.example",
    "http://[2001:db8::1]:81/x, /x, [2001:db8::1]:81"
  })
  void asksForTheConfiguredUrl(String url, String target, String host) {
    byte[] request =
        Post.request(
            Deliveries.endpoint(url),
            Deliveries.delivery().id(),
            "{}".getBytes(UTF_8),
            Samples.NOON);

    assertThat(new String(request, UTF_8))
        .startsWith("POST " + target + " HTTP/1.1\r\nHost: " + host + "\r\n");
  }

  @Test
  void bringsThePartnersCredentialOnlyWhereThereIsOne() {
    WebhookEndpoint with = Deliveries.endpoint("https://partner.example");
    var without =
        new WebhookEndpoint(
            with.instance(),
            with.id(),
            new WebhookSubscription(
                with.url(),
                WebhookPayload.THIN,
                with.subscription().eventTypes(),
                with.subscription().senders(),
                ""),
            new WebhookSecrets(null, null, Deliveries.SIGNING_KEY, null, null),
            with.origin());
    var id = Deliveries.delivery().id();

    assertThat(head(with, id))
        .contains("\r\nX-WEBHOOK-API-KEY: planted-api-key\r\n")
        .contains("\r\nX-WEBHOOK-API-SECRET: planted api secret\r\n");
    assertThat(head(without, id)).doesNotContain("X-WEBHOOK").contains("\r\nwebhook-id: " + id);
  }

  private static String head(WebhookEndpoint endpoint, DeliveryId id) {
    return new String(Post.request(endpoint, id, new byte[0], Samples.NOON), UTF_8);
  }

  @Test
  void signsWithTheFormerKeyUntilItsEnd() {
    WebhookEndpoint endpoint = Deliveries.endpoint("https://partner.example");
    var rotating =
        new WebhookEndpoint(
            endpoint.instance(),
            endpoint.id(),
            endpoint.subscription(),
            new WebhookSecrets(
                endpoint.secrets().apiKey(),
                endpoint.secrets().apiSecret(),
                Deliveries.SIGNING_KEY,
                Deliveries.OLD_SIGNING_KEY,
                Samples.NOON.plusSeconds(60)),
            endpoint.origin());
    var id = Deliveries.delivery().id();

    assertThat(signatures(rotating, id, Samples.NOON.plusMillis(59_999))).hasSize(2);
    assertThat(signatures(rotating, id, Samples.NOON.plusSeconds(60)))
        .isEqualTo(signatures(endpoint, id, Samples.NOON.plusSeconds(60)))
        .hasSize(1);
  }

  private static List<String> signatures(WebhookEndpoint endpoint, DeliveryId id, Instant now) {
    String head = new String(Post.request(endpoint, id, new byte[0], now), UTF_8);
    return List.of(
        head.lines()
            .filter(line -> line.startsWith("webhook-signature: "))
            .findFirst()
            .orElseThrow()
            .substring("webhook-signature: ".length())
            .split(" ", -1));
  }

  @Test
  void signsAsStandardWebhooksPublishedExampleDoes() {
    byte[] body = "{\"test\": 2432232314}".getBytes(UTF_8);

    assertThat(
            Signature.of(
                List.of(Deliveries.SIGNING_KEY),
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                body))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }
}
