package io.carechat.contracttests.faults;

import com.nimbusds.jwt.JWTClaimsSet;
import io.carechat.api.wire.Http2Connection;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.TestIssuer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * Something that a caller does to take the service from others. The caller has an address of its
 * own, and at most a patient's token of its own tenant.
 */
enum Attack {
  /** Without a credential: pages that are requested many times and never read. */
  OPEN_PAGES {
    @Override
    void run(Target target, BooleanSupplier over) throws IOException {
      takeNothing(target, over, 8, "/docs", Map.of());
    }
  },

  /** With a patient's token: the same with a chat's newest message, which is long. */
  PATIENTS_PAGES {
    @Override
    void run(Target target, BooleanSupplier over) throws IOException {
      takeNothing(
          target,
          over,
          80,
          target.chat().path() + "?pageSize=1",
          Map.of("authorization", "Bearer " + target.token(target.chat().patient())));
    }
  },

  /** Without a credential: connections on which nothing happens. */
  IDLE_CONNECTIONS {
    @Override
    void run(Target target, BooleanSupplier over) {
      var held = new ArrayList<Socket>();
      while (!over.getAsBoolean()) {
        try {
          held.add(target.connect());
        } catch (IOException noMore) {
          Eventually.pause(PAUSE);
        }
        if (held.size() >= target.connections()) {
          Eventually.pause(PAUSE);
          held.removeIf(Attack::hasEnded);
        }
      }
      held.forEach(Attack::close);
    }
  },

  /** With tokens of patients: streams and waiting requests, as many as there can be. */
  STREAMS {
    @Override
    void run(Target target, BooleanSupplier over) {
      var held = new ArrayList<Socket>();
      for (int patient = 0; patient < 64 && !over.getAsBoolean(); patient++) {
        UUID id = UUID.randomUUID();
        String token = target.token(id);
        String events = "/api/v1/" + target.chat().instance() + "/patients/" + id + "/events";
        for (int i = 0; i < 32; i++) {
          try {
            Socket socket = target.connect();
            held.add(socket);
            write(
                socket,
                "GET "
                    + events
                    + (i % 2 == 0 ? "/stream" : "?after=now&waitSeconds=30")
                    + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                    + token
                    + "\r\n\r\n");
          } catch (IOException refused) {
            Eventually.pause(PAUSE);
          }
        }
      }
      pauseUntil(over);
      held.forEach(Attack::close);
    }
  },

