package io.carechat.contracttests.running;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.carechat.api.checked.DeliveryCheck;
import io.carechat.domain.ChatEvent;
import io.carechat.domain.ChatId;
import io.carechat.domain.ClaimedDelivery;
import io.carechat.domain.DeliveryId;
import io.carechat.domain.ExternalId;
import io.carechat.domain.Message;
import io.carechat.domain.MessageText;
import io.carechat.domain.PatientId;
import io.carechat.domain.Secret;
import io.carechat.domain.Sender;
import io.carechat.domain.TenantInstance;
import io.carechat.domain.WebhookAnswer;
import io.carechat.domain.WebhookEndpoint;
import io.carechat.webhook.AddressPolicy;
import io.carechat.webhook.HttpWebhookSender;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.SSLContext;

/** One delivery that the real sender makes to a receiver of its own. */
public final class OneDelivery {
  /** What the endpoint is configured with. */
  public static final String API_KEY = "Configured-3rdparty-Api-key";

  /** What the endpoint is configured with. */
  public static final String API_SECRET = "Configured-3rdparty-Api-secret";

  private static final String SIGNING_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

  private OneDelivery() {}

  /** What the receiver got of the delivery of a patient's message, as the contract describes it. */
  public static LoggedRequest received(UUID patientId, String text) {
    var receiver = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
    receiver.start();
    try {
      receiver.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(204)));
      send(URI.create("http://127.0.0.1:" + receiver.port() + "/receive"), patientId, text);
      List<LoggedRequest> calls = receiver.findAll(anyRequestedFor(anyUrl()));
      if (calls.size() != 1) {
        throw new AssertionError("the receiver got " + calls.size() + " calls");
      }
      LoggedRequest call = calls.getFirst();
      DeliveryCheck.check(call.getMethod().value(), SignedCall.headers(call), call.getBody());
      return call;
    } finally {
      receiver.stop();
    }
  }

  private static void send(URI url, UUID patientId, String text) {
    var place = new TenantInstance("test-den", "chat2");
    var patient = new PatientId(patientId);
    var endpoint =
        new WebhookEndpoint(
            place,
            "receiver",
            url,
            new Secret(API_KEY),
            new Secret(API_SECRET),
            List.of(new Secret(SIGNING_KEY)));
    var message =
        new Message(
            new ChatId(place, patient),
            new ExternalId(UUID.fromString("0197834d-6b2c-7c5e-9a1f-3b5d7e9f1a2b")),
            new Sender.Patient(patient),
            new MessageText(text),
            Instant.parse("2021-02-08T17:17:29Z"));
    var delivery =
        new ClaimedDelivery(
            new DeliveryId(UUID.fromString("0197834d-6b2d-7c5e-9a1f-3b5d7e9f1a2b")),
            endpoint.id(),
            new ChatEvent.MessageSent(message),
            URI.create("http://localhost:5000/" + place + "/patients/" + patient),
            1,
            new UUID(1, 1));
    try (var sender =
        new HttpWebhookSender(
            HttpWebhookSender.Settings.of(new AddressPolicy(true, List.of("127.0.0.0/8"))),
            SSLContext.getDefault(),
            InstantSource.system())) {
      if (!(sender.send(endpoint, delivery) instanceof WebhookAnswer.Answered answered)
          || answered.status() != 204) {
        throw new AssertionError("the receiver did not get it");
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no TLS", e);
    }
  }
}
