package io.carechat.rest.http;

import static io.carechat.rest.ServedApi.KEY;
import static io.carechat.rest.ServedApi.messages;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.messages.NewMessage;
import io.carechat.rest.ServedApi;
import io.carechat.rest.connections.ServerLimits;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers that are long, and readers who take nothing of them. */
final class ResponseLimiterTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** For exchanges that may take five seconds. */
  private final ServedApi api =
      new ServedApi(
          ServedApi.GENEROUS,
          new ServerLimits(
              1_000,
              1_000,
              Duration.ofSeconds(60),
              Duration.ofSeconds(5),
              Duration.ofSeconds(60),
              Duration.ofSeconds(1),
              Duration.ofSeconds(1)));

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void holdsNoMoreOfThemThanThereIsRoomForAndAnswersOthers() throws IOException {
    ChatId chat = new ChatId(Samples.THIS_INSTANCE, new PatientId(ServedApi.PATIENT));
    for (int i = 0; i < 200; i++) {
      api.events.append(
          new NewMessage(
              chat,
              new ExternalId(UUID.randomUUID()),
              new Sender.Patient(chat.patient()),
              new MessageText("€".repeat(10_000)),
              null));
    }
    String page = messages() + "?pageSize=200";
    int length = api.get(page).body().length;
    assertThat(length).isGreaterThan(6_000_000);
    int readers = (int) (ServerLimits.DEFAULT.memory() / length);
    var stuck = new ArrayList<RawConnection>();
    try (var logs = new LogCapture()) {
      long before = heapHeld();
      for (int i = 0; i < readers; i++) {
        stuck.add(new RawConnection(api.port(), 4_096));
        stuck
            .getLast()
            .send("GET " + page + " HTTP/1.1\r\nHost: x\r\nX-API-KEY: " + KEY + "\r\n\r\n");
      }
      long most = 0;
      long refused = 0;
      long cut = 0;
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (refused + cut < readers) {
        assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
        most = Math.max(most, heapHeld() - before);
        // What others ask for is answered meanwhile, large or small.
        assertThat(api.get(page, ServedApi.READ_ONLY).status()).isEqualTo(200);
        assertThat(api.get(messages() + "?pageSize=1", ServedApi.NURSES_TOKEN).status())
            .isEqualTo(200);
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        var lines =
            logs.linesOf("io.carechat.access").stream()
                .filter(line -> line.contains(" credential=partner-1 "))
                .toList();
        refused = lines.stream().filter(line -> line.contains(" status=503 ")).count();
        cut = lines.size() - refused;
      }
      assertThat(refused).isPositive();
      assertThat(cut).isPositive();
      // Those of one credential, and what is just being made.
      assertThat(most).isLessThan(ServerLimits.DEFAULT.memory() * 3 / 8);
    } finally {
      for (RawConnection connection : stuck) {
        connection.close();
      }
    }
    assertThat(api.get(page).status()).isEqualTo(200);
  }

  private static long heapHeld() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
