package io.carechat.contracttests.faults;

import io.carechat.client.model.Message;
import io.carechat.contracttests.running.Eventually;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * Compares a journal with everything else: PostgreSQL, what the service finds, Elasticsearch, the
 * events that were pulled and streamed, and the inbox.
 */
final class Verifier {
  /** How long after the end of a fault everything must have been delivered. */
  static final Duration DELIVERED_WITHIN = Duration.ofSeconds(30);

  private static final Duration INDEXED_WITHIN = Duration.ofSeconds(60);
  private static final int MOST_FAULTS = 5;

  private static final String ROWS =
      """
      select
        patient_id, 'IM' || replace(external_id::text, '-', '') as id, idempotency_key,
        encode(sha256(convert_to(text, 'UTF8')), 'hex') as hash
      from carechat.message
      where patient_id = any (?)
      order by patient_id, created_at
      """;

  private final TestCluster testCluster;
  private final Journal journal;

  /** The rows of each chat, oldest first. */
  private final Map<UUID, List<Stored>> rows = new HashMap<>();

  private final Set<String> lost = new HashSet<>();
  private final Set<String> duplicated = new HashSet<>();
  private final List<String> faults = new ArrayList<>();

  private record Stored(String id, String key, String hash) {}

  private Verifier(TestCluster testCluster, Journal journal) {
    this.testCluster = testCluster;
    this.journal = journal;
  }

  /**
   * Compares, when the load and all faults are over.
   *
   * @param over when the last fault was over, as a value of {@link System#nanoTime}
   */
  static Verdict verify(TestCluster testCluster, Journal journal, long over) {
    return verify(testCluster, journal, over, DELIVERED_WITHIN);
  }

  /** Like {@link #verify(TestCluster, Journal, long)}, with another time for delivery. */
  static Verdict verify(
      TestCluster testCluster, Journal journal, long over, Duration deliveredWithin) {
    var verifier = new Verifier(testCluster, journal);
    verifier.readRows();
    verifier.compareWithJournal();
    verifier.compareWithService();
    verifier.compareWithIndex();
    verifier.compareWithEvents(over + deliveredWithin.toNanos());
    int repeated = verifier.compareWithInbox(over + deliveredWithin.toNanos());
    testCluster.assertLogsKeepSecrets();
    int acknowledged =
        (int)
            journal.sendings().values().stream()
                .filter(sending -> sending.externalId().isPresent())
                .count();
    return new Verdict(
        journal.sendings().size(),
        acknowledged - verifier.lost.size(),
        verifier.lost.size(),
        verifier.duplicated.size(),
        repeated,
        verifier.faults.stream().limit(MOST_FAULTS).toList());
  }

  private void readRows() {
    journal.chats().forEach(chat -> rows.put(chat.patient(), new ArrayList<>()));
    try (Connection connection = testCluster.cluster().connect(testCluster.database());
        PreparedStatement statement = connection.prepareStatement(ROWS)) {
      statement.setArray(1, connection.createArrayOf("uuid", rows.keySet().toArray()));
      try (ResultSet all = statement.executeQuery()) {
        while (all.next()) {
          rowsOf(all.getObject("patient_id", UUID.class))
              .add(
                  new Stored(
                      all.getString("id"),
                      all.getString("idempotency_key"),
                      all.getString("hash")));
        }
      }
    } catch (SQLException e) {
      throw new AssertionError("PostgreSQL cannot be asked", e);
    }
  }

  private List<Stored> rowsOf(UUID patient) {
    return Objects.requireNonNull(rows.get(patient), "a chat of the journal");
  }

  /**
   * Every acknowledged message exists once, under the acknowledged id. No other message exists
   * twice, and none exists that nobody sent.
   */
  private void compareWithJournal() {
    var byHash = new HashMap<String, List<Stored>>();
    rows.values().stream()
        .flatMap(List::stream)
        .forEach(row -> byHash.computeIfAbsent(row.hash, hash -> new ArrayList<>()).add(row));
    journal
        .sendings()
        .forEach((key, sending) -> {
          List<Stored> found = byHash.getOrDefault(sending.hash(), List.of());
          byHash.remove(sending.hash());
          if (found.size() > 1) {
            duplicate(key, "is there " + found.size() + " times");
          }
          sending
              .externalId()
              .filter(id -> !found.contains(new Stored(id, key, sending.hash())))
              .ifPresent(
                  id -> lose(key, "acknowledged as " + id + ", and PostgreSQL has " + found));
        });
    byHash.values().forEach(unknown -> faults.add("nobody sent " + unknown));
  }

  /** Finding and searching return exactly what PostgreSQL has, newest first. */
  private void compareWithService() {
    for (Chat chat : journal.chats()) {
      List<Stored> newestFirst = rowsOf(chat.patient()).reversed();
      List<Message> found = testCluster.found(chat);
      compareIds("found", newestFirst, ids(found));
      compareIds("searched", newestFirst, ids(testCluster.searched(chat, Load.WORD)));
      for (int i = 1; i < found.size(); i++) {
        if (!found.get(i).getCreatedAt().isBefore(found.get(i - 1).getCreatedAt())) {
          faults.add("createdAt does not increase before " + found.get(i).getExternalId());
        }
      }
    }
  }

