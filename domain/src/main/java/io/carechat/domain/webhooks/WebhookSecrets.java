package io.carechat.domain.webhooks;

import io.carechat.domain.chat.Secret;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that prove to a partner that a call comes from this service. A signing key is 24 to
 * 64 bytes in standard base64, without the prefix {@code whsec_}.
 *
 * @param apiKey sent as {@code X-WEBHOOK-API-KEY}; null if the partner uses none
 * @param apiSecret sent as {@code X-WEBHOOK-API-SECRET}; null if and only if {@code apiKey} is null
 * @param signingKey signs every call
 * @param otherSigningKey also signs while one of the two keys replaces the other; null if there is
 *     only one
 * @param otherUntil when the other key stops signing; null if there is no such time
 */
public record WebhookSecrets(
    @Nullable Secret apiKey,
    @Nullable Secret apiSecret,
    Secret signingKey,
    @Nullable Secret otherSigningKey,
    @Nullable Instant otherUntil) {
  /** The prefix with which signing keys are written outside of the service. */
  public static final String PREFIX = "whsec_";

  private static final Pattern HEADER_VALUE =
      Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?");

  /**
   * @throws IllegalArgumentException if a value is not as described; the message names it and
   *     contains no secret
   */
  public WebhookSecrets {
    require((apiKey == null) == (apiSecret == null), "apiKey and apiSecret must be given together");
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

  /**
   * Returns whether a text can be sent as the value of a header: visible ASCII characters, with
   * spaces only between them.
   */
  public static boolean isHeaderValue(String text) {
    return HEADER_VALUE.matcher(text).matches();
  }

  /** Returns whether a text is 24 to 64 bytes in standard base64. */
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

  /** Returns the keys that sign a call made at a time: one, or two while one replaces the other. */
  public List<Secret> signingKeysAt(Instant time) {
    return otherSigningKey == null || (otherUntil != null && !time.isBefore(otherUntil))
        ? List.of(signingKey)
        : List.of(signingKey, otherSigningKey);
  }

  /**
   * Returns these secrets with a new signing key. The present key also signs until a time. If the
   * new key is already the signing key, nothing changes. So a repeated request does not remove the
   * previous key, which may be the only one that a receiver knows.
   */
  public WebhookSecrets rotated(Secret next, Instant until) {
    return next.equals(signingKey)
        ? this
        : new WebhookSecrets(apiKey, apiSecret, next, signingKey, until);
  }

  /** Returns these secrets without a key that no longer signs at a time. */
  public WebhookSecrets at(Instant time) {
    return otherSigningKey == null || signingKeysAt(time).size() == 2
        ? this
        : new WebhookSecrets(apiKey, apiSecret, signingKey, null, null);
  }
}
