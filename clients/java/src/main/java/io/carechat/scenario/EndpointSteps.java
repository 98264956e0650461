package io.carechat.scenario;

import static io.carechat.scenario.Checks.check;
import static io.carechat.scenario.Checks.equal;
import static io.carechat.scenario.Checks.isTrue;
import static io.carechat.scenario.Checks.until;
import static io.carechat.scenario.Refusals.refused;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.carechat.client.ChatsApi;
import io.carechat.client.DeliveriesApi;
import io.carechat.client.MessagesApi;
import io.carechat.client.WebhooksApi;
import io.carechat.client.model.ClientType;
import io.carechat.client.model.Delivery;
import io.carechat.client.model.DeliveryAttempt;
import io.carechat.client.model.DeliveryPage;
import io.carechat.client.model.DeliveryState;
import io.carechat.client.model.DeliveryWithAttempts;
import io.carechat.client.model.Message;
import io.carechat.client.model.NewMessage;
import io.carechat.client.model.NewWebhook;
import io.carechat.client.model.PingOutcome;
import io.carechat.client.model.ReadUpTo;
import io.carechat.client.model.SecretRotation;
import io.carechat.client.model.WebhookChange;
import io.carechat.client.model.WebhookEventType;
import io.carechat.client.model.WebhookManager;
import io.carechat.client.model.WebhookPayload;
import io.carechat.client.model.WebhookWithSecret;
import io.carechat.client.webhook.EventVerification;
import io.carechat.client.webhook.Verification;
import io.carechat.client.webhook.WebhookVerifier;
import io.carechat.scenario.generated.DeliveredMessage;
import io.carechat.scenario.generated.ThinWebhookEvent;
import io.carechat.scenario.generated.WebhookEvent;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Webhook endpoints, managed by the API. A partner creates one endpoint for each payload that has
 * events. It pings them, receives calls, replaces a secret, reads the delivery history, has one
 * delivery made again, and deletes the endpoints.
 */
final class EndpointSteps {
  private static final String TEXT = "Does it hurt when you breathe?";

  private final Partner partner;
  private final Receiver receiver;
  private final UUID patient = Partner.newPatient();
  private final MessagesApi messages;
  private final ChatsApi chats;
  private final WebhooksApi webhooks;
  private final DeliveriesApi deliveries;

  private EndpointSteps(Partner partner, Receiver receiver) {
    this.partner = partner;
    this.receiver = receiver;
    messages = new MessagesApi(partner.client());
    chats = new ChatsApi(partner.client());
    webhooks = new WebhooksApi(partner.client());
    deliveries = new DeliveriesApi(partner.client());
  }

  static void run(Partner partner, Receiver receiver) {
    var steps = new EndpointSteps(partner, receiver);
    WebhookWithSecret standard = steps.create(WebhookPayload.STANDARD, Receiver.STANDARD);
    WebhookWithSecret thin = steps.create(WebhookPayload.THIN, Receiver.THIN);
    steps.ping(standard, thin);
    steps.receive();
    steps.verify(standard.getSigningSecret());
    steps.rotate(standard);
    steps.history(standard.getWebhook().getWebhookId());
    steps.conflicts(standard.getWebhook().getWebhookId());
    steps.delete(standard, thin);
  }

  private WebhookWithSecret create(WebhookPayload payload, String path) {
    return check(
        "create a webhook endpoint with the payload " + payload,
        () -> {
          WebhookWithSecret created =
              webhooks.createWebhook(
                  partner.tenant(),
                  partner.instance(),
                  new NewWebhook()
                      .url(receiver.url(path).toString())
                      .payload(payload)
                      .eventTypes(
                          List.of(WebhookEventType.MESSAGE_SENT, WebhookEventType.CHAT_READ)));
          receiver.trust(path, created.getSigningSecret());
          equal(created.getWebhook().getManaged(), WebhookManager.API);
          equal(created.getWebhook().getVersion(), 1L);
          String id = created.getWebhook().getWebhookId();
          equal(
              webhooks.getWebhook(partner.tenant(), partner.instance(), id), created.getWebhook());
          isTrue(
              webhooks
                  .listWebhooks(partner.tenant(), partner.instance())
                  .getWebhooks()
                  .contains(created.getWebhook()),
              "it is in the list");
          return created;
        });
  }

  private void ping(WebhookWithSecret standard, WebhookWithSecret thin) {
    check(
        "ping both, and receive that",
        () -> {
          pinged(standard);
          pinged(thin);
          WebhookEvent event = receiver.events().getLast();
          equal(event.getType(), "webhook.ping");
          equal(event.getData().getWebhookId(), standard.getWebhook().getWebhookId());
          ThinWebhookEvent thinEvent = receiver.thinEvents().getLast();
          equal(thinEvent.getType(), "webhook.ping");
          equal(thinEvent.getData().getWebhookId(), thin.getWebhook().getWebhookId());
        });
  }

  private void pinged(WebhookWithSecret endpoint) {
    PingOutcome outcome =
        webhooks.pingWebhook(
            partner.tenant(), partner.instance(), endpoint.getWebhook().getWebhookId());
    isTrue(outcome.getOk(), "it is accepted, and not: " + outcome);
    equal(outcome.getStatus(), 204);
  }

