package io.carechat.rest.http;
import io.carechat.api.runtime.Sending;
import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds what is held in large answers while they are written: their readers may take nothing of
 * them for as long as an exchange may take. What is small is sent as it is. Safe for use by many
 * threads.
 */
public final class ResponseLimiter implements Sending<RequestContext> {
  private static final int SMALL = 65_536;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final long most;
  private final long each;
  private final Map<String, Long> byCredential = new HashMap<>();
  private long all;

  /**
   * @param most how many bytes all together may have
   * @param each how many those of one credential may have; one answer may have more
   */
  public ResponseLimiter(long most, long each) {
    this.most = most;
    this.each = each;
  }

  /**
   * Sends an answer, or not at all: those who wait for room would hold theirs as well.
   *
   * @throws Unavailable if there is no room
   */
  @Override
  public void send(RequestContext context, int bytes, Runnable send) {
    if (bytes <= SMALL) {
      send.run();
      return;
    }
    String credential = context.caller().credentialId();
    take(credential, Math.min(bytes, each));
    try {
      send.run();
    } finally {
      giveBack(credential, Math.min(bytes, each));
    }
  }

  private synchronized void take(String credential, long bytes) {
    long taken = byCredential.getOrDefault(credential, 0L);
    if (all + bytes > most || taken + bytes > each) {
      throw new Unavailable("answers that nobody reads take all the room", RETRY_AFTER);
    }
    all += bytes;
    byCredential.put(credential, taken + bytes);
  }

  private synchronized void giveBack(String credential, long bytes) {
    all -= bytes;
    byCredential.computeIfPresent(credential, (_, taken) -> taken == bytes ? null : taken - bytes);
  }
}
