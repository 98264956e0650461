package io.carechat.domain.webhooks;

import io.carechat.domain.chat.Secret;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * By what a partner knows that a call is ours. The two values of the partner's are there both or
 * not at all; a signing key is 24 to 64 bytes in standard base64, without the prefix {@code
 * whsec_}.
 *
 * @param apiKey sent as {@code X-WEBHOOK-API-KEY}
 * @param apiSecret sent as {@code X-WEBHOOK-API-SECRET}
 * @param signingKey signs every call
 * @param otherSigningKey signs besides it, while one of the two replaces the other
 * @param otherUntil when that ends; null if it does not by itself
 */
public record WebhookSecrets(
    @Nullable Secret apiKey,
    @Nullable Secret apiSecret,
    Secret signingKey,
    @Nullable Secret otherSigningKey,
    @Nullable Instant otherUntil) {
  /** What the key of a signature is written with in front of it. */
  public static final String PREFIX = "whsec_";

  private static final Pattern HEADER_VALUE =
      Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?");

  /**
   * @throws IllegalArgumentException if a part is not as described; the message names it and
   *     repeats no secret
   */
  public WebhookSecrets {
    require((apiKey == null) == (apiSecret == null), "apiKey and apiSecret belong together");
    require(
        apiKey == null
            || apiSecret == null
            || (isHeaderValue(apiKey.value()) && isHeaderValue(apiSecret.value())),
        "apiKey and apiSecret must be visible ASCII: they are sent as headers");
    require(
        isSigningKey(signingKey.value())
            && (otherSigningKey == null || isSigningKey(otherSigningKey.value())),
        "a signing key must be 24 to 64 bytes in standard base64");
    require(
        otherUntil == null || otherSigningKey != null,
        "an end needs the other signing key that it is of");
  }

  /** Whether a text can be sent as a header: visible ASCII, and spaces within it. */
  public static boolean isHeaderValue(String text) {
    return HEADER_VALUE.matcher(text).matches();
  }

  /** Whether a text is 24 to 64 bytes in standard base64. */
  public static boolean isSigningKey(String text) {
    try {
      int length = Base64.getDecoder().decode(text).length;
      return length >= 24 && length <= 64;
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }

  private static void require(boolean condition, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(rule);
    }
  }

  /** The keys that sign a call made then: one, or two while one replaces the other. */
  public List<Secret> signingKeysAt(Instant time) {
    return otherSigningKey == null || (otherUntil != null && !time.isBefore(otherUntil))
        ? List.of(signingKey)
        : List.of(signingKey, otherSigningKey);
  }

  /**
   * With another key, beside which the present one signs until then. If that key signs already as
   * the first, nothing changes: a request that is sent again must not take away the one before it,
   * which a receiver may still know alone.
   */
  public WebhookSecrets rotated(Secret next, Instant until) {
    return next.equals(signingKey)
        ? this
        : new WebhookSecrets(apiKey, apiSecret, next, signingKey, until);
  }

  /** Without a key that signs no more by then. */
  public WebhookSecrets at(Instant time) {
    return otherSigningKey == null || signingKeysAt(time).size() == 2
        ? this
        : new WebhookSecrets(apiKey, apiSecret, signingKey, null, null);
  }
}
