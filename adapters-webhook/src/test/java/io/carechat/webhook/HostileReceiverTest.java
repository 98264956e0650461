package io.carechat.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.webhook.WebhookConnections.IdleLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Receivers, names and networks that do harm, on purpose or by accident. */
final class HostileReceiverTest {
  private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final InetAddress ALLOWED = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress FORBIDDEN = InetAddress.ofLiteral("127.0.0.2");
  private static final Duration CONNECT = Duration.ofMillis(400);
  private static final Duration EXCHANGE = Duration.ofMillis(900);

  /** A sender with limits that are reached only if something is wrong. */
  private static HttpWebhookSender sender(Resolver resolver) throws NoSuchAlgorithmException {
    return sender(Duration.ofSeconds(10), Duration.ofSeconds(20), resolver);
  }

  private static HttpWebhookSender sender() throws NoSuchAlgorithmException {
    return sender(InetAddress::getAllByName);
  }

  /** A sender with short limits. */
  private static HttpWebhookSender impatientSender(Resolver resolver)
      throws NoSuchAlgorithmException {
    return sender(CONNECT, EXCHANGE, resolver);
  }

  private static HttpWebhookSender impatientSender() throws NoSuchAlgorithmException {
    return impatientSender(InetAddress::getAllByName);
  }

  /**
   * A sender that may call 127.0.0.1, which stands for the internet. The other addresses of
   * loopback stand for hosts that it must not reach.
   */
  private static HttpWebhookSender sender(
      Duration connectTimeout, Duration exchangeTimeout, Resolver resolver)
      throws NoSuchAlgorithmException {
    return new HttpWebhookSender(
        new HttpWebhookSender.Settings(
            new AddressPolicy(true, List.of(AllowedNetwork.open("127.0.0.1/32"))),
            connectTimeout,
            exchangeTimeout,
            64 * 1024),
        SSLContext.getDefault(),
        new ManualClock(Samples.NOON),
        resolver,
        IdleLimits.DEFAULT);
  }

  private static WebhookAnswer send(HttpWebhookSender sender, String url) {
    return sender.send(Deliveries.endpoint(url), Deliveries.delivery());
  }

  private static void assertAnswered(WebhookAnswer answer) {
    assertThat(answer).isEqualTo(new WebhookAnswer.Answered(200, null, "ok", answer.took()));
  }

  private static void assertFailed(WebhookAnswer answer, String reason) {
    assertThat(answer).isEqualTo(new WebhookAnswer.Failed(reason, answer.took()));
    assertThat(answer.took()).isLessThan(EXCHANGE.plusSeconds(5));
  }

