package io.carechat.contracttests.endtoend;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.carechat.client.ApiException;
import io.carechat.client.MessagesApi;
import io.carechat.client.WebhooksApi;
import io.carechat.client.model.CareTeamSender;
import io.carechat.client.model.ClientType;
import io.carechat.client.model.NewMessage;
import io.carechat.client.model.NewWebhook;
import io.carechat.client.model.PingOutcome;
import io.carechat.client.model.SecretRotation;
import io.carechat.client.model.WebhookChange;
import io.carechat.client.model.WebhookManager;
import io.carechat.client.model.WebhookPayload;
import io.carechat.client.model.WebhookWithSecret;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.RunningService;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.paging.Window;
import io.carechat.domain.webhooks.delivery.Delivery;
import io.carechat.domain.webhooks.delivery.DeliveryQueries;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.persistence.PostgresStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A partner manages its endpoints by the API, and gets the webhooks that it asked for. */
@ExtendWith(RunningService.Parameter.class)
final class WebhookManagementIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final RunningService service;
  private final MessagesApi messages;
  private final WebhooksApi webhooks;
  private final UUID patient = UUID.randomUUID();
  private final WireMockServer receiver =
      new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
  private final List<String> made = new ArrayList<>();

  WebhookManagementIT(RunningService service) {
    this.service = service;
    this.messages = service.client(RunningService.ApiKey.PARTNER);
    this.webhooks = new WebhooksApi(service.apiClient(RunningService.ApiKey.PARTNER));
  }

  @BeforeEach
  void listen() {
    receiver.start();
    receiver.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(204)));
  }

  @AfterEach
  void stop() {
    made.forEach(id -> webhooks.deleteWebhook("test-den", "chat2", id));
    receiver.stop();
  }

  private NewWebhook wanted(WebhookPayload payload) {
    return new NewWebhook().url("http://127.0.0.1:" + receiver.port() + "/hooks").payload(payload);
  }

  private WebhookWithSecret created(NewWebhook wanted) {
    WebhookWithSecret created = webhooks.createWebhook("test-den", "chat2", wanted);
    made.add(created.getWebhook().getWebhookId());
    return created;
  }

  private void send(String text) {
    messages.sendMessage("test-den", "chat2", patient, new NewMessage().message(text), null);
  }

  /** The calls that the receiver got about this test's patient, in the order of arrival. */
  private List<LoggedRequest> calls() {
    return receiver.findAll(anyRequestedFor(anyUrl())).stream()
        .filter(call -> call.getBodyAsString().contains(patient.toString()))
        .sorted(Comparator.comparing(LoggedRequest::getLoggedDate))
        .toList();
  }

  private List<LoggedRequest> calls(int count) {
    return Eventually.get(PATIENCE, this::calls, calls -> calls.size() >= count);
  }

  /**
   * Waits until the configured receiver gets a text. Everything that was planned before is due
   * then.
   */
  private void untilTold(String text) {
    Eventually.get(
        PATIENCE,
        () -> service.receiver().findAll(anyRequestedFor(anyUrl())),
        calls ->
            calls.stream()
                .map(LoggedRequest::getBodyAsString)
                .anyMatch(body -> body.contains(patient.toString()) && body.contains(text)));
  }

  private static JsonNode json(LoggedRequest call) {
    try {
      return MAPPER.readTree(call.getBody());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> texts(List<LoggedRequest> calls) {
    return calls.stream().map(call -> json(call).at("/data/message/message").asText()).toList();
  }

  /** Whether the published library of Standard Webhooks accepts a call as genuine. */
  private static boolean verifies(String secret, LoggedRequest call) {
    HttpHeaders headers =
        HttpHeaders.of(
            call.getHeaders().all().stream()
                .collect(Collectors.toMap(header -> header.key(), header -> header.values())),
            (name, value) -> true);
    try {
      new Webhook(secret).verify(new String(call.getBody(), StandardCharsets.UTF_8), headers);
      return true;
    } catch (WebhookVerificationException forged) {
      return false;
    } catch (EmptyWebhookSecretException noSecret) {
      throw new AssertionError(noSecret);
    }
  }

  @Test
  void tellsANewEndpointOfWhatItsFilterTakesFromThenOn() {
    send("before");
    WebhookWithSecret created =
        created(wanted(WebhookPayload.STANDARD).senders(List.of(ClientType.PATIENT)));
    messages.sendMessage(
        "test-den",
        "chat2",
        patient,
        new NewMessage()
            .message("of a nurse")
            .sender(new CareTeamSender().id(UUID.randomUUID()).titleName("Nurse")),
        null);
    List<String> sent = IntStream.range(0, 20).mapToObj(i -> "Zoë 🎉 " + i).toList();
    sent.forEach(this::send);

    List<LoggedRequest> calls = calls(sent.size());
    assertThat(texts(calls)).isEqualTo(sent);
    for (LoggedRequest call : calls) {
      assertThat(verifies(created.getSigningSecret(), call)).isTrue();
      assertThat(call.getUrl()).isEqualTo("/hooks");
      assertThat(call.getHeader("X-WEBHOOK-API-KEY")).isNull();
    }
    assertThat(
            webhooks.listWebhooks("test-den", "chat2").getWebhooks().stream()
                .map(webhook -> webhook.getManaged() + " " + webhook.getWebhookId()))
        .startsWith(WebhookManager.CONFIGURATION + " receiver")
        .contains(WebhookManager.API + " " + created.getWebhook().getWebhookId());
  }

  @Test
  void tellsAThinEndpointNoText() {
    created(wanted(WebhookPayload.THIN));
    send("confidential");

    JsonNode body = json(calls(1).getFirst());
    assertThat(body.path("type").asText()).isEqualTo("message.sent");
    assertThat(body.toString()).doesNotContain("confidential");
    assertThat(
            messages
                .getMessage("test-den", "chat2", patient, body.at("/data/externalId").asText())
                .getMessage()
                .getMessage())
        .isEqualTo("confidential");
  }

  @Test
  void signsWithTheOldOrTheNewSecretWhileItIsReplaced() throws Exception {
    WebhookWithSecret created = created(wanted(WebhookPayload.STANDARD));
    String id = created.getWebhook().getWebhookId();
    var secrets = new CopyOnWriteArrayList<>(List.of(created.getSigningSecret()));
    List<String> sent = IntStream.range(0, 100).mapToObj(i -> "message " + i).toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> sending = threads.submit(() -> sent.forEach(this::send));
      for (int after : List.of(10, 40, 70)) {
        calls(after);
        secrets.add(
            webhooks
                .rotateWebhookSecret(
                    "test-den", "chat2", id, new SecretRotation().overlapSeconds(3600))
                .getSigningSecret());
      }
      sending.get();
    }

    List<LoggedRequest> calls = calls(sent.size());
    assertThat(texts(calls)).isEqualTo(sent);
    int newest = 0;
    for (LoggedRequest call : calls) {
      List<Integer> good =
          IntStream.range(0, secrets.size())
              .filter(i -> verifies(secrets.get(i), call))
              .boxed()
              .toList();
      // The newest secret at that time and the one before it are valid. So a receiver always has
      // one.
      assertThat(good).isNotEmpty();
      assertThat(good.getLast()).isGreaterThanOrEqualTo(newest);
      assertThat(good.getFirst()).isEqualTo(Math.max(0, good.getLast() - 1));
      newest = good.getLast();
    }
    assertThat(newest).isEqualTo(3);
  }

  @Test
  void holdsBackWhatIsForADisabledEndpointAndDeliversItInOrder() {
    WebhookWithSecret created = created(wanted(WebhookPayload.STANDARD));
    String id = created.getWebhook().getWebhookId();
    send("one");
    calls(1);
    webhooks.changeWebhook("test-den", "chat2", id, new WebhookChange().enabled(false));
    send("two");
    send("three");
    untilTold("three");

    assertThat(texts(calls())).containsExactly("one");
    assertThat(webhooks.getWebhook("test-den", "chat2", id).getEnabled()).isFalse();
    webhooks.changeWebhook("test-den", "chat2", id, new WebhookChange().enabled(true));
    assertThat(texts(calls(3))).containsExactly("one", "two", "three");
  }

  @Test
  void sendsNothingToADeletedEndpointAndGivesUpWhatWaited() {
    String id = created(wanted(WebhookPayload.STANDARD).enabled(false)).getWebhook().getWebhookId();
    send("waits");
    untilTold("waits");
    webhooks.deleteWebhook("test-den", "chat2", id);
    made.remove(id);
    send("after");
    untilTold("after");

    var database = service.settings().database();
    try (PostgresStorage storage =
        PostgresStorage.open(
            new PostgresStorage.Settings(database.url(), database.user(), database.password(), 2),
            InstantSource.system(),
            () -> {})) {
      var chat = new ChatId(RunningService.INSTANCE, new PatientId(patient));
      var ofChat = new DeliveryQueries.Filter(null, chat.patient(), null, null);
      List<Delivery> deliveries =
          Eventually.get(
              PATIENCE,
              () ->
                  storage
                      .deliveryQueries()
                      .read(chat.instance(), new EndpointId(id), ofChat, new Window.Newest<>(), 10),
              all -> all.stream().allMatch(each -> each.state() != DeliveryState.PENDING));
      assertThat(deliveries).extracting(Delivery::state).containsExactly(DeliveryState.DEAD);
    }
    assertThat(calls()).isEmpty();
    assertThatThrownBy(() -> webhooks.getWebhook("test-den", "chat2", id))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.getCode()).isEqualTo(404));
  }

  @Test
  void tellsWhatCameOfATestAndFollowsNoRedirect() {
    WebhookWithSecret created =
        created(wanted(WebhookPayload.SOURCE).apiKey("partner key").apiSecret("partner secret"));
    String id = created.getWebhook().getWebhookId();

    assertThat(webhooks.pingWebhook("test-den", "chat2", id).getOk()).isTrue();
    LoggedRequest call = receiver.findAll(anyRequestedFor(anyUrl())).getFirst();
    assertThat(verifies(created.getSigningSecret(), call)).isTrue();
    assertThat(call.getHeader("X-WEBHOOK-API-SECRET")).isEqualTo("partner secret");
    assertThat(call.getBodyAsString())
        .contains("\"message\":\"Webhook test...\"")
        .contains("00000000-0000-0000-0000-000000000000");

    receiver.resetAll();
    receiver.stubFor(
        any(anyUrl())
            .willReturn(
                aResponse()
                    .withStatus(302)
                    .withHeader("Location", "http://127.0.0.1:" + receiver.port() + "/inside")
                    .withBody("over there")));
    PingOutcome redirected = webhooks.pingWebhook("test-den", "chat2", id);
    assertThat(redirected.getOk()).isFalse();
    assertThat(redirected.getStatus()).isEqualTo(302);
    assertThat(redirected.getAnswer()).isEqualTo("over there");
    assertThat(receiver.findAll(anyRequestedFor(anyUrl()))).hasSize(1);

    receiver.stop();
    PingOutcome away = webhooks.pingWebhook("test-den", "chat2", id);
    assertThat(away.getStatus()).isNull();
    assertThat(away.getFailure()).contains("connect");
    receiver.start();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1%25lo]/",
        "http://0.0.0.0/",
        "file:///etc/passwd"
      })
  void refusesAddressesThatOnlyTheServiceCanReach(String url) {
    assertThatThrownBy(() -> created(new NewWebhook().url(url).payload(WebhookPayload.THIN)))
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.getCode()).isEqualTo(400);
              assertThat(e.getResponseBody()).contains("\"pointer\":\"/url\"");
            });
  }

  @Test
  void refusesANameThatDoesNotResolveWhenItIsCalled() {
    String id =
        created(
                new NewWebhook()
                    .url("https://does-not-exist.invalid/")
                    .payload(WebhookPayload.THIN)
                    .enabled(false))
            .getWebhook()
            .getWebhookId();

    PingOutcome outcome = webhooks.pingWebhook("test-den", "chat2", id);
    assertThat(outcome.getOk()).isFalse();
    assertThat(outcome.getFailure()).contains("does not resolve");
  }
}
