package io.carechat.domain.messages;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.Event;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.feeds.InstanceEvents;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
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

  public InMemoryMessageLog(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public synchronized Appended append(NewMessage message) {
    Optional<Appended> earlier = findEarlier(message);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Instant createdAt =
        newestFirst(message.chat(), logged -> true)
            .findFirst()
            .map(newest -> newest.createdAt().plusMillis(1))
            .filter(next -> next.isAfter(now))
            .orElse(now);
    Message stored =
        new Message(
            message.chat(), message.externalId(), message.sender(), message.text(), createdAt);
    append(new ChatEvent.MessageSent(stored));
    if (message.key() != null) {
      byKey.put(keyOfSender(message, message.key()), stored);
    }
    return new Appended.Stored(stored);
  }

  @Override
  public synchronized Optional<Appended> findEarlier(NewMessage message) {
    return Optional.ofNullable(message.key())
        .map(key -> byKey.get(keyOfSender(message, key)))
        .map(message::compareWithEarlier);
  }

  private static KeyOfSender keyOfSender(NewMessage message, IdempotencyKey key) {
    return new KeyOfSender(
        message.chat(), message.sender().clientType(), message.sender().id(), key);
  }

  /** Logs an event that is in no chat. */
  public void log(InstanceEvent event) {
    append(event);
  }

  private synchronized void append(Event event) {
    long number = events.size() + 1L;
    events.add(new LoggedEvent(new LogPosition(number, number), event));
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
    return newestFirst(chat, logged -> true).filter(m -> m.externalId().equals(id)).findFirst();
  }

  @Override
  public synchronized List<Message> findAll(ChatId chat, Collection<ExternalId> ids) {
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
        .flatMap(message -> find(message.chat(), message.id()).stream())
        .toList();
  }

  @Override
  public List<LoggedEvent> read(LogPosition after, int limit) {
    return read(event -> true, after, limit);
  }

  @Override
  public List<LoggedEvent> read(TenantInstance instance, LogPosition after, int limit) {
    return read(event -> event.instance().equals(instance), after, limit);
  }

  @Override
  public List<LoggedEvent> read(ChatId chat, LogPosition after, int limit) {
    return read(
        event -> event instanceof ChatEvent ofChat && ofChat.chat().equals(chat), after, limit);
  }

  @Override
  public synchronized LogPosition end() {
    return events.isEmpty() ? LogPosition.START : events.getLast().position();
  }

  @Override
  public synchronized LogPosition bound() {
    return new LogPosition(end().transaction() + 1, 0);
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
            .distinct()
            .map(chat -> find(chat).orElseThrow().summary())
            .filter(filter::contains)
            .sorted(Comparator.comparing(ChatSummary::key).reversed())
            .toList();
    return slice(newestFirst, ChatSummary::key, window, limit);
  }

  @Override
  public synchronized Optional<ChatDetails> find(ChatId chat) {
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
