package io.carechat.contracttests.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** How long the delivery of webhooks took. */
final class Delays {
  private Delays() {}

  /**
   * The time from each message's acknowledgement to its first call at each endpoint in the inbox.
   * It is zero if the call came before the acknowledgement.
   */
  static List<Duration> of(TestCluster testCluster, Journal journal) {
    Map<String, Long> acknowledged = new HashMap<>();
    journal
        .sendings()
        .values()
        .forEach(sending ->
            sending.acknowledgedAt().ifPresent(at -> acknowledged.put(sending.hash(), at)));
    var delays = new ArrayList<Duration>();
    for (Chat chat : journal.chats()) {
      for (String endpoint : testCluster.inboxEndpoints()) {
        var seen = new HashSet<String>();
        for (Inbox.Call call : testCluster.inbox().calls(endpoint, chat.patient())) {
          Long at = acknowledged.get(Journal.hash(call.signed().text()));
          if (at != null && seen.add(call.signed().id())) {
            delays.add(Duration.ofNanos(Math.max(0, call.at() - at)));
          }
        }
      }
    }
    return delays;
  }

  /** The longest of these times. */
  static Duration longest(TestCluster testCluster, Journal journal) {
    return Measured.percentile(100, of(testCluster, journal));
  }
}
