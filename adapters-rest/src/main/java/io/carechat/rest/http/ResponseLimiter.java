package io.carechat.rest.http;

import io.carechat.api.runtime.ResponseSender;
import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Limits the memory of large responses that are being written. A slow caller may take as long to
 * read a response as an exchange may take. Small responses are sent without a limit. Safe for use
 * by many threads.
 */
public final class ResponseLimiter implements ResponseSender<RequestContext> {
  private static final int MAX_SMALL = 65_536;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final long max;
  private final long maxPerCredential;
  private final Map<String, Long> byCredential = new HashMap<>();
  private long total;

  /**
   * @param max the maximum total size of all large responses in flight, in bytes
   * @param maxPerCredential the maximum total size for one credential, in bytes; a single response
   *     may be larger
   */
  public ResponseLimiter(long max, long maxPerCredential) {
    this.max = max;
    this.maxPerCredential = maxPerCredential;
  }

  /**
   * Sends a response, or refuses it at once. A response that waited for its turn would take up
   * memory too.
   *
   * @throws Unavailable if a limit is reached
   */
  @Override
  public void send(RequestContext context, int bytes, Runnable send) {
    if (bytes <= MAX_SMALL) {
      send.run();
      return;
    }
    String credential = context.caller().credentialId();
    reserve(credential, Math.min(bytes, maxPerCredential));
    try {
      send.run();
    } finally {
      release(credential, Math.min(bytes, maxPerCredential));
    }
  }

  private synchronized void reserve(String credential, long bytes) {
    long reserved = byCredential.getOrDefault(credential, 0L);
    if (total + bytes > max || reserved + bytes > maxPerCredential) {
      throw new Unavailable(
          "large responses that are not being read use the whole limit", RETRY_AFTER);
    }
    total += bytes;
    byCredential.put(credential, reserved + bytes);
  }

  private synchronized void release(String credential, long bytes) {
    total -= bytes;
    byCredential.computeIfPresent(
        credential, (_, reserved) -> reserved == bytes ? null : reserved - bytes);
  }
}
