package io.carechat.bootstrap.identity;

import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.KeyId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.keys.ApiKey;
import io.carechat.domain.keys.KeyChanges;
import io.carechat.domain.keys.KeyHash;
import io.carechat.domain.keys.KeyRegistry;
import io.carechat.domain.keys.StoredKey;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The API keys of the registry, as this node knows them. No request reads the registry: one thread
 * calls {@link #refresh}, at once when a key has changed somewhere, and otherwise every {@link
 * #POLL}.
 *
 * <p>What is known is trusted for {@link #TRUST} after the registry was asked for it. So a key that
 * was revoked is refused within that time on every node, whatever happens to the node: if it cannot
 * reach the registry, its keys are neither accepted nor refused, but {@link Unavailable}.
 *
 * <p>A key that is not known may have been created a moment ago by another node. The request then
 * waits until the registry was asked once more. Strangers can cause that with keys that they make
 * up. So one call serves all requests that wait, and there is a {@link #GAP} between the beginnings
 * of two calls. Safe for use by many threads.
 */
public final class StoredApiKeys {
  /** How often the registry is asked if nothing happens. */
  public static final Duration POLL = Duration.ofMillis(250);

  /** How long what the registry said is trusted, from the moment that it was asked. */
  static final Duration TRUST = Duration.ofSeconds(1);

  /** The least time between the beginnings of two calls of the registry. */
  static final Duration GAP = Duration.ofMillis(20);

  /** How long a request may wait for a call. */
  static final Duration MAX_WAIT = Duration.ofSeconds(1);

  /** How many requests may wait for a call at once. */
  private static final int MAX_WAITING = 256;

  /** For how long it is remembered that a key has ended. Later it is as unknown as any other. */
  private static final Duration REMEMBER_ENDED = Duration.ofHours(1);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  /** How every key of the registry looks: 32 bytes in base64url without padding. */
  private static final Pattern FORM = Pattern.compile("cck_[A-Za-z0-9_-]{43}");

  private static final System.Logger LOG = System.getLogger(StoredApiKeys.class.getName());

  private final KeyRegistry registry;
  private final KeyHash hash;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final Map<String, ApiKey> byHash = new ConcurrentHashMap<>();

  /** The day of the last use that was noted, or is about to be. */
  private final Map<Name, LocalDate> usedOn = new ConcurrentHashMap<>();

  private final Map<Name, LocalDate> usesToNote = new ConcurrentHashMap<>();
  private final Semaphore waiting = new Semaphore(MAX_WAITING);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition refreshed = lock.newCondition();
  private volatile long askedAt;
  private volatile Runnable wake = () -> {};
  private volatile Consumer<ApiKey> onEnded = key -> {};

  // Only for the thread that refreshes.
  private long revision;
  private boolean failing;

  private record Name(TenantInstance instance, KeyId id) {}

  /**
   * Reads all keys.
   *
   * @param hash finds keys by their secrets
   * @param clock says whether keys have expired; the clocks of all nodes should agree
   * @param nanos a clock such as {@link System#nanoTime}
   * @throws Unavailable if the registry is unavailable
   */
  public StoredApiKeys(
      KeyRegistry registry, KeyHash hash, InstantSource clock, LongSupplier nanos) {
    this.registry = registry;
    this.hash = hash;
    this.clock = clock;
    this.nanos = nanos;
    read();
  }

  /**
   * Says how to make the thread that refreshes do so soon.
   *
   * @param wakeUp is quick, and may be called by any thread
   */
  public void refreshBy(Runnable wakeUp) {
    this.wake = wakeUp;
  }

  /**
   * Says who wants to know that a key has ended.
   *
   * @param listener is called with keys that were revoked, or have expired, by the thread that
   *     refreshes; it must be quick
   */
  public void tellEnded(Consumer<ApiKey> listener) {
    this.onEnded = listener;
  }

  // --- requests

  /**
   * The caller of a key; empty if there is no such key, or it has ended, or needs another client
   * certificate.
   *
   * @param certificate the thumbprint of the connection's client certificate; null if it has none
   * @throws Unavailable if this node cannot know that, because it has not reached the registry
   *     within {@link #TRUST}
   */
  Optional<Caller> caller(Secret secret, @Nullable String certificate) {
    if (!FORM.matcher(secret.value()).matches()) {
      return Optional.empty();
    }
    String wanted = hash.of(secret);
    long now = nanos.getAsLong();
    ApiKey key = byHash.get(wanted);
    if (key == null) {
      awaitAskedAfter(now);
      key = byHash.get(wanted);
    } else if (askedAt - (now - TRUST.toNanos()) < 0) {
      awaitAskedAfter(now - TRUST.toNanos());
      key = byHash.get(wanted);
    }
    Instant time = clock.instant();
    if (key == null || !key.isValidAt(time) || !key.isFor(certificate)) {
      return Optional.empty();
    }
    noteUse(key, LocalDate.ofInstant(time, ZoneOffset.UTC));
    return Optional.of(
        new Caller.Partner(key.id().value(), key.instance(), key.scopes(), key.isBreakGlass()));
  }

  /** Waits until the registry has answered a call that began after a time. */
  private void awaitAskedAfter(long began) {
    if (!waiting.tryAcquire()) {
      throw new Unavailable("too many requests wait for the API keys", RETRY_AFTER);
    }
    try {
      lock.lockInterruptibly();
      try {
        long left = MAX_WAIT.toNanos();
        while (askedAt - began <= 0) {
          if (left <= 0) {
            throw new Unavailable("the API keys cannot be read", RETRY_AFTER);
          }
          wake.run();
          left = refreshed.awaitNanos(left);
        }
      } finally {
        lock.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("the wait for the API keys was interrupted", RETRY_AFTER, e);
    } finally {
      waiting.release();
    }
  }

  // --- the thread that refreshes

  /**
   * Asks the registry what has changed. To be called by one thread. What fails is logged once.
   *
   * @return false: there is no more to do at once
   * @throws InterruptedException if the thread was interrupted
   */
  public boolean refresh() throws InterruptedException {
    long early = GAP.toNanos() - (nanos.getAsLong() - askedAt);
    if (early > 0) {
      TimeUnit.NANOSECONDS.sleep(Math.min(early, GAP.toNanos()));
    }
    try {
      read();
      if (failing) {
        failing = false;
        LOG.log(Level.INFO, "The API keys can be read again");
      }
    } catch (Unavailable e) {
      if (!failing) {
        failing = true;
        LOG.log(
            Level.WARNING,
            "The API keys cannot be read ({0}). Requests with a key of the database get a 503 until"
                + " they can",
            e.getMessage());
      }
    }
    return false;
  }

  private void read() {
    // Before the call: the answer may be as old as that.
    long began = nanos.getAsLong();
    KeyChanges changes = registry.changesSince(revision);
    if (changes.revision() < revision) {
      // The registry was restored from a backup.
      LOG.log(Level.WARNING, "The registry of API keys is older than it was; reads all of them");
      byHash.clear();
      changes = registry.changesSince(0);
    }
    Instant now = clock.instant();
    for (StoredKey stored : changes.keys()) {
      remember(stored, now);
    }
    revision = changes.revision();
    endExpired(now);
    lock.lock();
    try {
      askedAt = began;
      refreshed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void remember(StoredKey stored, Instant now) {
    ApiKey key = stored.key();
    ApiKey former = byHash.put(stored.hash(), key);
    LocalDate day = key.lastUsedOn();
    if (day != null) {
      usedOn.putIfAbsent(new Name(key.instance(), key.id()), day);
    }
    if (former != null && former.isValidAt(now) && !key.isValidAt(now)) {
      onEnded.accept(key);
    }
  }

  /** When the expiry of keys was looked at last. */
  private Instant expiredUntil = Instant.MIN;

  private void endExpired(Instant now) {
    Instant before = expiredUntil;
    expiredUntil = now;
    byHash
        .values()
        .removeIf(key -> {
          Instant expiresAt = key.expiresAt();
          Instant revokedAt = key.revokedAt();
          if (revokedAt == null
              && expiresAt != null
              && expiresAt.isAfter(before)
              && !expiresAt.isAfter(now)) {
            onEnded.accept(key);
          }
          Instant endedAt = revokedAt != null ? revokedAt : expiresAt;
          boolean forgotten = endedAt != null && endedAt.plus(REMEMBER_ENDED).isBefore(now);
          if (forgotten) {
            LocalDate _ = usedOn.remove(new Name(key.instance(), key.id()));
          }
          return forgotten;
        });
  }

  // --- the last use

  /** Once a day and key on this node, so that requests write nothing. */
  private void noteUse(ApiKey key, LocalDate day) {
    var name = new Name(key.instance(), key.id());
    LocalDate known = usedOn.get(name);
    if (known == null || day.isAfter(known)) {
      usedOn.put(name, day);
      usesToNote.put(name, day);
    }
  }

  /**
   * Writes on which days keys were used. To be called every few seconds, by one thread, and at the
   * end.
   *
   * @return false: there is no more to do at once
   * @throws Unavailable if the registry is unavailable; what could not be written is tried again
   */
  public boolean noteUses() {
    usesToNote.forEach((name, day) -> {
      registry.noteUse(name.instance(), name.id(), day);
      boolean _ = usesToNote.remove(name, day);
    });
    return false;
  }
}