  private void receive() {
    Message sent =
        check(
            "a message comes once in each form, SOURCE, STANDARD and THIN",
            () -> {
              Message message = send(TEXT);
              until(
                  "a delivery in each form",
                  () ->
                      !sourceEvents().isEmpty()
                          && !events("message.sent").isEmpty()
                          && !thinEvents("message.sent").isEmpty());
              equal(
                  sourceEvents().stream().map(DeliveredMessage::getMessage).toList(),
                  List.of(TEXT));
              WebhookEvent event = events("message.sent").getFirst();
              equal(event.getTimestamp().toInstant(), message.getCreatedAt().toInstant());
              equal(event.getData().getTenantName(), partner.tenant());
              equal(event.getData().getInstanceName(), partner.instance());
              equal(event.getData().getMessage().getMessage(), TEXT);
              equal(event.getData().getMessage().getExternalId(), message.getExternalId());
              equal(event.getData().getMessage().getSender().getId(), patient);
              return message;
            });
    check(
        "a thin event has no text, and getMessage has it",
        () -> {
          String id = thinEvents("message.sent").getFirst().getData().getExternalId();
          isTrue(
              receiver.calls(Receiver.THIN).stream().noneMatch(call -> call.body().contains(TEXT)),
              "no text");
          equal(
              messages.getMessage(partner.tenant(), partner.instance(), patient, id).getMessage(),
              sent);
        });
    check(
        "the care team reads, and both are told",
        () -> {
          var _ =
              chats.markRead(
                  partner.tenant(),
                  partner.instance(),
                  patient,
                  new ReadUpTo().externalId(sent.getExternalId()).clientType(ClientType.CARE_TEAM));
          until("both", () -> !events("chat.read").isEmpty() && !thinEvents("chat.read").isEmpty());
          equal(events("chat.read").getFirst().getData().getExternalId(), sent.getExternalId());
          equal(thinEvents("chat.read").getFirst().getData().getExternalId(), sent.getExternalId());
        });
  }

  private void verify(String secret) {
    check(
        "our verifier and the published library verify what came, and not what was written again",
        () -> {
          for (Receiver.Call call : receiver.calls(Receiver.STANDARD)) {
            verifiesByBoth(secret, call);
            String again = call.body().replaceFirst(",", ", ");
            equal(
                new WebhookVerifier(List.of(secret))
                    .verifyEvent(again.getBytes(UTF_8), call.headers()),
                new Verification.Refused(Verification.Reason.NO_MATCHING_SIGNATURE));
            isTrue(!libraryVerifies(secret, again, call), "the library refuses it");
          }
        });
    check(
        "an event of a type that a later version adds is answered with success",
        () -> {
          String body =
              receiver
                  .calls(Receiver.STANDARD)
                  .getFirst()
                  .body()
                  .replace("webhook.ping", "chat.closed");
          String id = "msg_later";
          long now = Instant.now().getEpochSecond();
          HttpRequest request =
              HttpRequest.newBuilder(receiver.url(Receiver.STANDARD))
                  .header("Content-Type", "application/json")
                  .header("webhook-id", id)
                  .header("webhook-timestamp", Long.toString(now))
                  .header("webhook-signature", new Webhook(secret).sign(id, now, body))
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build();
          try (HttpClient http = HttpClient.newHttpClient()) {
            equal(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode(), 204);
          }
        });
  }

  private void rotate(WebhookWithSecret endpoint) {
    String old = endpoint.getSigningSecret();
    check(
        "replace the secret: calls have two signatures, and either secret verifies them",
        () -> {
          String next =
              webhooks
                  .rotateWebhookSecret(
                      partner.tenant(),
                      partner.instance(),
                      endpoint.getWebhook().getWebhookId(),
                      new SecretRotation().overlapSeconds(3600))
                  .getSigningSecret();
          isTrue(!next.equals(old), "another secret");
          // At this point the receiver knows only the old secret.
          pinged(endpoint);
          Receiver.Call call = receiver.calls(Receiver.STANDARD).getLast();
          equal(signatures(call).size(), 2);
          verifiesByBoth(old, call);
          verifiesByBoth(next, call);
          // From now on it knows only the new one.
          receiver.trust(Receiver.STANDARD, next);
          pinged(endpoint);
        });
  }

