package io.carechat.rest.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.DeliveryContract;
import io.carechat.domain.webhooks.delivery.DeliveryOutcome;
import io.carechat.domain.webhooks.delivery.NewDelivery;
import io.carechat.rest.ServedApi;
import io.carechat.rest.http.Received;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The delivery history, as partners see it. */
final class DeliveryOperationsTest {
  private static final String SECRET_TEXT = "confidential words";
  private static final DeliveryOutcome DEAD = new DeliveryOutcome.GaveUp();
  private static final DeliveryOutcome DELIVERED = new DeliveryOutcome.Delivered();

  private ServedApi served;

  @BeforeEach
  void serve() {
    served = new ServedApi();
  }

  @AfterEach
  void stop() {
    served.close();
  }

  private static String path(TenantInstance instance, EndpointId webhook) {
    return "/api/v1/" + instance + "/webhooks/" + webhook + "/deliveries";
  }

  private static String path() {
    return path(Samples.THIS_INSTANCE, ServedApi.CONFIGURED.id());
  }

  private NewDelivery planned(ChatId chat) {
    return planned(chat, ServedApi.CONFIGURED.id());
  }

  private NewDelivery planned(ChatId chat, EndpointId webhook) {
    Message message = Samples.stored(served.events, chat, SECRET_TEXT);
    LogPosition position = served.events.end();
    var delivery =
        new NewDelivery(
            new DeliveryId(UUID.randomUUID()),
            webhook,
            position,
            new ChatEvent.MessageSent(message),
            URI.create("https://chat.example/" + chat));
    assertThat(
            served.deliveries.plan(
                served.deliveries.plannedUpTo(),
                position,
                List.of(delivery),
                served.clock.instant()))
        .isTrue();
    return delivery;
  }

  private void attempt(DeliveryOutcome outcome) {
    Instant now = served.clock.instant();
    ClaimedDelivery claimed =
        served
            .deliveries
            .claim(1, now, Duration.ofMinutes(1), DeliveryContract.NO_LIMITS)
            .getFirst();
    WebhookAnswer answer =
        outcome.equals(DELIVERED)
            ? new WebhookAnswer.Answered(204, null, "", Duration.ofMillis(12))
            : new WebhookAnswer.Failed(
                "The endpoint did not answer in time.", Duration.ofMillis(15_003));
    assertThat(served.deliveries.settle(claimed, answer, outcome, now)).isTrue();
  }

  private NewDelivery planned(ChatId chat, DeliveryOutcome outcome) {
    NewDelivery delivery = planned(chat);
    attempt(outcome);
    return delivery;
  }

  private static List<String> ids(Received page) {
    assertThat(page.status()).isEqualTo(200);
    var ids = new ArrayList<String>();
    page.json().path("content").forEach(each -> ids.add(each.path("deliveryId").asText()));
    return ids;
  }

  private Received post(String path, String key) {
    return served.send(served.request(path, key).POST(BodyPublishers.noBody()).build());
  }

