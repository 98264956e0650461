package io.carechat.contracttests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.client.model.Message;
import io.carechat.contracttests.faults.Scenario.Setting;
import io.carechat.contracttests.running.Eventually;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A process is killed or stopped, and comes back. */
final class Kills {
  private static final Duration PACED = Duration.ofMillis(30);

  /** The contract says two seconds. The rest is for the machine, which the load keeps busy. */
  private static final Duration REFUSED_WITHIN = Duration.ofMillis(2_500);

  /**
   * Chooses when a process is killed: at another moment in each round, but the same in each run.
   */
  private static final Random RANDOM = new Random(1);

  private Kills() {}

  static Row service(Setting setting) {
    int rounds = setting.rounds().of(2, 50);
    try (TestCluster testCluster = setting.testCluster()) {
      Load load = new Load(testCluster.plan().pausing(PACED));
      long over = 0;
      try (load) {
        for (int round = 0; round < rounds; round++) {
          load.awaitAcknowledged(50 + random(100));
          testCluster.node().kill();
          testCluster.node().restart();
          over = System.nanoTime();
        }
        load.awaitAcknowledged(50);
      }
      assertThat(load.withStatus(0)).isNotEmpty();
      assertStatuses(load, List.of(0, 201));
      return setting.row(rounds, Verifier.verify(testCluster, load.journal(), over), "");
    }
  }

  static Row postgresql(Setting setting) {
    int rounds = setting.rounds().of(1, 20);
    try (TestCluster testCluster = setting.testCluster()) {
      var outages = new ArrayList<Duration>();
      Load load = new Load(testCluster.plan().pausing(PACED).reading());
      try (load) {
        for (int round = 0; round < rounds; round++) {
          load.awaitAcknowledged(50 + random(100));
          testCluster.cluster().kill();
          // Enough that every client has got at least one.
          load.awaitStatus(503, load.withStatus(503).size() + 32);
          assertThat(testCluster.node().status("/health/ready")).isEqualTo(503);
          assertThat(testCluster.node().status("/health/live")).isEqualTo(200);
          testCluster.cluster().restart();
          long back = System.nanoTime();
          load.awaitAcknowledged(1);
          outages.add(Measured.since(back));
          load.awaitAcknowledged(50);
        }
      }
      Duration longest = assertRefusals(load);
      return setting.row(
          rounds,
          Verifier.verify(testCluster, load.journal(), System.nanoTime()),
          "503 within %s; sends again %s after PostgreSQL is back, at the latest"
              .formatted(Measured.text(longest), Measured.text(Measured.percentile(100, outages))));
    }
  }

  /**
   * Asserts that every refusal is a 503, comes in time, and says when to come back. Returns the
   * time of the slowest one.
   */
  static Duration assertRefusals(Load load) {
    assertStatuses(load, List.of(200, 201, 503));
    List<Load.Exchange> refusals = load.withStatus(503);
    assertThat(refusals)
        .isNotEmpty()
        .allSatisfy(refusal ->
            assertThat(refusal.retryAfter())
                .hasValueSatisfying(seconds -> assertThat(seconds).matches("[1-9][0-9]*")));
    Duration longest =
        Measured.percentile(100, refusals.stream().map(Load.Exchange::took).toList());
    assertThat(longest).isLessThan(REFUSED_WITHIN);
    return longest;
  }

  static Row elasticsearch(Setting setting) {
    int rounds = setting.rounds().of(1, 5);
    try (TestCluster testCluster = setting.testCluster()) {
      Machine machine = setting.machine();
      Load load = new Load(testCluster.plan().pausing(PACED));
      try (load) {
        load.awaitAcknowledged(100);
        for (int round = 0; round < rounds; round++) {
          machine.killElasticsearch();
          assertReadingIsRight(testCluster, load);
          load.awaitAcknowledged(100);
          assertReadingIsRight(testCluster, load);
          machine.restartElasticsearch();
          load.awaitAcknowledged(50);
          assertReadingIsRight(testCluster, load);
          machine.killElasticsearch();
          machine.deleteIndexData();
          load.awaitAcknowledged(50);
          machine.restartElasticsearch();
          load.awaitAcknowledged(50);
          assertReadingIsRight(testCluster, load);
        }
      }
      assertStatuses(load, List.of(201));
      return setting.row(
          rounds,
          Verifier.verify(testCluster, load.journal(), System.nanoTime()),
          "away, then away with its data deleted; no send failed");
    }
  }

