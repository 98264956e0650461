package io.carechat.client.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The published vectors, and the arithmetic of signatures once more, written apart from the
 * verifier.
 */
final class Vectors {

  record Vector(
      String name,
      boolean standard,
      List<String> secrets,
      Instant now,
      Map<String, List<String>> headers,
      String bodyInBase64,
      boolean valid,
      @Nullable String reason) {

    byte[] body() {
      return Base64.getDecoder().decode(bodyInBase64);
    }

    @Nullable String header(String wanted) {
      var sorted = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
      sorted.putAll(headers);
      List<String> values = sorted.get(wanted);
      return values == null ? null : values.getFirst();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private Vectors() {}

  static List<Vector> all() throws IOException {
    JsonNode file =
        new ObjectMapper().readTree(Path.of("../webhook-vectors/vectors.json").toFile());
    List<Vector> vectors = new ArrayList<>();
    for (JsonNode vector : file.required("vectors")) {
      List<String> secrets = new ArrayList<>();
      vector.required("secrets").forEach(secret -> secrets.add(secret.textValue()));
      var headers = new TreeMap<String, List<String>>();
      vector
          .required("headers")
          .properties()
          .forEach(header -> headers.put(header.getKey(), List.of(header.getValue().textValue())));
      JsonNode expected = vector.required("expected");
      vectors.add(
          new Vector(
              vector.required("name").textValue(),
              vector.required("standard").booleanValue(),
              secrets,
              Instant.ofEpochSecond(vector.required("now").longValue()),
              headers,
              vector.required("body").textValue(),
              expected.required("valid").booleanValue(),
              expected.path("reason").textValue()));
    }
    return vectors;
  }

  /** One signature with its version, from the text of the standard. */
  static String sign(String secret, String id, String timestamp, byte[] body) {
    byte[] before = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
    byte[] signed = new byte[before.length + body.length];
    System.arraycopy(before, 0, signed, 0, before.length);
    System.arraycopy(body, 0, signed, before.length, body.length);
    byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