  private void compareIds(String how, List<Stored> stored, List<String> got) {
    List<String> ids = stored.stream().map(Stored::id).toList();
    if (got.equals(ids)) {
      return;
    }
    var present = new HashSet<>(got);
    stored.stream()
        .filter(row -> !present.contains(row.id))
        .forEach(row -> lose(row.key, "not " + how));
    var seen = new HashSet<String>();
    got.stream()
        .filter(id -> !seen.add(id))
        .forEach(id -> duplicate(id, "is " + how + " more than once"));
    faults.add(how + " are " + got.size() + " messages, and not in the order of " + ids.size());
  }

  private static List<String> ids(List<Message> messages) {
    return messages.stream().map(Message::getExternalId).toList();
  }

  private void compareWithIndex() {
    Set<String> expected = new HashSet<>();
    rows.values().forEach(list -> list.forEach(row -> expected.add(row.id)));
    Set<String> indexed = awaitIndexed(expected);
    rows.values()
        .forEach(list ->
            list.stream()
                .filter(row -> !indexed.contains(row.id))
                .forEach(row -> lose(row.key, "not in the index")));
  }

  private Set<String> awaitIndexed(Set<String> expected) {
    long end = System.nanoTime() + INDEXED_WITHIN.toNanos();
    while (true) {
      try {
        Set<String> indexed = testCluster.indexed();
        if (indexed.containsAll(expected) || System.nanoTime() > end) {
          return indexed;
        }
      } catch (IOException away) {
        if (System.nanoTime() > end) {
          faults.add("Elasticsearch does not answer: " + away.getMessage());
          return Set.of();
        }
      }
      // Without this pause, refreshing would keep Elasticsearch from indexing.
      Eventually.pause(Duration.ofMillis(200));
    }
  }

  /**
   * A client that pulls the events gets every message once, in the order of its chat. The same goes
   * for a client that has followed the stream all the time.
   */
  private void compareWithEvents(long end) {
    journal.chats().stream()
        .map(Chat::instance)
        .distinct()
        .forEach(instance -> {
          Map<UUID, List<String>> pulled = testCluster.pulled(instance);
          Follower follower = testCluster.followers().get(instance);
          for (Chat chat : journal.chats()) {
            if (chat.instance().equals(instance)) {
              List<Stored> expected = rowsOf(chat.patient());
              compareIds("pulled", expected, pulled.getOrDefault(chat.patient(), List.of()));
              if (follower != null) {
                while (System.nanoTime() < end
                    && follower.told(chat.patient()).size() < expected.size()) {
                  Eventually.pause(Duration.ofMillis(20));
                }
                compareIds("streamed", expected, follower.told(chat.patient()));
              }
            }
          }
        });
  }

  /**
   * Every message is delivered. The first deliveries are in the order of the chat. Repetitions have
   * the same id and the same bytes.
   *
   * @return how many calls were repetitions
   */
  private int compareWithInbox(long end) {
    int repeated = 0;
    for (String endpoint : testCluster.inboxEndpoints()) {
      for (Chat chat : journal.chats()) {
        List<Stored> expected = rowsOf(chat.patient());
        while (System.nanoTime() < end
            && distinct(testCluster.inbox().calls(endpoint, chat.patient())) < expected.size()) {
          Eventually.pause(Duration.ofMillis(20));
        }
        repeated += compare(expected, testCluster.inbox().calls(endpoint, chat.patient()));
      }
    }
    return repeated;
  }

  private static long distinct(List<Inbox.Call> calls) {
    return calls.stream().map(call -> call.signed().id()).distinct().count();
  }

  private int compare(List<Stored> expected, List<Inbox.Call> calls) {
    var firsts = new LinkedHashMap<String, Inbox.Call>();
    for (Inbox.Call call : calls) {
      Inbox.Call first = firsts.putIfAbsent(call.signed().id(), call);
      if (first != null && !first.signed().body().equals(call.signed().body())) {
        faults.add("not the same bytes under the webhook-id " + call.signed().id());
      }
    }
    List<String> delivered =
        firsts.values().stream().map(call -> Journal.hash(call.signed().text())).toList();
    if (!delivered.equals(expected.stream().map(Stored::hash).toList())) {
      var once = new HashSet<String>();
      for (String hash : delivered) {
        if (!once.add(hash)) {
          duplicate(hash, "was delivered under two webhook-ids");
        }
      }
      List<Stored> missing = expected.stream().filter(row -> !once.contains(row.hash)).toList();
      missing.forEach(row -> lose(row.key, "was not delivered in time"));
      if (missing.isEmpty()) {
        faults.add("delivered in another order than that of the chat");
      }
    }
    return calls.size() - firsts.size();
  }

  private void lose(String key, String why) {
    Journal.Sending sending = journal.sendings().get(key);
    boolean acknowledged = sending != null && sending.externalId().isPresent();
    if (acknowledged) {
      lost.add(key);
    }
    faults.add((acknowledged ? "" : "not acknowledged, but stored: ") + key + ": " + why);
  }

  private void duplicate(String what, String how) {
    duplicated.add(what);
    faults.add(what + " " + how);
  }
}
