package io.carechat.rest.messages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.carechat.domain.chat.Samples;
import io.carechat.rest.ServedApi;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.Received;
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
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may search while others search, as callers see it. */
final class SearchLimiterTest {
  private static final String SEARCH = "/search?query=knee";
  private static final String CHAT = ServedApi.messages() + SEARCH;
  private static final String OTHER_CHAT =
      ServedApi.messages(Samples.OTHER_TENANT, UUID.randomUUID()) + SEARCH;
  private static final String INSTANCE = "/api/v1/" + Samples.THIS_INSTANCE + "/messages" + SEARCH;

  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch end = new CountDownLatch(1);
  private final List<Future<Received>> held = new ArrayList<>();

  @AfterEach
  void stop() {
    end.countDown();
    callers.close();
  }

  private static ServedApi serve(SearchLimits limits) {
    return new ServedApi(ServedApi.GENEROUS, ServerLimits.DEFAULT, StreamLimits.DEFAULT, limits);
  }

  /** At most 4 at once, 3 of an instance, 2 of a credential, 1 of a patient, without a wait. */
  private static ServedApi serve() {
    return serve(new SearchLimits(4, 3, 2, 1, Duration.ZERO));
  }

  /** Begins a search that lasts until the test ends. */
  private void hold(ServedApi served, String path, String key) throws InterruptedException {
    var begun = new Semaphore(0);
    served.log.before =
        () -> {
          begun.release();
          await(end);
        };
    held.add(callers.submit(() -> served.get(path, key)));
    assertThat(begun.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
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

  private static void assertTooMany(Received answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(429);
    assertThat(answer.code()).isEqualTo("too-many-requests");
    assertThat(answer.header("Retry-After")).isEqualTo("1");
  }

  private static void assertUnavailable(Received answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(503);
    assertThat(answer.header("Retry-After")).isEqualTo("1");
  }

  private void assertAllHeldEndWell() throws Exception {
    end.countDown();
    for (Future<Received> answer : held) {
      assertThat(answer.get(60, TimeUnit.SECONDS).status()).isEqualTo(200);
    }
  }

  @Test
  void aCredentialHasItsShareOfBothSearches() throws Exception {
    try (ServedApi served = serve()) {
      hold(served, CHAT, ServedApi.KEY);
      hold(served, CHAT, ServedApi.KEY);

      assertTooMany(served.get(CHAT, ServedApi.KEY));
      assertTooMany(served.get(INSTANCE, ServedApi.KEY));
      assertTooMany(
          served.post(ServedApi.messages() + "/search", ServedApi.KEY, "{\"query\":\"knee\"}"));
      // Everything else of it, and the searches of others, go on.
      assertThat(served.sent(ServedApi.messages(), "knee").status()).isEqualTo(201);
      assertThat(served.get(ServedApi.messages(), ServedApi.KEY).status()).isEqualTo(200);
      assertThat(served.get(CHAT, ServedApi.NURSES_TOKEN).status()).isEqualTo(200);

      assertAllHeldEndWell();
      assertThat(served.get(CHAT, ServedApi.KEY).status()).isEqualTo(200);
    }
  }

  @Test
  void aPatientHasASmallerShare() throws Exception {
    try (ServedApi served = serve()) {
      hold(served, CHAT, ServedApi.PATIENTS_TOKEN);

      assertTooMany(served.get(CHAT, ServedApi.PATIENTS_TOKEN));
      assertThat(served.get(CHAT, ServedApi.KEY).status()).isEqualTo(200);

      assertAllHeldEndWell();
      assertThat(served.get(CHAT, ServedApi.PATIENTS_TOKEN).status()).isEqualTo(200);
    }
  }

  @Test
  void anInstanceLeavesRoomForOthers() throws Exception {
    try (ServedApi served = serve()) {
      hold(served, CHAT, ServedApi.KEY);
      hold(served, INSTANCE, ServedApi.KEY);
      hold(served, CHAT, ServedApi.PATIENTS_TOKEN);

      assertUnavailable(served.get(CHAT, ServedApi.READ_ONLY));
      assertUnavailable(served.get(INSTANCE, ServedApi.NURSES_TOKEN));
      assertThat(served.get(OTHER_CHAT, ServedApi.OTHER_TENANT).status()).isEqualTo(200);

      assertAllHeldEndWell();
      assertThat(served.get(CHAT, ServedApi.READ_ONLY).status()).isEqualTo(200);
    }
  }

  @Test
  void allTogetherHaveABound() throws Exception {
    try (ServedApi served = serve()) {
      hold(served, CHAT, ServedApi.KEY);
      hold(served, CHAT, ServedApi.KEY);
      hold(served, CHAT, ServedApi.PATIENTS_TOKEN);
      hold(served, OTHER_CHAT, ServedApi.OTHER_TENANT);

      assertUnavailable(
          served.get(
              ServedApi.messages(Samples.OTHER_INSTANCE, UUID.randomUUID()) + SEARCH,
              ServedApi.OTHER_INSTANCE));

      assertAllHeldEndWell();
    }
  }

  /** A refusal because of the scope or of the request comes first, and takes nothing. */
  @Test
  void whoeverMayNotSearchTakesNothing() throws Exception {
    try (ServedApi served = serve()) {
      served.log.before = () -> await(end);
      for (int i = 0; i < 20; i++) {
        assertThat(served.get(CHAT, ServedApi.SEND_ONLY).status()).isEqualTo(403);
        assertThat(served.get(INSTANCE, ServedApi.READ_ONLY).status()).isEqualTo(403);
        assertThat(served.get(OTHER_CHAT, ServedApi.KEY).status()).isEqualTo(403);
        assertThat(served.get(ServedApi.messages() + "/search", ServedApi.KEY).status())
            .isEqualTo(400);
      }
      hold(served, CHAT, ServedApi.KEY);
      hold(served, CHAT, ServedApi.KEY);

      assertThat(served.get(OTHER_CHAT, ServedApi.KEY).status()).isEqualTo(403);
      assertThat(served.get(CHAT, ServedApi.READ_ONLY).status()).isEqualTo(200);

      assertAllHeldEndWell();
    }
  }

  @Test
  void searchesWaitForAShortTime() throws Exception {
    try (ServedApi served = serve(new SearchLimits(2, 2, 1, 1, Duration.ofSeconds(60)))) {
      hold(served, CHAT, ServedApi.KEY);
      for (int i = 0; i < SearchLimits.WAITING_FOR_EACH; i++) {
        held.add(callers.submit(() -> served.get(CHAT, ServedApi.KEY)));
      }
      // One of them runs and seven wait, so there is no room for another.
      Received answer = served.get(CHAT, ServedApi.PATIENTS_TOKEN);
      assertThat(answer.status()).isEqualTo(200);
      long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      int refused = 0;
      while (refused == 0) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        Future<Received> another = callers.submit(() -> served.get(CHAT, ServedApi.KEY));
        try {
          assertTooMany(another.get(1, TimeUnit.SECONDS));
          refused++;
        } catch (TimeoutException e) {
          held.add(another);
        }
      }

      end.countDown();
      int ended = 0;
      for (Future<Received> each : held) {
        ended += each.get(60, TimeUnit.SECONDS).status() == 200 ? 1 : 0;
      }
      assertThat(ended).isGreaterThanOrEqualTo(1 + SearchLimits.WAITING_FOR_EACH);
    }
  }

  @Test
  void limitsArePositive() {
    Duration wait = Duration.ofSeconds(1);
    for (int i = 0; i < 4; i++) {
      int[] numbers = {1, 1, 1, 1};
      numbers[i] = 0;
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new SearchLimits(numbers[0], numbers[1], numbers[2], numbers[3], wait));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SearchLimits(1, 1, 1, 1, Duration.ofSeconds(-1)));
  }
}
