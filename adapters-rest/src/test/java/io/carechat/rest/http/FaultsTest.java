package io.carechat.rest.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Unavailable;
import io.carechat.rest.ServedApi;
import io.carechat.rest.connections.ServerLimits;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Faults of ours, overload, slow callers, stopping; and that logs stay silent about texts. */
final class FaultsTest {
  private static final String PLANTED = "plantedword";

  private static ServerLimits limits(int requests, Duration first, Duration exchange) {
    return new ServerLimits(
        1_000, requests, first, exchange, exchange, Duration.ofSeconds(1), Duration.ofSeconds(5));
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  @Test
  void whatIsAwayIsA503() {
    try (ServedApi served = new ServedApi()) {
      served.log.before =
          () -> {
            throw new Unavailable("the database is away", Duration.ofMillis(1_500));
          };
      for (Received answer :
          List.of(
              served.get(ServedApi.messages()),
              served.sent(ServedApi.messages(), "x"),
              served.get(ServedApi.messages() + "/search?query=x"))) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.code()).isEqualTo("unavailable");
        assertThat(answer.header("retry-after")).isEqualTo("2");
        assertThat(answer.text()).doesNotContain("database");
      }
    }
  }

  @Test
  void anUnexpectedExceptionIsA500ThatTellsNothing() {
    try (ServedApi served = new ServedApi();
        LogCapture logs = new LogCapture()) {
      served.log.before =
          () -> {
            throw new IllegalStateException(PLANTED, new NumberFormatException(PLANTED));
          };
      Received answer = served.sent(ServedApi.messages(), PLANTED);

      assertThat(answer.status()).isEqualTo(500);
      assertThat(answer.code()).isEqualTo("internal-error");
      assertThat(answer.text()).doesNotContain(PLANTED, "Exception", "at io.");
      String id = answer.header("x-request-id");
      await(() -> !logs.linesOf("io.carechat.access").isEmpty());
      assertThat(logs.linesOf("io.carechat.rest"))
          .singleElement()
          .asString()
          .contains(
              id, "java.lang.IllegalStateException", "caused by java.lang.NumberFormatException")
          .contains("at io.carechat.rest.messages.MessageOperations");
      assertThat(logs.lines()).noneMatch(line -> line.contains(PLANTED));
    }
  }

  @Test
  void noLogTellsWhatWasWritten() throws IOException {
    try (ServedApi served = new ServedApi();
        LogCapture logs = new LogCapture()) {
      String path = ServedApi.newMessages();
      Received sent = served.sent(path, PLANTED);
      served.get(path + "/search?query=" + PLANTED);
      served.post(path + "/search", "{\"query\":\"" + PLANTED + "\"}");
      String token =
          served.get(path + "/search?query=" + PLANTED).json().at("/meta/prevPageToken").asText();
      served.get(path + "/search?pageToken=" + token);
      served.get(path + "?pageToken=" + PLANTED);
      served.get(path + "?" + PLANTED + "=1");
      served.get("/" + PLANTED, null);
      served.get(path, PLANTED);
      served.post(path, "{\"" + PLANTED + "\":\"x\"}");
      served.post(path, "{" + PLANTED);
      served.send(
          served
              .request(path, ServedApi.KEY)
              .header("Content-Type", PLANTED)
              .header("Accept", PLANTED)
              .header("User-Agent", PLANTED)
              .header("Idempotency-Key", PLANTED)
              .POST(BodyPublishers.ofString(PLANTED))
              .build());
      for (String raw :
          List.of(
              PLANTED + " / HTTP/1.1\r\nHost: x\r\n\r\n",
              "GET /" + PLANTED + "%zz HTTP/1.1\r\nHost: x\r\n\r\n",
              "GET /" + PLANTED + "<> HTTP/1.1\r\nHost: x\r\n\r\n",
              "GET /" + PLANTED + "/../x HTTP/1.1\r\nHost: x\r\n\r\n",
              "GET / " + PLANTED + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
              "GET / HTTP/1.1\r\nHost: x\r\n" + PLANTED + "\r\n\r\n",
              "GET / HTTP/1.1\r\nHost: " + PLANTED + "[\r\n\r\n",
              "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + PLANTED + "\r\n\r\n",
              "POST "
                  + path
                  + " HTTP/1.1\r\nHost: x\r\nX-API-KEY: "
                  + ServedApi.KEY
                  + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + PLANTED
                  + "\r\n\r\n")) {
        try (RawConnection connection = new RawConnection(served.port())) {
          Received answer = connection.send(raw).read();
          assertThat(answer.status()).isBetween(400, 499);
          assertThat(answer.text()).doesNotContain(PLANTED);
        }
      }
      await(() -> logs.linesOf("io.carechat.access").size() >= 20);

      assertThat(logs.lines()).noneMatch(line -> line.contains(PLANTED));
      assertThat(logs.lines()).noneMatch(line -> line.contains(ServedApi.KEY));
      assertThat(logs.lines()).noneMatch(line -> line.contains(ServedApi.PATIENT.toString()));
      assertThat(logs.linesOf("io.carechat.access").getFirst())
          .matches(
              "io.carechat.access INFO method=POST"
                  + " route=/api/v1/\\{tenantName}/\\{instanceName}/patients/\\{patientId}/messages"
                  + " status=201 ms=[0-9]+ credential=partner-1 request="
                  + sent.header("x-request-id"));
      assertThat(logs.linesOf("io.carechat.access"))
          .anyMatch(
              line -> line.matches(".* method=GET route=- status=404 ms=[0-9]+ credential=- .*"))
          .anyMatch(line -> line.matches(".* status=401 ms=[0-9]+ credential=- .*"));
      assertThat(logs.lines()).noneMatch(line -> line.contains(" SEVERE "));
    }
  }

  @Test
  void overloadIsA503AndHealthGoesOn() throws Exception {
    try (ServedApi served =
            new ServedApi(
                ServedApi.GENEROUS, limits(2, Duration.ofSeconds(10), Duration.ofSeconds(20)));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch inside = new CountDownLatch(2);
      CountDownLatch release = new CountDownLatch(1);
      served.log.before =
          () -> {
            inside.countDown();
            awaitQuietly(release);
          };
      List<Future<Received>> slow = new ArrayList<>();
      for (String key : List.of(ServedApi.KEY, ServedApi.READ_ONLY)) {
        slow.add(callers.submit(() -> served.get(ServedApi.messages(), key)));
      }
      assertThat(inside.await(60, TimeUnit.SECONDS)).isTrue();

      Received third = served.get(ServedApi.messages(), ServedApi.NURSES_TOKEN);
      assertThat(third.status()).isEqualTo(503);
      assertThat(third.header("retry-after")).isEqualTo("1");
      assertThat(served.get("/health/live", null).status()).isEqualTo(200);

      release.countDown();
      for (Future<Received> each : slow) {
        assertThat(each.get(60, TimeUnit.SECONDS).status()).isEqualTo(200);
      }
      assertThat(served.get(ServedApi.messages()).status()).isEqualTo(200);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      if (!latch.await(60, TimeUnit.SECONDS)) {
        throw new AssertionError("never released");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Test
  void slowCallersAreHungUpOn() throws Exception {
    try (ServedApi served =
        new ServedApi(
            ServedApi.GENEROUS, limits(100, Duration.ofMillis(600), Duration.ofMillis(900)))) {
      String path = ServedApi.newMessages();
      String post =
          "POST "
              + path
              + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-API-KEY: "
              + ServedApi.KEY
              + "\r\n";
      List<String> beginnings =
          List.of(
              "",
              "G",
              "GET / HTTP/1.1\r\nHost: x\r\n",
              "PRI * HTTP/2.0\r\n",
              // What it is cannot be known, or there is nobody to tell.
              "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003 TLS of some length",
              "GET / HTTP/1.0\r\n\r\n",
              "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
              "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
              "\r\n\r\n\r\n\r\n",
              "GET\r\n\r\n",
              "GET /\r\nHost: localhost\r\n\r\n",
              "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
              post + "Content-Length: 20\r\n\r\n{",
              post + "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
              post.replace(ServedApi.KEY, "wrong") + "Content-Length: 20\r\n\r\n{",
              // Idle after an answer.
              "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
      List<Future<Boolean>> ends = new ArrayList<>();
      try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
        for (String beginning : beginnings) {
          ends.add(
              callers.submit(() -> {
                try (RawConnection connection = new RawConnection(served.port())) {
                  connection.send(beginning);
                  // Whatever is answered, it ends; reading gives up after a minute.
                  while (!connection.isEnded()) {
                    Thread.onSpinWait();
                  }
                  return true;
                }
              }));
        }
        for (Future<Boolean> end : ends) {
          assertThat(end.get(50, TimeUnit.SECONDS)).isTrue();
        }
      }
      assertThat(served.get("/health/live", null).status()).isEqualTo(200);
      assertThat(served.get(path).json().path("content")).isEmpty();
    }
  }

  /** Somebody who sends a byte now and then is as slow as somebody who sends none. */
  @Test
  void tricklingDoesNotHelp() throws Exception {
    try (ServedApi served =
            new ServedApi(
                ServedApi.GENEROUS, limits(100, Duration.ofMillis(600), Duration.ofMillis(900)));
        RawConnection connection = new RawConnection(served.port())) {
      connection.send("GET / HTTP/1.1\r\n");
      long start = System.nanoTime();
      AtomicBoolean ended = new AtomicBoolean();
      Thread reader =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (!connection.isEnded()) {
                    Thread.onSpinWait();
                  }
                } catch (IOException e) {
                  return;
                }
                ended.set(true);
              });
      for (int i = 0; !ended.get() && System.nanoTime() - start < 8_000_000_000L; i++) {
        try {
          connection.send("X-" + i + ": x\r\n");
        } catch (IOException e) {
          break;
        }
        reader.join(Duration.ofMillis(50));
      }
      reader.join(Duration.ofSeconds(5));
      assertThat(ended).isTrue();
      assertThat(System.nanoTime() - start).isLessThan(6_000_000_000L);
    }
  }

  @Test
  void stopsInGoodOrderUnderLoad() throws Exception {
    ServedApi served = new ServedApi();
    AtomicBoolean goOn = new AtomicBoolean(true);
    AtomicInteger answered = new AtomicInteger();
    AtomicInteger acknowledged = new AtomicInteger();
    List<String> broken = java.util.Collections.synchronizedList(new ArrayList<>());
    String path = ServedApi.newMessages();
    String body = "{\"message\":\"x\"}";
    String request =
        "POST "
            + path
            + " HTTP/1.1\r\nHost: x\r\nX-API-KEY: "
            + ServedApi.KEY
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    served.log.before = Thread::yield;
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      callers.add(
          Thread.ofVirtual()
              .start(() -> {
                while (goOn.get()) {
                  try (RawConnection connection = new RawConnection(served.port())) {
                    // As a good client does: until it is told to close the connection.
                    boolean close = false;
                    while (!close && goOn.get()) {
                      Received answer;
                      try {
                        answer = connection.send(request).read();
                      } catch (IOException e) {
                        broken.add(String.valueOf(e));
                        return;
                      }
                      answered.incrementAndGet();
                      acknowledged.addAndGet(answer.status() == 201 ? 1 : 0);
                      close = answer.all("connection").contains("close");
                    }
                    if (close) {
                      return;
                    }
                  } catch (IOException e) {
                    // Nobody listens any more, which is what closing is for.
                    return;
                  }
                }
              }));
    }
    await(() -> answered.get() > 200);

    long start = System.nanoTime();
    served.close();

    assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(60).toNanos());
    for (Thread caller : callers) {
      caller.join(Duration.ofSeconds(60));
    }
    goOn.set(false);
    assertThat(broken).isEmpty();
    assertThat(acknowledged.get()).isEqualTo(answered.get());
  }

  @Test
  void whatIsUnderWayIsFinished() throws Exception {
    ServedApi served = new ServedApi();
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    served.log.before =
        () -> {
          inside.countDown();
          awaitQuietly(release);
        };
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Received> slow = executor.submit(() -> served.sent(ServedApi.messages(), "last"));
      assertThat(inside.await(60, TimeUnit.SECONDS)).isTrue();
      HttpRequest ready = served.request("/health/ready", null).GET().build();
      Future<?> closing = executor.submit(served.api::close);

      await(() -> served.send(ready).status() == 503);
      release.countDown();

      assertThat(slow.get(60, TimeUnit.SECONDS).status()).isEqualTo(201);
      closing.get(60, TimeUnit.SECONDS);
    }
    served.close();
  }

  @Test
  void aRequestThatNeverEndsDoesNotHoldUpTheEnd() {
    ServedApi served =
        new ServedApi(
            ServedApi.GENEROUS,
            new ServerLimits(
                10,
                10,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofMillis(300),
                Duration.ofMillis(500)));
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    served.log.before =
        () -> {
          inside.countDown();
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> stuck =
          executor.submit(() -> {
            try {
              return served.get(ServedApi.messages());
            } catch (AssertionError e) {
              return e;
            }
          });
      awaitQuietly(inside);
      long start = System.nanoTime();
      served.close();
      assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(60).toNanos());
      never.countDown();
      await(stuck::isDone);
    }
  }
}
