package io.carechat.webhook;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.carechat.domain.ChatId;
import io.carechat.domain.ClaimedDelivery;
import io.carechat.domain.WebhookEndpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Instant;

/** The request that makes a delivery, as bytes. */
final class Post {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          // Else characters outside the basic plane become two escapes: valid, but not what
          // "UTF-8" leads a reader to expect.
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .build();

  private Post() {}

  /**
   * The body: {@code {patientId, patientUrl, tenantName, instanceName, message}}, in this order,
   * compact. The same delivery always gives the same bytes.
   */
  static byte[] body(ClaimedDelivery delivery) {
    ChatId chat = delivery.message().chat();
    var bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes, JsonEncoding.UTF8)) {
      json.writeStartObject();
      json.writeStringField("patientId", chat.patient().toString());
      json.writeStringField("patientUrl", delivery.patientUrl().toString());
      json.writeStringField("tenantName", chat.place().tenantName());
      json.writeStringField("instanceName", chat.place().instanceName());
      json.writeStringField("message", delivery.message().text().value());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Writing to memory failed.", e);
    }
    return bytes.toByteArray();
  }

  /**
   * The whole request, head and body, in HTTP/1.1 (RFC 9112).
   *
   * @param now when the attempt is made
   */
  static byte[] request(WebhookEndpoint endpoint, ClaimedDelivery delivery, Instant now) {
    byte[] body = body(delivery);
    String id = delivery.id().toString();
    long seconds = now.getEpochSecond();
    URI url = URI.create(endpoint.url().toASCIIString());
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    String head =
        String.join(
            "\r\n",
            "POST " + path + query + " HTTP/1.1",
            "Host: " + url.getHost() + port,
            "User-Agent: carechat-webhook/1",
            "Accept: */*",
            "Content-Type: application/json",
            "Content-Length: " + body.length,
            "X-WEBHOOK-API-KEY: " + endpoint.apiKey().value(),
            "X-WEBHOOK-API-SECRET: " + endpoint.apiSecret().value(),
            "webhook-id: " + id,
            "webhook-timestamp: " + seconds,
            "webhook-signature: " + Signature.of(endpoint.signingKeys(), id, seconds, body),
            "",
            "");
    var bytes = new ByteArrayOutputStream(head.length() + body.length);
    bytes.writeBytes(head.getBytes(US_ASCII));
    bytes.writeBytes(body);
    return bytes.toByteArray();
  }
}