  @Test
  void aDeliveryIsToldWithEachTryAndWithoutItsText() {
    ChatId chat = Samples.newChat();
    NewDelivery delivery = planned(chat);
    attempt(new DeliveryOutcome.RetryAt(served.clock.instant().plusSeconds(5)));

    Received answer = served.get(path() + "/" + delivery.id());

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text())
        .isEqualTo(
            "{\"deliveryId\":\""
                + delivery.id()
                + "\",\"event\":{\"id\":\"1-1\",\"type\":\"message.sent\"},\"patientId\":\""
                + chat.patient()
                + "\",\"externalId\":\""
                + delivery.message().externalId()
                + "\",\"state\":\"PENDING\",\"attemptCount\":1,\"createdAt\":\"2021-02-08T17:17:29.000Z\","
                + "\"redeliveredAt\":null,\"nextAttemptAt\":\"2021-02-08T17:17:34.000Z\",\"waitsFor\":null,"
                + "\"attempts\":[{\"attempt\":1,\"endedAt\":\"2021-02-08T17:17:29.000Z\",\"tookMillis\":15003,"
                + "\"status\":null,\"answer\":null,\"failure\":\"The endpoint did not answer in time.\"}]}");
    assertThat(served.get(path()).text()).doesNotContain(SECRET_TEXT);
  }

  @Test
  void pagesLeadThroughTheHistoryInBothDirectionsWhileItGrows() {
    var newestFirst = new ArrayList<String>();
    for (int i = 0; i < 7; i++) {
      newestFirst.addFirst(
          planned(Samples.newChat(), i % 2 == 0 ? DEAD : DELIVERED).id().toString());
    }
    Received page = served.get(path() + "?pageSize=3");
    String newer = page.json().at("/meta/prevPageToken").asText();
    var seen = new ArrayList<>(ids(page));
    String added = planned(Samples.newChat(), DEAD).id().toString();
    JsonNode next = page.json().at("/meta/nextPageToken");
    while (!next.isNull()) {
      page = served.get(path() + "?pageToken=" + encoded(next.asText()));
      seen.addAll(ids(page));
      next = page.json().at("/meta/nextPageToken");
    }
    assertThat(seen).isEqualTo(newestFirst);

    assertThat(ids(served.get(path() + "?pageToken=" + encoded(newer)))).containsExactly(added);
    String back = page.json().at("/meta/prevPageToken").asText();
    assertThat(ids(served.get(path() + "?pageToken=" + encoded(back))))
        .isEqualTo(newestFirst.subList(3, 6));
  }

  @Test
  void anEmptyHistoryTellsHowToComeBack() {
    Received empty = served.get(path());
    assertThat(ids(empty)).isEmpty();
    assertThat(empty.json().at("/meta/nextPageToken").isNull()).isTrue();
    String token = empty.json().at("/meta/prevPageToken").asText();

    NewDelivery delivery = planned(Samples.newChat());

    Received page = served.get(path() + "?pageToken=" + encoded(token));
    assertThat(ids(page)).containsExactly(delivery.id().toString());
    String end = page.json().at("/meta/prevPageToken").asText();
    Received after = served.get(path() + "?pageToken=" + encoded(end));
    assertThat(ids(after)).isEmpty();
    assertThat(after.json().at("/meta/prevPageToken").asText()).isEqualTo(end);
    String turn = after.json().at("/meta/nextPageToken").asText();
    assertThat(ids(served.get(path() + "?pageToken=" + encoded(turn))))
        .containsExactly(delivery.id().toString());
  }

  @Test
  void theHistoryIsFiltered() {
    ChatId chat = Samples.newChat();
    String dead = planned(chat, DEAD).id().toString();
    String delivered = planned(Samples.newChat(), DELIVERED).id().toString();

    assertThat(ids(served.get(path() + "?state=DEAD"))).containsExactly(dead);
    assertThat(ids(served.get(path() + "?state=DELIVERED"))).containsExactly(delivered);
    assertThat(ids(served.get(path() + "?patientId=" + chat.patient()))).containsExactly(dead);
    assertThat(ids(served.get(path() + "?from=2021-02-08T17:17:29Z")))
        .containsExactly(delivered, dead);
    assertThat(ids(served.get(path() + "?to=2021-02-08T17:17:29Z"))).isEmpty();
  }

  @Test
  void aDeadDeliveryIsMadeAgain() {
    NewDelivery dead = planned(Samples.newChat(), DEAD);

    Received answer = post(path() + "/" + dead.id() + "/redeliver", ServedApi.KEY);

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().path("state").asText()).isEqualTo("PENDING");
    assertThat(answer.json().path("redeliveredAt").asText()).isEqualTo("2021-02-08T17:17:29.000Z");
    assertThat(served.redeliveries).hasValue(1);
    attempt(DELIVERED);
    JsonNode delivery = served.get(path() + "/" + dead.id()).json();
    assertThat(delivery.path("state").asText()).isEqualTo("DELIVERED");
    assertThat(delivery.at("/attempts/1/attempt").asInt()).isEqualTo(2);
    assertThat(delivery.at("/attempts/1/status").asInt()).isEqualTo(204);
  }

  @Test
  void aDeliveryThatWaitsForAnotherIsA409ThatNamesIt() {
    ChatId chat = Samples.newChat();
    NewDelivery first = planned(chat);
    NewDelivery second = planned(chat);

    Received answer = post(path() + "/" + second.id() + "/redeliver", ServedApi.KEY);

    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.code()).isEqualTo("conflict");
    assertThat(answer.json().path("detail").asText()).contains(first.id().toString());
    assertThat(served.redeliveries).hasValue(0);
    assertThat(served.get(path() + "/" + second.id()).json().path("waitsFor").asText())
        .isEqualTo(first.id().toString());
  }

  @Test
  void aWebhookTellsSinceWhenItFailsAndWhenAndWhyItWasDisabled() {
    String webhook = "/api/v1/" + Samples.THIS_INSTANCE + "/webhooks/" + ServedApi.CONFIGURED.id();
    planned(Samples.newChat(), new DeliveryOutcome.RetryAt(Samples.NOON.plusSeconds(5)));
    JsonNode failing = served.get(webhook).json();
    assertThat(failing.path("failingSince").asText()).isEqualTo("2021-02-08T17:17:29.000Z");
    assertThat(failing.path("enabled").asBoolean()).isTrue();
    assertThat(failing.path("disabledAt").isNull()).isTrue();

    Instant later = Samples.NOON.plusSeconds(1);
    assertThat(served.deliveries.disableFailing(Duration.ZERO, later)).isEqualTo(1);
    JsonNode disabled = served.get(webhook).json();
    assertThat(disabled.path("disabledReason").asText()).isEqualTo("FAILING");
    assertThat(disabled.path("disabledAt").asText()).isEqualTo("2021-02-08T17:17:30.000Z");
    assertThat(disabled.path("enabled").asBoolean()).isFalse();
  }

  @Test
  void allThatIsDeadOrAllIsMadeAgain() {
    planned(Samples.newChat(), DEAD);
    planned(Samples.newChat(), DELIVERED);

    assertThat(served.post(path() + "/redeliver", "{}").text()).isEqualTo("{\"count\":1}");
    Received tooEarly = served.post(path() + "/redeliver", "{\"state\":\"ALL\"}");
    assertThat(tooEarly.status()).isEqualTo(429);
    assertThat(tooEarly.header("retry-after")).isEqualTo("60");
    assertThat(tooEarly.json().path("detail").asText()).contains("not finished");
    finishRedeliveries();
    assertThat(served.post(path() + "/redeliver", "{\"state\":\"ALL\"}").text())
        .isEqualTo("{\"count\":1}");
    finishRedeliveries();
    assertThat(
            served
                .post(
                    path() + "/redeliver",
                    "{\"state\":\"ALL\",\"since\":\"2021-02-08T17:17:29.001Z\"}")
                .text())
        .isEqualTo("{\"count\":0}");
    assertThat(served.redeliveries).hasValue(3);
  }

  private void finishRedeliveries() {
    while (served.deliveries.continueBatch(100, served.clock.instant())) {
      // Until nothing is left.
    }
  }

  @Test
  void everythingOfAWebhookIsMadeAgainTenTimesAnHour() {
    String other = path(Samples.OTHER_TENANT, ServedApi.CONFIGURED.id());
    for (int i = 0; i < 10; i++) {
      assertThat(served.post(path() + "/redeliver", "key-of-another-tenant", "{}").status())
          .isEqualTo(403);
      assertThat(served.post(path() + "/redeliver", "{}").status()).isEqualTo(202);
      // What is refused because of an earlier one does not count.
      assertThat(served.post(path() + "/redeliver", "{}").status()).isEqualTo(429);
      finishRedeliveries();
    }
    Received answer = served.post(path() + "/redeliver", "{}");
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.json().path("detail").asText()).contains("10 times an hour");
    assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(300, 3_600);
    assertThat(served.post(other + "/redeliver", "key-of-another-tenant", "{}").status())
        .isEqualTo(404);
  }

  /** Whoever may not make an endpoint receive texts does not use up the limits of its instance. */
  @Test
  void whoeverMayNotReadUsesUpNoLimit() {
    String manager = "key-of-a-manager";
    served.keys.put(
        manager,
        new Caller.Partner("manager", Samples.THIS_INSTANCE, Set.of(Scope.MANAGE_WEBHOOKS)));
    NewDelivery dead = planned(Samples.newChat(), DEAD);
    String single = path() + "/" + dead.id() + "/redeliver";
    for (int i = 0; i < 70; i++) {
      assertThat(post(single, manager).status()).isEqualTo(403);
      assertThat(served.post(path() + "/redeliver", manager, "{}").status()).isEqualTo(403);
    }
    assertThat(post(single, ServedApi.KEY).status()).isEqualTo(202);
    assertThat(served.post(path() + "/redeliver", "{}").status()).isEqualTo(202);
  }

  @Test
  void singleDeliveriesAreMadeAgainSixtyTimesAMinute() {
    NewDelivery dead = planned(Samples.newChat(), DEAD);
    String path = path() + "/" + dead.id() + "/redeliver";
    for (int i = 0; i < 60; i++) {
      assertThat(post(path, ServedApi.KEY).status()).isEqualTo(202);
    }
    Received answer = post(path, ServedApi.KEY);
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.json().path("detail").asText()).contains("60 single redeliveries");
  }

  @Test
  void nothingIsMadeAgainForAWebhookThatWasDeleted() {
    var webhook =
        new EndpointId(
            served
                .post(
                    "/api/v1/" + Samples.THIS_INSTANCE + "/webhooks",
                    "{\"url\":\"https://partner.example/hooks\",\"payload\":\"STANDARD\"}")
                .json()
                .at("/webhook/webhookId")
                .asText());
    NewDelivery dead = planned(Samples.newChat(), webhook);
    attempt(DEAD);
    String path = path(Samples.THIS_INSTANCE, webhook);
    assertThat(
            served
                .send(
                    served.request(path.replace("/deliveries", ""), ServedApi.KEY).DELETE().build())
                .status())
        .isEqualTo(204);

    for (Received answer :
        List.of(
            post(path + "/" + dead.id() + "/redeliver", ServedApi.KEY),
            served.post(path + "/redeliver", "{}"))) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(409);
      assertThat(answer.code()).isEqualTo("conflict");
      assertThat(answer.json().path("detail").asText()).contains("deleted");
    }
    String unknown = new DeliveryId(UUID.randomUUID()).toString();
    assertThat(post(path + "/" + unknown + "/redeliver", ServedApi.KEY).status()).isEqualTo(404);
    assertThat(served.redeliveries).hasValue(0);
    // Its delivery history can still be read.
    assertThat(served.get(path + "/" + dead.id()).json().path("state").asText()).isEqualTo("DEAD");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "key-of-reading",
        "key-of-sending",
        "token.of.the-patient",
        "key-of-another-instance",
        "key-of-another-tenant"
      })
  void credentialsThatDoNotManageWebhooksGet403WhetherOrNotTheThingExists(String key) {
    NewDelivery dead = planned(Samples.newChat(), DEAD);

    for (EndpointId webhook : List.of(ServedApi.CONFIGURED.id(), new EndpointId("unknown"))) {
      String path = path(Samples.THIS_INSTANCE, webhook);
      for (Received answer :
          List.of(
              served.get(path, key),
              served.get(path + "/" + dead.id(), key),
              post(path + "/" + dead.id() + "/redeliver", key),
              served.post(path + "/redeliver", key, "{}"))) {
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("forbidden");
      }
    }
    assertThat(served.get(path(), null).status()).isEqualTo(401);
    assertThat(served.redeliveries).hasValue(0);
    assertThat(served.get(path() + "/" + dead.id()).json().path("state").asText())
        .isEqualTo("DEAD");
  }

  @ParameterizedTest
  @CsvSource({"key-of-another-instance,test-den,chat3", "key-of-another-tenant,other-den,chat2"})
  void nothingIsFoundFromAnotherInstanceOrTenant(String key, String tenant, String instance) {
    NewDelivery dead = planned(Samples.newChat(), DEAD);
    String path = path(new TenantInstance(tenant, instance), ServedApi.CONFIGURED.id());

    for (Received answer :
        List.of(
            served.get(path, key),
            served.get(path + "/" + dead.id(), key),
            post(path + "/" + dead.id() + "/redeliver", key),
            served.post(path + "/redeliver", key, "{}"))) {
      assertThat(answer.status()).isEqualTo(404);
    }
    assertThat(served.get(path() + "/" + dead.id()).json().path("state").asText())
        .isEqualTo("DEAD");
  }

  @Test
  void whatIsNotThereIsA404() {
    String unknown = new DeliveryId(UUID.randomUUID()).toString();
    assertThat(served.get(path() + "/" + unknown).json().path("detail").asText())
        .contains("deliveryId");
    assertThat(post(path() + "/" + unknown + "/redeliver", ServedApi.KEY).status()).isEqualTo(404);
    Received noWebhook = served.get(path(Samples.THIS_INSTANCE, new EndpointId("unknown")));
    assertThat(noWebhook.status()).isEqualTo(404);
    assertThat(noWebhook.json().path("detail").asText()).contains("webhookId");
    assertThat(
            served
                .post(path(Samples.THIS_INSTANCE, new EndpointId("unknown")) + "/redeliver", "{}")
                .status())
        .isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "?state=GONE | state",
        "?patientId=1 | patientId",
        "?from=yesterday | from",
        "?pageSize=201 | pageSize",
        "?before=x | before",
        "/WH12 | deliveryId",
        "/IM01a205fc20247ee0b2935dff50fe5af7 | deliveryId",
      })
  void aParameterThatBreaksTheContractIsNamed(String rest, String parameter) {
    Received answer = served.get(path() + rest);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/parameter").asText()).isEqualTo(parameter);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "e30=",
        // A chat's token; then one with an event that is none, and with too large a one.
        "eyJ0eXBlIjoiTE9DQUxfRklORCIsInBhZ2VTaXplIjoyLCJib3JkZXJEYXRlIjoiMjAyMS0wMy0wNVQxNjowNzozMS4yOThaIiwiYmVmb3JlIjp0cnVlfQ==",
        "{\"type\":\"DELIVERIES\",\"pageSize\":1,\"borderDate\":\"2021-02-08T17:17:29.012Z\",\"eventId\":\"x\",\"before\":true}",
        "{\"type\":\"DELIVERIES\",\"pageSize\":1,\"borderDate\":\"2021-02-08T17:17:29.012Z\",\"eventId\":\"1-9999999999999999999\",\"before\":true}",
        "{\"type\":\"DELIVERIES\",\"pageSize\":1,\"borderDate\":\"2021-02-08T17:17:29.012Z\",\"before\":true}",
      })
  void aTokenThatIsNotOneOfAHistoryIsA400(String token) {
    String sent =
        token.startsWith("{")
            ? Base64.getEncoder().encodeToString(token.getBytes(StandardCharsets.UTF_8))
            : token;
    Received answer = served.get(path() + "?pageToken=" + encoded(sent));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("invalid-page-token");
  }

  @Test
  void aBodyThatBreaksTheContractIsA400() {
    for (String body :
        List.of("[]", "{\"state\":\"PENDING\"}", "{\"since\":\"now\"}", "{\"all\":true}")) {
      assertThat(served.post(path() + "/redeliver", body).status()).isEqualTo(400);
    }
    assertThat(served.get(path() + "/redeliver").status()).isEqualTo(405);
    assertThat(served.redeliveries).hasValue(0);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
