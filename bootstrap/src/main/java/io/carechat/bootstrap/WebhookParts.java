package io.carechat.bootstrap;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.webhooks.CachedWebhookEndpoints;
import io.carechat.domain.webhooks.PatientUrls;
import io.carechat.domain.webhooks.WebhookRegistry;
import io.carechat.domain.webhooks.delivery.DeliveryHistory;
import io.carechat.domain.webhooks.delivery.DeliveryMaintenance;
import io.carechat.domain.webhooks.delivery.DeliveryPlanner;
import io.carechat.domain.webhooks.delivery.RetryPolicy;
import io.carechat.domain.webhooks.delivery.WebhookDispatcher;
import io.carechat.domain.webhooks.management.WebhookManagement;
import io.carechat.persistence.PostgresStorage;
import io.carechat.webhook.AddressPolicy;
import io.carechat.webhook.HttpWebhookSender;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;

/** Everything about webhooks: the deliveries, and the use cases of those who manage endpoints. */
final class WebhookParts implements AutoCloseable {
  private final HttpWebhookSender sender;
  private final WebhookDeliveryService workers;
  private final WebhookManagement management;
  private final DeliveryHistory history;

  private WebhookParts(
      HttpWebhookSender sender,
      WebhookDeliveryService workers,
      WebhookManagement management,
      DeliveryHistory history) {
    this.sender = sender;
    this.workers = workers;
    this.management = management;
    this.history = history;
  }

  /**
   * Starts to deliver.
   *
   * @param random must be cryptographically strong: secrets are made with it
   * @throws IllegalStateException if secrets are stored whose key is not configured
   */
  static WebhookParts start(
      Settings settings,
      PostgresStorage storage,
      LogSignal logSignal,
      TimeOrderedIds ids,
      RandomGenerator random,
      InstantSource clock) {
    var addresses =
        new AddressPolicy(settings.webhooks().allowHttp(), settings.webhooks().allowedNetworks());
    WebhookRegistry registry = storage.webhookRegistry(settings.secretsKeys(), random);
    var endpoints =
        new CachedWebhookEndpoints(settings.webhooks().endpoints(), registry, System::nanoTime);
    PatientUrls patientUrls = chat -> patientUrl(settings.publicUrl(), chat);
    HttpWebhookSender sender = sender(addresses, clock);
    var workers =
        new WebhookDeliveryService(
                new DeliveryPlanner(
                    storage.events(),
                    storage.deliveryPlans(),
                    endpoints,
                    patientUrls,
                    ids,
                    storage.sharedClock()),
                new WebhookDispatcher(
                    storage.deliveryQueue(),
                    endpoints,
                    sender,
                    new RetryPolicy(settings.webhooks().retryWaits(), random),
                    storage.sharedClock()),
                new DeliveryMaintenance(
                    storage.redeliveries(),
                    storage.endpointStates(),
                    storage.deliveryRetention(),
                    storage.sharedClock()),
                settings.webhooks().deliveryHistory())
            .start();
    logSignal.subscribe(workers::wake);
    return new WebhookParts(
        sender,
        workers,
        new WebhookManagement(
            endpoints,
            registry,
            storage.endpointStates(),
            storage.instanceEvents(),
            sender,
            addresses,
            patientUrls,
            ids,
            random,
            clock),
        new DeliveryHistory(
            storage.deliveryQueries(),
            storage.redeliveries(),
            endpoints,
            storage.sharedClock(),
            workers::wakeForRedelivery));
  }

  private static URI patientUrl(URI publicUrl, ChatId chat) {
    return URI.create(publicUrl + "/" + chat.instance() + "/patients/" + chat.patient());
  }

  private static HttpWebhookSender sender(AddressPolicy addresses, InstantSource clock) {
    try {
      return new HttpWebhookSender(
          HttpWebhookSender.Settings.of(addresses), SSLContext.getDefault(), clock);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no TLS", e);
    }
  }

  /** Creating, changing and deleting endpoints. */
  WebhookManagement management() {
    return management;
  }

  /** Reading deliveries, and delivering again. */
  DeliveryHistory history() {
    return history;
  }

  /** Finishes the deliveries that are under way, and then ends their connections. */
  @Override
  public void close() {
    workers.close();
    sender.close();
  }
}
