package io.carechat.domain.messages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.messages.SendResult.OverQuota;
import io.carechat.domain.messages.UsageCounters.Usage;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SendQuotasTest {
  private static final ChatId CHAT = Samples.newChat();
  private static final Duration HALF_A_DAY = Duration.ofHours(12);

  private final ManualClock clock =
      new ManualClock(Samples.NOON.truncatedTo(ChronoUnit.DAYS).plus(HALF_A_DAY));
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final InMemoryUsageCounters counters = new InMemoryUsageCounters();

  /** A node, on which only the instance of {@link #CHAT} has a quota. */
  private final class Node {
    private final SendQuotas quotas;
    private final PatientChats chats;

    Node(Quota quota, UsageCounters shared, MessageLog log) {
      quotas =
          new SendQuotas(
              instance -> instance.equals(CHAT.instance()) ? Optional.of(quota) : Optional.empty(),
              shared,
              clock);
      chats = new PatientChats(log, new TimeOrderedIds(clock, new Random(1)), quotas);
    }

    Node(Quota quota) {
      this(quota, counters, log);
    }

    SendResult send(ChatId chat, String text, @Nullable String key) {
      var caller = new Caller.Partner("partner", chat.instance(), EnumSet.allOf(Scope.class));
      return chats.send(
          caller, chat, new MessageText(text), null, key == null ? null : new IdempotencyKey(key));
    }

    SendResult send() {
      return send(Samples.chatIn(CHAT.instance()), "text", null);
    }
  }

  private static Quota messages(long perDay) {
    return new Quota(OptionalLong.of(perDay), OptionalLong.empty());
  }

  private static Quota bytes(long stored) {
    return new Quota(OptionalLong.empty(), OptionalLong.of(stored));
  }

  private static void assertSent(SendResult result) {
    assertThat(result).isInstanceOf(SendResult.Sent.class);
  }

  @Test
  void limitsTheMessagesOfADayAndTouchesNoOtherInstance() {
    var node = new Node(messages(3));
    for (int i = 0; i < 3; i++) {
      assertSent(node.send());
    }
    for (int i = 0; i < 2; i++) {
      assertThat(node.send()).isEqualTo(new OverQuota.OfMessages(3, HALF_A_DAY));
      boolean _ = node.quotas.step();
    }
    for (TenantInstance other : Samples.strangersTo(CHAT.instance())) {
      for (int i = 0; i < 5; i++) {
        assertSent(node.send(Samples.chatIn(other), "text", null));
      }
    }
    clock.move(HALF_A_DAY);
    for (int i = 0; i < 3; i++) {
      assertSent(node.send());
    }
    assertThat(node.send()).isEqualTo(new OverQuota.OfMessages(3, HALF_A_DAY.multipliedBy(2)));
  }

  @Test
  void limitsTheBytesThatAreStoredForEver() {
    var node = new Node(bytes(10));
    assertSent(node.send(CHAT, "éé", null));
    assertSent(node.send(CHAT, "abcde", null));
    assertThat(node.send(CHAT, "é", null)).isInstanceOf(OverQuota.OfBytes.class);
    assertSent(node.send(CHAT, "f", null));
    clock.move(Duration.ofDays(40));
    boolean _ = node.quotas.step();
    assertThat(node.send(CHAT, "g", null))
        .isEqualTo(new OverQuota.OfBytes(10, Duration.ofHours(1)));
  }

  @Test
  void neverRefusesARepeatedRequest() {
    var node = new Node(messages(2));
    SendResult first = node.send(CHAT, "text", "key");
    assertSent(first);
    // It is the same message, so it counts once.
    for (int i = 0; i < 5; i++) {
      assertThat(node.send(CHAT, "text", "key")).isInstanceOf(SendResult.Replayed.class);
    }
    assertSent(node.send());
    assertThat(node.send()).isInstanceOf(OverQuota.class);

    assertThat(node.send(CHAT, "text", "key"))
        .isEqualTo(new SendResult.Replayed(((SendResult.Sent) first).message()));
    assertThat(node.send(CHAT, "another", "key")).isEqualTo(new SendResult.KeyReused());
    assertThat(node.send(CHAT, "text", "another-key")).isInstanceOf(OverQuota.class);
  }

  @Test
  void isExactWhileManySendAtOnce() throws Exception {
    var node = new Node(messages(20));
    int sent = 0;
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<SendResult>> results = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        if (i % 10 == 0) {
          results.add(
              callers.submit(() -> {
                boolean _ = node.quotas.step();
                return node.send();
              }));
        }
        results.add(callers.submit(() -> node.send()));
      }
      for (Future<SendResult> result : results) {
        sent += result.get(60, TimeUnit.SECONDS) instanceof SendResult.Sent ? 1 : 0;
      }
    }
    assertThat(sent).isEqualTo(20);
  }

  @Test
  void nodesShareAQuotaAfterAStep() {
    var one = new Node(messages(4));
    var other = new Node(messages(4));
    assertSent(one.send());
    assertSent(one.send());
    assertSent(one.send());
    assertSent(other.send());
    boolean _ = one.quotas.step();
    boolean _ = other.quotas.step();
    boolean _ = one.quotas.step();
    assertThat(other.send()).isInstanceOf(OverQuota.class);
    // Another node that starts reads the counts before its first send.
    var third = new Node(messages(4));
    assertThat(third.send()).isInstanceOf(OverQuota.class);
    assertThat(counters.add(Map.of(CHAT.instance(), new Usage(0, 0, 0))).get(CHAT.instance()))
        .extracting(Usage::messages, Usage::bytes)
        .containsExactly(4L, 16L);
  }

  @Test
  void goesOnWhileTheCountersAreUnavailable() {
    var failing =
        new UsageCounters() {
          private boolean fails = true;

          @Override
          public Map<TenantInstance, Usage> add(Map<TenantInstance, Usage> more) {
            if (fails) {
              throw new Unavailable("planted", Duration.ofSeconds(1));
            }
            return counters.add(more);
          }
        };
    var node = new Node(messages(2), failing, log);
    assertSent(node.send());
    assertThatThrownBy(node.quotas::step).isInstanceOf(Unavailable.class);
    assertSent(node.send());
    assertThatThrownBy(node.quotas::step).isInstanceOf(Unavailable.class);
    assertThat(node.send()).isInstanceOf(OverQuota.class);
    failing.fails = false;
    boolean _ = node.quotas.step();
    assertThat(node.send()).isInstanceOf(OverQuota.class);
    assertThat(counters.add(Map.of(CHAT.instance(), new Usage(0, 0, 0))).get(CHAT.instance()))
        .extracting(Usage::messages)
        .isEqualTo(2L);
  }

  @Test
  void asksTheCountersOnlyIfSomebodyHasSent() {
    var calls = new ArrayList<Map<TenantInstance, Usage>>();
    var node =
        new Node(
            messages(2),
            more -> {
              calls.add(more);
              return counters.add(more);
            },
            log);
    boolean _ = node.quotas.step();
    assertSent(node.send());
    assertSent(node.send(Samples.chatIn(Samples.OTHER_TENANT), "text", null));
    for (int i = 0; i < 3; i++) {
      assertThat(node.quotas.step()).isFalse();
    }
    // The first send reads, and one step writes.
    assertThat(calls)
        .hasSize(2)
        .allSatisfy(call -> assertThat(call).containsOnlyKeys(CHAT.instance()));
  }

  @Test
  void aQuotaLimitsSomething() {
    assertThatIllegalArgumentException().isThrownBy(() -> messages(0));
    assertThatIllegalArgumentException().isThrownBy(() -> bytes(-1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Quota(OptionalLong.empty(), OptionalLong.empty()));
  }
}
