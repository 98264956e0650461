package io.carechat.bootstrap;

import io.carechat.bootstrap.traces.Traces;
import io.carechat.domain.access.Capacity;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.webhooks.CachedWebhookEndpoints;
import io.carechat.domain.webhooks.PatientUrls;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookRegistry;
import io.carechat.domain.webhooks.delivery.DeliveryHistory;
import io.carechat.domain.webhooks.delivery.DeliveryMaintenance;
import io.carechat.domain.webhooks.delivery.DeliveryPlanner;
import io.carechat.domain.webhooks.delivery.RetryPolicy;
import io.carechat.domain.webhooks.delivery.WebhookDispatcher;
import io.carechat.domain.webhooks.delivery.WebhookSender;
import io.carechat.domain.webhooks.management.WebhookManagement;
import io.carechat.persistence.PostgresStorage;
import io.carechat.webhook.AddressPolicy;
import io.carechat.webhook.HttpWebhookSender;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;

/** Everything about webhooks: the deliveries, and the use cases of those who manage endpoints. */
final class WebhookParts implements AutoCloseable {
  private final HttpWebhookSender sender;
  private final ObservedSender observed;
  private final WebhookDeliveryService workers;
  private final WebhookManagement management;
  private final DeliveryHistory history;

  private WebhookParts(
      HttpWebhookSender sender,
      ObservedSender observed,
      WebhookDeliveryService workers,
      WebhookManagement management,
      DeliveryHistory history) {
    this.sender = sender;
    this.observed = observed;
    this.workers = workers;
    this.management = management;
    this.history = history;
  }

  /**
   * Starts to deliver.
   *
   * @param random must be cryptographically strong: secrets are made with it
   * @param traces records calls of endpoints
   * @throws IllegalStateException if secrets are stored whose key is not configured
   */
  static WebhookParts start(
      Settings settings,
      PostgresStorage storage,
      LogSignal logSignal,
      TimeOrderedIds ids,
      RandomGenerator random,
      Traces traces,
      InstantSource clock) {
    var addresses =
        new AddressPolicy(settings.webhooks().allowHttp(), settings.webhooks().allowedNetworks());
    WebhookRegistry registry = storage.webhookRegistry(settings.secretsKeys(), random);
    var endpoints =
        new CachedWebhookEndpoints(settings.webhooks().endpoints(), registry, System::nanoTime);
    PatientUrls patientUrls = chat -> patientUrl(settings.publicUrl(), chat);
    HttpWebhookSender sender = sender(addresses, clock);
    var observed = new ObservedSender(traces.tracedClient(WebhookSender.class, sender));
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
                    observed,
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
        observed,
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
          HttpWebhookSender.Settings.of(addresses),
          SSLContext.getDefault(),
          clock,
          Traces::headers);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no TLS", e);
    }
  }

  /** Names who learns of every call that was made for a delivery. */
  void onCall(Consumer<WebhookAnswer> listener) {
    observed.onCall(listener);
  }

  /** Returns how many deliveries are under way. */
  List<Capacity> capacities() {
    return workers.capacities();
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
