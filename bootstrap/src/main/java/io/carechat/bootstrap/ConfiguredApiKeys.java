package io.carechat.bootstrap;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The API keys of the configuration, which has only their hashes. A plain SHA-256 is enough,
 * because a key has 256 random bits and cannot be guessed. For the same reason the time that
 * finding a hash takes reveals nothing useful. Safe for use by many threads.
 */
public final class ConfiguredApiKeys {
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  private final Map<String, Key> byHash = new HashMap<>();
  private final InstantSource clock;

  /**
   * A key as it is configured.
   *
   * @param id names it in logs
   * @param sha256 of the key's UTF-8 bytes, in 64 lower-case hexadecimal digits
   * @param instance the only one that the key is for
   * @param expires null if it never does
   */
  public record Key(
      String id,
      TenantInstance instance,
      String sha256,
      Set<Scope> scopes,
      @Nullable Instant expires) {
    /**
     * @throws IllegalArgumentException if the id or the hash is not of its form; the message begins
     *     with the setting's name
     */
    public Key {
      if (!ID.matcher(id).matches()) {
        throw new IllegalArgumentException("id: must match " + ID);
      }
      if (!HASH.matcher(sha256).matches()) {
        throw new IllegalArgumentException("sha256: must be 64 lower-case hexadecimal digits");
      }
      scopes = Set.copyOf(scopes);
    }
  }

  /** A new key and its configuration. The key itself is shown once and stored nowhere. */
  public record Issued(Secret key, Key configuration) {}

  ConfiguredApiKeys(List<Key> keys, InstantSource clock) {
    keys.forEach(key -> byHash.put(key.sha256(), key));
    this.clock = clock;
  }

  /** Makes a key. */
  public static Issued issue(
      String id,
      TenantInstance instance,
      Set<Scope> scopes,
      @Nullable Instant expires,
      SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    var key = new Secret("cck_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    return new Issued(key, new Key(id, instance, hash(key), scopes, expires));
  }

  Optional<Caller> caller(Secret key) {
    Key known = byHash.get(hash(key));
    if (known == null) {
      return Optional.empty();
    }
    Instant expires = known.expires();
    if (expires != null && !clock.instant().isBefore(expires)) {
      return Optional.empty();
    }
    return Optional.of(new Caller.Partner(known.id(), known.instance(), known.scopes()));
  }

  /**
   * The hash that the configuration has of a key: the SHA-256 of its UTF-8 bytes, in lower-case
   * hexadecimal digits.
   */
  public static String hash(Secret key) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(key.value().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
