package io.carechat.domain.chat;

import java.time.InstantSource;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Makes UUIDs of version 7 (RFC 9562, section 5.7). They begin with 48 bits of Unix time in
 * milliseconds; the rest is random. Safe for use by many threads if the source of randomness is.
 */
public final class TimeOrderedIds {
  private final InstantSource clock;
  private final RandomGenerator random;

  /**
   * @param clock gives the time of the ids
   * @param random should be cryptographically strong, because an id must not be guessable
   */
  public TimeOrderedIds(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /** Makes a new UUID. */
  public UUID next() {
    long time = clock.millis() & 0xFFFF_FFFF_FFFFL;
    long high = (time << 16) | 0x7000 | (random.nextLong() & 0x0FFF);
    long low = 0x8000_0000_0000_0000L | (random.nextLong() >>> 2);
    return new UUID(high, low);
  }
}
