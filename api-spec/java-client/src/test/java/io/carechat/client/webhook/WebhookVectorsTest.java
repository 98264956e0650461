package io.carechat.client.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.carechat.client.webhook.Vectors.Vector;
import io.carechat.client.webhook.Verification.Genuine;
import io.carechat.client.webhook.Verification.Reason;
import io.carechat.client.webhook.Verification.Refused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The vectors that partners test their receivers with: right, and withstood by ours. */
final class WebhookVectorsTest {

  static List<Vector> all() throws IOException {
    return Vectors.all();
  }

  static Stream<Vector> standard() throws IOException {
    return Vectors.all().stream().filter(Vector::standard);
  }

  @ParameterizedTest
  @MethodSource("all")
  void theVerifierSaysWhatTheVectorSays(Vector vector) {
    var verifier = new WebhookVerifier(vector.secrets(), () -> vector.now());

    Verification verification = verifier.verify(vector.body(), vector.headers());

    if (vector.valid()) {
      assertThat(verification).isInstanceOf(Genuine.class);
    } else {
      assertThat(verification)
          .isEqualTo(new Refused(Reason.valueOf(Objects.requireNonNull(vector.reason()))));
    }
  }

  /** That the vectors themselves are right: by arithmetic that shares nothing with the verifier. */
  @ParameterizedTest
  @MethodSource("standard")
  void theStandardSaysWhatTheVectorSays(Vector vector) {
    String id = vector.header("webhook-id");
    String timestamp = vector.header("webhook-timestamp");
    String signatures = vector.header("webhook-signature");

    boolean valid =
        id != null
            && timestamp != null
            && signatures != null
            && Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), vector.now())
                    .abs()
                    .compareTo(Duration.ofMinutes(5))
                <= 0
            && vector.secrets().stream()
                .map(secret -> Vectors.sign(secret, id, timestamp, vector.body()))
                .anyMatch(Arrays.asList(signatures.split(" ", -1))::contains);

    assertThat(valid).isEqualTo(vector.valid());
  }

  @ParameterizedTest
  @MethodSource("standard")
  void thePublishedLibrarySaysWhatTheVectorSays(Vector vector) throws EmptyWebhookSecretException {
    Map<String, List<String>> headers = asIfNow(vector);
    String body = new String(vector.body(), StandardCharsets.UTF_8);

    boolean verified = false;
    for (String secret : vector.secrets()) {
      try {
        new Webhook(secret).verify(body, headers);
        verified = true;
      } catch (WebhookVerificationException e) {
        // Perhaps with the next secret.
      }
    }

    assertThat(verified).isEqualTo(vector.valid());
  }

  @Test
  void everyReasonIsTried() throws IOException {
    Set<String> reasons = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (Vector vector : Vectors.all()) {
      assertThat(names.add(vector.name())).as(vector.name()).isTrue();
      assertThat(vector.reason() == null).as(vector.name()).isEqualTo(vector.valid());
      if (vector.reason() != null) {
        reasons.add(vector.reason());
      }
    }

    assertThat(reasons)
        .containsExactlyInAnyOrderElementsOf(Stream.of(Reason.values()).map(Enum::name).toList());
  }

  /**
   * The library knows no clock but the system's. So the vector's times are moved to now, and the
   * signatures that one of the known secrets made over the vector's own bytes are made again; every
   * other signature stays as wrong as it is.
   */
  private static Map<String, List<String>> asIfNow(Vector vector) {
    String id = vector.header("webhook-id");
    String timestamp = vector.header("webhook-timestamp");
    String signatures = vector.header("webhook-signature");
    Map<String, List<String>> headers = new HashMap<>(vector.headers());
    if (id == null || timestamp == null || signatures == null) {
      return headers;
    }
    long ahead = Instant.now().getEpochSecond() - vector.now().getEpochSecond();
    String moved = Long.toString(Long.parseLong(timestamp) + ahead);
    List<String> again = new ArrayList<>();
    for (String signature : signatures.split(" ", -1)) {
      again.add(
          vector.secrets().stream()
              .filter(
                  secret -> Vectors.sign(secret, id, timestamp, vector.body()).equals(signature))
              .findFirst()
              .map(secret -> Vectors.sign(secret, id, moved, vector.body()))
              .orElse(signature));
    }
    headers.replaceAll((name, value) ->
        switch (name.toLowerCase(Locale.ROOT)) {
          case "webhook-timestamp" -> List.of(moved);
          case "webhook-signature" -> List.of(String.join(" ", again));
          default -> value;
        });
    return headers;
  }
}
