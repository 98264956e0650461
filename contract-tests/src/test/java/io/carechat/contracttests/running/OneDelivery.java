package io.carechat.contracttests.running;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.carechat.api.checked.DeliveryCheck;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.domain.webhooks.WebhookPayload;
import io.carechat.domain.webhooks.WebhookSecrets;
import io.carechat.domain.webhooks.WebhookSubscription;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.webhook.AddressPolicy;
import io.carechat.webhook.AllowedNetwork;
import io.carechat.webhook.HttpWebhookSender;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.net.ssl.SSLContext;

/** One delivery that the real sender makes to its own receiver. */
public final class OneDelivery {
  /** The API key that the endpoint is configured with. */
  public static final String API_KEY = "Configured-3rdparty-Api-key";

  /** The API secret that the endpoint is configured with. */
  public static final String API_SECRET = "Configured-3rdparty-Api-secret";

  private static final TenantInstance INSTANCE = new TenantInstance("test-den", "chat2");
  private static final Instant SENT_AT = Instant.parse("2021-02-08T17:17:29Z");
  private static final String SIGNING_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

  private OneDelivery() {}

  /** The kind of event that is delivered. */
  public enum Kind {
    /** A message from the patient. */
    SENT_BY_PATIENT,
    /** A message from a member of the care team. */
    SENT_BY_NURSE,
    /** The care team has read up to a message of the patient. */
    READ,
    /** A test of the endpoint. */
    PING
  }

  /**
   * The request that the receiver got for a patient's message, in the form that the contract
   * describes.
   */
  public static LoggedRequest received(UUID patientId, String text) {
    return received(WebhookPayload.SOURCE, Kind.SENT_BY_PATIENT, patientId, text);
  }

  /** The request that the receiver got for another kind of event, in one of the payload forms. */
  public static LoggedRequest received(
      WebhookPayload payload, Kind kind, UUID patientId, String text) {
    var receiver = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
    receiver.start();
    try {
      receiver.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(204)));
      URI url = URI.create("http://127.0.0.1:" + receiver.port() + "/receive");
      send(endpoint(url, payload), kind, new PatientId(patientId), text);
      List<LoggedRequest> calls = receiver.findAll(anyRequestedFor(anyUrl()));
      if (calls.size() != 1) {
        throw new AssertionError("the receiver got " + calls.size() + " calls");
      }
      LoggedRequest call = calls.getFirst();
      DeliveryCheck.checkAs(
          switch (payload) {
            case SOURCE -> "receiveMessage";
            case STANDARD -> "receiveEvent";
            case THIN -> "receiveThinEvent";
          },
          call.getMethod().value(),
          SignedCall.headers(call),
          call.getBody());
      return call;
    } finally {
      receiver.stop();
    }
  }

  private static WebhookEndpoint endpoint(URI url, WebhookPayload payload) {
    return new WebhookEndpoint(
        INSTANCE,
        new EndpointId("receiver"),
        new WebhookSubscription(
            url,
            payload,
            Set.of(WebhookEventType.MESSAGE_SENT),
            Set.of(ClientType.values()),
            "the receiver of the test"),
        new WebhookSecrets(
            new Secret(API_KEY), new Secret(API_SECRET), new Secret(SIGNING_KEY), null, null),
        new WebhookEndpoint.Origin.Configuration());
  }

  private static ChatEvent event(Kind kind, PatientId patient, String text) {
    Sender sender =
        kind == Kind.SENT_BY_NURSE
            ? new Sender.CareTeamMember(new UUID(2, 2), "Nurse")
            : new Sender.Patient(patient);
    var message =
        new Message(
            new ChatId(INSTANCE, patient),
            new ExternalId(UUID.fromString("0197834d-6b2c-7c5e-9a1f-3b5d7e9f1a2b")),
            sender,
            new MessageText(text),
            SENT_AT);
    return kind == Kind.READ
        ? new ChatEvent.ChatRead(message, ClientType.CARE_TEAM, SENT_AT.plusMillis(1_500))
        : new ChatEvent.MessageSent(message);
  }

  private static void send(WebhookEndpoint endpoint, Kind kind, PatientId patient, String text) {
    var id = new DeliveryId(UUID.fromString("0197834d-6b2d-7c5e-9a1f-3b5d7e9f1a2b"));
    URI patientUrl = URI.create("http://localhost:5000/" + INSTANCE + "/patients/" + patient);
    try (var sender =
        new HttpWebhookSender(
            HttpWebhookSender.Settings.of(
                new AddressPolicy(true, List.of(AllowedNetwork.open("127.0.0.0/8")))),
            SSLContext.getDefault(),
            InstantSource.system())) {
      WebhookAnswer answer =
          kind == Kind.PING
              ? sender.ping(endpoint, id, patientUrl, SENT_AT)
              : sender.send(
                  endpoint,
                  new ClaimedDelivery(
                      id,
                      endpoint.id(),
                      event(kind, patient, text),
                      patientUrl,
                      1,
                      new UUID(1, 1)));
      if (!(answer instanceof WebhookAnswer.Answered answered) || answered.status() != 204) {
        throw new AssertionError("the receiver did not get it");
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no TLS", e);
    }
  }
}
