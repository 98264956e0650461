package io.carechat.domain.evidence;

/**
 * The key with which this installation signs what others may check without it, such as receipts.
 * Whoever has the public key can check a signature. Safe for use by many threads.
 */
public interface SigningKey {
  /**
   * Returns the id of the key. It names the public key that checks the signatures, so it changes
   * with the key. It is not secret.
   */
  String keyId();

  /**
   * Signs bytes with Ed25519 (RFC 8032).
   *
   * @param message what is signed, of any length
   * @return the signature, 64 bytes
   */
  byte[] sign(byte[] message);
}
