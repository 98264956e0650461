package io.carechat.domain.messages;

import io.carechat.domain.audit.AuditLog;
import io.carechat.domain.audit.InMemoryAudit;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ChatRestricted;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.Event;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.feeds.KnownPositions;
import io.carechat.domain.inbox.ChatDetails;
import io.carechat.domain.inbox.ChatDirectory;
import io.carechat.domain.inbox.ChatFilter;
import io.carechat.domain.inbox.ChatKey;
import io.carechat.domain.inbox.ChatSummary;
import io.carechat.domain.inbox.ReadMarker;
import io.carechat.domain.inbox.ReadMarkers;
import io.carechat.domain.inbox.Unread;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A message log, its chats and its read markers, without a database. */
public final class InMemoryMessageLog
    implements MessageLog, EventLog, InstanceEvents, ChatDirectory, ReadMarkers {
  private record Reader(ChatId chat, ClientType side) {}

  private record KeyOfSender(ChatId chat, ClientType side, UUID sender, IdempotencyKey key) {}

  private final InstantSource clock;
  private final List<LoggedEvent> events = new ArrayList<>();
  private final Map<KeyOfSender, Message> byKey = new HashMap<>();
  private final Map<Reader, ReadMarker> markers = new HashMap<>();
  private final List<KnownPositions.Lost> lost = new ArrayList<>();
  private final Set<ChatId> closed = new HashSet<>();
  private final Map<ChatId, Instant> erasedThrough = new HashMap<>();
  private long numbers;
  private int epoch;

  private final InMemoryAudit audit;

  public InMemoryMessageLog(InstantSource clock) {
    this(clock, new InMemoryAudit());
  }

  /**
   * @param audit gets the entries of messages
   */
  public InMemoryMessageLog(InstantSource clock, InMemoryAudit audit) {
    this.clock = clock;
    this.audit = audit;
  }

  /** What the audit says. */
  public AuditLog auditLog() {
    return audit;
  }

  @Override
  public synchronized Appended append(NewMessage message) {
    requireOpen(message.chat());
    Optional<Appended> earlier = findEarlier(message);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Instant createdAt =
        newestFirst(message.chat(), logged -> true)
            .findFirst()
            .map(Message::createdAt)
            .or(() -> Optional.ofNullable(erasedThrough.get(message.chat())))
            .map(newest -> newest.plusMillis(1))
            .filter(next -> next.isAfter(now))
            .orElse(now);
    Message stored =
        new Message(
            message.chat(), message.externalId(), message.sender(), message.text(), createdAt);
    if (message.audit() != null) {
      audit.record(message.audit());
    }
    append(new ChatEvent.MessageSent(stored));
    if (message.key() != null) {
      byKey.put(keyOfSender(message, message.key()), stored);
    }
    return new Appended.Stored(stored);
  }

  @Override
  public synchronized Optional<Appended> findEarlier(NewMessage message) {
    requireOpen(message.chat());
    return Optional.ofNullable(message.key())
        .map(key -> byKey.get(keyOfSender(message, key)))
        .map(message::compareWithEarlier);
  }

  private static KeyOfSender keyOfSender(NewMessage message, IdempotencyKey key) {
    return new KeyOfSender(
        message.chat(), message.sender().clientType(), message.sender().id(), key);
  }

  /** Logs an event that is about no message. */
  public LogPosition log(Event event) {
    return append(event);
  }

  private synchronized LogPosition append(Event event) {
    long number = ++numbers;
    var position = new LogPosition(epochBase() + number, number);
    events.add(new LoggedEvent(position, event));
    return position;
  }

  /** Closes a chat, so that it is neither shown nor changed, or opens it again. */
  public synchronized void close(ChatId chat, boolean isClosed) {
    if (isClosed) {
      closed.add(chat);
    } else {
      closed.remove(chat);
    }
  }

  /** Whether messages of a chat are neither shown nor changed. */
  private void requireOpen(ChatId chat) {
    if (closed.contains(chat)) {
      throw new ChatRestricted();
    }
  }

  /** The chats that have messages. */
  public synchronized List<ChatId> chatIds() {
    return events.stream()
        .map(LoggedEvent::event)
        .filter(ChatEvent.MessageSent.class::isInstance)
        .map(event -> ((ChatEvent.MessageSent) event).chat())
        .distinct()
        .toList();
  }

  /** When the newest message of a chat was created, whether the chat is closed or not. */
  public synchronized Optional<Instant> lastCreatedAt(ChatId chat) {
    return newestFirst(chat, logged -> true).findFirst().map(Message::createdAt);
  }

  /**
   * Removes the messages of a chat up to a time, with all that is about them.
   *
   * @return how many messages, events and markers were removed
   */
  public synchronized List<Integer> erase(ChatId chat, Instant through) {
    int messages =
        (int)
            newestFirst(chat, logged -> true)
                .filter(message -> !message.createdAt().isAfter(through))
                .count();
    int before = events.size();
    events.removeIf(logged ->
        logged.event() instanceof ChatEvent.OfMessage about
            && about.chat().equals(chat)
            && !about.message().createdAt().isAfter(through));
    byKey
        .values()
        .removeIf(message -> message.chat().equals(chat) && !message.createdAt().isAfter(through));
    int markersBefore = markers.size();
    markers
        .entrySet()
        .removeIf(marker ->
            marker.getKey().chat().equals(chat) && !marker.getValue().createdAt().isAfter(through));
    erasedThrough.put(chat, through);
    return List.of(messages, before - events.size(), markersBefore - markers.size());
  }

  private Stream<Message> newestFirst(ChatId chat, Predicate<LoggedEvent> condition) {
    return events.reversed().stream()
        .filter(condition)
        .map(LoggedEvent::event)
        .filter(ChatEvent.MessageSent.class::isInstance)
        .map(event -> ((ChatEvent.MessageSent) event).message())
        .filter(message -> message.chat().equals(chat));
  }

  @Override
  public Slice<Message> read(ChatId chat, Window<Instant> window, int limit) {
    return readLoggedAfter(LogPosition.START, chat, window, limit);
  }

  @Override
  public synchronized Slice<Message> readLoggedAfter(
      LogPosition position, ChatId chat, Window<Instant> window, int limit) {
    requireOpen(chat);
    List<Message> all =
        newestFirst(chat, logged -> logged.position().compareTo(position) > 0).toList();
    return slice(all, Message::createdAt, window, limit);
  }

  private static <T, K extends Comparable<? super K>> Slice<T> slice(
      List<T> allNewestFirst, Function<T, K> keyOf, Window<K> window, int limit) {
    List<T> inWindow =
        allNewestFirst.stream().filter(item -> window.contains(keyOf.apply(item))).toList();
    if (window instanceof Window.After<K>) {
      int skipped = Math.max(0, inWindow.size() - limit);
      return new Slice<>(
          inWindow.subList(skipped, inWindow.size()), allNewestFirst.size() > inWindow.size());
    }
    return new Slice<>(inWindow.stream().limit(limit).toList(), inWindow.size() > limit);
  }

  @Override
  public synchronized Optional<Message> find(ChatId chat, ExternalId id) {
    requireOpen(chat);
    return newestFirst(chat, logged -> true).filter(m -> m.externalId().equals(id)).findFirst();
  }

  @Override
  public synchronized List<Message> findAll(ChatId chat, Collection<ExternalId> ids) {
    requireOpen(chat);
    return newestFirst(chat, logged -> true).filter(m -> ids.contains(m.externalId())).toList();
  }

  @Override
  public synchronized List<LoggedEvent> readLoggedAfter(
      LogPosition position, TenantInstance instance, int limit) {
    return read(instance, position, limit);
  }

  @Override
  public synchronized List<Message> findAll(
      TenantInstance instance, Collection<MessageRef> messages) {
    return messages.stream()
        .distinct()
        .filter(message -> message.chat().instance().equals(instance))
        .filter(message -> !closed.contains(message.chat()))
        .flatMap(message -> find(message.chat(), message.id()).stream())
        .toList();
  }

  @Override
  public synchronized Set<MessageRef> findExisting(
      TenantInstance instance, Collection<MessageRef> messages) {
    return messages.stream()
        .filter(message -> message.chat().instance().equals(instance))
        .filter(message ->
            newestFirst(message.chat(), logged -> true)
                .anyMatch(found -> found.externalId().equals(message.id())))
        .collect(Collectors.toSet());
  }

  @Override
  public List<LoggedEvent> read(LogPosition after, int limit) {
    return read(event -> true, after, limit);
  }

  @Override
  public List<LoggedEvent> read(TenantInstance instance, LogPosition after, int limit) {
    return read(
        event ->
            event.instance().equals(instance)
                && !(event instanceof ChatEvent.OfMessage about && closed.contains(about.chat())),
        after,
        limit);
  }

  @Override
  public synchronized List<LoggedEvent> read(ChatId chat, LogPosition after, int limit) {
    requireOpen(chat);
    return read(
        event -> event instanceof ChatEvent ofChat && ofChat.chat().equals(chat), after, limit);
  }

  @Override
  public synchronized LogPosition end() {
    return numbers == 0 ? LogPosition.START : new LogPosition(epochBase() + numbers, numbers);
  }

  private long epochBase() {
    return (long) epoch << LogPosition.BITS_BELOW_EPOCH;
  }

  @Override
  public synchronized KnownPositions knownPositions() {
    return new KnownPositions(new LogPosition(epochBase() + numbers + 1, 0), lost);
  }

  /** Replaces this log by an older copy of itself, which begins a new epoch. */
  public synchronized void restore(LogPosition lastKept) {
    boolean _ = events.removeIf(logged -> logged.position().compareTo(lastKept) > 0);
    numbers = lastKept.number();
    epoch++;
    lost.add(new KnownPositions.Lost(lastKept.transaction(), epochBase()));
  }

  private synchronized List<LoggedEvent> read(
      Predicate<Event> condition, LogPosition after, int limit) {
    return events.stream()
        .filter(logged -> logged.position().compareTo(after) > 0)
        .filter(logged -> condition.test(logged.event()))
        .sorted(Comparator.comparing(LoggedEvent::position))
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized Slice<ChatSummary> list(
      TenantInstance instance, ChatFilter filter, Window<ChatKey> window, int limit) {
    List<ChatSummary> newestFirst =
        events.stream()
            .map(LoggedEvent::event)
            .filter(ChatEvent.MessageSent.class::isInstance)
            .map(event -> ((ChatEvent.MessageSent) event).chat())
            .filter(chat -> chat.instance().equals(instance))
            .filter(chat -> !closed.contains(chat))
            .distinct()
            .map(chat -> find(chat).orElseThrow().summary())
            .filter(filter::contains)
            .sorted(Comparator.comparing(ChatSummary::key).reversed())
            .toList();
    return slice(newestFirst, ChatSummary::key, window, limit);
  }

  @Override
  public synchronized Optional<ChatDetails> find(ChatId chat) {
    requireOpen(chat);
    List<Message> newestFirst = newestFirst(chat, logged -> true).toList();
    if (newestFirst.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ChatDetails(
            new ChatSummary(
                newestFirst.getFirst(),
                new Unread(
                    unread(newestFirst, chat, ClientType.PATIENT),
                    unread(newestFirst, chat, ClientType.CARE_TEAM)),
                Stream.of(ClientType.values())
                    .flatMap(
                        side -> Optional.ofNullable(markers.get(new Reader(chat, side))).stream())
                    .toList()),
            Math.min(newestFirst.size(), ChatDetails.MAX_COUNTED)));
  }

  private int unread(List<Message> messages, ChatId chat, ClientType side) {
    ReadMarker marker = markers.get(new Reader(chat, side));
    long count =
        messages.stream()
            .filter(message -> message.sender().clientType() != side)
            .filter(message -> marker == null || message.createdAt().isAfter(marker.createdAt()))
            .count();
    return (int) Math.min(count, Unread.MAX);
  }

  @Override
  public synchronized Optional<ReadMarker> advance(ChatId chat, ClientType side, ExternalId upTo) {
    Optional<Message> found = find(chat, upTo);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Message message = found.get();
    var reader = new Reader(chat, side);
    ReadMarker standing = markers.get(reader);
    if (standing != null && !message.createdAt().isAfter(standing.createdAt())) {
      return Optional.of(standing);
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Instant readAt = now.isBefore(message.createdAt()) ? message.createdAt() : now;
    var marker = new ReadMarker(side, upTo, message.createdAt(), readAt);
    markers.put(reader, marker);
    append(new ChatEvent.ChatRead(message, side, readAt));
    return Optional.of(marker);
  }
}
