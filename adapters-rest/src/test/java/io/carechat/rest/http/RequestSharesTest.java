package io.carechat.rest.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Samples;
import io.carechat.rest.ServedApi;
import io.carechat.rest.connections.ServerLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ordinary requests while others have many in progress. */
final class RequestSharesTest {
  private static final String CHAT = ServedApi.messages();
  private static final String OTHER_CHAT =
      ServedApi.messages(Samples.OTHER_TENANT, UUID.randomUUID());

  /** At most 4 at once, 3 of an instance, 2 of a credential, 1 of a patient. */
  private final ServedApi served =
      new ServedApi(
          ServedApi.GENEROUS,
          new ServerLimits(
              100,
              4,
              Duration.ofSeconds(100),
              Duration.ofSeconds(100),
              Duration.ofSeconds(100),
              Duration.ofSeconds(1),
              Duration.ofSeconds(5)));

  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch end = new CountDownLatch(1);
  private final List<Future<Received>> held = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    end.countDown();
    for (Future<Received> each : held) {
      assertThat(each.get(60, TimeUnit.SECONDS).status()).isEqualTo(200);
    }
    callers.close();
    served.close();
  }

  /** Begins a request that lasts until the test ends. */
  private void hold(String path, String key) throws InterruptedException {
    var begun = new Semaphore(0);
    served.log.before =
        () -> {
          begun.release();
          await(end);
        };
    held.add(callers.submit(() -> served.get(path, key)));
    assertThat(begun.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
    served.log.before = null;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Test
  void aCredentialHasHalfOfThem() throws Exception {
    hold(CHAT, ServedApi.KEY);
    hold(CHAT, ServedApi.KEY);
    Received refused = served.get(CHAT, ServedApi.KEY);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.header("Retry-After")).isEqualTo("1");
    assertThat(refused.json().path("detail").asText()).contains("maximum number of requests (2)");
    assertThat(served.get(CHAT, ServedApi.READ_ONLY).status()).isEqualTo(200);
  }

  @Test
  void aPatientHasFewOfThem() throws Exception {
    hold(CHAT, ServedApi.PATIENTS_TOKEN);
    assertThat(served.get(CHAT, ServedApi.PATIENTS_TOKEN).status()).isEqualTo(429);
    assertThat(served.get(CHAT, ServedApi.KEY).status()).isEqualTo(200);
  }

  @Test
  void anInstanceLeavesSomeToTheOthers() throws Exception {
    hold(CHAT, ServedApi.KEY);
    hold(CHAT, ServedApi.KEY);
    hold(CHAT, ServedApi.READ_ONLY);
    assertThat(served.get(CHAT, ServedApi.NURSES_TOKEN).status()).isEqualTo(503);
    assertThat(served.get(OTHER_CHAT, ServedApi.OTHER_TENANT).status()).isEqualTo(200);
  }
}
