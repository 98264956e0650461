package io.carechat.rest.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.webhooks.InMemoryWebhookRegistry;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookSubscription;
import io.carechat.domain.webhooks.delivery.DeliveryContract;
import io.carechat.domain.webhooks.management.WebhookManagement;
import io.carechat.rest.ServedApi;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.http.LogCapture;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.http.Received;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The operations with webhook endpoints, over sockets; each answer is held against the contract.
 */
final class WebhookOperationsTest {
  private static final String SMALL =
      "{\"url\":\"https://partner.example/hooks\",\"payload\":\"STANDARD\"}";
  private static final String UNMANAGING = "key-without-webhooks";

  private ServedApi served;

  @BeforeEach
  void serve() {
    served = new ServedApi();
    served.keys.put(
        UNMANAGING,
        new Caller.Partner(
            "partner-6",
            Samples.THIS_INSTANCE,
            EnumSet.complementOf(EnumSet.of(Scope.MANAGE_WEBHOOKS))));
  }

  @AfterEach
  void stop() {
    served.close();
  }

  private static String webhooks(TenantInstance instance) {
    return "/api/v1/" + instance + "/webhooks";
  }

  private static String webhooks() {
    return webhooks(Samples.THIS_INSTANCE);
  }

  private static String webhook(String id) {
    return webhooks() + "/" + id;
  }

  private Received ask(String method, String path, @Nullable String key, @Nullable String json) {
    HttpRequest.Builder request = served.request(path, key);
    if (json == null) {
      request.method(method, BodyPublishers.noBody());
    } else {
      request
          .header("Content-Type", "application/json")
          .method(method, BodyPublishers.ofString(json));
    }
    return served.send(request.build());
  }

  private Received patch(String id, String json) {
    return ask("PATCH", webhook(id), ServedApi.KEY, json);
  }

  private Received created(String json) {
    Received answer = served.post(webhooks(), json);
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer;
  }

  private String newId() {
    return created(SMALL.replace("partner", UUID.randomUUID().toString()))
        .json()
        .at("/webhook/webhookId")
        .asText();
  }

  private static List<String> pointers(Received answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("invalid-request");
    var pointers = new ArrayList<String>();
    answer.json().path("errors").forEach(error -> pointers.add(error.path("pointer").asText()));
    return pointers;
  }

  // --- who may

