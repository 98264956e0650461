package io.carechat.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

final class WebhookDispatchTest {
  private static final Duration TOOK = Duration.ofMillis(20);

  private final ManualClock clock = new ManualClock(Samples.NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final InMemoryWebhookLedger ledger = new InMemoryWebhookLedger();
  private final List<WebhookEndpoint> configured = new CopyOnWriteArrayList<>();
  private final List<Call> calls = new ArrayList<>();

  /** What the receiver does; accepts everything at first. */
  private Function<Call, WebhookAnswer> receiver = call -> status(204);

  private static final String MADE_BY_API = WebhookEndpoint.idOf(new UUID(1, 2));

  private record Call(String endpointId, DeliveryId id, Message message, URI patientUrl) {
    String text() {
      return message.text().value();
    }
  }

  private final WebhookEndpoints endpoints =
      new WebhookEndpoints() {
        @Override
        public void refresh() {
          // It never is behind.
        }

        @Override
        public List<WebhookEndpoint> of(TenantInstance place) {
          return configured.stream().filter(endpoint -> endpoint.place().equals(place)).toList();
        }

        @Override
        public Optional<WebhookEndpoint> find(TenantInstance place, String id) {
          return of(place).stream().filter(endpoint -> endpoint.id().equals(id)).findFirst();
        }
      };

  private final WebhookDispatch dispatch = dispatch(ledger);

  private WebhookDispatch dispatch(WebhookLedger through) {
    return dispatch(through, endpoints);
  }

  private WebhookDispatch dispatch(WebhookLedger through, WebhookEndpoints known) {
    var random = new Random(1);
    return new WebhookDispatch(
        log,
        through,
        known,
        this::call,
        new RetrySchedule(RetrySchedule.DEFAULT_WAITS, random),
        chat -> URI.create("https://chat.example/" + chat),
        new TimeOrderedIds(clock, random),
        clock);
  }

  private WebhookAnswer call(WebhookEndpoint endpoint, ClaimedDelivery delivery) {
    assertThat(endpoint.id()).isEqualTo(delivery.endpointId());
    var call = new Call(endpoint.id(), delivery.id(), delivery.message(), delivery.patientUrl());
    calls.add(call);
    return receiver.apply(call);
  }

  private static WebhookAnswer status(int status) {
    return new WebhookAnswer.Answered(status, null, "", TOOK);
  }

  private WebhookEndpoint configure(TenantInstance place, String id) {
    var endpoint =
        new WebhookEndpoint(
            place,
            id,
            URI.create("https://partner.example/" + id),
            new Secret("key"),
            new Secret("secret"),
            List.of(new Secret(Base64.getEncoder().encodeToString(new byte[32]))));
    configured.add(endpoint);
    return endpoint;
  }

  private void send(ChatId chat, String text) {
    Samples.stored(log, chat, text);
  }

  /** Plans what is new and delivers what is due, until there is nothing left to do now. */
  private void run() {
    while (dispatch.plan() > 0) {
      // Again, until the log is at its end.
    }
    List<ClaimedDelivery> claimed = dispatch.claim(10);
    while (!claimed.isEmpty()) {
      claimed.forEach(dispatch::deliver);
      claimed = dispatch.claim(10);
    }
  }

  private List<String> texts() {
    return calls.stream().map(Call::text).toList();
  }

  @Test
  void deliversEveryMessageToEveryEndpointOfItsInstanceInOrder() {
    configure(Samples.PLACE, "crm");
    configure(Samples.PLACE, "archive");
    configure(Samples.OTHER_TENANT, "crm");
    ChatId chat = Samples.newChat();
    send(chat, "one");
    send(chat, "two");

    run();

    for (String endpoint : List.of("crm", "archive")) {
      assertThat(calls.stream().filter(call -> call.endpointId().equals(endpoint)).map(Call::text))
          .containsExactly("one", "two");
    }
    assertThat(calls).hasSize(4).extracting(Call::id).doesNotHaveDuplicates();
    assertThat(calls)
        .extracting(Call::patientUrl)
        .containsOnly(URI.create("https://chat.example/" + chat));
    assertThat(ledger.ofChat(chat))
        .extracting(WebhookLedger.Entry::state)
        .containsOnly(WebhookLedger.State.DELIVERED);
  }

  @Test
  void plansNothingWhereNobodyListensAndGoesOn() {
    ChatId chat = Samples.newChat();
    send(chat, "before");
    run();
    configure(Samples.PLACE, "crm");
    send(chat, "after");
    run();

    assertThat(texts()).containsExactly("after");
    assertThat(dispatch.plan()).isZero();
  }

  @Test
  void keepsAChatsOrderWhenItsReceiverFailsAndRecovers() {
    configure(Samples.PLACE, "crm");
    ChatId chat = Samples.newChat();
    receiver = call -> status(500);
    send(chat, "one");
    send(chat, "two");
    run();
    clock.move(Duration.ofSeconds(6));
    send(chat, "three");
    run();
    assertThat(texts()).containsExactly("one", "one");

    receiver = call -> status(200);
    clock.move(Duration.ofSeconds(200));
    run();
    assertThat(texts()).as("before the retry is due").hasSize(2);
    clock.move(Duration.ofSeconds(200));
    run();

    assertThat(texts()).containsExactly("one", "one", "one", "two", "three");
    assertThat(calls.subList(0, 3)).extracting(Call::id).containsOnly(calls.getFirst().id());
    assertThat(ledger.ofChat(chat))
        .extracting(WebhookLedger.Entry::attempts)
        .containsExactly(3, 1, 1);
  }

  @Test
  void holdsUpNoOtherChatAndNoOtherEndpoint() {
    configure(Samples.PLACE, "crm");
    configure(Samples.PLACE, "archive");
    ChatId bad = Samples.newChat();
    ChatId good = Samples.newChat();
    receiver =
        call ->
            call.endpointId().equals("crm") && call.message().chat().equals(bad)
                ? new WebhookAnswer.Failed("connect timed out", TOOK)
                : status(204);
    send(bad, "bad 1");
    send(good, "good 1");
    send(bad, "bad 2");
    send(good, "good 2");

    run();

    assertThat(calls.stream().filter(call -> call.endpointId().equals("crm")).map(Call::text))
        .containsExactlyInAnyOrder("bad 1", "good 1", "good 2")
        .containsSubsequence("good 1", "good 2");
    assertThat(calls.stream().filter(call -> call.endpointId().equals("archive")).map(Call::text))
        .containsExactlyInAnyOrder("bad 1", "good 1", "bad 2", "good 2")
        .containsSubsequence("bad 1", "bad 2");
  }

  @Test
  void deliversAgainWithTheSameIdAfterACrashBetweenCallAndSettling() {
    configure(Samples.PLACE, "crm");
    ChatId chat = Samples.newChat();
    send(chat, "one");
    send(chat, "two");
    dispatch.plan();
    WebhookDispatch crashing = dispatch(new CrashingLedger());
    ClaimedDelivery claimed = crashing.claim(1).getFirst();

    assertThatThrownBy(() -> crashing.deliver(claimed)).isInstanceOf(Unavailable.class);
    run();
    assertThat(texts()).as("while the lease holds").containsExactly("one");
    clock.move(WebhookDispatch.LEASE.plusMillis(1));
    run();

    assertThat(texts()).containsExactly("one", "one", "two");
    assertThat(calls.get(1)).isEqualTo(calls.get(0));
  }

  /** A ledger that is gone by the time the call is over. */
  private final class CrashingLedger implements WebhookLedger {
    @Override
    public LogPosition plannedUpTo() {
      return ledger.plannedUpTo();
    }

    @Override
    public boolean plan(
        LogPosition from, LogPosition to, List<NewDelivery> deliveries, Instant now) {
      return ledger.plan(from, to, deliveries, now);
    }

    @Override
    public List<ClaimedDelivery> claim(int limit, Instant now, Duration lease, ClaimRoom room) {
      return ledger.claim(limit, now, lease, room);
    }

    @Override
    public boolean settle(
        ClaimedDelivery delivery, WebhookAnswer answer, DeliveryOutcome outcome, Instant now) {
      throw new Unavailable("The ledger is away.", Duration.ofSeconds(1));
    }

    @Override
    public Optional<ClaimedDelivery> settleAndGoOn(
        ClaimedDelivery delivered, WebhookAnswer answer, Instant now, Duration lease) {
      throw new Unavailable("The ledger is away.", Duration.ofSeconds(1));
    }

    @Override
    public List<Entry> ofChat(ChatId chat) {
      return ledger.ofChat(chat);
    }

    @Override
    public boolean disable(TenantInstance place, String endpointId) {
      return ledger.disable(place, endpointId);
    }

    @Override
    public Map<String, EndpointHealth> health(TenantInstance place) {
      return ledger.health(place);
    }

    @Override
    public boolean enable(TenantInstance place, String endpointId) {
      return ledger.enable(place, endpointId);
    }

    @Override
    public int disableFailing(Duration patience, Instant now) {
      return ledger.disableFailing(patience, now);
    }

    @Override
    public Redelivered redeliver(
        TenantInstance place, String endpointId, DeliveryId id, Instant now) {
      return ledger.redeliver(place, endpointId, id, now);
    }

    @Override
    public int redeliverAll(
        TenantInstance place, String endpointId, Redeliverable which, Instant since, Instant now) {
      return ledger.redeliverAll(place, endpointId, which, since, now);
    }

    @Override
    public boolean continueRedeliveries(int chats, Instant now) {
      return ledger.continueRedeliveries(chats, now);
    }

    @Override
    public int forgetDelivered(Instant before, int limit) {
      return ledger.forgetDelivered(before, limit);
    }
  }

  @Test
  void goesOnWithALaneForAMomentAndThenLeavesItToWhoeverClaimsIt() {
    configure(Samples.PLACE, "crm");
    ChatId chat = Samples.newChat();
    for (int i = 0; i < 4; i++) {
      send(chat, "text " + i);
    }
    dispatch.plan();
    receiver =
        call -> {
          clock.move(Duration.ofMillis(100));
          return status(200);
        };

    dispatch.claim(10).forEach(dispatch::deliver);
    assertThat(texts()).containsExactly("text 0", "text 1", "text 2");

    dispatch.claim(10).forEach(dispatch::deliver);
    assertThat(texts()).containsExactly("text 0", "text 1", "text 2", "text 3");
    assertThat(dispatch.claim(10)).isEmpty();
  }

  @Test
  void goesOnWithNoLaneWhoseDeliveryFailed() {
    configure(Samples.PLACE, "crm");
    ChatId chat = Samples.newChat();
    send(chat, "one");
    send(chat, "two");
    send(chat, "three");
    dispatch.plan();
    receiver = call -> status(call.text().equals("two") ? 500 : 200);

    dispatch.claim(10).forEach(dispatch::deliver);

    assertThat(texts()).containsExactly("one", "two");
    assertThat(ledger.ofChat(chat))
        .extracting(WebhookLedger.Entry::state)
        .containsExactly(
            WebhookLedger.State.DELIVERED,
            WebhookLedger.State.PENDING,
            WebhookLedger.State.PENDING);
  }

  @Test
  void leavesTheResultToWhoeverTookTheClaimOver() {
    configure(Samples.PLACE, "crm");
    ChatId chat = Samples.newChat();
    send(chat, "one");
    dispatch.plan();
    ClaimedDelivery slow = dispatch.claim(1).getFirst();
    clock.move(WebhookDispatch.LEASE.plusMillis(1));
    ClaimedDelivery faster = dispatch.claim(1).getFirst();
    receiver = call -> status(410);

    dispatch.deliver(slow);

    assertThat(WebhookLedgerContract.disabled(ledger, Samples.PLACE)).isEmpty();
    receiver = call -> status(200);
    dispatch.deliver(faster);
    assertThat(ledger.ofChat(chat))
        .extracting(WebhookLedger.Entry::state)
        .containsExactly(WebhookLedger.State.DELIVERED);
  }

  @Test
  void plansEachEventOnceThoughTwoNodesPlan() {
    configure(Samples.PLACE, "crm");
    ChatId chat = Samples.newChat();
    send(chat, "one");
    var overtaken = new OvertakenLog();
    WebhookDispatch slower =
        new WebhookDispatch(
            overtaken,
            ledger,
            endpoints,
            this::call,
            new RetrySchedule(RetrySchedule.DEFAULT_WAITS, new Random(1)),
            any -> URI.create("https://chat.example/"),
            new TimeOrderedIds(clock, new Random(2)),
            clock);

    assertThat(slower.plan()).isEqualTo(1);
    run();

    assertThat(texts()).containsExactly("one");
    assertThat(ledger.ofChat(chat)).hasSize(1);
  }

  /** Another node plans just after this one has read. */
  private final class OvertakenLog implements EventLog {
    @Override
    public List<LoggedEvent> read(LogPosition after, int limit) {
      List<LoggedEvent> read = log.read(after, limit);
      dispatch.plan();
      return read;
    }
  }

  @Test
  void givesUpAfterTheLastAttemptAndGoesOnWithTheNext() {
    configure(Samples.PLACE, "crm");
    ChatId chat = Samples.newChat();
    receiver = call -> call.text().equals("one") ? status(500) : status(204);
    send(chat, "one");
    send(chat, "two");

    for (int i = 0; i < 12; i++) {
      run();
      clock.move(Duration.ofHours(30));
    }

    assertThat(texts()).hasSize(11).endsWith("one", "two");
    assertThat(ledger.ofChat(chat))
        .extracting(WebhookLedger.Entry::state)
        .containsExactly(WebhookLedger.State.DEAD, WebhookLedger.State.DELIVERED);
    assertThat(ledger.ofChat(chat).getFirst().attempts()).isEqualTo(10);
  }

  @Test
  void callsAnEndpointThatIsGoneNoMoreAndKeepsWhatItMisses() {
    configure(Samples.PLACE, "crm");
    ChatId chat = Samples.newChat();
    receiver = call -> status(410);
    send(chat, "one");
    run();
    send(chat, "two");
    clock.move(Duration.ofDays(1));
    run();
    assertThat(texts()).containsExactly("one");

    receiver = call -> status(200);
    assertThat(ledger.enable(Samples.PLACE, "crm")).isTrue();
    run();

    assertThat(texts()).containsExactly("one", "one", "two");
  }

  @Test
  void givesUpWhatIsForAnEndpointThatWasDeletedWithoutCallingAnybody() {
    WebhookEndpoint removed = configure(Samples.PLACE, MADE_BY_API);
    configure(Samples.OTHER_TENANT, MADE_BY_API);
    ChatId chat = Samples.newChat();
    send(chat, "one");
    send(chat, "two");
    dispatch.plan();
    configured.remove(removed);

    run();

    assertThat(calls).isEmpty();
    assertThat(ledger.ofChat(chat))
        .extracting(WebhookLedger.Entry::state)
        .containsOnly(WebhookLedger.State.DEAD);
  }

  @Test
  void triesAgainWhatIsForAnEndpointThatOnlyOtherNodesConfigurationsHave() {
    WebhookEndpoint elsewhere = configure(Samples.PLACE, "crm");
    ChatId chat = Samples.newChat();
    send(chat, "one");
    send(chat, "two");
    dispatch.plan();
    configured.remove(elsewhere);
    run();
    assertThat(calls).isEmpty();

    configured.add(elsewhere);
    clock.move(Duration.ofSeconds(6));
    run();

    assertThat(texts()).containsExactly("one", "two");
  }

  /** The other node has read the instance's endpoints a moment before. */
  @Test
  void callsAnEndpointThatAnotherNodeHasJustMade() {
    var registry = new InMemoryWebhookRegistry();
    var nodes = new ArrayList<WebhookDispatch>();
    for (int i = 0; i < 2; i++) {
      var known = new KnownEndpoints(List.of(), registry, () -> 0);
      assertThat(known.of(Samples.PLACE)).isEmpty();
      nodes.add(dispatch(ledger, known));
    }
    WebhookEndpoint like =
        WebhookRegistryContract.endpoint(Samples.PLACE, MADE_BY_API, Samples.NOON);
    var made = new WebhookEndpoint.Origin.Api(LogPosition.START, 1, Samples.NOON, Samples.NOON);
    registry.add(
        new WebhookEndpoint(like.place(), like.id(), like.subscription(), like.secrets(), made),
        100);
    send(Samples.newChat(), "one");

    nodes.getFirst().plan();
    nodes.getLast().claim(10).forEach(nodes.getLast()::deliver);

    assertThat(texts()).containsExactly("one");
  }

  @Test
  void plansSoMuchAtOnceAsCanBeStoredAtOnceInOrder() {
    for (int i = 0; i < 100; i++) {
      configure(Samples.PLACE, "endpoint-" + i);
    }
    ChatId chat = Samples.newChat();
    for (int i = 0; i < 25; i++) {
      send(chat, "text " + i);
    }

    assertThat(List.of(dispatch.plan(), dispatch.plan(), dispatch.plan()))
        .containsExactly(20, 5, 0);
    assertThat(ledger.ofChat(chat)).hasSize(2_500);
  }

  @Test
  void redeliversWhatAnEndpointMissedWhileItWasRemoved() {
    WebhookEndpoint removed = configure(Samples.PLACE, MADE_BY_API);
    ChatId chat = Samples.newChat();
    send(chat, "one");
    send(chat, "two");
    dispatch.plan();
    configured.remove(removed);
    run();
    clock.move(Duration.ofDays(10));
    configured.add(removed);
    send(chat, "three");
    dispatch.plan();

    assertThat(
            ledger.redeliverAll(
                Samples.PLACE,
                MADE_BY_API,
                WebhookLedger.Redeliverable.DEAD,
                Instant.EPOCH,
                clock.instant()))
        .isEqualTo(2);
    while (dispatch.redeliver()) {
      // Until all is pending again.
    }
    run();

    assertThat(texts()).containsExactly("one", "two", "three");
    dispatch.disableFailing(Duration.ofDays(5));
    assertThat(WebhookLedgerContract.disabled(ledger, Samples.PLACE)).isEmpty();
  }

  @Test
  void triesAnEndpointThatKeepsFailingOneAtATimeAndLosesNoAttemptByThat() {
    configure(Samples.PLACE, "crm");
    configure(Samples.PLACE, "archive");
    receiver = call -> call.endpointId().equals("crm") ? status(500) : status(204);
    List<ChatId> chats = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      ChatId chat = Samples.newChat();
      chats.add(chat);
      send(chat, "text");
    }
    run();

    assertThat(callsOf("archive")).isEqualTo(40);
    long first = callsOf("crm");
    assertThat(first).isBetween(10L, 15L);
    clock.move(Circuits.FIRST_PROBE);
    run();
    assertThat(callsOf("crm")).as("a probe").isEqualTo(first + 1);

    receiver = call -> status(204);
    clock.move(Duration.ofMinutes(10));
    run();

    for (ChatId chat : chats) {
      assertThat(ledger.ofChat(chat))
          .extracting(WebhookLedger.Entry::state)
          .containsOnly(WebhookLedger.State.DELIVERED);
    }
    assertThat(callsOf("crm")).isEqualTo(first + 1 + 40);
  }

