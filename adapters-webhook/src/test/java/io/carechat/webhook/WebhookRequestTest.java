package io.carechat.webhook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookPayload;
import io.carechat.domain.webhooks.WebhookSecrets;
import io.carechat.domain.webhooks.WebhookSubscription;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WebhookRequestTest {
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
    ClassicHttpRequest request =
        WebhookRequest.of(
            Deliveries.endpoint(url),
            Deliveries.delivery().id(),
            "{}".getBytes(UTF_8),
            Samples.NOON);

    assertThat(request.getRequestUri()).isEqualTo(target);
    assertThat(value(request, "Host")).isEqualTo(host);
  }

  @Test
  void isSentByteByByteAsItIs() throws Exception {
    var received = new AtomicReference<>("");
    ClaimedDelivery delivery = Deliveries.delivery("Zoë");
    byte[] body = WebhookPayloadWriter.of(WebhookPayload.SOURCE, delivery);
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              received.set(RawReceiver.request(connection));
              RawReceiver.write(connection, "HTTP/1.1 204 No Content\r\n\r\n");
            });
        var sender =
            new HttpWebhookSender(
                HttpWebhookSender.Settings.of(
                    new AddressPolicy(true, List.of(AllowedNetwork.open("127.0.0.1/32")))),
                SSLContext.getDefault(),
                new ManualClock(Samples.NOON))) {
      WebhookEndpoint endpoint = Deliveries.endpoint(receiver.url() + "/%20?a=b&c");
      assertThat(sender.send(endpoint, delivery)).isInstanceOf(WebhookAnswer.Answered.class);

      assertThat(received.get())
          .isEqualTo(
              String.join(
                      "\r\n",
                      "POST /hooks/%20?a=b&c HTTP/1.1",
                      "Host: 127.0.0.1:" + receiver.port(),
                      "User-Agent: carechat-webhook/1",
                      "Accept: */*",
                      "Content-Type: application/json",
                      "Content-Length: " + body.length,
                      "X-WEBHOOK-API-KEY: planted-api-key",
                      "X-WEBHOOK-API-SECRET: planted api secret",
                      "webhook-id: " + delivery.id(),
                      "webhook-timestamp: " + Samples.NOON.getEpochSecond(),
                      "webhook-signature: "
                          + Signature.of(
                              List.of(Deliveries.SIGNING_KEY),
                              delivery.id().toString(),
                              Samples.NOON.getEpochSecond(),
                              body),
                      "",
                      "")
                  + new String(body, ISO_8859_1));
    }
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

    ClassicHttpRequest credential = request(with, id);
    assertThat(value(credential, "X-WEBHOOK-API-KEY")).isEqualTo("planted-api-key");
    assertThat(value(credential, "X-WEBHOOK-API-SECRET")).isEqualTo("planted api secret");
    ClassicHttpRequest none = request(without, id);
    assertThat(none.getHeaders()).noneMatch(header -> header.getName().startsWith("X-WEBHOOK"));
    assertThat(value(none, "webhook-id")).isEqualTo(id.toString());
  }

  private static ClassicHttpRequest request(WebhookEndpoint endpoint, DeliveryId id) {
    return WebhookRequest.of(endpoint, id, new byte[0], Samples.NOON);
  }

  private static String value(ClassicHttpRequest request, String name) {
    assertThat(request.getHeaders(name)).hasSize(1);
    return request.getHeaders(name)[0].getValue();
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
    return List.of(
        value(WebhookRequest.of(endpoint, id, new byte[0], now), "webhook-signature")
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