  private void history(String webhookId) {
    List<Delivery> delivered =
        check(
            "the history has each delivery, newest first, 1 at a time",
            () -> {
              List<String> expected =
                  events(null).stream().map(event -> event.getType()).toList().reversed();
              until("both are delivered", () -> walk(webhookId).size() == expected.size());
              List<Delivery> all = walk(webhookId);
              equal(
                  all.stream().map(delivery -> delivery.getEvent().getType().getValue()).toList(),
                  expected);
              equal(
                  all.stream().map(Delivery::getDeliveryId).toList().reversed(),
                  receiver.calls(Receiver.STANDARD).stream()
                      .filter(call -> call.body().contains(patient.toString()))
                      .map(Receiver.Call::webhookId)
                      .toList());
              return all;
            });
    String id = delivered.getLast().getDeliveryId();
    check(
        "get one delivery, with its try",
        () -> {
          DeliveryWithAttempts delivery = get(webhookId, id);
          equal(delivery.getState(), DeliveryState.DELIVERED);
          equal(
              delivery.getAttempts().stream().map(DeliveryAttempt::getStatus).toList(),
              List.of(204));
        });
    check(
        "redeliver it: the same webhook-id and the same bytes come again",
        () -> {
          int known = receiver.events().size();
          equal(
              deliveries
                  .redeliver(partner.tenant(), partner.instance(), webhookId, id)
                  .getDeliveryId(),
              id);
          until("the second try", () -> callsOf(id).size() == 2);
          equal(callsOf(id).getLast().body(), callsOf(id).getFirst().body());
          equal(receiver.events().size(), known);
          until(
              "the second try is in the history", () -> get(webhookId, id).getAttemptCount() == 2);
          isTrue(get(webhookId, id).getRedeliveredAt() != null, "redeliveredAt");
        });
  }

  private void conflicts(String webhookId) {
    String configured =
        webhooks.listWebhooks(partner.tenant(), partner.instance()).getWebhooks().stream()
            .filter(webhook -> webhook.getManaged() == WebhookManager.CONFIGURATION)
            .findFirst()
            .orElseThrow()
            .getWebhookId();
    refused(
        "409, an endpoint of the configuration cannot be deleted",
        409,
        "conflict",
        () -> webhooks.deleteWebhook(partner.tenant(), partner.instance(), configured));
    refused(
        "409, the endpoint has been changed since",
        409,
        "conflict",
        () -> {
          var _ =
              webhooks.changeWebhook(
                  partner.tenant(),
                  partner.instance(),
                  webhookId,
                  new WebhookChange().description("changed").version(1L));
        });
  }

  private void delete(WebhookWithSecret... endpoints) {
    for (WebhookWithSecret endpoint : endpoints) {
      String id = endpoint.getWebhook().getWebhookId();
      webhooks.deleteWebhook(partner.tenant(), partner.instance(), id);
      refused(
          "404, the endpoint " + endpoint.getWebhook().getPayload() + " was deleted",
          404,
          "not-found",
          () -> webhooks.getWebhook(partner.tenant(), partner.instance(), id));
    }
  }

  private Message send(String text) {
    return messages.sendMessage(
        partner.tenant(), partner.instance(), patient, new NewMessage().message(text), null);
  }

  private List<DeliveredMessage> sourceEvents() {
    return receiver.messages().stream()
        .filter(message -> message.getPatientId().equals(patient))
        .toList();
  }

  /** The events of our chat that came in the standard form: those of one type, or all. */
  private List<WebhookEvent> events(@Nullable String type) {
    return receiver.events().stream()
        .filter(event -> patient.equals(event.getData().getPatientId()))
        .filter(event -> type == null || type.equals(event.getType()))
        .toList();
  }

  private List<ThinWebhookEvent> thinEvents(String type) {
    return receiver.thinEvents().stream()
        .filter(event -> patient.equals(event.getData().getPatientId()))
        .filter(event -> type.equals(event.getType()))
        .toList();
  }

  private List<Receiver.Call> callsOf(String webhookId) {
    return receiver.calls(Receiver.STANDARD).stream()
        .filter(call -> webhookId.equals(call.webhookId()))
        .toList();
  }

  private List<Delivery> walk(String webhookId) {
    List<Delivery> all = new ArrayList<>();
    String token = null;
    do {
      DeliveryPage page =
          deliveries.listDeliveries(
              partner.tenant(),
              partner.instance(),
              webhookId,
              DeliveryState.DELIVERED,
              patient,
              null,
              null,
              1,
              token);
      all.addAll(page.getContent());
      token = page.getMeta().getNextPageToken();
    } while (token != null);
    return all;
  }

  private DeliveryWithAttempts get(String webhookId, String deliveryId) {
    return deliveries.getDelivery(partner.tenant(), partner.instance(), webhookId, deliveryId);
  }

  private static List<String> signatures(Receiver.Call call) {
    return call.headers().entrySet().stream()
        .filter(header -> header.getKey().equalsIgnoreCase("webhook-signature"))
        .flatMap(header -> header.getValue().stream())
        .flatMap(value -> List.of(value.split(" ", -1)).stream())
        .toList();
  }

  private static void verifiesByBoth(String secret, Receiver.Call call) throws Exception {
    EventVerification ours =
        new WebhookVerifier(List.of(secret))
            .verifyEvent(call.body().getBytes(UTF_8), call.headers());
    isTrue(ours instanceof EventVerification.Genuine, "our verifier takes it, and not: " + ours);
    isTrue(libraryVerifies(secret, call.body(), call), "the library takes it");
  }

  private static boolean libraryVerifies(String secret, String body, Receiver.Call call)
      throws Exception {
    try {
      new Webhook(secret).verify(body, call.headers());
      return true;
    } catch (WebhookVerificationException e) {
      return false;
    }
  }
}