  /**
   * While others send, finding and searching return everything in a chat that was acknowledged
   * before.
   */
  private static void assertReadingIsRight(TestCluster testCluster, Load load) {
    Journal journal = load.journal();
    for (Chat chat : journal.chats().subList(0, 2)) {
      List<String> before =
          journal.sendings().values().stream()
              .filter(sending -> sending.chat().equals(chat))
              .flatMap(sending -> sending.externalId().stream())
              .toList();
      assertThat(testCluster.searched(chat, Load.WORD).stream().map(Message::getExternalId))
          .containsAll(before)
          .doesNotHaveDuplicates();
      assertThat(testCluster.found(chat).stream().map(Message::getExternalId))
          .containsAll(before)
          .doesNotHaveDuplicates();
    }
  }

  static Row stopped(Setting setting) {
    int rounds = setting.rounds().of(1, 10);
    try (TestCluster testCluster = setting.testCluster()) {
      Duration longest = Duration.ZERO;
      int underWay = 0;
      // The clients do not pause, so that each of them has a request under way.
      Load load = new Load(testCluster.plan());
      try (load) {
        for (int round = 0; round < rounds; round++) {
          load.awaitAcknowledged(100 + random(100));
          long told = System.nanoTime();
          testCluster.node().terminate();
          boolean ended = testCluster.node().join(Duration.ofSeconds(15));
          Duration took = Measured.since(told);
          assertThat(ended).as("ended after " + took).isTrue();
          longest = took.compareTo(longest) > 0 ? took : longest;
          List<Load.Exchange> caught =
              load.exchanges().stream()
                  .filter(exchange -> exchange.begun() < told && exchange.ended() > told)
                  .toList();
          assertThat(caught).isNotEmpty().allMatch(exchange -> exchange.status() == 201);
          underWay += caught.size();
          testCluster.node().restart();
        }
        load.awaitAcknowledged(50);
      }
      assertStatuses(load, List.of(0, 201, 503));
      return setting.row(
          rounds,
          Verifier.verify(testCluster, load.journal(), System.nanoTime()),
          "%d requests under way, all answered 201; ended within %s"
              .formatted(underWay, Measured.text(longest)));
    }
  }

  /**
   * Kills a node when the receiver has a delivery, but the delivery history does not have it yet.
   */
  static Row beforeSettling(Setting setting) throws SQLException {
    int rounds = setting.rounds().of(1, 5);
    int chats = 16;
    try (TestCluster testCluster = setting.testCluster()) {
      Load load = new Load(testCluster.plan(chats).clients(4).pausing(Duration.ofMillis(100)));
      try (load) {
        for (int round = 0; round < rounds; round++) {
          load.awaitAcknowledged(50);
          try (Connection connection = testCluster.cluster().connect(testCluster.database());
              Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            // From now on, no delivery can be settled.
            boolean _ = statement.execute("lock table carechat.webhook_attempt in exclusive mode");
            int before = testCluster.inbox().count();
            int _ =
                Eventually.get(
                    Duration.ofSeconds(60),
                    testCluster.inbox()::count,
                    count -> count >= before + 4);
            testCluster.node().kill();
            connection.rollback();
          }
          testCluster.node().restart();
          Nodes.awaitNoneOverdue(testCluster);
        }
      }
      Verdict verdict = Verifier.verify(testCluster, load.journal(), System.nanoTime());
      // At most one delivery of each chat was under way.
      assertThat(verdict.repeated()).isBetween(rounds, rounds * chats);
      return setting.row(
          rounds,
          verdict,
          "repeated under the same webhook-id, of at most %d under way".formatted(rounds * chats));
    }
  }

  static void assertStatuses(Load load, List<Integer> expected) {
    assertThat(load.exchanges().stream().map(Load.Exchange::status).distinct())
        .isSubsetOf(expected);
  }

  private static int random(int bound) {
    return RANDOM.nextInt(bound);
  }
}
