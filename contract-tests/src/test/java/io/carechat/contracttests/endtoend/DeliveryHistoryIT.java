package io.carechat.contracttests.endtoend;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import io.carechat.client.ApiException;
import io.carechat.client.DeliveriesApi;
import io.carechat.client.MessagesApi;
import io.carechat.client.model.Delivery;
import io.carechat.client.model.DeliveryAttempt;
import io.carechat.client.model.DeliveryPage;
import io.carechat.client.model.DeliveryState;
import io.carechat.client.model.NewMessage;
import io.carechat.client.model.Redelivery;
import io.carechat.client.model.RedeliveryCount;
import io.carechat.client.model.RedeliveryState;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import io.carechat.contracttests.running.SignedCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A receiver fails and recovers. The delivery history shows this, and has the missed calls made
 * again.
 */
@ExtendWith(RunningService.Parameter.class)
final class DeliveryHistoryIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TENANT = RunningService.INSTANCE.tenantName();
  private static final String INSTANCE = RunningService.INSTANCE.instanceName();
  private static final String WEBHOOK = "receiver";

  private final RunningService service;
  private final MessagesApi messages;
  private final DeliveriesApi deliveries;
  private final UUID patient = UUID.randomUUID();

  DeliveryHistoryIT(RunningService service) {
    this.service = service;
    this.messages = service.client(ApiKey.PARTNER);
    this.deliveries = service.deliveriesClient(ApiKey.PARTNER);
  }

  private void send(String text) {
    messages.sendMessage(TENANT, INSTANCE, patient, new NewMessage().message(text), null);
  }

  /** The delivery history, oldest first. */
  private List<Delivery> history() {
    DeliveryPage page =
        deliveries.listDeliveries(TENANT, INSTANCE, WEBHOOK, null, patient, null, null, 200, null);
    return page.getContent().reversed();
  }

  private List<Delivery> awaitStates(DeliveryState... states) {
    return Eventually.get(
        PATIENCE,
        this::history,
        now -> now.stream().map(Delivery::getState).toList().equals(List.of(states)));
  }

  private List<SignedCall> calls() {
    return service.receiver().findAll(WireMock.anyRequestedFor(anyUrl())).stream()
        .filter(call -> call.getBodyAsString().contains(patient.toString()))
        .map(call -> SignedCall.verified(service.signingKey(), call))
        .toList();
  }

  private StubMapping failing() {
    return service
        .receiver()
        .stubFor(
            any(anyUrl())
                .atPriority(1)
                .withRequestBody(matchingJsonPath("$[?(@.patientId == '" + patient + "')]"))
                .willReturn(aResponse().withStatus(500).withBody("out of order")));
  }

  @Test
  void whatFailedIsToldAndMadeAgainInOrder() {
    StubMapping failing = failing();
    for (String text : List.of("one", "two", "three")) {
      send(text);
    }
    List<Delivery> dead = awaitStates(DeliveryState.DEAD, DeliveryState.DEAD, DeliveryState.DEAD);
    List<DeliveryAttempt> attempts =
        deliveries
            .getDelivery(TENANT, INSTANCE, WEBHOOK, dead.getFirst().getDeliveryId())
            .getAttempts();
    assertThat(attempts).extracting(DeliveryAttempt::getAttempt).containsExactly(1, 2, 3);
    assertThat(attempts).extracting(DeliveryAttempt::getStatus).containsOnly(500);
    assertThat(attempts).extracting(DeliveryAttempt::getAnswer).containsOnly("out of order");
    assertThat(attempts).isSortedAccordingTo((a, b) -> a.getEndedAt().compareTo(b.getEndedAt()));
    List<SignedCall> failed = calls();
    assertThat(failed).hasSize(9);

    service.receiver().removeStub(failing);
    String second = dead.get(1).getDeliveryId();
    Delivery again = deliveries.redeliver(TENANT, INSTANCE, WEBHOOK, second);
    assertThat(again.getDeliveryId()).isEqualTo(second);
    awaitStates(DeliveryState.DEAD, DeliveryState.DELIVERED, DeliveryState.DEAD);

    send("four");
    awaitStates(
        DeliveryState.DEAD, DeliveryState.DELIVERED, DeliveryState.DEAD, DeliveryState.DELIVERED);
    // There may be dead deliveries of other tests.
    assertThat(deliveries.redeliverAll(TENANT, INSTANCE, WEBHOOK, new Redelivery()).getCount())
        .isGreaterThanOrEqualTo(2);
    List<Delivery> delivered =
        awaitStates(
            DeliveryState.DELIVERED,
            DeliveryState.DELIVERED,
            DeliveryState.DELIVERED,
            DeliveryState.DELIVERED);
    assertThat(texts(calls(), 9)).containsExactly("two", "four", "one", "three");

    var since = new Redelivery().state(RedeliveryState.ALL).since(delivered.get(2).getCreatedAt());
    assertThat(redeliverAllAfterTheEarlierOne(since).getCount()).isGreaterThanOrEqualTo(2);
    List<SignedCall> all = Eventually.get(PATIENCE, this::calls, now -> now.size() >= 15);
    assertThat(texts(all, 13)).endsWith("three", "four").hasSizeBetween(2, 4);
    var ids = new HashSet<String>();
    var bodies = new HashSet<String>();
    all.forEach(call -> {
      ids.add(call.id());
      bodies.add(call.body());
    });
    assertThat(ids)
        .containsExactlyInAnyOrderElementsOf(
            delivered.stream().map(Delivery::getDeliveryId).toList());
    assertThat(bodies).as("the same bytes on every try").hasSize(4);
  }

  private static List<String> texts(List<SignedCall> calls, int from) {
    return new ArrayList<>(
        calls.subList(from, calls.size()).stream().map(SignedCall::text).toList());
  }

  @Test
  void nobodyElseSeesOrRedeliversIt() {
    send("for this instance");
    String id = awaitStates(DeliveryState.DELIVERED).getFirst().getDeliveryId();

    for (ApiKey key :
        List.of(ApiKey.READER, ApiKey.SENDER, ApiKey.OTHER_INSTANCE, ApiKey.OTHER_TENANT)) {
      DeliveriesApi others = service.deliveriesClient(key);
      ApiException seen =
          catchThrowableOfType(
              ApiException.class, () -> others.getDelivery(TENANT, INSTANCE, WEBHOOK, id));
      assertThat(seen.getCode()).isEqualTo(403);
      ApiException redelivered =
          catchThrowableOfType(
              ApiException.class, () -> others.redeliver(TENANT, INSTANCE, WEBHOOK, id));
      assertThat(redelivered.getCode()).isEqualTo(403);
    }
    ApiException elsewhere =
        catchThrowableOfType(
            ApiException.class,
            () ->
                service
                    .deliveriesClient(ApiKey.OTHER_TENANT)
                    .getDelivery("other-den", "chat2", WEBHOOK, id));
    assertThat(elsewhere.getCode()).isEqualTo(404);
    assertThat(calls()).hasSize(1);
  }

  /** The earlier one ends a moment after its last call. */
  private RedeliveryCount redeliverAllAfterTheEarlierOne(Redelivery wanted) {
    return Eventually.get(
            PATIENCE,
            () -> {
              try {
                return Optional.of(deliveries.redeliverAll(TENANT, INSTANCE, WEBHOOK, wanted));
              } catch (ApiException e) {
                assertThat(e.getCode()).as(e.getMessage()).isEqualTo(429);
                return Optional.<RedeliveryCount>empty();
              }
            },
            Optional::isPresent)
        .orElseThrow();
  }
}
