package io.carechat.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A receiver of webhooks, as a partner writes one. It checks the signature and prints the body. It
 * answers 204, or what a {@link Scenario} prescribes.
 */
final class Receiver implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final byte[] signingKey;
  private final PrintStream out;
  private final Map<String, Integer> failed = new ConcurrentHashMap<>();

  Receiver(String signingKey, PrintStream out) {
    this.signingKey = Base64.getDecoder().decode(signingKey);
    this.out = out;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(executor);
    server.createContext("/carechat", exchange -> receive(exchange, this::printed));
    server.createContext("/gone", exchange -> receive(exchange, this::unlessGone));
    server.start();
  }

  /** The address that the webhooks of the demonstration go to. */
  URI url() {
    return url("/carechat");
  }

  /** The address of an endpoint that is gone for the patient of {@link Scenario#WEBHOOK_GONE}. */
  URI goneUrl() {
    return url("/gone");
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  /** Returns the answer to a webhook with a valid signature. */
  private interface Answer {
    int to(String id, String body);
  }

  private int printed(String id, String body) {
    if (isOf(Scenario.WEBHOOK_RETRIES, body)) {
      int attempt = failed.merge(id, 1, Integer::sum);
      if (attempt < 3) {
        out.println("webhook " + id + ": attempt " + attempt + " got 503, as its scenario says");
        return 503;
      }
      failed.remove(id);
    }
    out.println("webhook " + id + " (signature checked): " + body);
    return 204;
  }

  private int unlessGone(String id, String body) {
    if (!isOf(Scenario.WEBHOOK_GONE, body)) {
      return 204;
    }
    out.println(
        "webhook " + id + ": got 410, as its scenario says; this endpoint gets nothing more");
    return 410;
  }

  private static boolean isOf(Scenario scenario, String body) {
    // Every body begins with this member, so the text of a message cannot be mistaken for it.
    return body.startsWith("{\"patientId\":\"" + scenario.trigger() + "\"");
  }

  private void receive(HttpExchange exchange, Answer answer) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String id = exchange.getRequestHeaders().getFirst("webhook-id");
      String time = exchange.getRequestHeaders().getFirst("webhook-timestamp");
      String signatures = exchange.getRequestHeaders().getFirst("webhook-signature");
      String text = new String(body, StandardCharsets.UTF_8);
      if (id != null
          && time != null
          && signatures != null
          && isSigned(id, time, body, signatures)) {
        exchange.sendResponseHeaders(answer.to(id, text), -1);
      } else {
        out.println("webhook " + id + " (WRONG SIGNATURE): " + text);
        exchange.sendResponseHeaders(401, -1);
      }
    }
  }

  private boolean isSigned(String id, String time, byte[] body, String signatures) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(signingKey, "HmacSHA256"));
      mac.update((id + "." + time + ".").getBytes(StandardCharsets.UTF_8));
      String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
      for (String signature : signatures.split(" ", -1)) {
        if (MessageDigest.isEqual(
            signature.getBytes(StandardCharsets.UTF_8),
            expected.getBytes(StandardCharsets.UTF_8))) {
          return true;
        }
      }
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has HmacSHA256", e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    executor.close();
  }
}
