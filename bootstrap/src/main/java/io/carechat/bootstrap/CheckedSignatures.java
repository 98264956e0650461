package io.carechat.bootstrap;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import io.carechat.domain.chat.Unavailable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Remembers which tokens were signed by which key. A caller sends one token with many requests, and
 * to check a signature takes far more time than everything else about a token. Thousands of
 * requests at once with one token would keep all processors busy for seconds.
 *
 * <p>Only that a signature is right is remembered, and only as long as the issuer still has the
 * key. Everything that the token says is checked every time. Wrong signatures are not remembered.
 * So only holders of valid tokens can displace what is remembered. Tokens themselves are not kept.
 *
 * <p>At most half of the processors check signatures at once, so that many tokens that are new or
 * forged leave the others to everything else. Safe for use by many threads.
 */
final class CheckedSignatures {
  /** How many are remembered. Each takes some 100 bytes. */
  private static final int SIZE = 16_384;

  private static final Duration MAX_WAIT = Duration.ofSeconds(2);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final AtomicReferenceArray<Checked> remembered = new AtomicReferenceArray<>(SIZE);
  private final Semaphore checking =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true);

  /** The SHA-256 of a token, and the key that it was signed with. */
  private record Checked(ByteBuffer digest, JWK key) {}

  /** Checks the signature of a token with a key. */
  @FunctionalInterface
  interface Check {
    boolean isSignedBy(JWK key) throws JOSEException;
  }

  /**
   * Returns whether a token was signed by one of the keys.
   *
   * @param token the whole token, with its signature
   * @param keys the keys of its issuer that are valid now
   * @param check checks the signature of this token
   * @throws Unavailable if too many signatures wait to be checked
   */
  boolean isSigned(String token, List<JWK> keys, Check check) throws JOSEException {
    ByteBuffer digest = digest(token);
    if (isRemembered(digest, keys)) {
      return true;
    }
    awaitTurn();
    try {
      // Another request with the same token may have been first.
      return isRemembered(digest, keys) || isSigned(digest, keys, check);
    } finally {
      checking.release();
    }
  }

  private boolean isRemembered(ByteBuffer digest, List<JWK> keys) {
    Checked earlier = remembered.get(slot(digest));
    return earlier != null && earlier.digest.equals(digest) && keys.contains(earlier.key);
  }

  private boolean isSigned(ByteBuffer digest, List<JWK> keys, Check check) throws JOSEException {
    for (JWK key : keys) {
      if (check.isSignedBy(key)) {
        remembered.set(slot(digest), new Checked(digest, key));
        return true;
      }
    }
    return false;
  }

  private void awaitTurn() {
    try {
      if (!checking.tryAcquire(MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new Unavailable("too many signatures of tokens wait to be checked", RETRY_AFTER);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("the wait to check a signature was interrupted", RETRY_AFTER, e);
    }
  }

  private static int slot(ByteBuffer digest) {
    return Math.floorMod(digest.getInt(0), SIZE);
  }

  private static ByteBuffer digest(String token) {
    try {
      return ByteBuffer.wrap(
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
