package io.carechat.persistence.webhooks;

import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.random.RandomGenerator;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jooq.Field;

/**
 * Encrypts secrets for the database: AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits,
 * which may be used some billions of times with a key. The row and column of a secret are
 * authenticated with it. So a secret that was copied to another row or column does not decrypt
 * there. Safe for use by many threads.
 */
final class EncryptedCells {
  private static final String TRANSFORMATION = "AES/GCM/NoPadding";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecretsKeys keys;
  private final RandomGenerator random;

  /**
   * @param random must be cryptographically strong
   */
  EncryptedCells(SecretsKeys keys, RandomGenerator random) {
    this.keys = keys;
    this.random = random;
  }

  /** Whether there is a key to encrypt with. */
  boolean canEncrypt() {
    return keys.first().isPresent();
  }

  /**
   * A cell of the table of endpoints.
   *
   * @param column its name in the table
   */
  record Cell(TenantInstance instance, EndpointId endpointId, Field<String> column) {
    /** No name contains a NUL, so no two cells have the same bytes. */
    byte[] bytes() {
      return String.join(
              "\0",
              WEBHOOK_ENDPOINT.getName(),
              instance.tenantName(),
              instance.instanceName(),
              endpointId.value(),
              column.getName())
          .getBytes(UTF_8);
    }
  }

  /**
   * Encrypts a secret for its cell: {@code <id of the key>.<base64 of nonce, text and tag>}.
   *
   * @throws IllegalStateException if there is no key
   */
  String encrypt(Secret secret, Cell cell) {
    SecretsKeys.Key key =
        keys.first()
            .orElseThrow(() -> new IllegalStateException("There is no key to encrypt with"));
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] text = run(Cipher.ENCRYPT_MODE, key, nonce, cell, secret.value().getBytes(UTF_8));
    byte[] all = ByteBuffer.allocate(nonce.length + text.length).put(nonce).put(text).array();
    return key.id() + "." + Base64.getEncoder().encodeToString(all);
  }

  /**
   * Decrypts what is in a cell.
   *
   * @throws IllegalStateException if it was encrypted with a key that is not configured, or for
   *     another cell, or was changed
   */
  Secret decrypt(String encrypted, Cell cell) {
    int dot = encrypted.indexOf('.');
    String id = encrypted.substring(0, Math.max(dot, 0));
    SecretsKeys.Key key =
        keys.named(id)
            .orElseThrow(
                () -> new IllegalStateException("There is no key for secrets named " + id));
    byte[] all = Base64.getDecoder().decode(encrypted.substring(dot + 1));
    byte[] nonce = new byte[NONCE_BYTES];
    ByteBuffer buffer = ByteBuffer.wrap(all).get(nonce);
    byte[] text = new byte[buffer.remaining()];
    buffer.get(text);
    return new Secret(new String(run(Cipher.DECRYPT_MODE, key, nonce, cell, text), UTF_8));
  }

  private static byte[] run(int mode, SecretsKeys.Key key, byte[] nonce, Cell cell, byte[] text) {
    try {
      Cipher cipher = Cipher.getInstance(TRANSFORMATION);
      cipher.init(
          mode, new SecretKeySpec(key.bytes(), "AES"), new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(cell.bytes());
      return cipher.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "The "
              + cell.column().getName()
              + " of the endpoint "
              + cell.endpointId()
              + " of "
              + cell.instance()
              + " cannot be read with the key "
              + key.id(),
          e);
    }
  }
}
