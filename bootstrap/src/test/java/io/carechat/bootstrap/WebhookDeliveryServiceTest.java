package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.webhooks.CachedWebhookEndpoints;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.delivery.DeliveryMaintenance;
import io.carechat.domain.webhooks.delivery.DeliveryPlanner;
import io.carechat.domain.webhooks.delivery.InMemoryDeliveryStore;
import io.carechat.domain.webhooks.delivery.RetryPolicy;
import io.carechat.domain.webhooks.delivery.WebhookDispatcher;
import io.carechat.webhook.AddressPolicy;
import io.carechat.webhook.AllowedNetwork;
import io.carechat.webhook.HttpWebhookSender;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** Deliveries by real sockets. */
final class WebhookDeliveryServiceTest {
  private static final int ENDPOINTS = 100;
  private static final int MESSAGES = 20;
  private static final int EXPECTED = MESSAGES * ENDPOINTS / 2;

  /** Before the lease of the first delivery that hangs is over, which is after 25 seconds. */
  private static final Duration SOON = Duration.ofSeconds(20);

  private static WebhookEndpoint endpoint(String id, int port) {
    return new WebhookEndpoint(
        Samples.THIS_INSTANCE,
        new EndpointId(id),
        URI.create("http://127.0.0.1:" + port + "/" + id),
        new Secret("key"),
        new Secret("secret"),
        List.of(new Secret(Base64.getEncoder().encodeToString(new byte[32]))));
  }

  /** Accepts every connection, and never says a word. */
  private static final class Hanging implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
    private final Queue<Socket> connections = new ConcurrentLinkedQueue<>();

    Hanging() throws IOException {
      Thread _ =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (true) {
                    connections.add(server.accept());
                  }
                } catch (IOException closed) {
                  // That was the end.
                }
              });
    }

    void hangUp() throws IOException {
      server.close();
      for (Socket connection : connections) {
        connection.close();
      }
    }

    @Override
    public void close() throws IOException {
      hangUp();
    }
  }

  @Test
  void endpointsThatHangHoldUpNoOthers() throws Exception {
    InstantSource clock = InstantSource.system();
    var log = new InMemoryMessageLog(clock);
    var ledger = new InMemoryDeliveryStore();
    Queue<String> received = new ConcurrentLinkedQueue<>();
    var all = new CountDownLatch(EXPECTED);
    HttpServer quick =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
    quick.createContext(
        "/",
        exchange -> {
          int _ = exchange.getRequestBody().readAllBytes().length;
          received.add(exchange.getRequestURI().getPath());
          all.countDown();
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    try (var executor = Executors.newVirtualThreadPerTaskExecutor();
        var hanging = new Hanging();
        var sender =
            new HttpWebhookSender(
                new HttpWebhookSender.Settings(
                    new AddressPolicy(true, List.of(AllowedNetwork.open("127.0.0.0/8"))),
                    Duration.ofSeconds(5),
                    // None that hangs is given up meanwhile.
                    Duration.ofMinutes(1),
                    65_536),
                SSLContext.getDefault(),
                clock)) {
      quick.setExecutor(executor);
      quick.start();
      var endpoints = new ArrayList<WebhookEndpoint>();
      for (int i = 0; i < ENDPOINTS; i++) {
        endpoints.add(
            i % 2 == 0
                ? endpoint("hangs-" + i, hanging.server.getLocalPort())
                : endpoint("works-" + i, quick.getAddress().getPort()));
      }
      var random = new Random(1);
      var known = new CachedWebhookEndpoints(endpoints, ledger.registry(), System::nanoTime);
      var planner =
          new DeliveryPlanner(
              log,
              ledger,
              known,
              chat -> URI.create("https://chat.example/" + chat),
              new TimeOrderedIds(clock, random),
              clock);
      var dispatcher =
          new WebhookDispatcher(
              ledger, known, sender, new RetryPolicy(RetryPolicy.DEFAULT_WAITS, random), clock);
      var maintenance = new DeliveryMaintenance(ledger, ledger, ledger, clock);
      try (var _ =
          new WebhookDeliveryService(
                  planner, dispatcher, maintenance, Settings.DeliveryHistory.DEFAULT)
              .start()) {
        for (int i = 0; i < MESSAGES; i++) {
          var _ = Samples.stored(log, Samples.newChat(), "text");
        }
        assertThat(all.await(SOON.toSeconds(), TimeUnit.SECONDS))
            .as("not received: %d", all.getCount())
            .isTrue();
        assertThat(received).hasSize(EXPECTED).allMatch(path -> path.startsWith("/works-"));
        assertThat(hanging.connections)
            .as("at most two to each")
            .hasSizeLessThanOrEqualTo(ENDPOINTS);
        assertThat(hanging.connections).as("and the test tries something").isNotEmpty();
        // Lets the workers end.
        hanging.hangUp();
      }
    } finally {
      quick.stop(0);
    }
  }
}
