package io.carechat.contracttests.pacts;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.carechat.client.EventsApi;
import io.carechat.client.MessagesApi;
import io.carechat.client.WebhooksApi;
import io.carechat.client.model.ClientType;
import io.carechat.client.model.Delivery;
import io.carechat.client.model.DeliveryState;
import io.carechat.client.model.Message;
import io.carechat.client.model.MessagePage;
import io.carechat.client.model.NewMessage;
import io.carechat.client.model.NewWebhook;
import io.carechat.client.model.ReadUpTo;
import io.carechat.client.model.Webhook;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.OneDelivery;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import io.carechat.domain.webhooks.WebhookPayload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Sets up the {@link ProviderStates} of one interaction in the running service. Afterwards it
 * removes everything that other interactions would see. An object serves one interaction, and is
 * not for use by several threads.
 */
final class ChatStates implements AutoCloseable {
  /** Every state by name, with the names of its parameters. */
  static final Map<String, List<String>> PARAMETERS =
      new TreeMap<>(
          Map.of(
              ProviderStates.NO_CHAT, List.of("patientId"),
              ProviderStates.CHAT, List.of("patientId", "count", "text"),
              ProviderStates.READ, List.of("patientId", "count", "text", "clientType"),
              ProviderStates.KEY_USED, List.of("patientId", "key", "message"),
              ProviderStates.TO_DELIVER,
                  List.of("patientId", "message", "payload", "event", "clientType"),
              ProviderStates.WEBHOOK, List.of("patientId", "payload", "enabled"),
              ProviderStates.DELIVERY, List.of("patientId", "message", "payload", "state"),
              ProviderStates.EXPIRED_CREDENTIAL, List.of("patientId"),
              ProviderStates.CREDENTIAL_OF_ANOTHER, List.of("patientId"),
              ProviderStates.CREDENTIAL_WITHOUT_SCOPE, List.of("patientId", "scope")));

  private static final String TENANT = RunningService.INSTANCE.tenantName();
  private static final String INSTANCE = RunningService.INSTANCE.instanceName();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final RunningService service;

  /** The patient of this interaction, unless a state names another one. */
  private UUID patient = UUID.randomUUID();

  /** What the example of a credential in the pact stands for. */
  private ExampleCredential credential = new ExampleCredential.Good();

  private WebhookPayload form = WebhookPayload.SOURCE;
  private @Nullable LoggedRequest delivered;
  private final List<String> endpoints = new ArrayList<>();
  private final List<WireMockServer> receivers = new ArrayList<>();

  ChatStates(RunningService service) {
    this.service = service;
  }

  /** Sets the form of what {@link ProviderStates#TO_DELIVER} delivers. The default is SOURCE. */
  void deliverAs(WebhookPayload payload) {
    form = payload;
  }

  ExampleCredential credential() {
    return credential;
  }

  /** The interaction's patient: the one that its states name, or a new one. */
  UUID patient() {
    return patient;
  }

  /** The request that the real sender made for {@link ProviderStates#TO_DELIVER}. */
  LoggedRequest delivered() {
    return Objects.requireNonNull(
        delivered, "needs the provider state '" + ProviderStates.TO_DELIVER + "'");
  }

  /**
   * Sets up a state.
   *
   * @return the values for the pact's generators
   * @throws IllegalArgumentException if the state does not exist, or a parameter has an invalid
   *     value. The message is for the pact's author.
   */
  Map<String, Object> setUp(String state, Map<String, Object> parameters) {
    Map<String, Object> values = values(parameters);
    switch (state) {
      case ProviderStates.NO_CHAT -> {}
      case ProviderStates.CHAT -> chat(parameters, values);
      case ProviderStates.KEY_USED -> {
        String key = text(parameters, "key", UUID.randomUUID().toString());
        values.put("key", key);
        values.put(
            "externalId", send(text(parameters, "message", "hello, world!"), key).getExternalId());
      }
      case ProviderStates.READ -> {
        chat(parameters, values);
        markRead(
            choice(parameters, "clientType", List.of(ClientType.CARE_TEAM, ClientType.PATIENT)),
            String.valueOf(values.get("externalId")));
      }
      case ProviderStates.TO_DELIVER ->
          delivered = delivered(kind(parameters), text(parameters, "message", "hello, world!"));
      case ProviderStates.WEBHOOK -> {
        boolean enabled = choice(parameters, "enabled", List.of(true, false));
        values.put("webhookId", endpoint(payload(parameters), enabled, 204));
      }
      case ProviderStates.DELIVERY -> delivery(parameters, values);
      case ProviderStates.EXPIRED_CREDENTIAL -> credential = new ExampleCredential.Expired();
      case ProviderStates.CREDENTIAL_OF_ANOTHER -> credential = new ExampleCredential.OfAnother();
      case ProviderStates.CREDENTIAL_WITHOUT_SCOPE ->
          credential = new ExampleCredential.Without(text(parameters, "scope", "messages:send"));
      default ->
          throw new IllegalArgumentException(
              "There is no provider state '"
                  + state
                  + "'. There are: '"
                  + String.join("', '", PARAMETERS.keySet())
                  + "'.");
    }
    return values;
  }

  private void chat(Map<String, Object> parameters, Map<String, Object> values) {
    int count = Integer.parseInt(text(parameters, "count", "3"));
    String text = text(parameters, "text", "Hello from API client: ");
    values.put("after", endOfEvents());
    for (int i = 1; i <= count; i++) {
      values.put("externalId", send(text + i, null).getExternalId());
    }
    MessagePage page =
        service.client(ApiKey.PARTNER).findMessages(TENANT, INSTANCE, patient, 2, null);
    if (page.getMeta().getNextPageToken() != null) {
      values.put("olderToken", page.getMeta().getNextPageToken());
    }
  }

