package io.carechat.contracttests.faults;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.carechat.contracttests.running.SignedCall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A partner's receiver that is always available, for any number of endpoints. It verifies and keeps
 * every call, and answers 204. A test can make it fail for a while.
 */
final class Inbox implements AutoCloseable {
  private final byte[] signingKey;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<Lane, List<Call>> calls = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicInteger turnedAway = new AtomicInteger();
  private final List<String> refused = new CopyOnWriteArrayList<>();
  private volatile int status = 204;

  /** The calls that must be in order: those of one endpoint about one patient. */
  private record Lane(String endpoint, UUID patient) {}

  /**
   * A call that was answered with 204.
   *
   * @param by the {@code X-WEBHOOK-API-KEY}, which shows which node called
   * @param at when the call had arrived, as a value of {@link System#nanoTime}
   */
  record Call(SignedCall signed, String by, long at) {}

  Inbox(byte[] signingKey) {
    this.signingKey = signingKey.clone();
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_000);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::receive);
    server.start();
  }

  /** The address of an endpoint. */
  URI url(String endpoint) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + endpoint);
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      long at = System.nanoTime();
      int answer = status;
      if (answer != 204) {
        turnedAway.incrementAndGet();
        exchange.sendResponseHeaders(answer, -1);
        return;
      }
      try {
        SignedCall call = SignedCall.verified(signingKey, exchange.getRequestHeaders(), body);
        String endpoint = exchange.getRequestURI().getPath().substring(1);
        calls
            .computeIfAbsent(
                new Lane(endpoint, call.patient()), lane -> new CopyOnWriteArrayList<>())
            .add(new Call(call, exchange.getRequestHeaders().getFirst("X-WEBHOOK-API-KEY"), at));
        count.incrementAndGet();
        exchange.sendResponseHeaders(204, -1);
      } catch (AssertionError e) {
        refused.add(String.valueOf(e.getMessage()));
        exchange.sendResponseHeaders(401, -1);
      }
    }
  }

  /** From now on, every call gets this status. Only calls that get 204 are kept. */
  void answer(int newStatus) {
    status = newStatus;
  }

  /**
   * The calls to an endpoint about a patient's chat, in the order of arrival, including
   * repetitions.
   */
  List<Call> calls(String endpoint, UUID patient) {
    return calls.getOrDefault(new Lane(endpoint, patient), List.of());
  }

  /** How many calls have been kept so far. */
  int count() {
    return count.get();
  }

  /** How many calls got another status than 204, because the test wanted it. */
  int turnedAway() {
    return turnedAway.get();
  }

  /** Why calls were refused. No call should have been. */
  List<String> refused() {
    return refused;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
