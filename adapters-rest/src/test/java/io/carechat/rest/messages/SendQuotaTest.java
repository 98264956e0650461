package io.carechat.rest.messages;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Samples;
import io.carechat.domain.messages.Quota;
import io.carechat.rest.ServedApi;
import io.carechat.rest.http.Received;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the callers of an instance see when it has reached its quota. */
final class SendQuotaTest {
  private final ServedApi served = new ServedApi();

  @AfterEach
  void stop() {
    served.close();
  }

  @Test
  void anInstanceOverItsQuotaMaySendTomorrowAndRepeatNow() {
    served.quotas.put(Samples.THIS_INSTANCE, new Quota(OptionalLong.of(2), OptionalLong.empty()));
    assertThat(sent("one").status()).isEqualTo(201);
    assertThat(keyed("two").status()).isEqualTo(201);
    Received refused = sent("three");
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.code()).isEqualTo("too-many-requests");
    assertThat(refused.json().path("detail").asText()).contains("2 messages today");
    assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 86_400);

    Received repeated = keyed("two");
    assertThat(repeated.status()).isEqualTo(201);
    assertThat(repeated.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(keyed("other").status()).isEqualTo(422);
    // Nobody else is touched, and everything else goes on.
    assertThat(
            served
                .post(
                    ServedApi.messages(Samples.OTHER_TENANT, UUID.randomUUID()),
                    ServedApi.OTHER_TENANT,
                    "{\"message\":\"one\"}")
                .status())
        .isEqualTo(201);
    assertThat(served.get(ServedApi.messages()).status()).isEqualTo(200);
    served.clock.move(Duration.ofDays(1));
    assertThat(sent("three").status()).isEqualTo(201);
  }

  @Test
  void anInstanceMayStoreOnlySoManyBytes() {
    served.quotas.put(Samples.THIS_INSTANCE, new Quota(OptionalLong.empty(), OptionalLong.of(10)));
    assertThat(sent("eleven byte").status()).isEqualTo(429);
    assertThat(sent("ten bytes.").status()).isEqualTo(201);
    Received refused = sent("x");
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.header("Retry-After")).isEqualTo("3600");
    assertThat(refused.json().path("detail").asText()).contains("more than 10 bytes");
  }

  private Received sent(String text) {
    return served.sent(ServedApi.messages(), text);
  }

  private Received keyed(String text) {
    return served.send(
        served
            .request(ServedApi.messages(), ServedApi.KEY)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", "a-key")
            .POST(BodyPublishers.ofString("{\"message\":\"" + text + "\"}"))
            .build());
  }
}
