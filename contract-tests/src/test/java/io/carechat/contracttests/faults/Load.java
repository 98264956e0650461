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
 * Clients that send for as long as the load lasts. Each message has an idempotency key. A client
 * repeats a message until it is acknowledged. The clients keep the journal: what they tried to
 * send, and what was acknowledged.
 */
final class Load implements AutoCloseable {
  /** A word in every message that must not be in any log. */
  static final String WORD = "faultline";

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** How long to wait for each message. Even a busy machine stores ten messages a second. */
  private static final Duration PATIENCE_FOR_EACH = Duration.ofMillis(100);

  /**
   * A well-behaved client pauses, too. It also keeps clients that reach no node from using up the
   * machine.
   */
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
   * What the clients do.
   *
   * @param nodes the nodes to call; a client goes to the next one if a node is unavailable
   * @param chats each message goes to one of them at random
   * @param clients how many clients send at once
   * @param pause how long each client waits between messages, so that clients do not use up the
   *     machine
   * @param timeout how long a client waits for an answer
   * @param reads whether each client reads the chat's newest page after each message
   * @param kind another word that every message contains
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

    /** Sixteen clients that do not pause. */
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
   * @param send true if the request sent a message, false if it read
   * @param begun in nanoseconds of {@link System#nanoTime}
   * @param status 0 if there was no answer
   * @param connected false if there was no connection at all
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

  /** Starts the clients. */
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

  /** Sets how long each client waits between messages from now on. */
  void pause(Duration time) {
    pause = time;
  }

  /** How many messages have been acknowledged so far. */
  int acknowledged() {
    return acknowledged.get();
  }

  /** Waits until this many more messages have been acknowledged. */
  void awaitAcknowledged(int more) {
    int wanted = acknowledged() + more;
    int _ =
        Eventually.get(
            PATIENCE.plus(PATIENCE_FOR_EACH.multipliedBy(more)),
            this::acknowledged,
            now -> now >= wanted);
  }

  /** Waits until this many requests have got a status. */
  void awaitStatus(int status, int count) {
    int _ = Eventually.get(PATIENCE, () -> withStatus(status).size(), size -> size >= count);
  }

  /** The requests that have ended so far. */
  List<Exchange> exchanges() {
    return List.copyOf(exchanges);
  }

  /** The requests that have got a status so far. */
  List<Exchange> withStatus(int status) {
    return exchanges.stream().filter(exchange -> exchange.status() == status).toList();
  }

  /** What the clients sent or tried to send. It grows until the load has ended. */
  Journal journal() {
    return new Journal(plan.chats(), journal);
  }

  /** Ends the load, and waits for the requests that are under way. */
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
