package io.carechat.domain.keys;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.KeyId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.chat.VisibleText;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Manages the API keys of an instance. Safe for use by many threads. Every method may throw {@link
 * Unavailable}. Every method throws {@link AccessDenied} if the caller does not have the scope that
 * it names, in the instance.
 */
public final class KeyManagement {
  /** The maximum number of valid keys of an instance that were created through the API. */
  public static final int MAX = 100;

  /** The maximum number of valid break-glass keys of an instance. */
  public static final int MAX_BREAK_GLASS = 20;

  /** How many keys that have ended are still listed; those that ended first are removed. */
  public static final int MAX_ENDED = 100;

  /** The maximum length of a note, in code points. */
  public static final int MAX_NOTE = 200;

  /** The maximum length of a reason, in code points. */
  public static final int MAX_REASON = 500;

  /** How long a break-glass key may be valid. */
  public static final Duration MAX_BREAK_GLASS_LIFETIME = Duration.ofMinutes(60);

  /** What every break-glass key allows: to read, and nothing else. */
  public static final Set<Scope> BREAK_GLASS_SCOPES =
      Set.copyOf(EnumSet.of(Scope.READ_MESSAGES, Scope.SEARCH_INSTANCE));

  private static final int SECRET_BYTES = 32;

  /** The latest time that the contract can show. */
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

  private final KeyRegistry registry;
  private final List<ApiKey> configured;
  private final KeyHash hash;
  private final TimeOrderedIds ids;
  private final RandomGenerator random;
  private final InstantSource clock;

  /**
   * @param registry stores the keys of the API
   * @param configured the keys of the configuration, of all instances
   * @param hash makes hashes of secrets
   * @param ids makes ids
   * @param random makes secrets, so it must be cryptographically strong
   * @param clock gives the time of changes
   */
  public KeyManagement(
      KeyRegistry registry,
      List<ApiKey> configured,
      KeyHash hash,
      TimeOrderedIds ids,
      RandomGenerator random,
      InstantSource clock) {
    this.registry = registry;
    this.configured = List.copyOf(configured);
    this.hash = hash;
    this.ids = ids;
    this.random = random;
    this.clock = clock;
  }

  /**
   * Returns the keys of an instance: those of the configuration first, then those of the API,
   * oldest first. Keys that have ended are among them, up to {@link #MAX_ENDED}. Needs {@link
   * Scope#MANAGE_KEYS}.
   */
  public List<ApiKey> list(Caller caller, TenantInstance instance) {
    caller.require(Scope.MANAGE_KEYS, instance);
    return all(instance).toList();
  }

  /**
   * Returns one key of an instance. The result is empty if the instance has no key with that id.
   * Needs {@link Scope#MANAGE_KEYS}.
   */
  public Optional<ApiKey> find(Caller caller, TenantInstance instance, KeyId id) {
    caller.require(Scope.MANAGE_KEYS, instance);
    return all(instance).filter(key -> key.id().equals(id)).findFirst();
  }

  private Stream<ApiKey> all(TenantInstance instance) {
    return Stream.concat(configured(instance), registry.of(instance).stream());
  }

  private Stream<ApiKey> configured(TenantInstance instance) {
    return configured.stream().filter(key -> key.instance().equals(instance));
  }

  /**
   * Creates a key. It is valid on every node when this returns. Needs {@link Scope#MANAGE_KEYS}.
   *
   * @throws AccessDenied also if the key would have a scope that the caller does not have
   * @throws InvalidRequest if the key would expire now, or before now
   */
  public KeyResult.OfCreate create(Caller caller, TenantInstance instance, NewKey wanted) {
    caller.require(Scope.MANAGE_KEYS, instance);
    wanted.scopes().stream().sorted().forEach(scope -> requireToGive(scope, caller, instance));
    Instant now = now();
    Instant expiresAt = wanted.expiresAt();
    if (expiresAt != null && (!expiresAt.isAfter(now) || expiresAt.isAfter(LATEST))) {
      throw new InvalidRequest("expiresAt", "must be in the future, and before the year 10000");
    }
    return add(
        new ApiKey(
            instance,
            KeyId.ofApi(ids.next()),
            wanted.scopes(),
            wanted.note(),
            null,
            wanted.certificate(),
            new ApiKey.Creation(now, caller.credentialId()),
            expiresAt == null ? null : expiresAt.truncatedTo(ChronoUnit.MILLIS),
            null,
            null),
        MAX);
  }

  private static void requireToGive(Scope scope, Caller caller, TenantInstance instance) {
    if (!caller.may(scope, instance)) {
      throw new AccessDenied(
          scope,
          "A key cannot give the scope "
              + scope.wireName()
              + ", because this credential does not have it.");
    }
  }

  /**
   * Creates a key for an emergency, which can only read, and only for a short time. An event tells
   * everybody who follows the instance. Needs {@link Scope#BREAK_GLASS}, and no other scope: it is
   * for those who have no access of their own.
   *
   * @throws InvalidRequest if nothing can be seen of the reason, or the lifetime is not positive or
   *     too long
   */
  public KeyResult.OfCreate createBreakGlass(
      Caller caller, TenantInstance instance, NewBreakGlassKey wanted) {
    caller.require(Scope.BREAK_GLASS, instance);
    if (VisibleText.isBlank(wanted.reason())) {
      throw new InvalidRequest("reason", "must contain something that can be seen");
    }
    if (!wanted.lifetime().isPositive()
        || wanted.lifetime().compareTo(MAX_BREAK_GLASS_LIFETIME) > 0) {
      throw new InvalidRequest("minutes", "must be 1 to " + MAX_BREAK_GLASS_LIFETIME.toMinutes());
    }
    Instant now = now();
    return add(
        new ApiKey(
            instance,
            KeyId.ofApi(ids.next()),
            BREAK_GLASS_SCOPES,
            "",
            wanted.reason(),
            null,
            new ApiKey.Creation(now, caller.credentialId()),
            now.plus(wanted.lifetime()),
            null,
            null),
        MAX_BREAK_GLASS);
  }

  private KeyResult.OfCreate add(ApiKey key, int max) {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    var secret = new Secret("cck_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    return registry.add(key, hash.of(secret), max, MAX_ENDED)
        ? new KeyResult.Created(key, secret)
        : new KeyResult.TooMany(max);
  }

  /**
   * Revokes a key. Every node refuses it within one second. Needs {@link Scope#MANAGE_KEYS}, unless
   * the key that calls revokes itself: whoever finds a key must be able to make it useless.
   */
  public KeyResult.OfRevoke revoke(Caller caller, TenantInstance instance, KeyId id) {
    boolean itself =
        caller instanceof Caller.Partner
            && caller.instance().equals(instance)
            && caller.credentialId().equals(id.value());
    if (!itself) {
      caller.require(Scope.MANAGE_KEYS, instance);
    }
    if (configured(instance).anyMatch(key -> key.id().equals(id))) {
      return new KeyResult.IsConfigured();
    }
    return registry.revoke(instance, id, now())
        ? new KeyResult.Revoked()
        : new KeyResult.NoSuchKey();
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
