package io.carechat.contracttests.faults;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.api.checked.CheckingHttpClient;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Clients that send as long as the load lasts, each message with an idempotency key, and repeat
 * what was not acknowledged until it is. They keep the journal: what they tried, and what was
 * acknowledged to them.
 */
final class Load implements AutoCloseable {
  /** What every message has in it, and no log may have. */
  static final String WORD = "faultline";

  private static final int CLIENTS = 16;

  /** As a decent client does, and so that those who find nobody do not use up the machine. */
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(50);

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final URI base;
  private final String apiKey;
  private final Duration pause;
  private final List<UUID> patients =
      IntStream.range(0, 16).mapToObj(i -> UUID.randomUUID()).toList();
  private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
  private final List<Future<?>> clients = new ArrayList<>();
  private final Map<String, Sending> journal = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Exchange> exchanges = new ConcurrentLinkedQueue<>();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private volatile boolean over;

  /**
   * A message that a client tried to send.
   *
   * @param externalId empty as long as it was not acknowledged
   */
  record Sending(UUID patient, String text, Optional<String> externalId) {}

  /**
   * One request.
   *
   * @param begun in nanoseconds of {@link System#nanoTime}
   * @param status 0 if there was no answer
   * @param connected false if there was not even a connection
   */
  record Exchange(
      long begun, long ended, int status, boolean connected, Optional<String> retryAfter) {
    Duration took() {
      return Duration.ofNanos(ended - begun);
    }
  }

  /**
   * Begins.
   *
   * @param pause how long each client waits between messages, so that they do not use up the
   *     machine
   */
  Load(URI base, String apiKey, Duration pause) {
    this.base = base;
    this.apiKey = apiKey;
    this.pause = pause;
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(threads.submit(this::send));
    }
  }

  private void send() {
    try (HttpClient http =
        new CheckingHttpClient(
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .build())) {
      while (!over) {
        UUID patient = patients.get(ThreadLocalRandom.current().nextInt(patients.size()));
        String key = UUID.randomUUID().toString();
        String text = WORD + " message " + key.replace("-", "");
        journal.put(key, new Sending(patient, text, Optional.empty()));
        boolean done = false;
        while (!done && !over) {
          done = sendOnce(http, patient, key, text);
          LockSupport.parkNanos((done ? pause : PAUSE_AFTER_FAILURE).toNanos());
        }
      }
    }
  }

  private boolean sendOnce(HttpClient http, UUID patient, String key, String text) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + "/patients/" + patient + "/messages"))
            .timeout(Duration.ofSeconds(30))
            .header("X-API-KEY", apiKey)
            .header("Idempotency-Key", key)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"" + text + "\"}"))
            .build();
    long begun = System.nanoTime();
    try {
      HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      exchanges.add(
          new Exchange(
              begun,
              System.nanoTime(),
              answer.statusCode(),
              true,
              answer.headers().firstValue("Retry-After")));
      if (answer.statusCode() != 201) {
        return false;
      }
      String externalId = MAPPER.readTree(answer.body()).path("externalId").asText();
      journal.put(key, new Sending(patient, text, Optional.of(externalId)));
      int _ = acknowledged.incrementAndGet();
      return true;
    } catch (ConnectException noConnection) {
      exchanges.add(new Exchange(begun, System.nanoTime(), 0, false, Optional.empty()));
      return false;
    } catch (IOException broken) {
      exchanges.add(new Exchange(begun, System.nanoTime(), 0, true, Optional.empty()));
      return false;
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** How many messages have been acknowledged so far. */
  int acknowledged() {
    return acknowledged.get();
  }

  /** The requests that have ended so far. */
  List<Exchange> exchanges() {
    return List.copyOf(exchanges);
  }

  /** Whose chats it sends to. */
  List<UUID> patients() {
    return patients;
  }

  /** The messages that it sent or tried to send, by key. To be asked for after the end. */
  Map<String, Sending> journal() {
    return journal;
  }

  /** Ends it, and waits for what is under way. */
  @Override
  public void close() {
    over = true;
    threads.shutdown();
    try {
      for (Future<?> client : clients) {
        var _ = client.get(40, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("A client did not end well", e);
    }
  }
}
