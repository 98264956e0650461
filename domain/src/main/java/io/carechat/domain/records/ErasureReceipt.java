package io.carechat.domain.records;

import io.carechat.domain.evidence.SigningKey;
import io.carechat.domain.paging.PrintableTimes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Objects;

/**
 * Says for each store what an erasure has removed and when, and until when backups may still
 * contain it. It is signed: a JWS (RFC 7515) in its compact form, with the algorithm {@code EdDSA}
 * (RFC 8037), whose payload is JSON.
 */
final class ErasureReceipt {
  /** How long a node may remember the words of a chat: see {@code ChatWordsCache}. */
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private ErasureReceipt() {}

  /**
   * Makes the receipt of an erasure that has removed everything.
   *
   * @param erasure in the state {@link Erasure.State#INDEXING}
   * @param now the current time; the files of the index are free of it by now
   * @param backups how long backups are kept
   */
  static String sign(Erasure erasure, Instant now, Duration backups, SigningKey key) {
    String header = "{\"alg\":\"EdDSA\",\"kid\":\"" + key.keyId() + "\"}";
    String signed = base64(header) + "." + base64(payload(erasure, now, backups));
    byte[] signature = key.sign(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + BASE64.encodeToString(signature);
  }

  private static String base64(String text) {
    return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** None of the values contains a character that JSON would have to escape. */
  private static String payload(Erasure erasure, Instant now, Duration backups) {
    Instant removedAt = Objects.requireNonNull(erasure.removedAt());
    Removed removed = erasure.removed();
    return "{\"type\":\"carechat-erasure-receipt-1\""
        + text("erasureId", erasure.id())
        + text("tenantName", erasure.chat().instance().tenantName())
        + text("instanceName", erasure.chat().instance().instanceName())
        + text("patientId", erasure.chat().patient())
        + text("reason", erasure.reason())
        + time("requestedAt", erasure.requestedAt())
        + time("through", Objects.requireNonNull(erasure.through()))
        + ",\"database\":{\"goneSince\":\""
        + TIME.format(removedAt)
        + "\",\"messages\":"
        + removed.messages()
        + ",\"events\":"
        + removed.events()
        + ",\"readMarkers\":"
        + removed.readMarkers()
        + ",\"sessions\":"
        + removed.sessions()
        + "},\"deliveries\":{\"goneSince\":\""
        + TIME.format(removedAt)
        + "\",\"deliveries\":"
        + removed.deliveries()
        + ",\"attempts\":"
        + removed.attempts()
        + "},\"searches\":{\"goneSince\":\""
        + TIME.format(removedAt)
        + "\"},\"indexFiles\":{\"goneSince\":\""
        + TIME.format(now)
        + "\"},\"memory\":{\"goneBy\":\""
        + TIME.format(removedAt.plus(REMEMBERED))
        + "\"},\"backups\":{\"goneBy\":\""
        + TIME.format(earlier(removedAt.plus(backups), PrintableTimes.LATEST))
        + "\"}"
        + time("issuedAt", now)
        + "}";
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static String text(String name, Object value) {
    return ",\"" + name + "\":\"" + value + "\"";
  }

  private static String time(String name, Instant value) {
    return text(name, TIME.format(value));
  }
}
