package io.carechat.persistence.webhooks;

import io.carechat.domain.chat.Secret;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys that partners' secrets are encrypted with in the database. The first one encrypts. Each
 * decrypts what it has encrypted. To replace a key, put the new one second on every node, then
 * first on every node. An endpoint's secrets are encrypted anew whenever the endpoint is changed.
 *
 * @param all may be empty
 */
public record SecretsKeys(List<Key> all) {
  private static final Pattern WRITTEN =
      Pattern.compile("(?<id>[A-Za-z0-9_-]{1,32}):(?<key>[A-Za-z0-9+/]{43}=)");

  /**
   * A key of AES-256.
   *
   * @param id is stored beside what was encrypted with this key
   * @param key 32 bytes in standard base64
   */
  record Key(String id, Secret key) {
    byte[] bytes() {
      return Base64.getDecoder().decode(key.value());
    }
  }

  public SecretsKeys {
    all = List.copyOf(all);
  }

  /** No keys: secrets cannot be stored. */
  public static SecretsKeys none() {
    return new SecretsKeys(List.of());
  }

  /**
   * Reads keys as they are configured: each is {@code ID:BASE64}, with white space or commas
   * between them.
   *
   * @throws IllegalArgumentException if there is no key, or one does not have that form, or an id
   *     is used twice; the message repeats no key
   */
  public static SecretsKeys parse(Secret text) {
    var keys = new ArrayList<Key>();
    var ids = new HashSet<String>();
    for (String part : text.value().strip().split("[\\s,]+", -1)) {
      Matcher written = WRITTEN.matcher(part);
      if (!written.matches()) {
        throw new IllegalArgumentException(
            "each key must be an id of letters, digits, '-' and '_', a colon, and 32 bytes in base64"
                + " (key number "
                + (keys.size() + 1)
                + " is not)");
      }
      if (!ids.add(written.group("id"))) {
        throw new IllegalArgumentException(
            "the id of key number " + (keys.size() + 1) + " appears twice");
      }
      keys.add(new Key(written.group("id"), new Secret(written.group("key"))));
    }
    return new SecretsKeys(keys);
  }

  /** The key that encrypts. */
  Optional<Key> first() {
    return all.stream().findFirst();
  }

  Optional<Key> named(String id) {
    return all.stream().filter(key -> key.id().equals(id)).findFirst();
  }
}
