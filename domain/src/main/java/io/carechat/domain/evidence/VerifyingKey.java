package io.carechat.domain.evidence;

/** A public key that checks what a {@link SigningKey} has signed. Safe for use by many threads. */
public interface VerifyingKey {
  /** Returns the id of the key, which is that of its signing key. */
  String keyId();

  /** Returns the public key as RFC 8032 encodes it: 32 bytes. */
  byte[] publicKey();

  /**
   * Returns whether the signature is one of the message with this key. Whatever is not a signature
   * is not one of the message.
   */
  boolean verifies(byte[] message, byte[] signature);
}
