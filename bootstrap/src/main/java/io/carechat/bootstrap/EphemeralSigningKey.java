package io.carechat.bootstrap;

import io.carechat.domain.evidence.SigningKey;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.UUID;

/** A key that exists until the process ends. */
final class EphemeralSigningKey implements SigningKey {
  private final String id = "ephemeral-" + UUID.randomUUID();
  private final KeyPair keys;

  EphemeralSigningKey() {
    try {
      keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java since 15 has Ed25519", e);
    }
  }

  @Override
  public String keyId() {
    return id;
  }

  @Override
  public byte[] sign(byte[] message) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(keys.getPrivate());
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("The key cannot sign", e);
    }
  }
}
