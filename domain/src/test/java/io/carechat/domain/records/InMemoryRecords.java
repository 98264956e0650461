package io.carechat.domain.records;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ChatRestricted;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.messages.InMemoryMessageLog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The records of the chats of a log without a database. An erasure removes everything at once. */
public final class InMemoryRecords
    implements Erasures, Restrictions, LegalHolds, RetentionCandidates {
  private final InMemoryMessageLog log;
  private final Map<ErasureId, Erasure> erasures = new LinkedHashMap<>();
  private final Map<ChatId, Instant> restricted = new HashMap<>();
  private final Map<ChatId, List<LegalHold>> holds = new HashMap<>();

  /**
   * @param log the messages that are erased
   */
  public InMemoryRecords(InMemoryMessageLog log) {
    this.log = log;
  }

  private Stream<Erasure> of(ChatId chat) {
    return erasures.values().stream().filter(erasure -> erasure.chat().equals(chat));
  }

  private Optional<Erasure> held(ChatId chat) {
    return of(chat).filter(erasure -> erasure.state() == Erasure.State.HELD).findFirst();
  }

  @Override
  public Requested request(Request request) {
    // No message may come between looking and removing.
    synchronized (log) {
      return requestNow(request);
    }
  }

  private Requested requestNow(Request request) {
    ChatId chat = request.chat();
    Optional<Instant> last = log.lastCreatedAt(chat);
    if (last.isEmpty()) {
      return of(chat)
          .max(Comparator.comparing(Erasure::requestedAt))
          .<Requested>map(Requested.Accepted::new)
          .orElseGet(Requested.NoChat::new);
    }
    if (request.onlyIfQuietSince() != null && !last.get().isBefore(request.onlyIfQuietSince())) {
      return new Requested.NoChat();
    }
    if (restricted.containsKey(chat)) {
      throw new ChatRestricted();
    }
    Erasure queued =
        held(chat)
            .orElseGet(() ->
                new Erasure(
                    request.id(),
                    chat,
                    request.reason(),
                    request.at(),
                    request.by(),
                    Erasure.State.HELD,
                    null,
                    Removed.NOTHING,
                    null,
                    null,
                    null));
    erasures.put(queued.id(), queued);
    return list(chat).isEmpty()
        ? new Requested.Accepted(remove(queued, request.at(), last.get()))
        : new Requested.Held();
  }

  private Erasure remove(Erasure erasure, Instant now, Instant last) {
    Instant through = now.isAfter(last) ? now : last;
    List<Integer> counts = log.erase(erasure.chat(), through);
    LogPosition event =
        log.log(
            new ChatEvent.RecordChanged(
                erasure.chat(), ChatEvent.RecordChange.ERASED, erasure.id().value(), through));
    var removed = new Removed(counts.get(0), counts.get(1), 0, 0, counts.get(2), 0);
    Erasure after = in(erasure, Erasure.State.INDEXING, through, removed, event, null);
    erasures.put(after.id(), after);
    return after;
  }

  private static Erasure in(
      Erasure before,
      Erasure.State state,
      @Nullable Instant through,
      Removed removed,
      @Nullable LogPosition event,
      @Nullable String receipt) {
    return new Erasure(
        before.id(),
        before.chat(),
        before.reason(),
        before.requestedAt(),
        before.requestedBy(),
        state,
        through,
        removed,
        through,
        event,
        receipt);
  }

  @Override
  public Erasure removeMore(Erasure erasure) {
    synchronized (log) {
      return Objects.requireNonNull(erasures.get(erasure.id()));
    }
  }

  @Override
  public Optional<Erasure> find(ChatId chat, ErasureId id) {
    synchronized (log) {
      return of(chat).filter(erasure -> erasure.id().equals(id)).findFirst();
    }
  }

  @Override
  public List<Erasure> unfinished(int limit) {
    synchronized (log) {
      Predicate<Erasure> isUnfinished =
          erasure ->
              erasure.state() == Erasure.State.REMOVING
                  || erasure.state() == Erasure.State.INDEXING;
      return erasures.values().stream().filter(isUnfinished).limit(limit).toList();
    }
  }

  @Override
  public void complete(Erasure erasure, String receipt) {
    synchronized (log) {
      erasures.computeIfPresent(
          erasure.id(),
          (_, current) ->
              current.state() == Erasure.State.INDEXING
                  ? in(
                      current,
                      Erasure.State.DONE,
                      current.through(),
                      current.removed(),
                      current.event(),
                      receipt)
                  : current);
    }
  }

  @Override
  public List<TenantInstance> instances() {
    synchronized (log) {
      return log.chatIds().stream().map(ChatId::instance).distinct().toList();
    }
  }

  @Override
  public List<ChatId> quietSince(TenantInstance instance, Instant before, int limit) {
    synchronized (log) {
      return log.chatIds().stream()
          .filter(chat -> chat.instance().equals(instance))
          .filter(chat -> log.lastCreatedAt(chat).orElseThrow().isBefore(before))
          .filter(chat -> !restricted.containsKey(chat) && list(chat).isEmpty())
          .sorted(Comparator.comparing(chat -> log.lastCreatedAt(chat).orElseThrow()))
          .limit(limit)
          .toList();
    }
  }

  @Override
  public Optional<Instant> restrict(ChatId chat, UUID id, Instant now) {
    synchronized (log) {
      if (log.lastCreatedAt(chat).isEmpty()) {
        return Optional.empty();
      }
      Instant since = restricted.putIfAbsent(chat, now);
      if (since == null) {
        log.close(chat, true);
        log.log(new ChatEvent.RecordChanged(chat, ChatEvent.RecordChange.RESTRICTED, id, now));
      }
      return Optional.of(since == null ? now : since);
    }
  }

  @Override
  public boolean lift(ChatId chat, UUID id, Instant now) {
    synchronized (log) {
      if (restricted.remove(chat) == null) {
        return false;
      }
      log.close(chat, false);
      log.log(new ChatEvent.RecordChanged(chat, ChatEvent.RecordChange.RELEASED, id, now));
      return true;
    }
  }

  @Override
  public Placed place(ChatId chat, LegalHold hold) {
    synchronized (log) {
      if (log.lastCreatedAt(chat).isEmpty()) {
        return Placed.NO_CHAT;
      }
      List<LegalHold> ofChat = holds.computeIfAbsent(chat, _ -> new ArrayList<>());
      if (ofChat.size() >= MAX) {
        return Placed.TOO_MANY;
      }
      ofChat.add(hold);
      return Placed.PLACED;
    }
  }

  @Override
  public List<LegalHold> list(ChatId chat) {
    synchronized (log) {
      return List.copyOf(holds.getOrDefault(chat, List.of()));
    }
  }

  @Override
  public boolean lift(ChatId chat, HoldId id, Instant now) {
    synchronized (log) {
      boolean lifted =
          holds.getOrDefault(chat, new ArrayList<>()).removeIf(hold -> hold.id().equals(id));
      if (lifted && list(chat).isEmpty()) {
        held(chat)
            .ifPresent(queued -> {
              Erasure _ = remove(queued, now, log.lastCreatedAt(chat).orElseThrow());
            });
      }
      return lifted;
    }
  }
}
