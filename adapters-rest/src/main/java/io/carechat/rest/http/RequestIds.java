package io.carechat.rest.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Makes request ids: 26 characters of Crockford's base 32. They begin with the time, so that they
 * sort by time. Safe for use by many threads if the random generator is.
 */
public final class RequestIds {
  static final HeaderName HEADER = HeaderNames.create("X-Request-Id");

  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final char[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
  private static final int TIME_DIGITS = 10;

  private final InstantSource clock;
  private final RandomGenerator random;

  /**
   * @param clock gives the time
   * @param random gives the rest of the id
   */
  public RequestIds(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /**
   * Returns the id that the caller sent if it is safe in logs and headers: 1 to 64 letters, digits,
   * dots, underscores and hyphens. Otherwise returns a new id.
   */
  String of(Headers headers) {
    if (headers.contains(HEADER)) {
      List<String> given = headers.get(HEADER).allValues();
      if (given.size() == 1 && SAFE.matcher(given.getFirst()).matches()) {
        return given.getFirst();
      }
    }
    return next();
  }

  /** Makes a new id. */
  String next() {
    char[] id = new char[26];
    long time = clock.millis();
    for (int i = TIME_DIGITS - 1; i >= 0; i--) {
      id[i] = DIGITS[(int) (time & 31)];
      time >>>= 5;
    }
    long high = random.nextLong();
    long low = random.nextLong();
    for (int i = 0; i < 8; i++) {
      id[TIME_DIGITS + i] = DIGITS[(int) (high >>> (5 * i) & 31)];
      id[TIME_DIGITS + 8 + i] = DIGITS[(int) (low >>> (5 * i) & 31)];
    }
    return new String(id);
  }
}
