package io.carechat.contracttests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.client.model.Message;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.SignedCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Nothing that was acknowledged is lost or doubled, whatever is killed; and what is left keeps its
 * promises.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FaultsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration DELIVERED_WITHIN = Duration.ofSeconds(30);
  private static final Duration PACED = Duration.ofMillis(30);

  /** For when to kill. What must hold does not depend on it. */
  private final Random random = new Random();

  private Installation installation;

  /** Every message that was found in the chats of the tests so far. */
  private final Map<UUID, List<Message>> stored = new HashMap<>();

  @BeforeAll
  void install() {
    installation = new Installation();
  }

  @AfterAll
  void end() {
    installation.close();
  }

  @AfterEach
  void nothingConfidentialIsInTheLog() {
    assertThat(installation.service().log())
        .contains("carechat serves")
        .doesNotContainIgnoringCase(Load.WORD)
        .doesNotContain(installation.secrets());
    assertThat(installation.inbox().refused()).isEmpty();
  }

  @Test
  void theServiceIsKilled() {
    Load load = installation.load(PACED);
    long restarted = 0;
    try (load) {
      for (int round = 0; round < 3; round++) {
        awaitAcknowledged(load, load.acknowledged() + 50 + random.nextInt(100));
        installation.service().kill();
        installation.service().restart();
        restarted = System.nanoTime();
      }
      awaitAcknowledged(load, load.acknowledged() + 50);
    }

    assertThat(load.exchanges()).anyMatch(exchange -> exchange.status() == 0);
    assertStatuses(load, List.of(0, 201));
    judge(load, restarted);
  }

  @Test
  void postgresqlIsKilled() {
    Load load = installation.load(PACED);
    long killed;
    try (load) {
      awaitAcknowledged(load, 100 + random.nextInt(100));
      killed = System.nanoTime();
      installation.killPostgres();
      // So many that every client has got one, at the least.
      int _ =
          Eventually.get(PATIENCE, () -> withStatus(load, 503).size(), refusals -> refusals >= 32);
      assertThat(installation.service().status("/health/ready")).isEqualTo(503);
      assertThat(installation.service().status("/health/live")).isEqualTo(200);
      installation.restartPostgres();
      awaitAcknowledged(load, load.acknowledged() + 100);
    }

    assertStatuses(load, List.of(201, 503));
    assertThat(withStatus(load, 503))
        .allSatisfy(refusal -> {
          assertThat(refusal.ended()).isGreaterThan(killed);
          assertThat(refusal.took()).isLessThan(Duration.ofMillis(2_500));
          assertThat(refusal.retryAfter())
              .hasValueSatisfying(seconds -> assertThat(seconds).matches("[1-9][0-9]*"));
        });
    judge(load, System.nanoTime());
  }

  @Test
  void elasticsearchIsAway() {
    Load load = installation.load(PACED);
    try (load) {
      awaitAcknowledged(load, 100);
      installation.killElasticsearch();
      assertReadingIsRight(load);
      awaitAcknowledged(load, load.acknowledged() + 200);
      assertReadingIsRight(load);
      installation.restartElasticsearch();
      awaitAcknowledged(load, load.acknowledged() + 50);
      assertReadingIsRight(load);
    }
    assertStatuses(load, List.of(201));
    judge(load, System.nanoTime());
    assertIndexIsComplete();

    installation.killElasticsearch();
    installation.deleteIndexData();
    installation.restartElasticsearch();
    assertIndexIsComplete();
    judge(load, System.nanoTime());
  }

  @Test
  void theServiceIsToldToStop() {
    // Without a pause, so that every client has a request under way.
    Load load = installation.load(Duration.ZERO);
    long told;
    boolean stopped;
    Duration took;
    try (load) {
      awaitAcknowledged(load, 200);
      told = System.nanoTime();
      installation.service().terminate();
      stopped = installation.service().join(Duration.ofSeconds(15));
      took = Duration.ofNanos(System.nanoTime() - told);
      installation.service().restart();
      awaitAcknowledged(load, load.acknowledged() + 50);
    }

    assertThat(stopped).as("stopped after " + took).isTrue();
    List<Load.Exchange> underWay =
        load.exchanges().stream()
            .filter(exchange -> exchange.begun() < told && exchange.ended() > told)
            .toList();
    assertThat(underWay).isNotEmpty().allMatch(exchange -> exchange.status() == 201);
    assertStatuses(load, List.of(0, 201, 503));
    judge(load, System.nanoTime());
  }

  private static void awaitAcknowledged(Load load, int count) {
    int _ = Eventually.get(PATIENCE, load::acknowledged, acknowledged -> acknowledged >= count);
  }

  private static List<Load.Exchange> withStatus(Load load, int status) {
    return load.exchanges().stream().filter(exchange -> exchange.status() == status).toList();
  }

  private static void assertStatuses(Load load, List<Integer> expected) {
    assertThat(load.exchanges().stream().map(Load.Exchange::status)).isSubsetOf(expected);
  }

  /**
   * While others send, finding and searching have everything of a chat that was acknowledged
   * before.
   */
  private void assertReadingIsRight(Load load) {
    for (UUID patient : load.patients().subList(0, 4)) {
      List<String> before =
          load.journal().values().stream()
              .filter(sending -> sending.patient().equals(patient))
              .flatMap(sending -> sending.externalId().stream())
              .toList();
      assertThat(installation.searched(patient, Load.WORD).stream().map(Message::getExternalId))
          .containsAll(before)
          .doesNotHaveDuplicates();
      assertThat(installation.found(patient).stream().map(Message::getExternalId))
          .containsAll(before)
          .doesNotHaveDuplicates();
    }
  }

  private void assertIndexIsComplete() {
    long messages = stored.values().stream().mapToLong(List::size).sum();
    long _ = Eventually.get(PATIENCE, installation::indexed, indexed -> indexed == messages);
  }

  /**
   * Compares the journal with the service and the inbox.
   *
   * @param deliveredFrom when the time for delivering all of it began, as {@link System#nanoTime}
   *     tells it
   */
  private void judge(Load load, long deliveredFrom) {
    Map<UUID, List<Message>> found = new HashMap<>();
    for (UUID patient : load.patients()) {
      List<Message> messages = installation.found(patient);
      found.put(patient, messages);
      assertThat(messages.stream().map(Message::getCreatedAt))
          .isSortedAccordingTo((a, b) -> b.compareTo(a))
          .doesNotHaveDuplicates();
      assertThat(installation.searched(patient, Load.WORD)).isEqualTo(messages);
    }
    stored.putAll(found);
    assertJournal(load, found);
    assertDelivered(found, deliveredFrom + DELIVERED_WITHIN.toNanos());
  }

  /**
   * Every acknowledged message is there once, under the id that was acknowledged; no other is there
   * twice.
   */
  private static void assertJournal(Load load, Map<UUID, List<Message>> found) {
    var byText = new HashMap<String, List<String>>();
    found.forEach((patient, messages) ->
        messages.forEach(message ->
            byText
                .computeIfAbsent(patient + " " + message.getMessage(), text -> new ArrayList<>())
                .add(message.getExternalId())));
    var faults = new ArrayList<String>();
    for (Load.Sending sending : load.journal().values()) {
      List<String> ids = byText.getOrDefault(sending.patient() + " " + sending.text(), List.of());
      sending
          .externalId()
          .ifPresentOrElse(
              acknowledged -> {
                if (!ids.equals(List.of(acknowledged))) {
                  faults.add("acknowledged as " + acknowledged + ", found as " + ids);
                }
              },
              () -> {
                if (ids.size() > 1) {
                  faults.add("never acknowledged, and found as " + ids);
                }
              });
    }
    assertThat(faults).isEmpty();
    assertThat(byText.size()).isLessThanOrEqualTo(load.journal().size());
  }

  /** Every message is delivered, first in the order of its chat, under one id however often. */
  private void assertDelivered(Map<UUID, List<Message>> found, long end) {
    found.forEach((patient, messages) -> {
      List<String> texts = messages.reversed().stream().map(Message::getMessage).toList();
      Map<String, String> textsById =
          Eventually.get(
              Duration.ofNanos(Math.max(0, end - System.nanoTime())),
              () -> firstCalls(patient),
              calls -> calls.size() >= texts.size());
      assertThat(textsById.values()).containsExactlyElementsOf(texts);
    });
  }

  /**
   * The texts that were delivered about a chat, by webhook-id, in the order of their first calls.
   */
  private Map<String, String> firstCalls(UUID patient) {
    var texts = new LinkedHashMap<String, String>();
    for (SignedCall call : installation.inbox().callsAbout(patient)) {
      String before = texts.putIfAbsent(call.id(), call.text());
      assertThat(before == null || before.equals(call.text()))
          .as("the same bytes under the same webhook-id")
          .isTrue();
    }
    return texts;
  }
}
