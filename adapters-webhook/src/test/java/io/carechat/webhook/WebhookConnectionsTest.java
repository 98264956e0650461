package io.carechat.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.webhook.WebhookConnections.IdleLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** Which connections are kept for the next call, and for how long. */
final class WebhookConnectionsTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private static HttpWebhookSender sender(IdleLimits limits) throws NoSuchAlgorithmException {
    return new HttpWebhookSender(
        new HttpWebhookSender.Settings(
            new AddressPolicy(true, List.of(AllowedNetwork.open("127.0.0.1/32"))),
            Duration.ofSeconds(10),
            Duration.ofSeconds(20),
            64 * 1024),
        SSLContext.getDefault(),
        new ManualClock(Samples.NOON),
        name -> new InetAddress[] {InetAddress.ofLiteral("127.0.0.1")},
        limits);
  }

  /** Answers every request once as many are there as the barrier wants. */
  private static final class Receiver implements AutoCloseable {
    private final AtomicInteger open = new AtomicInteger();
    private final RawReceiver receiver;
    private volatile CyclicBarrier together = new CyclicBarrier(1);

    Receiver() throws IOException {
      receiver = RawReceiver.listening(this::serve);
    }

    private void serve(Socket connection) throws IOException, InterruptedException {
      open.incrementAndGet();
      try {
        while (true) {
          RawReceiver.request(connection);
          together.await(10, TimeUnit.SECONDS);
          RawReceiver.write(connection, "HTTP/1.1 204 No Content\r\n\r\n");
        }
      } catch (BrokenBarrierException | TimeoutException e) {
        throw new IOException(e);
      } finally {
        open.decrementAndGet();
      }
    }

    /** Sends to each of these hosts at the same time, so that each call has its own connection. */
    void sendTogether(HttpWebhookSender sender, List<String> hosts) throws Exception {
      together = new CyclicBarrier(hosts.size());
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var answers = new ArrayList<Future<WebhookAnswer>>();
        for (String host : hosts) {
          answers.add(
              threads.submit(() ->
                  sender.send(
                      Deliveries.endpoint("http://" + host + ":" + receiver.port() + "/"),
                      Deliveries.delivery())));
        }
        for (Future<WebhookAnswer> answer : answers) {
          assertThat(answer.get()).isInstanceOf(WebhookAnswer.Answered.class);
        }
      }
    }

    void send(HttpWebhookSender sender, String host) throws Exception {
      sendTogether(sender, List.of(host));
    }

    void awaitOpen(int count) {
      awaitUntil(() -> open.get() == count);
      assertThat(open.get()).isEqualTo(count);
    }

    int connections() {
      return receiver.connections();
    }

    @Override
    public void close() throws IOException {
      receiver.close();
    }
  }

  private static void awaitUntil(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
  }

  @Test
  void hasTheLimitsThatTheOperatorReliesOn() {
    assertThat(IdleLimits.DEFAULT).isEqualTo(new IdleLimits(64, 1_000, Duration.ofSeconds(10)));
  }

  @Test
  void usesAConnectionOnlyForTheSameHostAndPort() throws Exception {
    try (var receiver = new Receiver();
        var other = new Receiver();
        HttpWebhookSender sender = sender(new IdleLimits(5, 5, LONG))) {
      receiver.send(sender, "one.example");
      receiver.send(sender, "two.example");
      other.send(sender, "one.example");
      assertThat(receiver.connections()).isEqualTo(2);
      assertThat(other.connections()).isEqualTo(1);

      receiver.sendTogether(sender, List.of("one.example", "two.example"));
      receiver.send(sender, "ONE.example.");
      other.send(sender, "one.example");
      assertThat(receiver.connections()).isEqualTo(2);
      assertThat(other.connections()).isEqualTo(1);
      // A second at the same time needs a second connection, and then both are kept.
      receiver.sendTogether(sender, List.of("one.example", "one.example"));
      receiver.sendTogether(sender, List.of("one.example", "one.example"));
      assertThat(receiver.connections()).isEqualTo(3);
    }
  }

  @Test
  void usesNoConnectionThatWasIdleForTooLong() throws Exception {
    Duration time = Duration.ofMillis(300);
    try (var receiver = new Receiver();
        HttpWebhookSender sender = sender(new IdleLimits(5, 5, time))) {
      receiver.send(sender, "one.example");
      long released = System.nanoTime();
      awaitUntil(() -> System.nanoTime() - released > time.toNanos() + 2_000_000);

      receiver.send(sender, "one.example");
      assertThat(receiver.connections()).isEqualTo(2);
      receiver.awaitOpen(1);
    }
  }

  @Test
  void closesIdleConnectionsToHostsThatAreNotCalledAnyMore() throws Exception {
    try (var receiver = new Receiver();
        var other = new Receiver();
        HttpWebhookSender sender = sender(new IdleLimits(5, 5, Duration.ofMillis(300)))) {
      receiver.send(sender, "one.example");
      receiver.awaitOpen(1);
      long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (receiver.open.get() > 0 && System.nanoTime() < deadline) {
        other.send(sender, "two.example");
      }
      receiver.awaitOpen(0);
    }
  }

  @Test
  void keepsALimitedNumber() throws Exception {
    try (var receiver = new Receiver();
        HttpWebhookSender sender = sender(new IdleLimits(2, 5, LONG))) {
      receiver.sendTogether(sender, List.of("one.example", "one.example", "one.example"));
      receiver.awaitOpen(2);

      receiver.sendTogether(
          sender,
          List.of("a.example", "b.example", "c.example", "d.example", "e.example", "f.example"));
      receiver.awaitOpen(5);
      assertThat(receiver.connections()).isEqualTo(9);
      // One that was in use may always come back.
      receiver.send(sender, "one.example");
      receiver.awaitOpen(5);
      assertThat(receiver.connections()).isEqualTo(9);
      // Without a connection of its own, and without room for one.
      receiver.send(sender, "last.example");
      assertThat(receiver.connections()).isEqualTo(10);
      receiver.awaitOpen(5);
    }
  }

  @Test
  void closesAllWhenItIsClosed() throws Exception {
    try (var receiver = new Receiver()) {
      HttpWebhookSender sender = sender(IdleLimits.DEFAULT);
      receiver.sendTogether(sender, List.of("one.example", "one.example", "two.example"));
      receiver.awaitOpen(3);
      sender.close();
      receiver.awaitOpen(0);
    }
  }
}
