package io.carechat.domain.messages;

import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.messages.SendResult.OverQuota;
import io.carechat.domain.messages.UsageCounters.Usage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps instances within their quotas. Safe for use by many threads.
 *
 * <p>What this node sends is counted in memory, with the sends that are in progress. {@link #step}
 * adds the counts to those of all nodes, and reads these. The first send of an instance reads them
 * too. So one node never exceeds a quota. Several nodes together exceed a quota by no more than
 * what they send between two steps. If a node dies, what it has sent since its last step is not
 * counted. A send of which it is unknown whether it was stored is not counted either.
 */
public final class SendQuotas {
  private static final Duration UNTIL_STORAGE = Duration.ofHours(1);
  private static final long SECONDS_OF_DAY = 86_400;

  private final Function<TenantInstance, Optional<Quota>> quotas;
  private final UsageCounters counters;
  private final InstantSource clock;
  private final Map<TenantInstance, Counter> byInstance = new ConcurrentHashMap<>();

  /** The counts of an instance. Guarded by itself. */
  private static final class Counter {
    private long day;

    /** Of all nodes, as of the last step. */
    private long messages;

    private long bytes;

    /** Of this node, since that step. The messages are of {@code day}. */
    private long newMessages;

    private long newBytes;

    /** What the step that is under way adds. */
    private long addedMessages;

    private long addedBytes;

    /** Of sends in progress. */
    private long heldMessages;

    private long heldBytes;

    /** Whether somebody has asked since the last step. */
    private boolean asked;

    /** Whether the counts of all nodes were read. */
    private boolean known;

    /**
     * Reads the counts of all nodes, unless they were read before. If they are unavailable, the
     * next send reads them.
     */
    private synchronized void readFirst(Supplier<@Nullable Usage> read) {
      if (known) {
        return;
      }
      try {
        Usage all = read.get();
        if (all != null) {
          end(all);
        }
        known = true;
      } catch (Unavailable later) {
        // What cannot be counted is sent all the same.
      }
    }

    /** Begins a send, unless that would exceed the quota. */
    private synchronized @Nullable OverQuota hold(Quota quota, long size, Instant now) {
      asked = true;
      turnTo(dayOf(now));
      long perDay = quota.messagesPerDay().orElse(Long.MAX_VALUE);
      if (messages + addedMessages + newMessages + heldMessages >= perDay) {
        return new OverQuota.OfMessages(perDay, untilTomorrow(now));
      }
      long max = quota.storedBytes().orElse(Long.MAX_VALUE);
      if (bytes + addedBytes + newBytes + heldBytes + size > max) {
        return new OverQuota.OfBytes(max, UNTIL_STORAGE);
      }
      heldMessages++;
      heldBytes += size;
      return null;
    }

    /** Ends a send. */
    private synchronized void release(long size, boolean stored) {
      heldMessages--;
      heldBytes -= size;
      if (stored) {
        newMessages++;
        newBytes += size;
      }
    }

    /** Gives what is to be added now; null if nobody has asked or sent. */
    private synchronized @Nullable Usage begin(long today) {
      if (!asked && newBytes == 0) {
        return null;
      }
      turnTo(today);
      asked = false;
      addedMessages = newMessages;
      addedBytes = newBytes;
      newMessages = 0;
      newBytes = 0;
      return new Usage(day, addedMessages, addedBytes);
    }

    private synchronized void undo() {
      asked = true;
      newMessages += addedMessages;
      newBytes += addedBytes;
      addedMessages = 0;
      addedBytes = 0;
    }

    private synchronized void end(Usage all) {
      turnTo(all.day());
      if (all.day() == day) {
        messages = all.messages();
      }
      bytes = all.bytes();
      addedMessages = 0;
      addedBytes = 0;
    }

    private void turnTo(long today) {
      // The clock may step back.
      if (today > day) {
        day = today;
        messages = 0;
        newMessages = 0;
        addedMessages = 0;
      }
    }
  }

  /**
   * @param quotas the quota of an instance; empty if it has none
   * @param counters the counts of all nodes
   * @param clock says which day it is
   */
  public SendQuotas(
      Function<TenantInstance, Optional<Quota>> quotas,
      UsageCounters counters,
      InstantSource clock) {
    this.quotas = quotas;
    this.counters = counters;
    this.clock = clock;
  }

  /** No instance has a quota. */
  public static SendQuotas none() {
    return new SendQuotas(_ -> Optional.empty(), _ -> Map.of(), () -> Instant.EPOCH);
  }

  /**
   * Sends a message if the quota of its instance permits it.
   *
   * @param send sends it
   * @param earlier finds the result of an earlier request that this one repeats; it is asked only
   *     if the quota is reached
   */
  SendResult within(
      TenantInstance instance,
      MessageText text,
      Supplier<SendResult> send,
      Supplier<Optional<SendResult>> earlier) {
    Quota quota = quotas.apply(instance).orElse(null);
    if (quota == null) {
      return send.get();
    }
    long bytes = text.utf8Length();
    Counter counter = counter(instance);
    counter.readFirst(() -> read(instance));
    OverQuota over = counter.hold(quota, bytes, clock.instant());
    if (over != null) {
      return earlier.get().orElse(over);
    }
    boolean stored = false;
    try {
      SendResult result = send.get();
      stored = result instanceof SendResult.Sent;
      return result;
    } finally {
      counter.release(bytes, stored);
    }
  }

  private @Nullable Usage read(TenantInstance instance) {
    var nothing = new Usage(dayOf(clock.instant()), 0, 0);
    return counters.add(Map.of(instance, nothing)).get(instance);
  }

  private static long dayOf(Instant time) {
    return Math.floorDiv(time.getEpochSecond(), SECONDS_OF_DAY);
  }

  private static Duration untilTomorrow(Instant now) {
    return Duration.ofSeconds(SECONDS_OF_DAY - Math.floorMod(now.getEpochSecond(), SECONDS_OF_DAY));
  }

  /**
   * Adds what was sent since the last step to the counts of all nodes, and reads these. To be
   * called every second, by one thread.
   *
   * @return false, because nothing is left to do
   * @throws Unavailable if the counts are unavailable. They are added by a later step, and may then
   *     be counted twice.
   */
  public boolean step() {
    long today = dayOf(clock.instant());
    var more = new HashMap<TenantInstance, Usage>();
    byInstance.forEach((instance, counter) -> {
      Usage usage = counter.begin(today);
      if (usage != null) {
        more.put(instance, usage);
      }
    });
    if (more.isEmpty()) {
      return false;
    }
    try {
      counters.add(more).forEach((instance, all) -> counter(instance).end(all));
    } catch (RuntimeException e) {
      more.keySet().forEach(instance -> counter(instance).undo());
      throw e;
    }
    return false;
  }

  private Counter counter(TenantInstance instance) {
    return byInstance.computeIfAbsent(instance, _ -> new Counter());
  }
}
