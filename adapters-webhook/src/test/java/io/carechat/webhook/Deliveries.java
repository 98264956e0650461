package io.carechat.webhook;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import java.net.URI;
import java.util.List;
import java.util.UUID;

/** Endpoints and deliveries for tests. */
final class Deliveries {
  /** The signing key of Standard Webhooks' own examples, without its prefix. */
  static final Secret SIGNING_KEY = new Secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

  static final Secret OLD_SIGNING_KEY = new Secret("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
  static final String API_KEY = "planted-api-key";
  static final String API_SECRET = "planted api secret";
  static final String TEXT = "planted text";

  private Deliveries() {}

  static WebhookEndpoint endpoint(String url) {
    return endpoint(url, List.of(SIGNING_KEY));
  }

  static WebhookEndpoint endpoint(String url, List<Secret> signingKeys) {
    return new WebhookEndpoint(
        Samples.THIS_INSTANCE,
        new EndpointId("crm"),
        URI.create(url),
        new Secret(API_KEY),
        new Secret(API_SECRET),
        signingKeys);
  }

  /** A new delivery each time. */
  static ClaimedDelivery delivery() {
    return delivery(TEXT);
  }

  static ClaimedDelivery delivery(String text) {
    var chat =
        new ChatId(
            Samples.THIS_INSTANCE,
            new PatientId(UUID.fromString("cdb303e7-844f-40f8-b634-fe99bfccce28")));
    return new ClaimedDelivery(
        new DeliveryId(UUID.randomUUID()),
        new EndpointId("crm"),
        new ChatEvent.MessageSent(
            new Message(
                chat,
                new ExternalId(UUID.randomUUID()),
                new Sender.Patient(chat.patient()),
                new MessageText(text),
                Samples.NOON)),
        URI.create("http://localhost:5000/test-den/chat2/patients/" + chat.patient()),
        1,
        UUID.randomUUID());
  }
}
