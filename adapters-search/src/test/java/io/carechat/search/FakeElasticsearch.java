package io.carechat.search;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Answers as Elasticsearch would that has one index, indexed up to transaction 7, until it is told
 * what else to answer.
 */
final class FakeElasticsearch implements AutoCloseable {
  /** What it answers. */
  record Answer(int status, String body, boolean asElasticsearch) {
    static Answer of(int status, String body) {
      return new Answer(status, body, true);
    }
  }

  /** What it was asked. */
  record Asked(String method, String path, int bytes, List<String> authorization) {}

  static final String NAME = "chats-v3-0";
  static final Answer NO_HITS =
      Answer.of(
          200,
          """
          {"took":1,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},
           "hits":{"hits":[]}}\
          """);

  final List<Asked> asked = new CopyOnWriteArrayList<>();
  volatile Answer search = NO_HITS;

  /** The body of the last search. */
  volatile String lastSearch = "";

  /** Given instead of the watermark. */
  volatile @Nullable Answer watermark;

  /** Searches get their answer after it was counted down. */
  volatile CountDownLatch searchable = new CountDownLatch(0);

  /** The index that the alias leads to. */
  volatile String name = NAME;

  /** To searches in any other index. */
  volatile Answer searchElsewhere = Answer.of(404, "{}");

  volatile Answer bulk = Answer.of(200, "{\"took\":1,\"errors\":false,\"items\":[]}");
  volatile Answer refresh =
      Answer.of(200, "{\"_shards\":{\"total\":1,\"successful\":1,\"failed\":0}}");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  FakeElasticsearch() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  /** How often it was asked for a path that ends so. */
  long timesAsked(String method, String end) {
    return asked.stream()
        .filter(asked -> asked.method().equals(method) && asked.path().endsWith(end))
        .count();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    byte[] sent = exchange.getRequestBody().readAllBytes();
    int bytes = sent.length;
    if (path.endsWith("/_search")) {
      lastSearch = new String(sent, StandardCharsets.UTF_8);
    }
    asked.add(
        new Asked(
            exchange.getRequestMethod(),
            path,
            bytes,
            exchange.getRequestHeaders().getOrDefault("Authorization", List.of())));
    if (path.endsWith("/_search")) {
      await(searchable);
    }
    Answer answer = answerTo(exchange.getRequestMethod(), path);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    if (answer.asElasticsearch()) {
      exchange.getResponseHeaders().add("X-Elastic-Product", "Elasticsearch");
    }
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(60, TimeUnit.SECONDS)) {
        throw new IOException("nobody counted down");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private Answer answerTo(String method, String path) {
    if (path.endsWith("/_search")) {
      return path.endsWith("/" + name + "/_search") ? search : searchElsewhere;
    }
    if (path.endsWith("/_bulk")) {
      return bulk;
    }
    if (path.endsWith("/_refresh")) {
      return refresh;
    }
    Answer instead = watermark;
    if (instead != null && method.equals("GET")) {
      return instead;
    }
    return Answer.of(
        200,
        method.equals("GET")
            ? """
            {"_index":"%s","_id":"watermark","_version":1,"_seq_no":1,"_primary_term":1,
             "found":true,"_source":{"upTo":{"transaction":7,"number":7}}}\
            """
                .formatted(name)
            : """
            {"_index":"%s","_id":"watermark","_version":2,"_seq_no":2,"_primary_term":1,
             "result":"updated","_shards":{"total":1,"successful":1,"failed":0}}\
            """
                .formatted(name));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
