package io.carechat.webhook;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.carechat.domain.chat.Secret;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The symmetric signature of Standard Webhooks 1.0.0: HMAC-SHA256. */
final class Signature {
  private static final String ALGORITHM = "HmacSHA256";

  private Signature() {}

  /**
   * The value of {@code webhook-signature}: one entry for each key, separated by spaces.
   *
   * @param keys the signing keys, in standard base64, in the order of the entries
   * @param id the value of {@code webhook-id}
   * @param seconds the value of {@code webhook-timestamp}, in seconds since 1970
   * @param body the body of the request, exactly as it is sent
   */
  static String of(List<Secret> keys, String id, long seconds, byte[] body) {
    byte[] prefix = (id + "." + seconds + ".").getBytes(US_ASCII);
    return keys.stream()
        .map(key -> "v1," + Base64.getEncoder().encodeToString(hmac(key, prefix, body)))
        .collect(Collectors.joining(" "));
  }

  private static byte[] hmac(Secret key, byte[] prefix, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(Base64.getDecoder().decode(key.value()), ALGORITHM));
      mac.update(prefix);
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java has no " + ALGORITHM, e);
    }
  }
}
