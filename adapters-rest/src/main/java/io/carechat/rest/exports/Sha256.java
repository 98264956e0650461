package io.carechat.rest.exports;

import io.carechat.domain.exports.FileHash;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Computes the SHA-256 of a file. For use by one thread. */
public final class Sha256 implements FileHash {
  private final MessageDigest digest;

  /** Makes the hash of nothing. */
  public Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public void update(byte[] bytes) {
    digest.update(bytes);
  }

  @Override
  public String value() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