  private String endOfEvents() {
    return new EventsApi(service.apiClient(ApiKey.PARTNER))
        .listEvents(TENANT, INSTANCE, "now", null, null)
        .getAfter();
  }

  private void markRead(ClientType side, String externalId) {
    service
        .chats(ApiKey.PARTNER)
        .markRead(
            TENANT, INSTANCE, patient, new ReadUpTo().externalId(externalId).clientType(side));
  }

  private static OneDelivery.Kind kind(Map<String, Object> parameters) {
    boolean byPatient =
        choice(parameters, "clientType", List.of(ClientType.PATIENT, ClientType.CARE_TEAM))
            == ClientType.PATIENT;
    return switch (choice(
        parameters, "event", List.of("message.sent", "chat.read", "webhook.ping"))) {
      case "chat.read" -> OneDelivery.Kind.READ;
      case "webhook.ping" -> OneDelivery.Kind.PING;
      default -> byPatient ? OneDelivery.Kind.SENT_BY_PATIENT : OneDelivery.Kind.SENT_BY_NURSE;
    };
  }

  private LoggedRequest delivered(OneDelivery.Kind kind, String text) {
    if (form == WebhookPayload.SOURCE && kind == OneDelivery.Kind.READ) {
      throw new IllegalArgumentException(
          "With the payload SOURCE there is no event chat.read: it needs STANDARD or THIN.");
    }
    return OneDelivery.received(form, kind, patient, text);
  }

  private static WebhookPayload payload(Map<String, Object> parameters) {
    return choice(
        parameters,
        "payload",
        List.of(WebhookPayload.STANDARD, WebhookPayload.SOURCE, WebhookPayload.THIN));
  }

  private void delivery(Map<String, Object> parameters, Map<String, Object> values) {
    DeliveryState state =
        choice(
            parameters,
            "state",
            List.of(DeliveryState.DELIVERED, DeliveryState.DEAD, DeliveryState.PENDING));
    String webhook =
        endpoint(
            payload(parameters),
            state != DeliveryState.PENDING,
            state == DeliveryState.DEAD ? 503 : 204);
    Message sent = send(text(parameters, "message", "hello, world!"), null);
    Delivery delivery =
        Eventually.get(
                PATIENCE,
                () ->
                    service
                        .deliveriesClient(ApiKey.PARTNER)
                        .listDeliveries(
                            TENANT, INSTANCE, webhook, state, patient, null, null, null, null)
                        .getContent(),
                all -> !all.isEmpty())
            .getFirst();
    values.put("webhookId", webhook);
    values.put("deliveryId", delivery.getDeliveryId());
    values.put("externalId", sent.getExternalId());
  }

  /** Creates an endpoint whose receiver gives this answer. Returns the endpoint's id. */
  private String endpoint(WebhookPayload payload, boolean enabled, int answer) {
    var receiver = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
    receivers.add(receiver);
    receiver.start();
    receiver.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(answer)));
    String id =
        webhooks()
            .createWebhook(
                TENANT,
                INSTANCE,
                new NewWebhook()
                    .url("http://127.0.0.1:" + receiver.port() + "/receive")
                    .payload(io.carechat.client.model.WebhookPayload.fromValue(payload.name()))
                    .apiKey(OneDelivery.API_KEY)
                    .apiSecret(OneDelivery.API_SECRET)
                    .enabled(enabled))
            .getWebhook()
            .getWebhookId();
    endpoints.add(id);
    return id;
  }

  private WebhooksApi webhooks() {
    return new WebhooksApi(service.apiClient(ApiKey.PARTNER));
  }

  @Override
  public void close() {
    Set<String> left =
        endpoints.isEmpty()
            ? Set.of()
            : webhooks().listWebhooks(TENANT, INSTANCE).getWebhooks().stream()
                .map(Webhook::getWebhookId)
                .collect(Collectors.toSet());
    // The interaction itself may have deleted its endpoint.
    endpoints.stream()
        .filter(left::contains)
        .forEach(id -> webhooks().deleteWebhook(TENANT, INSTANCE, id));
    receivers.forEach(WireMockServer::stop);
  }

  /**
   * The values that every state returns. Takes the patient from the parameters, if they name one.
   */
  private Map<String, Object> values(Map<String, Object> parameters) {
    patient = UUID.fromString(text(parameters, "patientId", patient.toString()));
    var values = new HashMap<String, Object>();
    values.put("tenantName", TENANT);
    values.put("instanceName", INSTANCE);
    values.put("patientId", patient.toString());
    return values;
  }

  private static String text(Map<String, Object> parameters, String name, String otherwise) {
    return String.valueOf(parameters.getOrDefault(name, otherwise));
  }

  /** A parameter that must be one of these values. If it is missing, it is the first of them. */
  private static <T> T choice(Map<String, Object> parameters, String name, List<T> values) {
    String given = text(parameters, name, values.getFirst().toString());
    return values.stream()
        .filter(value -> value.toString().equals(given))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "The parameter '"
                    + name
                    + "' must be "
                    + values.stream().map(Object::toString).collect(Collectors.joining(" or "))
                    + ", not '"
                    + given
                    + "'."));
  }

  private Message send(String text, @Nullable String key) {
    return service
        .client(ApiKey.PARTNER)
        .sendMessage(
            MessagesApi.APISendMessageRequest.newBuilder()
                .tenantName(TENANT)
                .instanceName(INSTANCE)
                .patientId(patient)
                .newMessage(new NewMessage().message(text))
                .idempotencyKey(key)
                .build());
  }
}