  static Stream<Arguments> strangers() {
    String home = webhooks();
    return Stream.of(
        Arguments.of("another instance's key", ServedApi.OTHER_INSTANCE, home),
        Arguments.of("another tenant's key", ServedApi.OTHER_TENANT, home),
        Arguments.of("a key without the scope", UNMANAGING, home),
        Arguments.of("a patient with every scope", ServedApi.PATIENTS_TOKEN, home),
        Arguments.of(
            "a key for another instance's path", ServedApi.KEY, webhooks(Samples.OTHER_INSTANCE)),
        Arguments.of(
            "a key for another tenant's path", ServedApi.KEY, webhooks(Samples.OTHER_TENANT)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("strangers")
  void strangersGet403WhateverTheyAskAndChangeNothing(String who, String key, String path) {
    String id = newId();
    String before = served.get(webhooks()).text();
    List<String> details = new ArrayList<>();
    for (String each : List.of(id, "configured", "unknown")) {
      for (Received answer :
          List.of(
              ask("POST", path, key, SMALL),
              ask("GET", path, key, null),
              ask("GET", path + "/" + each, key, null),
              ask("PATCH", path + "/" + each, key, "{\"enabled\":false}"),
              ask("DELETE", path + "/" + each, key, null),
              ask("POST", path + "/" + each + "/ping", key, null),
              ask("POST", path + "/" + each + "/secret", key, "{}"))) {
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("forbidden");
        details.add(answer.json().path("detail").asText());
      }
    }
    assertThat(Set.copyOf(details)).hasSize(1);
    assertThat(served.get(webhooks()).text()).isEqualTo(before);
  }

  @Test
  void withoutACredentialItIs401() {
    assertThat(ask("GET", webhooks(), null, null).status()).isEqualTo(401);
    assertThat(ask("DELETE", webhook(newId()), null, null).status()).isEqualTo(401);
  }

  @Test
  void aMemberOfTheCareTeamWithTheScopeManages() {
    assertThat(served.get(webhooks(), ServedApi.NURSES_TOKEN).status()).isEqualTo(200);
  }

  @Test
  void theEndpointsOfAnotherInstanceAreNotThere() {
    String id = newId();
    for (var other :
        List.of(
            List.of(ServedApi.OTHER_INSTANCE, webhooks(Samples.OTHER_INSTANCE)),
            List.of(ServedApi.OTHER_TENANT, webhooks(Samples.OTHER_TENANT)))) {
      String key = other.getFirst();
      String path = other.getLast();
      assertThat(served.get(path, key).text()).isEqualTo("{\"webhooks\":[]}");
      for (String each : List.of(id, "configured")) {
        for (Received answer :
            List.of(
                ask("GET", path + "/" + each, key, null),
                ask("PATCH", path + "/" + each, key, "{\"enabled\":false}"),
                ask("DELETE", path + "/" + each, key, null),
                ask("POST", path + "/" + each + "/ping", key, null),
                ask("POST", path + "/" + each + "/secret", key, "{}"))) {
          assertThat(answer.status()).isEqualTo(404);
          assertThat(answer.code()).isEqualTo("not-found");
        }
      }
    }
    assertThat(served.get(webhook(id)).json().path("version").asInt()).isOne();
  }

  @Test
  void textsNeedTheScopeForReadingToo() {
    String manager = "key-of-a-manager";
    served.keys.put(
        manager,
        new Caller.Partner("partner-7", Samples.THIS_INSTANCE, Set.of(Scope.MANAGE_WEBHOOKS)));
    String id = newId();
    for (Received answer :
        List.of(
            ask("POST", webhooks(), manager, SMALL),
            ask("PATCH", webhook(id), manager, "{\"url\":\"https://elsewhere.example/\"}"),
            ask("POST", webhook(id) + "/ping", manager, null))) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(403);
      assertThat(answer.code()).isEqualTo("forbidden");
      assertThat(answer.json().path("detail").asText())
          .contains("webhooks:manage")
          .contains("messages:read");
    }

    assertThat(ask("POST", webhooks(), manager, SMALL.replace("STANDARD", "THIN")).status())
        .isEqualTo(201);
    assertThat(ask("PATCH", webhook(id), manager, "{\"enabled\":false}").status()).isEqualTo(200);
  }

  @Test
  void refusesASecondEndpointWithTheSameUrlAndNamesTheFirst() {
    String first = created(SMALL).json().at("/webhook/webhookId").asText();
    String other = newId();
    for (Received answer :
        List.of(
            served.post(webhooks(), SMALL.replace("partner.example", "PARTNER.example:443")),
            patch(other, "{\"url\":\"https://partner.example/hooks\"}"))) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(409);
      assertThat(answer.code()).isEqualTo("conflict");
      assertThat(answer.json().path("detail").asText()).contains(first);
    }
    assertThat(served.post(webhooks(Samples.OTHER_TENANT), ServedApi.OTHER_TENANT, SMALL).status())
        .isEqualTo(201);
  }

  /** Whoever may not test an instance's endpoints does not use up its limit. */
  @Test
  void limitsTheTestsOfAnInstance() {
    String path = webhook(newId()) + "/ping";
    for (int i = 0; i < 40; i++) {
      assertThat(ask("POST", path, ServedApi.OTHER_TENANT, null).status()).isEqualTo(403);
    }
    for (int i = 0; i < 30; i++) {
      assertThat(ask("POST", path, ServedApi.KEY, null).status()).isEqualTo(200);
    }
    Received answer = ask("POST", path, ServedApi.KEY, null);
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.json().path("detail").asText()).contains("30 test calls a minute");
    assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(1, 60);
  }

  // --- creating and reading

