package io.carechat.webhook;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.domain.webhooks.WebhookPayload;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;

/**
 * Writes the payload of a delivery: compact JSON in UTF-8, with its members in the order of the
 * contract. The same event in the same format always gives the same bytes.
 */
final class WebhookPayloadWriter {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          // Otherwise a character outside the basic plane becomes two escapes. That is valid, but
          // not what a reader expects of UTF-8.
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .build();

  /** Always with three digits for the fraction of a second. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final String PING = "webhook.ping";

  /** The text of the example in the source document. */
  private static final String PING_TEXT = "Webhook test...";

  private static final UUID NO_PATIENT = new UUID(0, 0);

  private WebhookPayloadWriter() {}

  @FunctionalInterface
  private interface Members {
    void writeTo(JsonGenerator json) throws IOException;
  }

  /**
   * The payload of a delivery.
   *
   * @throws IllegalStateException if the format has no payload for such an event
   */
  static byte[] of(WebhookPayload payload, ClaimedDelivery delivery) {
    ChatEvent event = delivery.event();
    ChatId chat = event.chat();
    return switch (payload) {
      case SOURCE ->
          switch (event) {
            case ChatEvent.MessageSent(Message message) ->
                source(
                    chat.instance(),
                    chat.patient().value(),
                    delivery.patientUrl(),
                    message.text().value());
            case ChatEvent.ChatRead read ->
                throw new IllegalStateException(
                    "The source document has no payload for read events");
          };
      case STANDARD ->
          envelope(
              WebhookEventType.of(event).wireName(),
              event.at(),
              chat.instance(),
              json -> {
                json.writeStringField("patientId", chat.patient().toString());
                json.writeStringField("patientUrl", delivery.patientUrl().toString());
                whole(event, json);
              });
      case THIN ->
          envelope(
              WebhookEventType.of(event).wireName(),
              event.at(),
              chat.instance(),
              json -> {
                json.writeStringField("patientId", chat.patient().toString());
                json.writeStringField("externalId", event.message().externalId().toString());
              });
    };
  }

  /**
   * The payload of a test that the partner asked for.
   *
   * @param at the time of the test
   */
  static byte[] ping(WebhookEndpoint endpoint, URI patientUrl, Instant at) {
    return switch (endpoint.subscription().payload()) {
      case SOURCE -> source(endpoint.instance(), NO_PATIENT, patientUrl, PING_TEXT);
      case STANDARD, THIN ->
          envelope(
              PING,
              at,
              endpoint.instance(),
              json -> json.writeStringField("webhookId", endpoint.id().toString()));
    };
  }

  private static byte[] source(
      TenantInstance instance, UUID patient, URI patientUrl, String message) {
    return object(json -> {
      json.writeStringField("patientId", patient.toString());
      json.writeStringField("patientUrl", patientUrl.toString());
      json.writeStringField("tenantName", instance.tenantName());
      json.writeStringField("instanceName", instance.instanceName());
      json.writeStringField("message", message);
    });
  }

  /** The envelope of Standard Webhooks 1.0.0. */
  private static byte[] envelope(String type, Instant at, TenantInstance instance, Members data) {
    return object(json -> {
      json.writeStringField("type", type);
      json.writeStringField("timestamp", TIME.format(at));
      json.writeObjectFieldStart("data");
      json.writeStringField("tenantName", instance.tenantName());
      json.writeStringField("instanceName", instance.instanceName());
      data.writeTo(json);
      json.writeEndObject();
    });
  }

  private static void whole(ChatEvent event, JsonGenerator json) throws IOException {
    switch (event) {
      case ChatEvent.MessageSent(Message message) -> {
        json.writeObjectFieldStart("message");
        sender(message.sender(), json);
        json.writeStringField("message", message.text().value());
        json.writeStringField("externalId", message.externalId().toString());
        json.writeStringField("createdAt", TIME.format(message.createdAt()));
        json.writeEndObject();
      }
      case ChatEvent.ChatRead read -> {
        json.writeStringField("externalId", read.message().externalId().toString());
        json.writeStringField("clientType", read.side().name());
      }
    }
  }

  private static void sender(Sender sender, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("sender");
    json.writeStringField("clientType", sender.clientType().name());
    json.writeStringField("id", sender.id().toString());
    json.writeStringField("titleName", sender.titleName());
    json.writeEndObject();
  }

  private static byte[] object(Members members) {
    var bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes, JsonEncoding.UTF8)) {
      json.writeStartObject();
      members.writeTo(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Writing to memory failed.", e);
    }
    return bytes.toByteArray();
  }
}