  private long callsOf(String endpoint) {
    return calls.stream().filter(call -> call.endpointId().equals(endpoint)).count();
  }

  @Test
  void disablesAnEndpointThatFailsForTooLong() {
    configure(Samples.PLACE, "crm");
    receiver = call -> status(500);
    ChatId chat = Samples.newChat();
    send(chat, "one");
    for (int i = 0; i < 8; i++) {
      send(Samples.newChat(), "another " + i);
      run();
      dispatch.disableFailing(Duration.ofDays(5));
      if (i < 5) {
        assertThat(WebhookLedgerContract.disabled(ledger, Samples.PLACE)).isEmpty();
      }
      clock.move(Duration.ofDays(1));
    }
    assertThat(WebhookLedgerContract.disabled(ledger, Samples.PLACE)).containsExactly("crm");
    int before = calls.size();
    run();
    assertThat(calls).hasSize(before);
  }

  @Test
  void forgetsWhatWasDeliveredLongAgo() {
    configure(Samples.PLACE, "crm");
    ChatId chat = Samples.newChat();
    send(chat, "one");
    run();
    clock.move(Duration.ofDays(30));

    assertThat(dispatch.forgetDelivered(Duration.ofDays(31))).isFalse();
    assertThat(ledger.ofChat(chat)).hasSize(1);
    assertThat(dispatch.forgetDelivered(Duration.ofDays(29))).isFalse();
    assertThat(ledger.ofChat(chat)).isEmpty();
  }

  @Test
  void holdsClaimsLongerThanACallCanTake() {
    assertThat(WebhookDispatch.LEASE).isGreaterThan(Duration.ofSeconds(20));
  }
}
