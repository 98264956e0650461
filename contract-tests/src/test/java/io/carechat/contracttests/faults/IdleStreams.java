package io.carechat.contracttests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.contracttests.faults.Scenario.Setting;
import io.carechat.contracttests.running.Eventually;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Very many clients wait for events of chats in which hardly anything happens. */
final class IdleStreams {
  private static final Duration OPEN_WITHIN = Duration.ofMinutes(5);
  private static final Duration ARRIVED_WITHIN = Duration.ofSeconds(60);
  private static final int OPENING_AT_ONCE = 64;

  /** In megabytes. 5,000 streams do not fit into 256 MB. */
  private static final int HEAP = 512;

  /** The most that many streams may cost, in megabytes and in threads of the system. */
  private static final int MOST_MEMORY = 300;

  private static final int MOST_THREADS = 32;

  private IdleStreams() {}

  /**
   * Measures what streams cost the service, and how long after its 201 a message is on the stream.
   */
  static Row hold(Setting setting) throws InterruptedException {
    int count = setting.rounds().of(200, 5_000);
    int messages = setting.rounds().of(100, 2_000);
    TestCluster.Shape shape = TestCluster.Shape.on(setting.machine().cluster()).heap(HEAP);
    try (TestCluster testCluster = new TestCluster(setting.machine(), shape)) {
      List<Chat> chats = testCluster.newChats(count);
      warmUp(testCluster, messages);
      Cost before = Cost.of(testCluster.node());
      try (var streams = new Streams(testCluster.node().url())) {
        streams.open(chats);
        int silent = streams.heartbeats.get();
        int _ =
            Eventually.get(OPEN_WITHIN, streams.heartbeats::get, beats -> beats >= silent + count);
        Cost idle = Cost.of(testCluster.node());

        // Only some of the chats, so that the verifier does not have to read all of them.
        List<Chat> writtenTo = chats.subList(0, Math.min(200, count));
        Load load =
            new Load(
                Load.Plan.of(List.of(testCluster.node().url()), writtenTo)
                    .clients(2)
                    .pausing(Duration.ofMillis(20)));
        try (load) {
          load.awaitAcknowledged(messages);
        }
        List<Duration> delays = streams.awaitDelays(load.journal());
        String notes =
            "%d streams: %d MB and %d threads more than the %d MB and %d without them; from 201 to the event p50 %d ms, p99 %d ms"
                .formatted(
                    count,
                    idle.megabytes - before.megabytes,
                    idle.threads - before.threads,
                    before.megabytes,
                    before.threads,
                    Measured.percentile(50, delays).toMillis(),
                    Measured.percentile(99, delays).toMillis());
        assertThat(streams.ended).as(notes).hasValue(0);
        assertThat(streams.again).as("events that came twice").hasValue(0);
        assertThat(idle.megabytes - before.megabytes).as(notes).isLessThan(MOST_MEMORY);
        assertThat(idle.threads - before.threads).as(notes).isLessThan(MOST_THREADS);
        return setting.row(
            1, Verifier.verify(testCluster, load.journal(), System.nanoTime()), notes);
      }
    }
  }

  /** Warms the service up, so that its costs afterwards are those of the streams. */
  private static void warmUp(TestCluster testCluster, int messages) throws InterruptedException {
    List<Chat> chats = testCluster.newChats(50);
    try (var streams = new Streams(testCluster.node().url())) {
      streams.open(chats);
      try (Load load =
          new Load(
              Load.Plan.of(List.of(testCluster.node().url()), chats)
                  .clients(4)
                  .pausing(Duration.ofMillis(5)))) {
        load.awaitAcknowledged(2 * messages);
      }
    }
  }

  /** The resources that the service uses, as Linux reports them. */
  private record Cost(int megabytes, int threads) {
    static Cost of(ServiceProcess service) {
      return new Cost(
          Processes.fromProc(service.pid(), "VmRSS") / 1024,
          Processes.fromProc(service.pid(), "Threads"));
    }
  }

  /** Streams, each with its own connection. They need no thread each on this side. */
  private static final class Streams implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final URI service;
    // One address may have only a share of the connections.
    private final List<HttpClient> clients =
        Stream.of("127.0.2.1", "127.0.2.2", "127.0.2.3").map(Streams::from).toList();
    private final Semaphore opening = new Semaphore(OPENING_AT_ONCE);
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger again = new AtomicInteger();
    private final AtomicInteger heartbeats = new AtomicInteger();
    private final Map<String, Long> arrivals = new ConcurrentHashMap<>();
    private final List<CompletableFuture<?>> all = new ArrayList<>();

    private static HttpClient from(String address) {
      return HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .localAddress(InetAddress.ofLiteral(address))
          .build();
    }

    Streams(URI service) {
      this.service = service;
    }

    /** Opens a stream for each chat. Returns when all are open. */
    void open(List<Chat> chats) throws InterruptedException {
      for (Chat chat : chats) {
        opening.acquire();
        HttpRequest request =
            HttpRequest.newBuilder(
                    URI.create(
                        service
                            + "/api/v1/"
                            + chat.instance()
                            + "/patients/"
                            + chat.patient()
                            + "/events/stream"))
                .header("X-API-KEY", chat.apiKey())
                .build();
        all.add(
            clients
                .get(all.size() % clients.size())
                .sendAsync(request, HttpResponse.BodyHandlers.fromLineSubscriber(new Lines()))
                .whenComplete((_, _) -> ended.incrementAndGet()));
      }
      int _ =
          Eventually.get(
              OPEN_WITHIN,
              () -> {
                assertThat(ended).as("streams that ended").hasValue(0);
                return opened.get();
              },
              open -> open == chats.size());
    }

    /**
     * How long after its 201 each message was on its stream; zero if it was there before the 201.
     */
    List<Duration> awaitDelays(Journal journal) {
      List<Journal.Sending> sent =
          journal.sendings().values().stream()
              .filter(sending -> sending.acknowledgedAt().isPresent())
              .toList();
      long _ =
          Eventually.get(
              ARRIVED_WITHIN,
              () -> sent.stream().filter(sending -> arrivals.containsKey(sending.hash())).count(),
              there -> there == sent.size());
      return sent.stream()
          .map(sending -> {
            long at = Objects.requireNonNull(arrivals.get(sending.hash()));
            return Duration.ofNanos(Math.max(0, at - sending.acknowledgedAt().orElseThrow()));
          })
          .toList();
    }

    @Override
    public void close() {
      clients.forEach(HttpClient::shutdownNow);
      clients.forEach(HttpClient::close);
    }

    private void line(String line) {
      if (line.equals("event: stream.opened")) {
        opened.incrementAndGet();
        opening.release();
      } else if (line.equals(":")) {
        heartbeats.incrementAndGet();
      } else if (line.startsWith("data: ")) {
        long now = System.nanoTime();
        JsonNode message;
        try {
          message = MAPPER.readTree(line.substring("data: ".length())).at("/message/message");
        } catch (JsonProcessingException e) {
          throw new AssertionError("no JSON on a stream", e);
        }
        if (message.isTextual()
            && arrivals.putIfAbsent(Journal.hash(message.asText()), now) != null) {
          again.incrementAndGet();
        }
      }
    }

    private final class Lines implements Flow.Subscriber<String> {
      @Override
      public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
      }

      @Override
      public void onNext(String line) {
        line(line);
      }

      @Override
      public void onError(Throwable broken) {}

      @Override
      public void onComplete() {}
    }
  }
}
