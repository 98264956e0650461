package io.carechat.domain.records;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ChatRestricted;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Erases chats that have been quiet for as long as their instance keeps chats. Holds and
 * restrictions beat it. {@link #step} is for one thread of a node; the rest is safe for use by many
 * threads. Every method may throw {@link Unavailable}.
 */
public final class Retention {
  /** The highest number of chats that a preview lists. */
  public static final int MAX_SHOWN = 1_000;

  /** The credential that these erasures are requested by. */
  private static final String BY = "retention";

  private static final int BATCH_SIZE = 20;

  /**
   * How long an instance keeps chats.
   *
   * @param days how many days after its newest message a chat is kept, 1 or more
   * @param erases whether chats are erased, or only shown
   */
  public record Policy(int days, boolean erases) {}

  /**
   * What a retention would erase now.
   *
   * @param policy the policy of the instance; null if it keeps chats for ever
   * @param before chats whose newest message was created before this time; null without a policy
   * @param patients the patients of these chats, those that have been quiet longest first, up to
   *     {@value #MAX_SHOWN}
   */
  public record Preview(
      @Nullable Policy policy, @Nullable Instant before, List<PatientId> patients) {
    /** Copies the list. */
    public Preview {
      patients = List.copyOf(patients);
    }
  }

  private final Function<TenantInstance, Optional<Policy>> policies;
  private final RetentionCandidates candidates;
  private final Erasures erasures;
  private final TimeOrderedIds ids;
  private final InstantSource clock;

  /**
   * @param policies the policy of each instance; empty for one that keeps chats for ever
   * @param candidates the chats whose time is over
   * @param erasures erases them
   * @param ids makes ids
   * @param clock a clock that all nodes share
   */
  public Retention(
      Function<TenantInstance, Optional<Policy>> policies,
      RetentionCandidates candidates,
      Erasures erasures,
      TimeOrderedIds ids,
      InstantSource clock) {
    this.policies = policies;
    this.candidates = candidates;
    this.erasures = erasures;
    this.ids = ids;
    this.clock = clock;
  }

  /**
   * Returns what the retention of an instance would erase now.
   *
   * @throws AccessDenied if the caller is no partner, or lacks the scope
   */
  public Preview preview(Caller caller, TenantInstance instance) {
    caller.require(Scope.MANAGE_RETENTION, instance);
    if (!(caller instanceof Caller.Partner)) {
      throw new AccessDenied(Scope.MANAGE_RETENTION);
    }
    Policy policy = policies.apply(instance).orElse(null);
    if (policy == null) {
      return new Preview(null, null, List.of());
    }
    Instant before = before(policy);
    return new Preview(
        policy,
        before,
        candidates.quietSince(instance, before, MAX_SHOWN).stream().map(ChatId::patient).toList());
  }

  private Instant before(Policy policy) {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS).minus(Duration.ofDays(policy.days()));
  }

  /**
   * Erases some chats of each instance whose policy erases.
   *
   * @return whether there may be more
   */
  public boolean step() {
    boolean more = false;
    for (TenantInstance instance : candidates.instances()) {
      Policy policy = policies.apply(instance).orElse(null);
      if (policy != null && policy.erases()) {
        Instant before = before(policy);
        List<ChatId> quiet = candidates.quietSince(instance, before, BATCH_SIZE);
        quiet.forEach(chat -> erase(chat, before));
        more |= quiet.size() == BATCH_SIZE;
      }
    }
    return more;
  }

  private void erase(ChatId chat, Instant before) {
    try {
      Erasures.Requested _ =
          erasures.request(
              new Erasures.Request(
                  new ErasureId(ids.next()),
                  chat,
                  ErasureReason.RETENTION,
                  BY,
                  clock.instant().truncatedTo(ChronoUnit.MILLIS),
                  before));
    } catch (ChatRestricted e) {
      // It was restricted a moment ago, and is kept.
    }
  }
}
