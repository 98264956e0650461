package io.carechat.bootstrap;

import io.carechat.domain.audit.QueryHash;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes the keyed hashes of queries: the first 32 hexadecimal digits of the HMAC-SHA-256 of {@code
 * query/TENANT/INSTANCE#QUERY}. Safe for use by many threads.
 */
final class KeyedQueryHash implements QueryHash {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int HASH_BYTES = 16;

  private final SecretKeySpec key;

  /**
   * @param key its UTF-8 bytes are the key; if it is empty, the key is random, and a query has
   *     another hash after each start and on each node
   */
  KeyedQueryHash(Optional<Secret> key) {
    this.key =
        new SecretKeySpec(
            key.map(secret -> secret.value().getBytes(StandardCharsets.UTF_8))
                .orElseGet(KeyedQueryHash::randomKey),
            ALGORITHM);
  }

  private static byte[] randomKey() {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    return random;
  }

  @Override
  public String of(TenantInstance instance, String query) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      // The prefix keeps these apart from the ids of users, which have the same key.
      byte[] hash =
          mac.doFinal(("query/" + instance + "#" + query).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("Every Java has HMAC-SHA-256", e);
    }
  }
}
