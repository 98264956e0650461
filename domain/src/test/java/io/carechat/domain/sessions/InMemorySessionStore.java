package io.carechat.domain.sessions;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Sessions and links without a database. */
public final class InMemorySessionStore implements SessionStore {
  private final Map<Secret, Session> sessions = new HashMap<>();
  private final Map<Secret, Link> links = new HashMap<>();
  private int lookups;

  /** Run before a session is looked up; while it waits, other calls go on. */
  public volatile Consumer<Secret> beforeFind = token -> {};

  private boolean away;

  private record Link(ChatId chat, Instant expiresAt) {}

  /** How often anything was looked up, found or not. */
  public synchronized int lookups() {
    return lookups;
  }

  /** Makes every further call fail, or succeed again. */
  public synchronized void setAway(boolean isAway) {
    away = isAway;
  }

  private void lookUp() {
    requireThere();
    lookups++;
  }

  private void requireThere() {
    if (away) {
      throw new Unavailable("the store is away", Duration.ofSeconds(3));
    }
  }

  @Override
  public synchronized void add(Secret token, Session opened) {
    requireThere();
    sessions.put(token, opened);
  }

  @Override
  public Optional<Session> find(Secret token, Instant now) {
    beforeFind.accept(token);
    return found(token, now);
  }

  private synchronized Optional<Session> found(Secret token, Instant now) {
    lookUp();
    return Optional.ofNullable(sessions.get(token)).filter(hasNotEnded(now));
  }

  private static Predicate<Session> hasNotEnded(Instant now) {
    return session -> session.idleEnd().isAfter(now);
  }

  @Override
  public synchronized Optional<Session> extend(Secret token, Instant now, Instant idleEnd) {
    Optional<Session> extended =
        found(token, now)
            .map(session ->
                new Session(
                    session.caller(),
                    earlier(later(session.idleEnd(), idleEnd), session.end()),
                    session.end()));
    extended.ifPresent(session -> sessions.put(token, session));
    return extended;
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  @Override
  public synchronized void remove(Secret token) {
    requireThere();
    sessions.remove(token);
  }

  @Override
  public synchronized void addLink(Secret link, ChatId chat, Instant expiresAt) {
    requireThere();
    links.put(link, new Link(chat, expiresAt));
  }

  @Override
  public synchronized Optional<ChatId> useLink(Secret link, Instant now) {
    lookUp();
    return Optional.ofNullable(links.remove(link))
        .filter(found -> found.expiresAt().isAfter(now))
        .map(Link::chat);
  }

  @Override
  public synchronized int deleteEnded(Instant now, int limit) {
    requireThere();
    int before = sessions.size() + links.size();
    sessions.values().stream()
        .filter(hasNotEnded(now).negate())
        .limit(limit)
        .toList()
        .forEach(sessions.values()::remove);
    links.values().stream()
        .filter(link -> !link.expiresAt().isAfter(now))
        .limit(limit)
        .toList()
        .forEach(links.values()::remove);
    return before - sessions.size() - links.size();
  }
}
