package io.carechat.domain.keys;

import io.carechat.domain.chat.KeyId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.InstanceEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keys without a database. */
public final class InMemoryKeyRegistry implements KeyRegistry {
  private final Map<Name, Entry> entries = new LinkedHashMap<>();
  private final Consumer<InstanceEvent> events;
  private long revision;
  private boolean away;
  private int reads;

  private record Name(TenantInstance instance, KeyId id) {}

  private record Entry(ApiKey key, String hash, long revision) {}

  /**
   * @param events gets what is logged
   */
  public InMemoryKeyRegistry(Consumer<InstanceEvent> events) {
    this.events = events;
  }

  /** Makes every further call fail, or succeed again. */
  public synchronized void setAway(boolean isAway) {
    away = isAway;
  }

  /** How often changes were asked for, with or without success. */
  public synchronized int reads() {
    return reads;
  }

  /** Forgets everything, as a registry does that is restored from an old backup. */
  public synchronized void restoreEmpty() {
    entries.clear();
    revision = 0;
  }

  private void requireThere() {
    if (away) {
      throw new Unavailable("the registry is away", Duration.ofSeconds(3));
    }
  }

  @Override
  public synchronized List<ApiKey> of(TenantInstance instance) {
    requireThere();
    return keysOf(instance).toList();
  }

  private Stream<ApiKey> keysOf(TenantInstance instance) {
    return entries.values().stream()
        .map(Entry::key)
        .filter(key -> key.instance().equals(instance))
        .sorted(
            Comparator.comparing(InMemoryKeyRegistry::createdAt)
                .thenComparing(k -> k.id().value()));
  }

  private static Instant createdAt(ApiKey key) {
    return Objects.requireNonNull(key.created()).at();
  }

  @Override
  public synchronized boolean add(ApiKey key, String hash, int max, int maxEnded) {
    requireThere();
    Instant now = createdAt(key);
    long valid =
        keysOf(key.instance())
            .filter(other -> other.isValidAt(now) && other.isBreakGlass() == key.isBreakGlass())
            .count();
    if (valid >= max) {
      return false;
    }
    entries.put(new Name(key.instance(), key.id()), new Entry(key, hash, ++revision));
    keysOf(key.instance())
        .filter(other -> !other.isValidAt(now))
        .sorted(Comparator.comparing(InMemoryKeyRegistry::endedAt).reversed())
        .skip(maxEnded)
        .toList()
        .forEach(ended -> entries.remove(new Name(ended.instance(), ended.id())));
    Instant expiresAt = key.expiresAt();
    if (key.isBreakGlass() && expiresAt != null) {
      events.accept(
          new InstanceEvent.BreakGlassKeyCreated(key.instance(), key.id(), expiresAt, now));
    }
    return true;
  }

  private static Instant endedAt(ApiKey key) {
    @Nullable Instant revokedAt = key.revokedAt();
    return revokedAt == null ? Objects.requireNonNull(key.expiresAt()) : revokedAt;
  }

  @Override
  public synchronized boolean revoke(TenantInstance instance, KeyId id, Instant at) {
    requireThere();
    var name = new Name(instance, id);
    Entry entry = entries.get(name);
    if (entry == null) {
      return false;
    }
    ApiKey key = entry.key();
    if (key.revokedAt() == null) {
      entries.put(name, new Entry(with(key, at, key.lastUsedOn()), entry.hash(), ++revision));
    }
    return true;
  }

  private static ApiKey with(ApiKey key, @Nullable Instant revokedAt, @Nullable LocalDate used) {
    return new ApiKey(
        key.instance(),
        key.id(),
        key.scopes(),
        key.note(),
        key.reason(),
        key.certificate(),
        key.created(),
        key.expiresAt(),
        revokedAt,
        used);
  }

  @Override
  public synchronized KeyChanges changesSince(long since) {
    reads++;
    requireThere();
    return new KeyChanges(
        revision,
        entries.values().stream()
            .filter(entry -> entry.revision() > since)
            .map(entry -> new StoredKey(entry.key(), entry.hash()))
            .toList());
  }

  @Override
  public synchronized void noteUse(TenantInstance instance, KeyId id, LocalDate day) {
    requireThere();
    entries.computeIfPresent(
        new Name(instance, id),
        (name, entry) -> {
          LocalDate known = entry.key().lastUsedOn();
          return known != null && !day.isAfter(known)
              ? entry
              : new Entry(
                  with(entry.key(), entry.key().revokedAt(), day), entry.hash(), entry.revision());
        });
  }
}