  private static void await(Condition condition) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.holds() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(condition.holds()).isTrue();
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds() throws Exception;
  }

  @Test
  void leavesAReceiverThatNeverAnswersAndClosesItsConnection() throws Exception {
    var ended = new CountDownLatch(1);
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              RawReceiver.waitForTheEnd(connection);
              ended.countDown();
            });
        HttpWebhookSender sender = impatientSender()) {
      assertFailed(send(sender, receiver.url()), "no complete answer within 0.9 s");
      await(() -> ended.getCount() == 0);
    }
  }

  @Test
  void leavesAReceiverThatTricklesItsHead() throws Exception {
    assertLeavesTrickle("HTTP/1.1 200 OK\r\nX-Long: ");
  }

  @Test
  void leavesAReceiverThatTricklesItsBody() throws Exception {
    assertLeavesTrickle("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n");
  }

  private static void assertLeavesTrickle(String beginning) throws Exception {
    var beat = new CountDownLatch(1);
    var ended = new CountDownLatch(1);
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              RawReceiver.request(connection);
              RawReceiver.write(connection, beginning);
              try {
                while (!beat.await(20, TimeUnit.MILLISECONDS)) {
                  RawReceiver.write(connection, "x");
                }
              } finally {
                ended.countDown();
              }
            });
        HttpWebhookSender sender = impatientSender()) {
      assertFailed(send(sender, receiver.url()), "no complete answer within 0.9 s");
      await(() -> ended.getCount() == 0);
    }
  }

  @Test
  void stopsReadingAnEndlessBodyAndTakesTheAnswer() throws Exception {
    var written = new AtomicInteger();
    var ended = new CountDownLatch(1);
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              RawReceiver.request(connection);
              RawReceiver.write(connection, "HTTP/1.1 200 OK\r\n\r\n");
              try {
                while (true) {
                  RawReceiver.write(connection, "x".repeat(1_000));
                  written.addAndGet(1_000);
                }
              } finally {
                ended.countDown();
              }
            });
        HttpWebhookSender sender = sender()) {
      WebhookAnswer answer = send(sender, receiver.url());
      assertThat(answer)
          .isEqualTo(new WebhookAnswer.Answered(200, null, "x".repeat(1_000), answer.took()));
      await(() -> ended.getCount() == 0);
    }
    // No more than the buffers of both sides hold.
    assertThat(written.get()).isLessThan(20_000_000);
  }

  /** Some receivers send no length and forget to close the connection. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\nok",
        "HTTP/1.0 200 OK\r\n\r\nok",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok"
      })
  void takesAResponseWhoseEndNeverComes(String response) throws Exception {
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              RawReceiver.request(connection);
              RawReceiver.write(connection, response);
              RawReceiver.waitForTheEnd(connection);
            });
        HttpWebhookSender sender =
            sender(CONNECT, Duration.ofMinutes(5), InetAddress::getAllByName)) {
      WebhookAnswer answer = send(sender, receiver.url());
      String body = response.endsWith("ok") ? "ok" : "";
      assertThat(answer).isEqualTo(new WebhookAnswer.Answered(200, null, body, answer.took()));
      // Because the status is known, not because the time is over.
      assertThat(answer.took()).isLessThan(Duration.ofMinutes(2));
      WebhookAnswer second = send(sender, receiver.url());
      assertThat(second).isEqualTo(new WebhookAnswer.Answered(200, null, body, second.took()));
      assertThat(receiver.connections()).isEqualTo(2);
    }
  }

  /** Its bytes come one by one for ever. */
  @Test
  void takesAResponseWithoutALengthThatTrickles() throws Exception {
    var beat = new CountDownLatch(1);
    var ended = new CountDownLatch(1);
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              RawReceiver.request(connection);
              RawReceiver.write(connection, "HTTP/1.1 503 x\r\n\r\n");
              try {
                while (!beat.await(20, TimeUnit.MILLISECONDS)) {
                  RawReceiver.write(connection, "x");
                }
              } finally {
                ended.countDown();
              }
            });
        HttpWebhookSender sender =
            sender(CONNECT, Duration.ofMinutes(5), InetAddress::getAllByName)) {
      assertThat(send(sender, receiver.url()))
          .isInstanceOfSatisfying(
              WebhookAnswer.Answered.class, answer -> assertThat(answer.status()).isEqualTo(503));
      await(() -> ended.getCount() == 0);
    }
  }

  @Test
  void stopsReadingAnEndlessHead() throws Exception {
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              RawReceiver.request(connection);
              RawReceiver.write(connection, "HTTP/1.1 200 OK\r\n");
              while (true) {
                RawReceiver.write(connection, "X-Field: value\r\n");
              }
            });
        HttpWebhookSender sender = sender()) {
      assertFailed(send(sender, receiver.url()), "the answer's head is longer than 65536 bytes");
    }
  }

  @Test
  void reportsAReceiverThatTakesNoRequest() throws Exception {
    try (RawReceiver receiver = RawReceiver.listening(Socket::close);
        HttpWebhookSender sender = sender()) {
      WebhookAnswer answer = send(sender, receiver.url());
      assertThat(((WebhookAnswer.Failed) answer).reason()).startsWith("the connection ");
    }
  }

  @Test
  void reportsAPortWhereNobodyListens() throws Exception {
    int port;
    try (var free = new ServerSocket(0, 1, ALLOWED)) {
      port = free.getLocalPort();
    }
    try (HttpWebhookSender sender = sender()) {
      assertFailed(
          send(sender, "http://127.0.0.1:" + port + "/"), "connect failed: Connection refused");
    }
  }

  @Test
  void waitsNoLongerForAConnectionThanItMayTake() throws Exception {
    var fillers = new ArrayList<Socket>();
    // When the queue of the socket is full, the system does not answer attempts to connect.
    try (var full = new ServerSocket(0, 1, ALLOWED);
        HttpWebhookSender sender = impatientSender()) {
      for (int i = 0; i < 3; i++) {
        var filler = new Socket();
        fillers.add(filler);
        try {
          filler.connect(new InetSocketAddress(ALLOWED, full.getLocalPort()), 100);
        } catch (IOException queueIsFull) {
          break;
        }
      }

      assertFailed(
          send(sender, "http://127.0.0.1:" + full.getLocalPort() + "/"),
          "connect timed out after 0.4 s");
    } finally {
      for (Socket filler : fillers) {
        filler.close();
      }
    }
  }

  @Test
  void reportsADeadName() throws Exception {
    try (HttpWebhookSender dead =
            impatientSender(name -> {
              throw new UnknownHostException(name);
            });
        HttpWebhookSender real = impatientSender()) {
      assertFailed(send(dead, "http://partner.example/"), "the host name does not resolve");
      WebhookAnswer answer = send(real, "http://partner.invalid/");
      // It depends on the resolver of this machine.
      assertThat(((WebhookAnswer.Failed) answer).reason())
          .isIn("the host name does not resolve", "the host name was not resolved within 0.9 s");
    }
  }

  @Test
  void waitsNoLongerForANameThanAnExchangeMayTake() throws Exception {
    var never = new Semaphore(0);
    try (HttpWebhookSender sender =
        impatientSender(name -> {
          // The system's resolver cannot be interrupted either.
          never.acquireUninterruptibly();
          throw new UnknownHostException(name);
        })) {
      assertFailed(
          send(sender, "http://partner.example/"), "the host name was not resolved within 0.9 s");
    } finally {
      never.release();
    }
  }

  /** The system's resolver would block the carrier threads of virtual threads. */
  @Test
  void looksNamesUpOnNoVirtualThread() throws Exception {
    var threads = new ConcurrentLinkedQueue<Thread>();
    try (HttpWebhookSender sender =
        impatientSender(name -> {
          threads.add(Thread.currentThread());
          throw new UnknownHostException(name);
        })) {
      assertFailed(send(sender, "http://partner.example/"), "the host name does not resolve");
    }
    assertThat(threads).hasSize(1).noneMatch(Thread::isVirtual);
  }

  @Test
  void connectsToTheAddressThatWasCheckedThoughTheNameIsBoundAnew() throws Exception {
    Queue<InetAddress> answers = new ArrayDeque<>(List.of(ALLOWED, FORBIDDEN, FORBIDDEN));
    var asked = new ArrayList<String>();
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              RawReceiver.request(connection);
              RawReceiver.write(connection, ANSWER);
              RawReceiver.request(connection);
              RawReceiver.write(
                  connection, ANSWER.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
            });
        RawReceiver inside =
            RawReceiver.listening(
                new ServerSocket(receiver.port(), 5, FORBIDDEN),
                connection -> RawReceiver.write(connection, ANSWER));
        HttpWebhookSender sender =
            sender(name -> {
              asked.add(name);
              return new InetAddress[] {answers.remove()};
            })) {
      String url = "http://Rebind.example:" + receiver.port() + "/";

      assertAnswered(send(sender, url));
      assertThat(asked).containsExactly("rebind.example");
      // This uses the kept connection. The new address of the name has no effect on it.
      assertAnswered(send(sender, url));
      assertThat(asked).hasSize(1);
      // This needs a new connection.
      assertFailed(send(sender, url), "address 127.0.0.2 is not allowed");
      assertThat(asked).hasSize(2);
      assertThat(receiver.connections()).isEqualTo(1);
      assertThat(inside.connections()).isZero();
    }
  }

  @Test
  void refusesANameOfWhichAnyAddressIsNotAllowed() throws Exception {
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> RawReceiver.write(connection, ANSWER));
        HttpWebhookSender sender = sender(name -> new InetAddress[] {ALLOWED, FORBIDDEN})) {
      assertFailed(
          send(sender, "http://partner.example:" + receiver.port() + "/"),
          "address 127.0.0.2 is not allowed");
      assertThat(receiver.connections()).isZero();
    }
  }

  @Test
  void asksForNoAddressOfAnAddress() throws Exception {
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              RawReceiver.request(connection);
              RawReceiver.write(connection, ANSWER);
            });
        HttpWebhookSender sender =
            sender(name -> {
              throw new AssertionError("asked for " + name);
            })) {
      assertAnswered(send(sender, receiver.url()));
    }
  }

  @Test
  void triesTheNextAddressIfOneRefuses() throws Exception {
    try (RawReceiver receiver =
            RawReceiver.listening(
                new ServerSocket(0, 5, FORBIDDEN),
                connection -> {
                  RawReceiver.request(connection);
                  RawReceiver.write(connection, ANSWER);
                });
        var sender =
            new HttpWebhookSender(
                new HttpWebhookSender.Settings(
                    new AddressPolicy(true, List.of(AllowedNetwork.open("127.0.0.0/8"))),
                    CONNECT,
                    EXCHANGE,
                    65_536),
                SSLContext.getDefault(),
                new ManualClock(Samples.NOON),
                name -> new InetAddress[] {ALLOWED, FORBIDDEN},
                IdleLimits.DEFAULT)) {
      assertAnswered(send(sender, "http://partner.example:" + receiver.port() + "/"));
    }
  }

  @Test
  void usesAConnectionAgain() throws Exception {
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              while (true) {
                RawReceiver.request(connection);
                RawReceiver.write(connection, ANSWER);
              }
            });
        HttpWebhookSender sender = sender()) {
      for (int i = 0; i < 20; i++) {
        assertAnswered(send(sender, receiver.url()));
      }
      assertThat(receiver.connections()).isEqualTo(1);
    }
  }

  @Test
  void makesANewConnectionIfTheKeptOneWasClosedMeanwhile() throws Exception {
    var requests = new AtomicInteger();
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              RawReceiver.request(connection);
              requests.incrementAndGet();
              RawReceiver.write(connection, ANSWER);
            });
        HttpWebhookSender sender = sender()) {
      for (int i = 0; i < 10; i++) {
        assertAnswered(send(sender, receiver.url()));
      }
      assertThat(requests.get()).isEqualTo(10);
      assertThat(receiver.connections()).isEqualTo(10);
    }
  }

  @Test
  void triesOnlyOnceOnANewConnection() throws Exception {
    var requests = new AtomicInteger();
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              RawReceiver.request(connection);
              requests.incrementAndGet();
            });
        HttpWebhookSender sender = sender()) {
      assertFailed(send(sender, receiver.url()), "the connection was closed without an answer");
      assertThat(requests.get()).isEqualTo(1);
    }
  }

  @Test
  void doesNotUseAConnectionAgainOnWhichMoreCameThanAnAnswer() throws Exception {
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              RawReceiver.request(connection);
              RawReceiver.write(connection, ANSWER + ANSWER.replace("200", "500"));
              RawReceiver.waitForTheEnd(connection);
            });
        HttpWebhookSender sender = sender()) {
      assertAnswered(send(sender, receiver.url()));
      assertAnswered(send(sender, receiver.url()));
      assertThat(receiver.connections()).isEqualTo(2);
    }
  }

  @Test
  void closesItsConnectionsWhenItIsClosed() throws Exception {
    var ended = new CountDownLatch(1);
    try (RawReceiver receiver =
        RawReceiver.listening(connection -> {
          RawReceiver.request(connection);
          RawReceiver.write(connection, ANSWER);
          RawReceiver.waitForTheEnd(connection);
          ended.countDown();
        })) {
      HttpWebhookSender sender = sender();
      assertAnswered(send(sender, receiver.url()));
      sender.close();
      await(() -> ended.getCount() == 0);
    }
  }

  @Test
  void endsACallWhoseThreadIsInterrupted() throws Exception {
    var arrived = new CountDownLatch(1);
    var answer = new AtomicReference<WebhookAnswer>();
    var stillInterrupted = new AtomicReference<Boolean>();
    try (RawReceiver receiver =
            RawReceiver.listening(connection -> {
              RawReceiver.request(connection);
              arrived.countDown();
              RawReceiver.waitForTheEnd(connection);
            });
        HttpWebhookSender sender = sender()) {
      Thread caller =
          Thread.ofVirtual()
              .start(() -> {
                answer.set(send(sender, receiver.url()));
                stillInterrupted.set(Thread.currentThread().isInterrupted());
              });
      arrived.await();
      caller.interrupt();
      caller.join();
    }
    assertThat(answer.get())
        .isInstanceOf(WebhookAnswer.Failed.class)
        .extracting(failed -> ((WebhookAnswer.Failed) failed).reason())
        .isEqualTo("interrupted because the service is stopping");
    assertThat(stillInterrupted.get()).isTrue();
  }
}