  @Test
  void createsWithTheUsualAndTellsTheSecretOnce() {
    Received answer = created(SMALL);
    JsonNode webhook = answer.json().path("webhook");
    String id = webhook.path("webhookId").asText();

    assertThat(answer.header("location")).isEqualTo(webhook(id));
    assertThat(answer.json().path("signingSecret").asText()).matches("whsec_[A-Za-z0-9+/]{43}=");
    assertThat(webhook.toString())
        .isEqualTo(
            "{\"webhookId\":\""
                + id
                + "\",\"url\":\"https://partner.example/hooks\",\"payload\":\"STANDARD\","
                + "\"eventTypes\":[\"message.sent\"],\"senders\":[\"PATIENT\",\"CARE_TEAM\"],"
                + "\"description\":\"\",\"enabled\":true,\"failingSince\":null,\"disabledAt\":null,"
                + "\"disabledReason\":null,\"managed\":\"API\",\"hasCredential\":false,"
                + "\"overlapUntil\":null,\"version\":1,\"createdAt\":\"2021-02-08T17:17:29.000Z\","
                + "\"updatedAt\":\"2021-02-08T17:17:29.000Z\"}");
    assertThat(served.get(answer.header("location")).json()).isEqualTo(webhook);
  }

  @Test
  void createsWithEverythingAndShowsNoSecret() {
    String secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    try (LogCapture logged = new LogCapture()) {
      Received answer =
          created(
              "{\"url\":\"https://partner.example/hooks\",\"payload\":\"SOURCE\","
                  + "\"eventTypes\":[\"message.sent\"],\"senders\":[\"PATIENT\"],"
                  + "\"description\":\"é🎉\",\"enabled\":false,\"apiKey\":\"planted key\","
                  + "\"apiSecret\":\"planted secret\",\"signingSecret\":\""
                  + secret
                  + "\"}");
      JsonNode webhook = answer.json().path("webhook");
      String id = webhook.path("webhookId").asText();
      assertThat(answer.json().path("signingSecret").asText()).isEqualTo(secret);
      assertThat(webhook.path("enabled").asBoolean()).isFalse();
      assertThat(webhook.path("hasCredential").asBoolean()).isTrue();
      assertThat(webhook.path("description").asText()).isEqualTo("é🎉");
      assertThat(DeliveryContract.disabled(served.deliveries, Samples.THIS_INSTANCE))
          .containsExactly(new EndpointId(id));

      for (Received shown :
          List.of(served.get(webhooks()), served.get(webhook(id)), patch(id, "{}"))) {
        assertThat(shown.text())
            .contains(id)
            .doesNotContain("planted")
            .doesNotContain(secret.substring(6));
      }
      assertThat(answer.text()).doesNotContain("planted");
      assertThat(String.join("\n", logged.lines()))
          .doesNotContain("planted")
          .doesNotContain(secret.substring(6));
    }
  }

  @Test
  void listsThoseOfTheConfigurationFirst() {
    String first = newId();
    String second = newId();

    JsonNode all = served.get(webhooks()).json().path("webhooks");
    assertThat(all)
        .extracting(webhook -> webhook.path("webhookId").asText())
        .containsExactlyInAnyOrder("configured", first, second)
        .startsWith("configured");
    assertThat(all.get(0).path("managed").asText()).isEqualTo("CONFIGURATION");
    assertThat(all.get(0).path("version").isNull()).isTrue();
  }

  @Test
  void tellsEveryFaultAtOnce() {
    assertThat(
            pointers(
                served.post(
                    webhooks(),
                    "{\"url\":\"\",\"payload\":\"FAT\",\"eventTypes\":1,\"senders\":[\"ROBOT\"],"
                        + "\"description\":\"\\u0000\",\"apiKey\":\"a\\nplanted\",\"apiSecret\":\" b\","
                        + "\"signingSecret\":\"planted\",\"typo\":1}")))
        .containsExactlyInAnyOrder(
            "/url",
            "/payload",
            "/eventTypes",
            "/senders/0",
            "/description",
            "/apiKey",
            "/apiSecret",
            "/signingSecret",
            "/typo");
    Received answer =
        served.post(
            webhooks(),
            "{\"url\":\"https://10.0.0.1/\",\"payload\":\"SOURCE\","
                + "\"eventTypes\":[\"message.sent\",\"chat.read\"],\"apiSecret\":\"planted\","
                + "\"signingSecret\":\"whsec_"
                + "A".repeat(33)
                + "\"}");
    assertThat(pointers(answer))
        .containsExactly("/url", "/eventTypes", "/apiKey", "/signingSecret");
    assertThat(answer.text()).doesNotContain("planted").contains("4 violations");
    assertThat(served.registry.of(Samples.THIS_INSTANCE)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://partner.example/",
        "https://user:planted@partner.example/",
        "https://partner.example/#planted",
        "https://partner.example:0/",
        "//partner.example/",
        "partner.example",
        "https:///hooks",
        "https://ⓔxample.com/",
        "https://partner.example/ planted",
        "javascript:planted",
        "https://10.0.0.1/"
      })
  void refusesWhatIsNoAddressToCall(String url) {
    Received answer = served.post(webhooks(), "{\"url\":\"" + url + "\",\"payload\":\"THIN\"}");
    assertThat(pointers(answer)).containsExactly("/url");
    assertThat(answer.text()).doesNotContain("planted");
    String id = newId();
    assertThat(pointers(patch(id, "{\"url\":\"" + url + "\"}"))).containsExactly("/url");
    assertThat(served.get(webhook(id)).json().path("version").asInt()).isOne();
  }

