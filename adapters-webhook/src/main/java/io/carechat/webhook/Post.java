package io.carechat.webhook;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.carechat.domain.chat.Secret;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookEndpoint;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The request that makes a delivery, as bytes. */
final class Post {
  private Post() {}

  /**
   * The whole request, head and body, in HTTP/1.1 (RFC 9112).
   *
   * @param now when the attempt is made
   */
  static byte[] request(WebhookEndpoint endpoint, DeliveryId delivery, byte[] body, Instant now) {
    String id = delivery.toString();
    long seconds = now.getEpochSecond();
    List<Secret> keys = endpoint.secrets().signingKeysAt(now);
    URI url = URI.create(endpoint.url().toASCIIString());
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    var lines = new ArrayList<String>();
    lines.add("POST " + path + query + " HTTP/1.1");
    lines.add("Host: " + url.getHost() + port);
    lines.add("User-Agent: carechat-webhook/1");
    lines.add("Accept: */*");
    lines.add("Content-Type: application/json");
    lines.add("Content-Length: " + body.length);
    Secret apiKey = endpoint.secrets().apiKey();
    Secret apiSecret = endpoint.secrets().apiSecret();
    if (apiKey != null && apiSecret != null) {
      lines.add("X-WEBHOOK-API-KEY: " + apiKey.value());
      lines.add("X-WEBHOOK-API-SECRET: " + apiSecret.value());
    }
    lines.add("webhook-id: " + id);
    lines.add("webhook-timestamp: " + seconds);
    lines.add("webhook-signature: " + Signature.of(keys, id, seconds, body));
    String head = String.join("\r\n", lines) + "\r\n\r\n";
    var bytes = new ByteArrayOutputStream(head.length() + body.length);
    bytes.writeBytes(head.getBytes(US_ASCII));
    bytes.writeBytes(body);
    return bytes.toByteArray();
  }
}
