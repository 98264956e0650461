package io.carechat.webhook;

import io.carechat.domain.chat.Secret;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookEndpoint;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;

/** Builds the HTTP request of a delivery. */
final class WebhookRequest {
  private WebhookRequest() {}

  /**
   * The complete request. It is sent as it is: nothing adds a header to it later.
   *
   * @param delivery the value of {@code webhook-id}
   * @param body the JSON, exactly as it is signed and sent
   * @param now the time of this attempt, which is signed too
   */
  static ClassicHttpRequest of(
      WebhookEndpoint endpoint, DeliveryId delivery, byte[] body, Instant now) {
    String id = delivery.toString();
    long seconds = now.getEpochSecond();
    List<Secret> keys = endpoint.secrets().signingKeysAt(now);
    URI url = URI.create(endpoint.url().toASCIIString());
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    var request = new BasicClassicHttpRequest("POST", path + query);
    request.addHeader(HttpHeaders.HOST, url.getHost() + port);
    request.addHeader(HttpHeaders.USER_AGENT, "carechat-webhook/1");
    request.addHeader(HttpHeaders.ACCEPT, "*/*");
    request.addHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    request.addHeader(HttpHeaders.CONTENT_LENGTH, body.length);
    Secret apiKey = endpoint.secrets().apiKey();
    Secret apiSecret = endpoint.secrets().apiSecret();
    if (apiKey != null && apiSecret != null) {
      request.addHeader("X-WEBHOOK-API-KEY", apiKey.value());
      request.addHeader("X-WEBHOOK-API-SECRET", apiSecret.value());
    }
    request.addHeader("webhook-id", id);
    request.addHeader("webhook-timestamp", seconds);
    request.addHeader("webhook-signature", Signature.of(keys, id, seconds, body));
    request.setEntity(new ByteArrayEntity(body, null));
    return request;
  }
}
