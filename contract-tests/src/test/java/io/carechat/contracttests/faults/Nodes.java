package io.carechat.contracttests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.contracttests.faults.Scenario.Setting;
import io.carechat.contracttests.running.Eventually;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.messages.IdempotencyKey;
import io.carechat.domain.messages.MessageLog.Appended;
import io.carechat.domain.messages.NewMessage;
import io.carechat.persistence.PostgresStorage;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/** Faults between nodes, and between a node and its database. */
final class Nodes {
  /** Longer than a lease. */
  private static final Duration TAKEN_OVER_WITHIN = Duration.ofSeconds(35);

  /** PostgreSQL keeps the locks of a node that stopped in a transaction for some seconds more. */
  private static final Duration TAKEN_FROM_STOPPED_WITHIN = Duration.ofSeconds(45);

  private static final String OVERDUE =
      """
      select format(
        '%s overdue in %s chats, the oldest for %s; %s tried before; lanes due in %s to %s',
        count(*), count(distinct patient_id), max(now() - message_created_at),
        count(*) filter (where attempts > 0), min(due_at) - now(), max(due_at) - now())
      from carechat.webhook_delivery
        left join carechat.webhook_lane using (tenant_name, instance_name, patient_id, endpoint_id)
      where state = 'PENDING' and message_created_at < now() - interval '3 s'
      """;

  private static final Duration PACED = Duration.ofMillis(100);

  /**
   * The pause between messages in scenarios that kill or stop a node. Messages gather behind the
   * lease of that node. They must be delivered in time, although other scenarios run on the same
   * machine.
   */
  private static final Duration SLOWLY = Duration.ofMillis(300);

  private static final int CHATS = 16;

  private Nodes() {}

  /**
   * Waits until no delivery is overdue by more than three seconds. This includes everything that
   * was sent up to now.
   */
  static void awaitNoneOverdue(TestCluster testCluster) {
    awaitNoneOverdue(testCluster, TAKEN_OVER_WITHIN);
  }

  private static void awaitNoneOverdue(TestCluster testCluster, Duration within) {
    long begun = System.nanoTime();
    String _ =
        Eventually.get(
            within,
            () -> {
              Eventually.pause(Duration.ofMillis(200));
              return testCluster.cluster().ask(testCluster.database(), OVERDUE).getFirst();
            },
            overdue ->
                overdue.startsWith("0 overdue")
                    && Measured.since(begun).compareTo(Duration.ofSeconds(4)) > 0);
  }

  static Row oneKilled(Setting setting) {
    int rounds = setting.rounds().of(1, 5);
    TestCluster.Shape shape = TestCluster.Shape.on(setting.machine().cluster()).nodes(2);
    try (TestCluster testCluster = new TestCluster(setting.machine(), shape)) {
      Load load = new Load(testCluster.plan(CHATS).clients(8).pausing(SLOWLY));
      try (load) {
        load.awaitAcknowledged(200);
        Set<String> _ =
            Eventually.get(
                TAKEN_OVER_WITHIN, () -> deliveredBy(testCluster, load), both -> both.size() == 2);
        assertThat(repeated(testCluster, load)).as("claimed by one at a time").isZero();
        for (int round = 0; round < rounds; round++) {
          ServiceProcess victim = testCluster.node(round % 2);
          victim.kill();
          load.awaitAcknowledged(50);
          awaitNoneOverdue(testCluster);
          victim.restart();
          load.awaitAcknowledged(50);
        }
      }
      Verdict verdict = Verifier.verify(testCluster, load.journal(), System.nanoTime());
      assertThat(verdict.repeated()).isLessThanOrEqualTo(rounds * CHATS);
      return setting.row(
          rounds,
          verdict,
          "nothing repeated before the kill; the longest delivery took "
              + Measured.text(Delays.longest(testCluster, load.journal())));
    }
  }

  private static Set<String> deliveredBy(TestCluster testCluster, Load load) {
    return calls(testCluster, load).stream().map(Inbox.Call::by).collect(Collectors.toSet());
  }

  private static long repeated(TestCluster testCluster, Load load) {
    List<Inbox.Call> calls = calls(testCluster, load);
    return calls.size() - calls.stream().map(call -> call.signed().id()).distinct().count();
  }

  private static List<Inbox.Call> calls(TestCluster testCluster, Load load) {
    return load.journal().chats().stream()
        .flatMap(chat ->
            testCluster.inboxEndpoints().stream()
                .flatMap(endpoint -> testCluster.inbox().calls(endpoint, chat.patient()).stream()))
        .toList();
  }

  static Row onePaused(Setting setting) {
    Duration pause = Duration.ofSeconds(setting.rounds().of(30, 60));
    int rounds = setting.rounds().of(1, 2);
    TestCluster.Shape shape = TestCluster.Shape.on(setting.machine().cluster()).nodes(2);
    try (TestCluster testCluster = new TestCluster(setting.machine(), shape)) {
      int during = 0;
      Load load =
          new Load(
              testCluster
                  .plan(CHATS)
                  .clients(8)
                  .pausing(SLOWLY)
                  .giveUpAfter(Duration.ofSeconds(3)));
      try (load) {
        for (int round = 0; round < rounds; round++) {
          load.awaitAcknowledged(100);
          ServiceProcess stopped = testCluster.node(round % 2);
          int before = load.acknowledged();
          long begun = System.nanoTime();
          stopped.pause();
          try {
            awaitNoneOverdue(testCluster, TAKEN_FROM_STOPPED_WITHIN);
            long _ =
                Eventually.get(
                    pause.plusSeconds(5), System::nanoTime, now -> now - begun > pause.toNanos());
            during += load.acknowledged() - before;
          } finally {
            stopped.resume();
          }
          load.awaitAcknowledged(100);
          awaitNoneOverdue(testCluster, TAKEN_FROM_STOPPED_WITHIN);
        }
      }
      assertThat(during).as("what the other node took meanwhile").isGreaterThan(50);
      Verdict verdict = Verifier.verify(testCluster, load.journal(), System.nanoTime());
      assertThat(verdict.repeated()).isLessThanOrEqualTo(rounds * CHATS);
      return setting.row(
          rounds,
          verdict,
          "stopped for %s; %d sent meanwhile; the longest delivery took %s"
              .formatted(
                  Measured.text(pause),
                  during,
                  Measured.text(Delays.longest(testCluster, load.journal()))));
    }
  }

