package io.carechat.contracttests.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.contracttests.running.Eventually;
import io.carechat.domain.chat.TenantInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * Follows an instance's stream of events from its beginning, as a client should. Whenever the
 * stream ends, for whatever reason, the follower continues at the next node, after the last event
 * that it got.
 */
final class Follower implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final String BEGINNING = "0-0";

  private final List<URI> nodes;
  private final TenantInstance instance;
  private final String apiKey;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<UUID, List<String>> told = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile boolean over;
  private String last = BEGINNING;

  /** Begins to follow. */
  Follower(List<URI> nodes, TenantInstance instance, String apiKey) {
    this.nodes = List.copyOf(nodes);
    this.instance = instance;
    this.apiKey = apiKey;
    this.thread = Thread.ofVirtual().start(this::run);
  }

  /** The ids of a chat's messages, in the order in which their events came. */
  List<String> told(UUID patient) {
    return told.getOrDefault(patient, List.of());
  }

  private void run() {
    for (int time = 0; !over; time++) {
      try {
        follow(nodes.get(time % nodes.size()));
      } catch (IOException | UncheckedIOException broken) {
        // The follower opens the stream again.
      } catch (InterruptedException stop) {
        return;
      }
      if (!over) {
        Eventually.pause(PAUSE);
      }
    }
  }

  private void follow(URI node) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(node + "/api/v1/" + instance + "/events/stream"))
            .header("X-API-KEY", apiKey)
            .header("Last-Event-ID", last)
            .build();
    HttpResponse<Stream<String>> answer = http.send(request, HttpResponse.BodyHandlers.ofLines());
    try (Stream<String> lines = answer.body()) {
      if (answer.statusCode() == 200) {
        for (String line : (Iterable<String>) lines::iterator) {
          if (line.startsWith("data: ")) {
            take(MAPPER.readTree(line.substring("data: ".length())));
          }
        }
      }
    }
  }

  private void take(JsonNode event) {
    if (event.path("type").asText().equals("message.sent")) {
      told.computeIfAbsent(
              UUID.fromString(event.path("patientId").asText()), _ -> new CopyOnWriteArrayList<>())
          .add(event.path("message").path("externalId").asText());
    }
    last = event.path("id").asText();
  }

  @Override
  public void close() {
    over = true;
    thread.interrupt();
    http.shutdownNow();
  }
}
