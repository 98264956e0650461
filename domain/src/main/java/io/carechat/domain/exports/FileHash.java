package io.carechat.domain.exports;

/** Computes the SHA-256 (FIPS 180-4) of a file part by part. For use by one thread. */
public interface FileHash {
  /** Adds the next bytes. */
  void update(byte[] bytes);

  /** Returns the hash of all bytes so far, as 64 lower-case hexadecimal digits. */
  String value();
}
