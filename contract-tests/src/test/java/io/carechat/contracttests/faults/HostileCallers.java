package io.carechat.contracttests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.contracttests.faults.Scenario.Setting;
import io.carechat.contracttests.running.Eventually;
import io.carechat.domain.chat.TenantInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An attacker of one tenant beside a victim of another. First each attack alone, then all of them
 * at once. The {@link Victim} reads a page and searches all the time.
 */
final class HostileCallers {
  /** In megabytes. */
  private static final int HEAP = 512;

  private static final TenantInstance ATTACKER = new TenantInstance("attacker", "chat");
  private static final TenantInstance VICTIM = new TenantInstance("victim", "chat");

  /** Those that try to use up memory, connections, streams, searches, or processors. */
  private static final Set<Attack> EXHAUSTING =
      EnumSet.range(Attack.OPEN_PAGES, Attack.NEAR_MISSES);

  /** What is promised of a page and of a search. */
  private static final Duration PAGE_WITHIN = Duration.ofSeconds(1);

  private static final Duration SEARCH_WITHIN = Duration.ofSeconds(3);

  /**
   * How long to wait for an answer. The short form runs on busy machines and beside other tests,
   * and the attackers use the same processors. So it requires only that the service lives and
   * serves the victim afterwards.
   */
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

  private HostileCallers() {}

  static Row attack(Setting setting) throws Exception {
    Duration time = Duration.ofSeconds(setting.rounds().of(3, 20));
    TestCluster.Shape shape =
        TestCluster.Shape.on(setting.machine().cluster())
            .of(List.of(ATTACKER, VICTIM))
            .usual()
            .heap(HEAP);
    try (TestCluster testCluster = new TestCluster(setting.machine(), shape)) {
      List<Chat> chats = testCluster.newChats(2);
      var notes = new ArrayList<String>();
      var missed = new ArrayList<String>();
      var load =
          new Load(
              Load.Plan.of(List.of(testCluster.node().url()), chats.subList(1, 2))
                  .clients(2)
                  .pausing(Duration.ofMillis(50)));
      try (load;
          Victim victim = new Victim(testCluster.node().url(), chats.get(1), ANSWER_WITHIN)) {
        load.awaitAcknowledged(50);
        sendLong(testCluster, chats.getFirst());
        var rounds = new ArrayList<EnumSet<Attack>>();
        rounds.add(EnumSet.noneOf(Attack.class));
        Arrays.stream(Attack.values()).map(EnumSet::of).forEach(rounds::add);
        rounds.add(EnumSet.copyOf(EXHAUSTING));
        rounds.add(EnumSet.allOf(Attack.class));
        int connections = setting.rounds().of(4_000, 12_300);
        for (Set<Attack> attacks : rounds) {
          var target =
              new Attack.Target(
                  testCluster.node().url(),
                  chats.getFirst(),
                  chats.get(1),
                  testCluster.issuer(),
                  testCluster.secondIssuer(),
                  testCluster.managersKey(),
                  testCluster.inbox().url(testCluster.inboxEndpoints().getFirst()),
                  connections,
                  // Each round has another address, as whoever was refused would take.
                  "127.0.1." + (rounds.size() - notes.size()));
          Victim.Worst worst = beside(attacks, target, victim, chats.get(1), time);
          notes.add(line(attacks, worst));
          assertThat(testCluster.node().isAlive()).as("alive after %s", attacks).isTrue();
          if (worst.refused() > 0
              || worst.page().compareTo(PAGE_WITHIN) > 0
              || worst.search().compareTo(SEARCH_WITHIN) > 0) {
            missed.add(notes.getLast() + worst.refusal());
          }
        }
        if (setting.rounds() == Rounds.LONG) {
          assertThat(missed).as("what is not as promised; of all: %s", notes).isEmpty();
        }
        load.awaitAcknowledged(20);
      }
      return setting.row(
          notes.size(),
          Verifier.verify(testCluster, load.journal(), System.nanoTime()),
          "the victim's slowest page and search (and how long its own process stood still) beside: "
              + String.join("; ", notes));
    }
  }

  private static String line(Set<Attack> attacks, Victim.Worst worst) {
    String title =
        attacks.isEmpty()
            ? "nothing"
            : attacks.size() > 1
                ? (attacks.equals(EXHAUSTING) ? "all that exhaust, at once" : "all at once")
                : attacks.stream().map(Attack::title).collect(Collectors.joining());
    return "%s %s, %s of %d requests (%s)%s"
        .formatted(
            title,
            Measured.text(worst.page()),
            Measured.text(worst.search()),
            worst.requests(),
            Measured.text(worst.stall()),
            worst.refused() == 0 ? "" : ", " + worst.refused() + " refused");
  }

  private static Victim.Worst beside(
      Set<Attack> attacks, Attack.Target target, Victim victim, Chat chat, Duration time)
      throws Exception {
    var over = new AtomicBoolean();
    Victim.Worst worst;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      victim.begin();
      List<Future<?>> running =
          attacks.stream()
              .<Future<?>>map(
                  attack -> threads.submit(() -> runUntilOver(attack, target, over::get)))
              .toList();
      Eventually.pause(time);
      worst = victim.end();
      over.set(true);
      for (Future<?> attack : running) {
        attack.get();
      }
      String page = target.service() + chat.path();
      boolean _ = Eventually.get(ANSWER_WITHIN, () -> isServed(http, page, chat), now -> now);
    }
    return worst;
  }

  /** Whether the victim gets its page, as if nothing had happened. */
  private static boolean isServed(HttpClient http, String page, Chat victim) {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(page))
                  .timeout(ANSWER_WITHIN)
                  .header("X-API-KEY", victim.apiKey())
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200 && answer.body().contains(Load.WORD);
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** An attacker who was disconnected, or has no more file handles, begins again. */
  private static @Nullable Void runUntilOver(
      Attack attack, Attack.Target target, BooleanSupplier over) throws InterruptedException {
    while (!over.getAsBoolean()) {
      try {
        attack.run(target, over);
      } catch (IOException | UncheckedIOException disconnected) {
        Eventually.pause(Duration.ofMillis(20));
      }
    }
    return null;
  }

  /** Sends a message of nearly 60 KB into the attacker's chat. */
  private static void sendLong(TestCluster testCluster, Chat chat)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<Void> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(testCluster.node().url() + chat.path()))
                  .header("X-API-KEY", chat.apiKey())
                  .header("Content-Type", "application/json")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"message\":\"" + "€".repeat(10_000) + "\"}"))
                  .build(),
              HttpResponse.BodyHandlers.discarding());
      assertThat(answer.statusCode()).isEqualTo(201);
    }
  }
}
