package io.carechat.client.webhook;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.client.ApiClient;
import io.carechat.client.webhook.Verification.Genuine;
import io.carechat.client.webhook.Verification.Reason;
import io.carechat.client.webhook.Verification.Refused;
import io.carechat.client.webhook.model.DeliveredMessage;
import io.carechat.client.webhook.model.WebhookEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a call came from carechat and was not changed, as <a
 * href="https://www.standardwebhooks.com">Standard Webhooks</a> 1.0 says for signatures of version
 * 1. Safe for use by several threads.
 *
 * <p>What it must be given is the body <em>as it came</em>. A body that was parsed and written
 * again has other bytes, and another signature.
 */
public final class WebhookVerifier {

  /** How far the time of a call may be from the clock, either way. */
  public static final Duration TOLERANCE = Duration.ofMinutes(5);

  private static final String SECRET_PREFIX = "whsec_";
  private static final String VERSION_1 = "v1,";
  private static final String HMAC = "HmacSHA256";
  // Of any second until the year 5138; longer numbers are nonsense, and might not fit a long.
  private static final int MAX_TIMESTAMP_DIGITS = 11;

  private final List<SecretKeySpec> keys;
  private final InstantSource clock;
  private final ObjectMapper json = ApiClient.createDefaultObjectMapper();

  /**
   * A verifier by the system's clock.
   *
   * @param secrets the endpoint's signing secrets, as carechat shows them: base64, with {@code
   *     whsec_} before it or not. Usually one; while you replace a secret, the old and the new.
   * @throws IllegalArgumentException if there is none, or one is empty or not base64. The message
   *     does not repeat the secret.
   */
  public WebhookVerifier(List<String> secrets) {
    this(secrets, InstantSource.system());
  }

  /**
   * A verifier by another clock.
   *
   * @param secrets as in {@link #WebhookVerifier(List)}
   * @param clock what the time of a call is compared with
   * @throws IllegalArgumentException as in {@link #WebhookVerifier(List)}
   */
  public WebhookVerifier(List<String> secrets, InstantSource clock) {
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException("At least one secret is needed");
    }
    this.keys = secrets.stream().map(WebhookVerifier::key).toList();
    this.clock = clock;
  }

  /**
   * Verifies one call to an endpoint with the payload {@code SOURCE}. It takes the same time
   * whichever byte of a signature is wrong.
   *
   * @param body the bytes of the body as they came, before any parsing
   * @param headers the call's headers, names in any case, each with its values: as {@code
   *     com.sun.net.httpserver.Headers} and {@code java.net.http.HttpHeaders.map()} are
   * @return what was delivered, or why it must not be believed
   */
  public Verification verify(byte[] body, Map<String, List<String>> headers) {
    Signed signed = signed(body, headers);
    if (signed instanceof Signed.By by) {
      return read(body)
          .<Verification>map(message -> new Genuine(by.id(), by.sentAt(), message))
          .orElseGet(() -> new Refused(Reason.UNREADABLE_BODY));
    }
    return new Refused(((Signed.Not) signed).why());
  }

  /**
   * Verifies one call to an endpoint with the payload {@code STANDARD} or {@code THIN}, as {@link
   * #verify} does.
   *
   * @param body the bytes of the body as they came, before any parsing
   * @param headers as in {@link #verify}
   * @return what happened, or why it must not be believed
   */
  public EventVerification verifyEvent(byte[] body, Map<String, List<String>> headers) {
    Signed signed = signed(body, headers);
    if (signed instanceof Signed.By by) {
      return readEvent(body)
          .<EventVerification>map(
              event -> new EventVerification.Genuine(by.id(), by.sentAt(), event))
          .orElseGet(() -> new Refused(Reason.UNREADABLE_BODY));
    }
    return new Refused(((Signed.Not) signed).why());
  }

  /** Whether a call is signed. */
  private sealed interface Signed {
    record By(String id, Instant sentAt) implements Signed {}

    record Not(Reason why) implements Signed {}
  }

  private Signed signed(byte[] body, Map<String, List<String>> headers) {
    String id = onlyValue(headers, "webhook-id");
    String timestamp = onlyValue(headers, "webhook-timestamp");
    String signatures = onlyValue(headers, "webhook-signature");
    if (id == null || timestamp == null || signatures == null) {
      return new Signed.Not(Reason.MISSING_HEADER);
    }
    if (timestamp.length() > MAX_TIMESTAMP_DIGITS
        || !timestamp.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return new Signed.Not(Reason.MALFORMED_TIMESTAMP);
    }
    Instant sentAt = Instant.ofEpochSecond(Long.parseLong(timestamp));
    // By whole seconds, as the timestamp has.
    Instant now = Instant.ofEpochSecond(clock.instant().getEpochSecond());
    if (sentAt.isBefore(now.minus(TOLERANCE))) {
      return new Signed.Not(Reason.TOO_OLD);
    }
    if (sentAt.isAfter(now.plus(TOLERANCE))) {
      return new Signed.Not(Reason.TOO_NEW);
    }
    return isSigned(id, timestamp, body, signatures)
        ? new Signed.By(id, sentAt)
        : new Signed.Not(Reason.NO_MATCHING_SIGNATURE);
  }

  private static SecretKeySpec key(String secret) {
    String base64 =
        secret.startsWith(SECRET_PREFIX) ? secret.substring(SECRET_PREFIX.length()) : secret;
    byte[] key;
    try {
      key = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      // Without the cause, whose message has characters of the secret.
      throw new IllegalArgumentException("A secret is not base64");
    }
    if (key.length == 0) {
      throw new IllegalArgumentException("A secret is empty");
    }
    return new SecretKeySpec(key, HMAC);
  }

  private static @Nullable String onlyValue(Map<String, List<String>> headers, String name) {
    List<String> values = new ArrayList<>();
    headers.forEach((key, all) -> {
      // HttpURLConnection's maps have the status line under null.
      if (name.equalsIgnoreCase(key)) {
        values.addAll(all);
      }
    });
    return values.size() == 1 && !values.get(0).isEmpty() ? values.get(0) : null;
  }

  private boolean isSigned(String id, String timestamp, byte[] body, String signatures) {
    List<byte[]> expected =
        keys.stream().map(key -> signature(key, id + "." + timestamp + ".", body)).toList();
    boolean matches = false;
    for (String signature : signatures.split(" ", -1)) {
      if (signature.startsWith(VERSION_1)) {
        byte[] given = signature.substring(VERSION_1.length()).getBytes(StandardCharsets.UTF_8);
        for (byte[] right : expected) {
          matches |= MessageDigest.isEqual(right, given);
        }
      }
    }
    return matches;
  }

  private static byte[] signature(SecretKeySpec key, String before, byte[] body) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key);
      mac.update(before.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encode(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has " + HMAC, e);
    }
  }

  private Optional<WebhookEvent> readEvent(byte[] body) {
    try {
      WebhookEvent event = json.readValue(body, WebhookEvent.class);
      boolean whole =
          event != null
              && event.getType() != null
              && event.getTimestamp() != null
              && event.getData() != null
              && event.getData().getTenantName() != null
              && event.getData().getInstanceName() != null;
      return whole ? Optional.of(event) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Optional<DeliveredMessage> read(byte[] body) {
    try {
      DeliveredMessage message = json.readValue(body, DeliveredMessage.class);
      boolean whole =
          message != null
              && Stream.of(
                      message.getPatientId(),
                      message.getPatientUrl(),
                      message.getTenantName(),
                      message.getInstanceName(),
                      message.getMessage())
                  .allMatch(Objects::nonNull);
      return whole ? Optional.of(message) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
