package io.carechat.contracttests.faults;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.api.checked.CheckingHttpClient;
import io.carechat.contracttests.running.Eventually;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that send as long as the load lasts, each message with an idempotency key, and repeat
 * what was not acknowledged until it is. They keep the journal: what they tried, and what was
 * acknowledged to them.
 */
final class Load implements AutoCloseable {
  /** What every message has in it, and no log may have. */
  static final String WORD = "faultline";

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** The least that a busy machine does: ten messages a second. */
  private static final Duration PATIENCE_FOR_EACH = Duration.ofMillis(100);

  /** As a decent client does, and so that those who find nobody do not use up the machine. */
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(50);

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Plan plan;
  private final HttpClient http =
      new CheckingHttpClient(
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(Duration.ofSeconds(10))
              .build());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> clients = new ArrayList<>();
  private final Map<String, Journal.Sending> journal = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Exchange> exchanges = new ConcurrentLinkedQueue<>();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private volatile Duration pause;
  private volatile boolean over;

  /**
   * What is to be done.
   *
   * @param nodes whom to call; a client that finds one away goes to the next
   * @param chats each message goes to one of them at random
   * @param clients how many send at once
   * @param pause how long each waits between messages, so that they do not use up the machine
   * @param timeout how long a client waits for an answer
   * @param reads whether each client reads the chat's newest page after each message
   * @param kind a word that every message has in it besides
   */
  record Plan(
      List<URI> nodes,
      List<Chat> chats,
      int clients,
      Duration pause,
      Duration timeout,
      boolean reads,
      String kind) {
    Plan {
      nodes = List.copyOf(nodes);
      chats = List.copyOf(chats);
    }

    /** Sixteen clients without a pause. */
    static Plan of(List<URI> nodes, List<Chat> chats) {
      return new Plan(nodes, chats, 16, Duration.ZERO, Duration.ofSeconds(30), false, "message");
    }

    Plan clients(int number) {
      return new Plan(nodes, chats, number, pause, timeout, reads, kind);
    }

    Plan pausing(Duration time) {
      return new Plan(nodes, chats, clients, time, timeout, reads, kind);
    }

    Plan giveUpAfter(Duration time) {
      return new Plan(nodes, chats, clients, pause, time, reads, kind);
    }

    Plan of(String newKind) {
      return new Plan(nodes, chats, clients, pause, timeout, reads, newKind);
    }

    Plan reading() {
      return new Plan(nodes, chats, clients, pause, timeout, true, kind);
    }
  }

  /**
   * One request.
   *
   * @param send false if it read
   * @param begun in nanoseconds of {@link System#nanoTime}
   * @param status 0 if there was no answer
   * @param connected false if there was not even a connection
   */
  record Exchange(
      boolean send,
      long begun,
      long ended,
      int status,
      boolean connected,
      Optional<String> retryAfter) {
    Duration took() {
      return Duration.ofNanos(ended - begun);
    }
  }

  /** Begins. */
  Load(Plan plan) {
    this.plan = plan;
    this.pause = plan.pause();
    for (int i = 0; i < plan.clients(); i++) {
      int first = i;
      clients.add(threads.submit(() -> send(first)));
    }
  }

  private void send(int first) {
    int node = first;
    var random = new Random(first);
    while (!over) {
      Chat chat = plan.chats().get(random.nextInt(plan.chats().size()));
      String key = UUID.randomUUID().toString();
      String text = WORD + " " + plan.kind() + " " + key;
      journal.put(
          key,
          new Journal.Sending(chat, Journal.hash(text), Optional.empty(), OptionalLong.empty()));
      boolean done = false;
      while (!done && !over) {
        done = sendOnce(plan.nodes().get(node % plan.nodes().size()), chat, key, text);
        if (!done) {
          node++;
        }
        LockSupport.parkNanos((done ? pause : PAUSE_AFTER_FAILURE).toNanos());
      }
      if (plan.reads() && !over) {
        var _ = exchange(false, request(plan.nodes().get(node % plan.nodes().size()), chat).GET());
      }
    }
  }

  private boolean sendOnce(URI node, Chat chat, String key, String text) {
    Optional<HttpResponse<byte[]>> answer =
        exchange(
            true,
            request(node, chat)
                .header("Idempotency-Key", key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"" + text + "\"}")));
    if (answer.isEmpty() || answer.get().statusCode() != 201) {
      return false;
    }
    try {
      String id = MAPPER.readTree(answer.get().body()).path("externalId").asText();
      journal.put(
          key,
          new Journal.Sending(
              chat, Journal.hash(text), Optional.of(id), OptionalLong.of(System.nanoTime())));
      int _ = acknowledged.incrementAndGet();
      return true;
    } catch (IOException notJson) {
      throw new AssertionError("A 201 without JSON", notJson);
    }
  }

  private HttpRequest.Builder request(URI node, Chat chat) {
    return HttpRequest.newBuilder(URI.create(node + chat.path()))
        .timeout(plan.timeout())
        .header("X-API-KEY", chat.apiKey());
  }

  private Optional<HttpResponse<byte[]>> exchange(boolean send, HttpRequest.Builder request) {
    long begun = System.nanoTime();
    try {
      HttpResponse<byte[]> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      exchanges.add(
          new Exchange(
              send,
              begun,
              System.nanoTime(),
              answer.statusCode(),
              true,
              answer.headers().firstValue("Retry-After")));
      return Optional.of(answer);
    } catch (ConnectException | HttpConnectTimeoutException noConnection) {
      exchanges.add(new Exchange(send, begun, System.nanoTime(), 0, false, Optional.empty()));
    } catch (IOException broken) {
      exchanges.add(new Exchange(send, begun, System.nanoTime(), 0, true, Optional.empty()));
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  /** From now on each client waits so long between messages. */
  void pause(Duration time) {
    pause = time;
  }

  /** How many messages have been acknowledged so far. */
  int acknowledged() {
    return acknowledged.get();
  }

  /** Waits until so many more have been acknowledged than now. */
  void awaitAcknowledged(int more) {
    int wanted = acknowledged() + more;
    int _ =
        Eventually.get(
            PATIENCE.plus(PATIENCE_FOR_EACH.multipliedBy(more)),
            this::acknowledged,
            now -> now >= wanted);
  }

  /** Waits until so many requests have got a status. */
  void awaitStatus(int status, int count) {
    int _ = Eventually.get(PATIENCE, () -> withStatus(status).size(), size -> size >= count);
  }

  /** The requests that have ended so far. */
  List<Exchange> exchanges() {
    return List.copyOf(exchanges);
  }

  /** The requests so far that got a status. */
  List<Exchange> withStatus(int status) {
    return exchanges.stream().filter(exchange -> exchange.status() == status).toList();
  }

  /** What it sent or tried to send; still growing as long as the load lasts. */
  Journal journal() {
    return new Journal(plan.chats(), journal);
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
    } finally {
      http.close();
    }
  }
}