  static Row linkCut(Setting setting) {
    List<Duration> cuts =
        setting.rounds() == Rounds.SHORT
            ? List.of(Duration.ofSeconds(10))
            : List.of(Duration.ofSeconds(10), Duration.ofSeconds(setting.rounds().of(10, 300)));
    try (TcpLink link = new TcpLink(setting.machine().cluster().server().port());
        TestCluster testCluster =
            new TestCluster(
                setting.machine(),
                TestCluster.Shape.on(setting.machine().cluster()).through(link))) {
      Duration longest = Duration.ZERO;
      Load load = new Load(testCluster.plan(CHATS).clients(8).pausing(PACED));
      try (load) {
        for (Duration cut : cuts) {
          load.awaitAcknowledged(100);
          link.cut();
          long begun = System.nanoTime();
          load.awaitStatus(503, load.withStatus(503).size() + 16);
          long _ =
              Eventually.get(
                  cut.plusSeconds(5), System::nanoTime, now -> now - begun > cut.toNanos());
          link.mend();
          long mended = System.nanoTime();
          load.awaitAcknowledged(1);
          Duration back = Measured.since(mended);
          longest = back.compareTo(longest) > 0 ? back : longest;
        }
        load.awaitAcknowledged(100);
      }
      Duration refused = Kills.assertRefusals(load);
      return setting.row(
          cuts.size(),
          Verifier.verify(testCluster, load.journal(), System.nanoTime()),
          "cut for %s; 503 within %s; sends again %s after"
              .formatted(
                  cuts.stream().map(Measured::text).collect(Collectors.joining(", ")),
                  Measured.text(refused),
                  Measured.text(longest)));
    }
  }

  /**
   * Two storages write to the same chats while their clocks jump. A node whose clock does not jump
   * follows them.
   */
  static Row clockBack(Setting setting) throws Exception {
    int rounds = setting.rounds().of(4, 40);
    int each = 100;
    try (TestCluster testCluster = setting.testCluster();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var journal = new Journal(testCluster.newChats(CHATS), new ConcurrentHashMap<>());
      var first = new AtomicReference<>(Duration.ZERO);
      var second = new AtomicReference<>(Duration.ZERO);
      try (PostgresStorage one =
              PostgresStorage.open(
                  testCluster.storage(), () -> Instant.now().plus(first.get()), () -> {});
          PostgresStorage other =
              PostgresStorage.open(
                  testCluster.storage(), () -> Instant.now().plus(second.get()), () -> {})) {
        for (int round = 0; round < rounds; round++) {
          var senders = new ArrayList<Future<?>>();
          for (PostgresStorage storage : List.of(one, other)) {
            for (int i = 0; i < 4; i++) {
              senders.add(threads.submit(() -> send(storage, journal, each / 4)));
            }
          }
          // While they write, one clock and then the other goes back by an hour, and later forward
          // again.
          (round % 2 == 0 ? first : second)
              .updateAndGet(now -> now.isZero() ? Duration.ofHours(-1) : Duration.ZERO);
          for (Future<?> sender : senders) {
            sender.get();
          }
        }
      }
      return setting.row(
          rounds,
          Verifier.verify(testCluster, journal, System.nanoTime(), Duration.ofMinutes(2)),
          "createdAt increases; pages are complete");
    }
  }

  private static void send(PostgresStorage storage, Journal journal, int count) {
    var ids = new TimeOrderedIds(Instant::now, new SecureRandom());
    var random = new Random(1);
    for (int i = 0; i < count; i++) {
      Chat chat = journal.chats().get(random.nextInt(journal.chats().size()));
      String key = UUID.randomUUID().toString();
      String text = Load.WORD + " message " + key;
      var patient = new PatientId(chat.patient());
      var message =
          new NewMessage(
              new ChatId(chat.instance(), patient),
              new ExternalId(ids.next()),
              new Sender.Patient(patient),
              new MessageText(text),
              new IdempotencyKey(key));
      Message stored =
          Eventually.get(TAKEN_OVER_WITHIN, () -> append(storage, message), Optional::isPresent)
              .orElseThrow();
      Map<String, Journal.Sending> sendings = journal.sendings();
      sendings.put(
          key,
          new Journal.Sending(
              chat,
              Journal.hash(text),
              Optional.of(stored.externalId().toString()),
              OptionalLong.of(System.nanoTime())));
    }
  }

  /**
   * The message that was stored. Empty if it is unknown whether it was stored; a retry with the key
   * must find that out.
   */
  private static Optional<Message> append(PostgresStorage storage, NewMessage message) {
    try {
      return switch (storage.messages().append(message)) {
        case Appended.Stored(Message stored) -> Optional.of(stored);
        case Appended.AlreadyStored(Message stored) -> Optional.of(stored);
        case Appended.KeyTaken() -> throw new AssertionError("A key that nobody had is taken");
      };
    } catch (Unavailable busy) {
      return Optional.empty();
    }
  }
}
