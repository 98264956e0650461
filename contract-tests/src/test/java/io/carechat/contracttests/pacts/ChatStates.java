package io.carechat.contracttests.pacts;

import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.carechat.client.MessagesApi;
import io.carechat.client.model.Message;
import io.carechat.client.model.MessagePage;
import io.carechat.client.model.NewMessage;
import io.carechat.contracttests.running.OneDelivery;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Sets up the {@link ProviderStates} of one interaction in the running service. An object serves
 * one interaction; not for use by several threads.
 */
final class ChatStates {
  /** Every state by name, with the names of its parameters. */
  static final Map<String, List<String>> PARAMETERS =
      new TreeMap<>(
          Map.of(
              ProviderStates.NO_CHAT, List.of("patientId"),
              ProviderStates.CHAT, List.of("patientId", "count", "text"),
              ProviderStates.KEY_USED, List.of("patientId", "key", "message"),
              ProviderStates.TO_DELIVER, List.of("patientId", "message"),
              ProviderStates.EXPIRED_CREDENTIAL, List.of("patientId"),
              ProviderStates.CREDENTIAL_OF_ANOTHER, List.of("patientId"),
              ProviderStates.CREDENTIAL_WITHOUT_SCOPE, List.of("patientId", "scope")));

  private final RunningService service;

  /** The patient of this interaction, unless a state names another. */
  private UUID patient = UUID.randomUUID();

  /** What the pact's example of a credential stands for. */
  private ExampleCredential credential = new ExampleCredential.Good();

  private @Nullable LoggedRequest delivered;

  ChatStates(RunningService service) {
    this.service = service;
  }

  ExampleCredential credential() {
    return credential;
  }

  /** The interaction's patient: the states' own, or one that no other has. */
  UUID patient() {
    return patient;
  }

  /** What the real sender posted for {@link ProviderStates#TO_DELIVER}. */
  LoggedRequest delivered() {
    return Objects.requireNonNull(
        delivered, "needs the provider state '" + ProviderStates.TO_DELIVER + "'");
  }

  /**
   * Sets a state up.
   *
   * @return the values for the pact's generators
   * @throws IllegalArgumentException for a state that does not exist, or a parameter that is no
   *     value of its kind, with a message for the pact's author
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
      case ProviderStates.TO_DELIVER ->
          delivered = OneDelivery.received(patient, text(parameters, "message", "hello, world!"));
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
    for (int i = 1; i <= count; i++) {
      values.put("externalId", send(text + i, null).getExternalId());
    }
    MessagePage page =
        service
            .client(ApiKey.PARTNER)
            .findMessages(
                RunningService.PLACE.tenantName(),
                RunningService.PLACE.instanceName(),
                patient,
                2,
                null);
    if (page.getMeta().getNextPageToken() != null) {
      values.put("olderToken", page.getMeta().getNextPageToken());
    }
  }

  /** What every state gives back; takes the patient from the parameters, where they have one. */
  private Map<String, Object> values(Map<String, Object> parameters) {
    patient = UUID.fromString(text(parameters, "patientId", patient.toString()));
    var values = new HashMap<String, Object>();
    values.put("tenantName", RunningService.PLACE.tenantName());
    values.put("instanceName", RunningService.PLACE.instanceName());
    values.put("patientId", patient.toString());
    return values;
  }

  private static String text(Map<String, Object> parameters, String name, String otherwise) {
    return String.valueOf(parameters.getOrDefault(name, otherwise));
  }

  private Message send(String text, @Nullable String key) {
    return service
        .client(ApiKey.PARTNER)
        .sendMessage(
            MessagesApi.APISendMessageRequest.newBuilder()
                .tenantName(RunningService.PLACE.tenantName())
                .instanceName(RunningService.PLACE.instanceName())
                .patientId(patient)
                .newMessage(new NewMessage().message(text))
                .idempotencyKey(key)
                .build());
  }
}
