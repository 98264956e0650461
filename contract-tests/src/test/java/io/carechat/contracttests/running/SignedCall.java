package io.carechat.contracttests.running;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A webhook's call, verified as Standard Webhooks tells a receiver to; what does not verify is an
 * {@link AssertionError}.
 *
 * @param id the {@code webhook-id}
 */
public record SignedCall(String id, UUID patient, String text, String body) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration TOLERANCE = Duration.ofMinutes(5);

  /** Verifies a call, and reads its body. */
  public static SignedCall verified(
      byte[] signingKey,
      Optional<String> id,
      Optional<String> timestamp,
      Optional<String> signatures,
      byte[] body) {
    if (id.isEmpty() || timestamp.isEmpty() || signatures.isEmpty()) {
      throw new AssertionError("A webhook without the headers of Standard Webhooks");
    }
    Instant made = Instant.ofEpochSecond(Long.parseLong(timestamp.get()));
    if (Duration.between(made, Instant.now()).abs().compareTo(TOLERANCE) > 0) {
      throw new AssertionError("A webhook that was made at " + made);
    }
    byte[] expected =
        ("v1," + signature(signingKey, id.get(), timestamp.get(), body))
            .getBytes(StandardCharsets.US_ASCII);
    boolean signed = false;
    for (String signature : signatures.get().split(" ", -1)) {
      signed |= MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.US_ASCII));
    }
    if (!signed) {
      throw new AssertionError("A webhook whose signature does not verify");
    }
    try {
      JsonNode json = MAPPER.readTree(body);
      return new SignedCall(
          id.get(),
          UUID.fromString(json.path("patientId").asText()),
          json.path("message").asText(),
          new String(body, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As the other, of a request that WireMock got. */
  public static SignedCall verified(byte[] signingKey, LoggedRequest call) {
    return verified(
        signingKey,
        Optional.ofNullable(call.getHeader("webhook-id")),
        Optional.ofNullable(call.getHeader("webhook-timestamp")),
        Optional.ofNullable(call.getHeader("webhook-signature")),
        call.getBody());
  }

  private static String signature(byte[] key, String id, String timestamp, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has HmacSHA256", e);
    }
  }
}