  /** Without a credential: bodies that never end, in every way that HTTP/1.1 has. */
  ENDLESS_BODIES {
    @Override
    void run(Target target, BooleanSupplier over) {
      byte[] digits = "0".repeat(8_192).getBytes(StandardCharsets.US_ASCII);
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 64; i++) {
          String head =
              "POST "
                  + target.chat().path()
                  + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                  + (i % 2 == 0
                      ? "Transfer-Encoding: chunked\r\n\r\n"
                      : "Content-Length: 60000\r\n\r\n");
          var _ =
              threads.submit(() -> {
                while (!over.getAsBoolean()) {
                  try (Socket socket = target.connect()) {
                    write(socket, head);
                    OutputStream out = socket.getOutputStream();
                    while (!over.getAsBoolean()) {
                      out.write(digits);
                      // The attackers must leave the processors to the service.
                      Eventually.pause(PAUSE);
                    }
                  } catch (IOException disconnected) {
                    Eventually.pause(PAUSE);
                  }
                }
              });
        }
      }
    }
  },

  /** With a patient's token: searches that cost Elasticsearch much. */
  EXPENSIVE_SEARCHES {
    @Override
    void run(Target target, BooleanSupplier over) {
      var _ = SearchAttacks.expensiveQueries(target.searcher(), over);
    }
  },

  /** With a patient's token: searches of texts that cost much to judge. */
  NEAR_MISSES {
    @Override
    void run(Target target, BooleanSupplier over) {
      var _ = SearchAttacks.nearMisses(target.searcher(), over);
    }
  },

  /** With a partner's key: endpoints with one URL, and everything delivered again. */
  WEBHOOKS {
    @Override
    void run(Target target, BooleanSupplier over) throws IOException, InterruptedException {
      var attacker =
          new WebhookAttacks.Attacker(
              target.service(), "X-API-KEY", target.chat().apiKey(), target.chat().instance());
      try (HttpClient http = target.client();
          ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
        var _ =
            thread.submit(() ->
                WebhookAttacks.manyEndpointsWithOneUrl(http, attacker, target.receiver(), over));
        var _ = WebhookAttacks.redeliverEverything(http, attacker, target.receiver(), over);
      }
    }
  },

  /** With credentials of several kinds: requests for what is not theirs. */
  TRESPASSES {
    @Override
    void run(Target target, BooleanSupplier over) throws IOException {
      var trespasses = new Trespasses(target);
      while (!over.getAsBoolean()) {
        trespasses.tryAll();
        Eventually.pause(PAUSE);
      }
    }
  },

  /** Without a credential: as many requests as fit. */
  FLOOD {
    @Override
    void run(Target target, BooleanSupplier over) {
      try (HttpClient http = target.client()) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(target.service() + "/health/live"))
                .timeout(Duration.ofSeconds(5))
                .build();
        while (!over.getAsBoolean()) {
          try {
            var _ = http.send(request, HttpResponse.BodyHandlers.discarding());
          } catch (IOException refused) {
            Thread.onSpinWait();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
          }
        }
      }
    }
  };

  private static final Duration PAUSE = Duration.ofMillis(20);

  /**
   * What is attacked, and as whom.
   *
   * @param service the address of a node
   * @param chat a chat of the attacker's tenant, whose newest message is long
   * @param victim a chat of another tenant
   * @param issuer makes the tokens of the attacker's patients
   * @param secondIssuer an issuer for the attacker's tenant only
   * @param managersKey a key of the attacker's tenant that may only manage webhooks
   * @param receiver an endpoint of the attacker's tenant
   * @param connections how many connections to hold
   * @param from the attacker's address
   */
  record Target(
      URI service,
      Chat chat,
      Chat victim,
      TestIssuer issuer,
      TestIssuer secondIssuer,
      String managersKey,
      URI receiver,
      int connections,
      String from) {
    /** A patient of the attacker's tenant who searches. */
    SearchAttacks.Attacker searcher() {
      UUID patient = UUID.randomUUID();
      return SearchAttacks.Attacker.withToken(
          service, chat.instance().toString(), patient, token(patient));
    }

    /** A token of a patient of the attacker's tenant. */
    String token(UUID patient) {
      JWTClaimsSet.Builder claims =
          TestIssuer.patient(chat.instance(), patient, "messages:read messages:send");
      return issuer.sign(claims);
    }

    Socket connect() throws IOException {
      var socket = new Socket();
      // What is not read must not fill the machine's memory.
      socket.setReceiveBufferSize(4_096);
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), service.getPort()), 5_000);
      return socket;
    }

    HttpClient client() {
      return HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .localAddress(InetAddress.ofLiteral(from))
          .connectTimeout(Duration.ofSeconds(5))
          .build();
    }
  }

  /** Attacks until it is over. */
  abstract void run(Target target, BooleanSupplier over) throws IOException, InterruptedException;

  /** The title in the table. */
  String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void takeNothing(
      Target target, BooleanSupplier over, int count, String path, Map<String, String> headers)
      throws IOException {
    while (!over.getAsBoolean()) {
      var connections = new ArrayList<Http2Connection>();
      try {
        for (int i = 0; i < count && !over.getAsBoolean(); i++) {
          var connection = new Http2Connection(target.from(), target.service().getPort());
          connections.add(connection);
          for (int request = 0; request < 100; request++) {
            connection.get(path, headers);
          }
        }
        Eventually.pause(Duration.ofSeconds(1));
      } catch (IOException disconnected) {
        Eventually.pause(PAUSE);
      } finally {
        for (Http2Connection connection : connections) {
          connection.close();
        }
      }
    }
  }

  private static void pauseUntil(BooleanSupplier over) {
    while (!over.getAsBoolean()) {
      Eventually.pause(PAUSE);
    }
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  /** Whether the other side has closed a connection on which it sends nothing. */
  private static boolean hasEnded(Socket socket) {
    try {
      socket.setSoTimeout(1);
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException stillOpen) {
      return false;
    } catch (IOException ended) {
      return true;
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed.
    }
  }
}
