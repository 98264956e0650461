package io.carechat.bootstrap.logs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class AsyncHandlerTest {
  private static final Duration LAST_LINES = Duration.ofSeconds(30);

  /** An output that takes nothing until it is opened, as a full pipe does. */
  private static final class Pipe extends OutputStream {
    private final CountDownLatch opened = new CountDownLatch(1);
    private final CountDownLatch blocked = new CountDownLatch(1);
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

    @Override
    public void write(int b) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(byte[] bytes) throws IOException {
      blocked.countDown();
      try {
        opened.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      taken.write(bytes);
    }
  }

  private static LogRecord event(Level level, String message) {
    var event = new LogRecord(level, message);
    event.setLoggerName("io.carechat.test");
    event.setInstant(Instant.parse("2026-12-01T12:00:00.250Z"));
    return event;
  }

  private static AsyncHandler to(OutputStream out, LogFormat format, Duration lastLines) {
    return new AsyncHandler(out, new LineFormatter(format), lastLines);
  }

  @Test
  void writesEveryLineBeforeItEnds() {
    var out = new ByteArrayOutputStream();
    AsyncHandler handler = to(out, LogFormat.TEXT, LAST_LINES);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 10_000; i++) {
        String message = "line " + i;
        threads.execute(() -> handler.publish(event(Level.INFO, message)));
      }
    }
    handler.close();

    String lines = out.toString(StandardCharsets.UTF_8);
    assertThat(lines.lines()).hasSize(10_000).doesNotHaveDuplicates();
    assertThat(lines).contains("2026-12-01T12:00:00.250Z INFO io.carechat.test line 9999\n");
    assertThat(handler.dropped()).isZero();
  }

  @Test
  @Timeout(60)
  void nobodyWaitsForAnOutputThatTakesNothing() throws Exception {
    var pipe = new Pipe();
    AsyncHandler handler = to(pipe, LogFormat.TEXT, Duration.ZERO.plusMillis(50));
    handler.publish(event(Level.INFO, "first"));
    pipe.blocked.await();
    int many = AsyncHandler.CAPACITY * 2;
    for (int i = 0; i < many; i++) {
      handler.publish(event(Level.INFO, "line " + i));
    }
    long droppedLines = handler.dropped();
    assertThat(droppedLines).isPositive();

    // There is still room for what is more important.
    handler.publish(event(Level.WARNING, "a warning"));
    assertThat(handler.dropped()).isEqualTo(droppedLines);
    // Nor does the end wait for ever.
    handler.close();
    handler.publish(event(Level.WARNING, "too late"));
    assertThat(handler.dropped()).isEqualTo(droppedLines + 1);
    pipe.opened.countDown();
    while (!pipe.taken.toString(StandardCharsets.UTF_8).contains("a warning")) {
      Thread.onSpinWait();
    }
    assertThat(pipe.taken.toString(StandardCharsets.UTF_8).lines())
        .hasSize((int) (many + 2 - droppedLines));
  }

  @Test
  void anOutputThatFailsIsCounted() {
    AsyncHandler handler =
        to(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("the pipe is closed");
              }
            },
            LogFormat.TEXT,
            LAST_LINES);
    handler.publish(event(Level.INFO, "lost"));
    handler.close();

    assertThat(handler.dropped()).isEqualTo(1);
  }

  private static JsonNode json(LogRecord event) throws IOException {
    String line = new LineFormatter(LogFormat.JSON).format(event);
    assertThat(line).endsWith("\n").containsOnlyOnce("\n");
    return new ObjectMapper().readTree(line);
  }

  @Test
  void aLineIsAJsonObject() throws IOException {
    LogRecord event = event(Level.WARNING, "a \"quoted\"\nmessage\u2028 of {0}");
    event.setParameters(new Object[] {"process 7"});
    event.setThrown(new IllegalStateException("why"));

    JsonNode line = json(event);

    assertThat(line.get("time").asText()).isEqualTo("2026-12-01T12:00:00.250Z");
    assertThat(line.get("level").asText()).isEqualTo("WARNING");
    assertThat(line.get("logger").asText()).isEqualTo("io.carechat.test");
    assertThat(line.get("message").asText()).isEqualTo("a \"quoted\"\nmessage\u2028 of process 7");
    assertThat(line.get("exception").asText()).startsWith("java.lang.IllegalStateException: why");
  }

  @Test
  void aLineOfTheAccessLogHasItsValues() throws IOException {
    LogRecord event =
        event(
            Level.INFO,
            "method=GET route=/api/v1/{tenant}/chats status=200 ms=12 credential=partner-1"
                + " request=0007");
    event.setLoggerName("io.carechat.access");

    JsonNode line = json(event);

    assertThat(line.get("route").asText()).isEqualTo("/api/v1/{tenant}/chats");
    assertThat(line.get("status").isNumber()).isTrue();
    assertThat(line.get("ms").asInt()).isEqualTo(12);
    assertThat(line.get("request").isTextual()).as("an id, whatever it looks like").isTrue();
    assertThat(line.has("message")).isFalse();
  }
}