  @Test
  void createsNoMoreThanAHundred() {
    for (int i = 0; i < WebhookManagement.MAX; i++) {
      var at = Samples.NOON.plusMillis(i);
      served.registry.add(
          new WebhookEndpoint(
              Samples.THIS_INSTANCE,
              new EndpointId("filler-" + i),
              WebhookSubscription.ofAllMessages(URI.create("https://filler-" + i + ".example/")),
              ServedApi.CONFIGURED.secrets(),
              new WebhookEndpoint.Origin.Api(LogPosition.START, 1, at, at)),
          true,
          WebhookManagement.MAX);
    }
    Received answer = served.post(webhooks(), SMALL);
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.code()).isEqualTo("conflict");
    assertThat(answer.json().path("detail").asText()).contains("100");
    assertThat(served.get(webhooks()).json().path("webhooks")).hasSize(WebhookManagement.MAX + 1);
  }

  @Test
  void saysThatAnInstallationHasNoKeyForSecrets() {
    try (ServedApi without =
        new ServedApi(
            ServedApi.GENEROUS,
            ServerLimits.DEFAULT,
            new InMemoryWebhookRegistry(false, InMemoryWebhookRegistry.Switches.none()))) {
      Received answer = without.post(webhooks(), SMALL);
      assertThat(answer.status()).isEqualTo(409);
      assertThat(answer.json().path("detail").asText()).contains("secrets.key");
      assertThat(without.get(webhooks()).json().path("webhooks")).hasSize(1);
    }
  }

  // --- changing

  @Test
  void changesWhatIsGivenAndNothingElse() {
    Received created = created(SMALL);
    ObjectNode expected = created.json().path("webhook").deepCopy();
    String id = expected.path("webhookId").asText();
    served.clock.move(Duration.ofSeconds(1));

    Received changed =
        patch(
            id,
            "{\"eventTypes\":[\"chat.read\",\"message.sent\",\"chat.read\"],\"description\":\"x\","
                + "\"apiKey\":\"planted\",\"apiSecret\":\"planted\",\"version\":1}");
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
    expected.putArray("eventTypes").add("message.sent").add("chat.read");
    expected.put("description", "x").put("hasCredential", true).put("version", 2);
    expected.put("updatedAt", "2021-02-08T17:17:30.000Z");
    assertThat(changed.json()).isEqualTo(expected);
    assertThat(served.get(webhook(id)).json()).isEqualTo(expected);
  }

  /** Some clients that are generated send an empty array where their caller gave none. */
  @Test
  void takesEmptyArraysForAbsentOnes() {
    Received created = created(SMALL.replace("}", ",\"eventTypes\":[],\"senders\":[]}"));
    JsonNode webhook = created.json().path("webhook");
    assertThat(webhook.path("eventTypes").toString()).isEqualTo("[\"message.sent\"]");
    assertThat(webhook.path("senders").toString()).isEqualTo("[\"PATIENT\",\"CARE_TEAM\"]");
    String id = webhook.path("webhookId").asText();
    patch(id, "{\"eventTypes\":[\"chat.read\"],\"senders\":[\"PATIENT\"]}");

    Received changed = patch(id, "{\"eventTypes\":[],\"senders\":[],\"enabled\":false}");
    assertThat(changed.json().path("eventTypes").toString()).isEqualTo("[\"chat.read\"]");
    assertThat(changed.json().path("senders").toString()).isEqualTo("[\"PATIENT\"]");
    assertThat(changed.json().path("enabled").asBoolean()).isFalse();
  }

  @Test
  void changesOnlyTheVersionThatIsMeant() {
    String id = newId();
    assertThat(patch(id, "{\"description\":\"first\",\"version\":1}").status()).isEqualTo(200);
    Received late = patch(id, "{\"description\":\"second\",\"enabled\":false,\"version\":1}");

    assertThat(late.status()).isEqualTo(409);
    assertThat(late.code()).isEqualTo("conflict");
    JsonNode now = served.get(webhook(id)).json();
    assertThat(now.path("description").asText()).isEqualTo("first");
    assertThat(now.path("enabled").asBoolean()).isTrue();
  }

  @Test
  void doesNotChangeThePayload() {
    assertThat(pointers(patch(newId(), "{\"payload\":\"THIN\"}"))).containsExactly("/payload");
  }

  @Test
  void disablesAndEnables() {
    String id = newId();
    assertThat(patch(id, "{\"enabled\":false}").json().path("enabled").asBoolean()).isFalse();
    assertThat(DeliveryContract.disabled(served.deliveries, Samples.THIS_INSTANCE))
        .containsExactly(new EndpointId(id));
    JsonNode disabled = served.get(webhook(id)).json();
    assertThat(disabled.path("enabled").asBoolean()).isFalse();
    assertThat(disabled.path("disabledAt").isTextual()).isTrue();
    assertThat(disabled.path("disabledReason").isNull()).isTrue();
    assertThat(patch(id, "{\"enabled\":true}").json().path("enabled").asBoolean()).isTrue();
    assertThat(DeliveryContract.disabled(served.deliveries, Samples.THIS_INSTANCE)).isEmpty();
  }

  @Test
  void deletesOnce() {
    String id = newId();
    Received deleted = ask("DELETE", webhook(id), ServedApi.KEY, null);
    assertThat(deleted.status()).isEqualTo(204);
    assertThat(deleted.all("content-type")).isEmpty();
    assertThat(ask("DELETE", webhook(id), ServedApi.KEY, null).status()).isEqualTo(404);
    assertThat(served.get(webhook(id)).status()).isEqualTo(404);
    assertThat(patch(id, "{}").status()).isEqualTo(404);
  }

  /** Generated clients ask for problems only, because no other body is described. */
  @Test
  void deletesForWhoeverTakesAProblemOrJson() {
    for (String accept : List.of("application/problem+json", "application/json", "*/*")) {
      assertThat(deleted(newId(), accept).status()).as(accept).isEqualTo(204);
    }
    String id = newId();
    assertThat(deleted(id, "image/png").status()).isEqualTo(406);
    assertThat(served.get(webhook(id)).status()).isEqualTo(200);
  }

  private Received deleted(String id, String accept) {
    return served.send(
        served.request(webhook(id), ServedApi.KEY).header("Accept", accept).DELETE().build());
  }

  @Test
  void leavesTheConfigurationAlone() {
    String before = served.get(webhook("configured")).text();
    for (Received answer :
        List.of(
            patch("configured", "{\"enabled\":false}"),
            ask("DELETE", webhook("configured"), ServedApi.KEY, null),
            served.post(webhook("configured") + "/secret", "{}"))) {
      assertThat(answer.status()).isEqualTo(409);
      assertThat(answer.json().path("detail").asText()).contains("configuration");
    }
    assertThat(served.get(webhook("configured")).text()).isEqualTo(before);
    assertThat(before).doesNotContain("planted");
  }

  // --- secrets

  @Test
  void rotatesTheSecretWithAnOverlap() {
    Received created = created(SMALL);
    String id = created.json().at("/webhook/webhookId").asText();
    Received rotated = served.post(webhook(id) + "/secret", "{\"overlapSeconds\":3600}");

    assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
    String next = rotated.json().path("signingSecret").asText();
    String former = created.json().path("signingSecret").asText();
    assertThat(next).isNotEqualTo(former);
    assertThat(rotated.json().at("/webhook/overlapUntil").asText())
        .isEqualTo("2021-02-08T18:17:29.000Z");
    WebhookEndpoint kept = served.registry.of(Samples.THIS_INSTANCE).getFirst();
    assertThat(kept.secrets().signingKeysAt(Samples.NOON))
        .containsExactly(new Secret(next.substring(6)), new Secret(former.substring(6)));

    assertThat(
            served.post(webhook(id) + "/secret", "{}").json().at("/webhook/overlapUntil").asText())
        .isEqualTo("2021-02-09T17:17:29.000Z");
    assertThat(pointers(served.post(webhook(id) + "/secret", "{\"overlapSeconds\":604801}")))
        .containsExactly("/overlapSeconds");
    assertThat(
            pointers(
                served.post(
                    webhook(id) + "/secret",
                    "{\"signingSecret\":\"whsec_" + "A".repeat(33) + "\"}")))
        .containsExactly("/signingSecret");
  }

  @Test
  void aRotationIsSafeToRepeatWithASecretOfOnesOwn() {
    Received created = created(SMALL);
    String id = created.json().at("/webhook/webhookId").asText();
    String own = "whsec_" + "C".repeat(42) + "8=";
    String body = "{\"overlapSeconds\":3600,\"signingSecret\":\"" + own + "\"}";
    Received first = served.post(webhook(id) + "/secret", body);
    served.clock.move(Duration.ofMinutes(10));

    Received again = served.post(webhook(id) + "/secret", body);

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.text()).isEqualTo(first.text());
    String former = created.json().path("signingSecret").asText();
    assertThat(
            served
                .registry
                .of(Samples.THIS_INSTANCE)
                .getFirst()
                .secrets()
                .signingKeysAt(served.clock.instant()))
        .containsExactly(new Secret(own.substring(6)), new Secret(former.substring(6)));
  }

  @Test
  void anOverlapThatIsOverIsNotTold() {
    String id = newId();
    served.post(webhook(id) + "/secret", "{\"overlapSeconds\":3600}");
    served.clock.move(Duration.ofHours(1));

    assertThat(served.get(webhook(id)).json().get("overlapUntil").isNull()).isTrue();
    assertThat(
            served
                .post(webhook(id) + "/secret", "{\"overlapSeconds\":0}")
                .json()
                .at("/webhook/overlapUntil")
                .isNull())
        .isTrue();
  }

  // --- testing

  @Test
  void tellsWhatCameOfATest() {
    String id = newId();
    String path = webhook(id) + "/ping";
    assertThat(ask("POST", path, ServedApi.KEY, null).text())
        .isEqualTo(
            "{\"ok\":true,\"status\":204,\"tookMillis\":41,\"answer\":\"\",\"failure\":null}");
    served.pinged =
        endpoint -> new WebhookAnswer.Answered(410, null, "gone é", Duration.ofMillis(3));
    assertThat(ask("POST", path, ServedApi.KEY, null).text())
        .isEqualTo(
            "{\"ok\":false,\"status\":410,\"tookMillis\":3,\"answer\":\"gone é\",\"failure\":null}");
    served.pinged =
        endpoint ->
            new WebhookAnswer.Failed("address 127.0.0.1 is not allowed", Duration.ofMillis(1));
    assertThat(ask("POST", path, ServedApi.KEY, null).text())
        .isEqualTo(
            "{\"ok\":false,\"status\":null,\"tookMillis\":1,\"answer\":\"\","
                + "\"failure\":\"address 127.0.0.1 is not allowed\"}");
    assertThat(served.get(webhook(id)).json().path("enabled").asBoolean()).isTrue();
    assertThat(ask("POST", webhook("configured") + "/ping", ServedApi.KEY, null).status())
        .isEqualTo(200);
  }

  /** An endpoint may take its time to answer, which is its own instance's concern. */
  @Test
  void keepsATestThatHangsFromOtherInstances() throws Exception {
    String hanging = webhook(newId()) + "/ping";
    Received elsewhere = served.post(webhooks(Samples.OTHER_TENANT), ServedApi.OTHER_TENANT, SMALL);
    String others =
        webhooks(Samples.OTHER_TENANT)
            + "/"
            + elsewhere.json().at("/webhook/webhookId").asText()
            + "/ping";
    var begun = new AtomicInteger();
    var released = new CountDownLatch(1);
    WebhookAnswer.Answered answer =
        new WebhookAnswer.Answered(204, null, "", Duration.ofMillis(41));
    served.pinged =
        endpoint -> {
          if (endpoint.instance().equals(Samples.THIS_INSTANCE)) {
            begun.incrementAndGet();
            awaitLatch(released);
          }
          return answer;
        };
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked = new ArrayList<Future<Received>>();
      try {
        for (int i = 0; i < 20; i++) {
          asked.add(threads.submit(() -> ask("POST", hanging, ServedApi.KEY, null)));
        }
        awaitThat(() -> asked.stream().filter(Future::isDone).count() + begun.get() == 20);
        assertThat(ask("POST", others, ServedApi.OTHER_TENANT, null).status()).isEqualTo(200);
        for (Future<Received> each : asked) {
          if (each.isDone()) {
            assertThat(each.get().status()).isEqualTo(503);
            assertThat(each.get().header("retry-after")).isEqualTo("1");
          }
        }
      } finally {
        released.countDown();
      }
      for (Future<Received> each : asked) {
        assertThat(each.get().status()).isIn(200, 503);
      }
    }
    assertThat(begun).hasValue(4);
    assertThat(ask("POST", hanging, ServedApi.KEY, null).status()).isEqualTo(200);
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void awaitThat(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  // --- the frame

  @Test
  void refusesIdsAndMethodsThatThereAreNot() {
    for (String id : List.of("A", "-a", "a".repeat(64), "a.b", "%C3%A9")) {
      Received answer = served.get(webhook(id));
      assertThat(answer.status()).as(id).isEqualTo(400);
      assertThat(answer.json().at("/errors/0/parameter").asText()).isEqualTo("webhookId");
    }
    Received put = ask("PUT", webhook("configured"), ServedApi.KEY, "{}");
    assertThat(put.status()).isEqualTo(405);
    assertThat(put.header("allow")).isEqualTo("DELETE, GET, HEAD, OPTIONS, PATCH");
  }

  @Test
  void hasARateOfItsOwn() {
    var one = new RateLimits.Limit(1, Duration.ofMinutes(1));
    try (ServedApi limited = new ServedApi(new RateLimits(one, one), ServerLimits.DEFAULT)) {
      Received first = limited.get(webhooks());
      assertThat(first.status()).isEqualTo(200);
      assertThat(first.header("ratelimit-policy")).startsWith("\"webhooks\";");
      assertThat(limited.get(webhooks()).status()).isEqualTo(429);
      assertThat(limited.get(ServedApi.newMessages()).status()).isEqualTo(200);
    }
  }

  @Test
  void neverIsAFaultOfTheServiceWhateverIsSent() {
    var random = new Random(7);
    List<String> values =
        List.of(
            "null",
            "true",
            "1",
            "[]",
            "{}",
            "\"\"",
            "\"x\"",
            "\"SOURCE\"",
            "[\"message.sent\"]",
            "[\"PATIENT\",\"PATIENT\"]",
            "[null]",
            "\"https://[::1/\"",
            "\"https://%zz/\"",
            "\"https://partner.example/" + "a".repeat(2000) + "\"",
            "-1",
            "1e400",
            "9007199254740992");
    List<String> members =
        List.of(
            "url",
            "payload",
            "eventTypes",
            "senders",
            "description",
            "enabled",
            "apiKey",
            "apiSecret",
            "signingSecret",
            "version",
            "overlapSeconds");
    String id = newId();
    for (int i = 0; i < 300; i++) {
      var body = new StringBuilder("{");
      for (String member : members) {
        if (random.nextInt(3) == 0) {
          body.append(body.length() > 1 ? "," : "")
              .append("\"" + member + "\":")
              .append(values.get(random.nextInt(values.size())));
        }
      }
      String json = body.append("}").toString();
      for (Received answer :
          List.of(
              served.post(webhooks(), json),
              patch(id, json),
              served.post(webhook(id) + "/secret", json))) {
        assertThat(answer.status()).as(json).isLessThan(500);
      }
    }
    assertThat(served.get(webhook(UUID.randomUUID().toString())).status()).isEqualTo(404);
  }
}
