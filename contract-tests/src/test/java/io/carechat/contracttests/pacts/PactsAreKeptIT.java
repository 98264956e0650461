package io.carechat.contracttests.pacts;

import static org.assertj.core.api.Assertions.assertThat;

import au.com.dius.pact.core.model.DefaultPactReader;
import au.com.dius.pact.core.model.Interaction;
import au.com.dius.pact.core.model.Pact;
import au.com.dius.pact.provider.MessageAndMetadata;
import au.com.dius.pact.provider.PactVerifyProvider;
import au.com.dius.pact.provider.junit5.MessageTestTarget;
import au.com.dius.pact.provider.junit5.PactVerificationContext;
import au.com.dius.pact.provider.junit5.PactVerificationInvocationContextProvider;
import au.com.dius.pact.provider.junitsupport.Provider;
import au.com.dius.pact.provider.junitsupport.State;
import au.com.dius.pact.provider.junitsupport.loader.PactFolder;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.carechat.client.MessagesApi;
import io.carechat.client.model.Message;
import io.carechat.client.model.MessagePage;
import io.carechat.client.model.NewMessage;
import io.carechat.contracttests.running.OneDelivery;
import io.carechat.contracttests.running.RunningService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/** The running service keeps every pact in the folder. */
@Provider("carechat")
@PactFolder("${carechat.pacts}")
@ExtendWith(RunningService.Parameter.class)
final class PactsAreKeptIT {
  /** The pacts that must have been there, with the number of their interactions. */
  private static final Map<String, Integer> OURS =
      Map.of("patient-app", 10, "partner-server", 9, "webhook-receiver", 1);

  private static final Map<String, Set<String>> KEPT = new TreeMap<>();

  private final RunningService service;

  /** The patient of this interaction, unless a state names another. */
  private UUID patient = UUID.randomUUID();

  /** What the pact's example of a credential stands for. */
  private ExampleCredential credential = new ExampleCredential.Good();

  private @Nullable LoggedRequest delivered;

  PactsAreKeptIT(RunningService service) {
    this.service = service;
  }

  @BeforeEach
  void target(PactVerificationContext context) {
    context.setTarget(new CredentialTarget(service, () -> credential));
    context.addAdditionalTarget(
        new MessageTestTarget(List.of(getClass().getPackageName()), getClass().getClassLoader()));
  }

  @TestTemplate
  @ExtendWith(PactVerificationInvocationContextProvider.class)
  void isKept(PactVerificationContext context) {
    context.verifyInteraction();
    KEPT.computeIfAbsent(context.getPact().getConsumer().getName(), name -> new TreeSet<>())
        .add(context.getInteraction().getDescription());
  }

  /** That nothing failed is worth nothing if there was nothing to fail. */
  @AfterAll
  static void everyPactWasThere() throws IOException {
    Map<String, Set<String>> written = new TreeMap<>();
    try (Stream<Path> files =
        Files.list(Path.of(Objects.requireNonNull(System.getProperty("carechat.pacts"))))) {
      for (Path file : files.toList()) {
        Pact pact = DefaultPactReader.INSTANCE.loadPact(file.toFile());
        written.put(
            pact.getConsumer().getName(),
            pact.getInteractions().stream()
                .map(Interaction::getDescription)
                .collect(Collectors.toCollection(TreeSet::new)));
      }
    }
    assertThat(KEPT).isEqualTo(written);
    OURS.forEach((consumer, interactions) -> assertThat(KEPT.get(consumer)).hasSize(interactions));
  }

  @State(ProviderStates.NO_CHAT)
  Map<String, Object> noChat(Map<String, Object> parameters) {
    return values(parameters);
  }

  @State(ProviderStates.CHAT)
  Map<String, Object> chat(Map<String, Object> parameters) {
    Map<String, Object> values = values(parameters);
    int count = Integer.parseInt(text(parameters, "count", "3"));
    String text = text(parameters, "text", "Hello from API client: ");
    for (int i = 1; i <= count; i++) {
      values.put("externalId", send(text + i, null).getExternalId());
    }
    MessagePage page = messages().findMessages("test-den", "chat2", patient, 2, null);
    if (page.getMeta().getNextPageToken() != null) {
      values.put("olderToken", page.getMeta().getNextPageToken());
    }
    return values;
  }

  @State(ProviderStates.KEY_USED)
  Map<String, Object> keyUsed(Map<String, Object> parameters) {
    Map<String, Object> values = values(parameters);
    String key = text(parameters, "key", UUID.randomUUID().toString());
    values.put("key", key);
    values.put(
        "externalId", send(text(parameters, "message", "hello, world!"), key).getExternalId());
    return values;
  }

  @State(ProviderStates.TO_DELIVER)
  Map<String, Object> toDeliver(Map<String, Object> parameters) {
    Map<String, Object> values = values(parameters);
    delivered = OneDelivery.received(patient, text(parameters, "message", "hello, world!"));
    return values;
  }

  @State(ProviderStates.EXPIRED_CREDENTIAL)
  Map<String, Object> expired(Map<String, Object> parameters) {
    credential = new ExampleCredential.Expired();
    return values(parameters);
  }

  @State(ProviderStates.CREDENTIAL_OF_ANOTHER)
  Map<String, Object> ofAnother(Map<String, Object> parameters) {
    credential = new ExampleCredential.OfAnother();
    return values(parameters);
  }

  @State(ProviderStates.CREDENTIAL_WITHOUT_SCOPE)
  Map<String, Object> withoutScope(Map<String, Object> parameters) {
    credential = new ExampleCredential.Without(text(parameters, "scope", "messages:send"));
    return values(parameters);
  }

  /** What the real sender posts. */
  @PactVerifyProvider(WebhookReceiverPactTest.DESCRIPTION)
  MessageAndMetadata delivery() {
    LoggedRequest call = Objects.requireNonNull(delivered, "the state was not set up");
    var headers = new HashMap<String, Object>();
    call.getHeaders().all().forEach(header -> headers.put(header.key(), header.firstValue()));
    headers.put("contentType", call.getHeader("Content-Type"));
    return new MessageAndMetadata(call.getBody(), headers);
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

  private MessagesApi messages() {
    return service.client(RunningService.ApiKey.PARTNER);
  }

  private Message send(String text, @Nullable String key) {
    return messages()
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
