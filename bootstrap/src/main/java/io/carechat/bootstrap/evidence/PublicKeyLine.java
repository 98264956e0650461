package io.carechat.bootstrap.evidence;

import io.carechat.domain.evidence.Hash;
import io.carechat.domain.evidence.SignedCheckpoint;
import io.carechat.domain.evidence.VerifyingKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A public key of Ed25519, and the line that verifiers know it by. Safe for use by many threads.
 */
public final class PublicKeyLine implements VerifyingKey {
  private static final int KEY_LENGTH = 32;
  private static final int ID_LENGTH = 32;

  /** What RFC 8410 has in front of the key. */
  private static final byte[] X509 = HexFormat.of().parseHex("302a300506032b6570032100");

  private final byte[] raw;
  private final PublicKey key;

  private PublicKeyLine(byte[] raw, PublicKey key) {
    this.raw = raw;
    this.key = key;
  }

  /**
   * Makes a key of its 32 bytes (RFC 8032, section 5.1.5).
   *
   * @throws IllegalArgumentException if they are not a key
   */
  static PublicKeyLine of(byte[] raw) {
    if (raw.length != KEY_LENGTH) {
      throw new IllegalArgumentException("must be a public key of Ed25519");
    }
    byte[] encoded = Arrays.copyOf(X509, X509.length + KEY_LENGTH);
    System.arraycopy(raw, 0, encoded, X509.length, KEY_LENGTH);
    try {
      return new PublicKeyLine(
          raw.clone(),
          KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("must be a public key of Ed25519", e);
    }
  }

  /**
   * Reads the line of a key, such as {@code carechat audit-key} prints it.
   *
   * @throws IllegalArgumentException if it is not one; the message says what is right
   */
  public static PublicKeyLine parse(String line) {
    String[] parts = line.split("\\+", 3);
    try {
      byte[] typed = Base64.getDecoder().decode(parts[parts.length - 1]);
      if (parts.length == 3 && typed.length == KEY_LENGTH + 1 && typed[0] == 1) {
        PublicKeyLine key = of(Arrays.copyOfRange(typed, 1, typed.length));
        if (SignedCheckpoint.describe(key).equals(line)) {
          return key;
        }
      }
    } catch (IllegalArgumentException e) {
      // As below.
    }
    throw new IllegalArgumentException("must be a line as carechat audit-key prints it");
  }

  @Override
  public String keyId() {
    return Hash.sha256(raw).toString().substring(0, ID_LENGTH);
  }

  @Override
  public byte[] publicKey() {
    return raw.clone();
  }

  @Override
  public boolean verifies(byte[] message, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(key);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (SignatureException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has Ed25519", e);
    }
  }
}
