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
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A partner's receiver that is always there: verifies every call, keeps it, and answers 204. */
final class Inbox implements AutoCloseable {
  private final byte[] signingKey;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<SignedCall> calls = new CopyOnWriteArrayList<>();
  private final List<String> refused = new CopyOnWriteArrayList<>();

  Inbox(byte[] signingKey) {
    this.signingKey = signingKey.clone();
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::receive);
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/carechat");
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      try {
        calls.add(SignedCall.verified(signingKey, exchange.getRequestHeaders(), body));
        exchange.sendResponseHeaders(204, -1);
      } catch (AssertionError e) {
        refused.add(String.valueOf(e.getMessage()));
        exchange.sendResponseHeaders(401, -1);
      }
    }
  }

  /** The calls about a patient's chat, in the order in which they came, repetitions included. */
  List<SignedCall> callsAbout(UUID patient) {
    return calls.stream().filter(call -> call.patient().equals(patient)).toList();
  }

  /** Why calls were refused; none should have been. */
  List<String> refused() {
    return refused;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
