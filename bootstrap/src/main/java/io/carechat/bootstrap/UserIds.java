package io.carechat.bootstrap;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Secret;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes the ids by which users appear in logs. The subject of a patient's token is the patient's
 * id, which must not be in a log. So the id is a keyed hash: {@code user:} and the first 16
 * hexadecimal digits of the HMAC-SHA-256 of {@code ISSUER#SUBJECT}. Only who has the key can tell
 * which user an id belongs to. Safe for use by many threads.
 */
final class UserIds {
  /** The shortest key that can be configured, in characters. */
  static final int MIN_KEY_LENGTH = 32;

  private static final String ALGORITHM = "HmacSHA256";
  private static final int HASH_BYTES = 8;

  private final SecretKeySpec key;

  /**
   * @param key its UTF-8 bytes are the key; if it is empty, the key is random, and a user has
   *     another id after each start and on each node
   */
  UserIds(Optional<Secret> key) {
    this.key =
        new SecretKeySpec(
            key.map(secret -> secret.value().getBytes(StandardCharsets.UTF_8))
                .orElseGet(UserIds::randomKey),
            ALGORITHM);
  }

  private static byte[] randomKey() {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    return random;
  }

  /** Returns the id of a patient who has signed in by a link of a partner. */
  String ofLink(ChatId chat) {
    // No issuer is named like that: the name of an issuer is a URL.
    return of(chat.instance().toString(), chat.patient().value());
  }

  /** Returns the id of a user. */
  String of(String issuer, UUID subject) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] hash = mac.doFinal((issuer + "#" + subject).getBytes(StandardCharsets.UTF_8));
      return "user:" + HexFormat.of().formatHex(hash, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("Every Java has HMAC-SHA-256", e);
    }
  }
}
