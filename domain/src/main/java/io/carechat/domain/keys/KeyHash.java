package io.carechat.domain.keys;

import io.carechat.domain.chat.Secret;

/** The hash by which a key's secret is stored and found. Safe for use by many threads. */
@FunctionalInterface
public interface KeyHash {
  /**
   * Returns the SHA-256 of the secret's UTF-8 bytes, in 64 lower-case hexadecimal digits. A secret
   * has 256 random bits, so nobody can guess it from its hash: the hash needs no salt and need not
   * be slow.
   */
  String of(Secret secret);
}
