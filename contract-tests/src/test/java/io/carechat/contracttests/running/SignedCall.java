package io.carechat.contracttests.running;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.http.MultiValue;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.carechat.api.checked.DeliveryCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A call of a webhook. It was verified as Standard Webhooks says, and checked against the contract
 * of webhooks. A call that cannot be verified, or that the contract does not describe, is an {@link
 * AssertionError}.
 *
 * @param id the {@code webhook-id}
 */
public record SignedCall(String id, UUID patient, String text, String body) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration TOLERANCE = Duration.ofMinutes(5);

  /**
   * Verifies a POST, and reads its body.
   *
   * @param headers the headers; their names may be in any case
   */
  public static SignedCall verified(
      byte[] signingKey, Map<String, List<String>> headers, byte[] body) {
    DeliveryCheck.check("POST", headers, body);
    String id = header(headers, "webhook-id");
    String timestamp = header(headers, "webhook-timestamp");
    Instant made = Instant.ofEpochSecond(Long.parseLong(timestamp));
    if (Duration.between(made, Instant.now()).abs().compareTo(TOLERANCE) > 0) {
      throw new AssertionError("A webhook that was made at " + made);
    }
    byte[] expected =
        ("v1," + signature(signingKey, id, timestamp, body)).getBytes(StandardCharsets.US_ASCII);
    boolean signed = false;
    for (String signature : header(headers, "webhook-signature").split(" ", -1)) {
      signed |= MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.US_ASCII));
    }
    if (!signed) {
      throw new AssertionError("A webhook whose signature does not verify");
    }
    try {
      JsonNode json = MAPPER.readTree(body);
      return new SignedCall(
          id,
          UUID.fromString(json.path("patientId").asText()),
          json.path("message").asText(),
          new String(body, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Verifies a request that WireMock received, and reads its body. */
  public static SignedCall verified(byte[] signingKey, LoggedRequest call) {
    return verified(signingKey, headers(call), call.getBody());
  }

  /** The headers of a request that WireMock received. */
  public static Map<String, List<String>> headers(LoggedRequest call) {
    return call.getHeaders().all().stream()
        .collect(Collectors.toMap(MultiValue::key, MultiValue::values));
  }

  private static String header(Map<String, List<String>> headers, String name) {
    return headers.entrySet().stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .map(header -> header.getValue().getFirst())
        .findFirst()
        .orElseThrow();
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
