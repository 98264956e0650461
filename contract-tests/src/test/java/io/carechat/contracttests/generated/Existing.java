package io.carechat.contracttests.generated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.carechat.api.checked.DescribedOperation;
import io.carechat.client.WebhooksApi;
import io.carechat.client.model.Delivery;
import io.carechat.client.model.NewMessage;
import io.carechat.client.model.NewWebhook;
import io.carechat.client.model.Webhook;
import io.carechat.client.model.WebhookChange;
import io.carechat.client.model.WebhookPayload;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * A message, a webhook endpoint and a delivery that exist. They replace the examples of the
 * contract. Not for use by several threads.
 */
final class Existing implements AutoCloseable {
  private static final String TENANT = RunningService.INSTANCE.tenantName();
  private static final String INSTANCE = RunningService.INSTANCE.instanceName();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final RunningService service;
  private final UUID patient;
  private final WebhooksApi webhooks;
  private final Set<String> before;
  private final String url;
  private String webhookId = "";
  private String deliveryId = "";
  private String externalId = "";

  /**
   * Creates them.
   *
   * @param patient the patient whose chat has the message
   */
  Existing(RunningService service, UUID patient) {
    this.service = service;
    this.patient = patient;
    webhooks = new WebhooksApi(service.apiClient(ApiKey.PARTNER));
    before = endpoints().stream().map(Webhook::getWebhookId).collect(Collectors.toSet());
    url = "http://127.0.0.1:" + service.receiver().port() + "/generated";
    make();
  }

  private List<Webhook> endpoints() {
    return webhooks.listWebhooks(TENANT, INSTANCE).getWebhooks();
  }

  private void make() {
    webhookId =
        webhooks
            .createWebhook(
                TENANT, INSTANCE, new NewWebhook().url(url).payload(WebhookPayload.STANDARD))
            .getWebhook()
            .getWebhookId();
    externalId =
        service
            .client(ApiKey.PARTNER)
            .sendMessage(TENANT, INSTANCE, patient, new NewMessage().message("hello, world!"), null)
            .getExternalId();
    deliveryId = Eventually.get(PATIENCE, this::deliveries, all -> !all.isEmpty()).getFirst();
  }

  private List<String> deliveries() {
    return service
        .deliveriesClient(ApiKey.PARTNER)
        .listDeliveries(TENANT, INSTANCE, webhookId, null, patient, null, null, null, null)
        .getContent()
        .stream()
        .map(Delivery::getDeliveryId)
        .toList();
  }

  /** The same operation, with examples that exist. */
  DescribedOperation in(DescribedOperation operation) {
    Map<String, String> values =
        Map.of(
            "patientId", patient.toString(),
            "webhookId", webhookId,
            "deliveryId", deliveryId,
            "externalId", externalId);
    List<DescribedOperation.Parameter> parameters =
        operation.parameters().stream()
            .map(each ->
                new DescribedOperation.Parameter(
                    each.name(),
                    each.in(),
                    each.required(),
                    each.schemaAt(),
                    each.schema(),
                    values.getOrDefault(each.name(), each.example())))
            .toList();
    Optional<DescribedOperation.Body> body =
        operation
            .body()
            .map(described ->
                new DescribedOperation.Body(
                    described.mediaType(),
                    described.required(),
                    described.schemaAt(),
                    described.schema(),
                    described.examples().stream().map(each -> in(each, values)).toList(),
                    described.maxBytes()));
    return new DescribedOperation(
        operation.id(),
        operation.method(),
        operation.route(),
        operation.pointer(),
        parameters,
        body,
        operation.statuses(),
        operation.scope(),
        operation.secured());
  }

  private static JsonNode in(JsonNode example, Map<String, String> values) {
    JsonNode copy = example.deepCopy();
    if (copy instanceof ObjectNode object) {
      values.forEach((name, value) -> {
        if (object.has(name)) {
          object.put(name, value);
        }
      });
    }
    return copy;
  }

  /**
   * Undoes what a request may have done: restores what it deleted or changed, and deletes what it
   * created.
   */
  void restoreAfter(WireRequest request) {
    if (!request.path.contains("/webhooks") || request.method.equalsIgnoreCase("GET")) {
      return;
    }
    boolean there = false;
    for (Webhook each : endpoints()) {
      if (each.getWebhookId().equals(webhookId)) {
        there = true;
        if (!each.getUrl().equals(url) || !each.getEnabled()) {
          webhooks.changeWebhook(
              TENANT, INSTANCE, webhookId, new WebhookChange().url(url).enabled(true));
        }
      } else if (!before.contains(each.getWebhookId())) {
        webhooks.deleteWebhook(TENANT, INSTANCE, each.getWebhookId());
      }
    }
    if (!there) {
      make();
    }
  }

  @Override
  public void close() {
    endpoints().stream()
        .map(Webhook::getWebhookId)
        .filter(id -> !before.contains(id))
        .forEach(id -> webhooks.deleteWebhook(TENANT, INSTANCE, id));
  }
}
