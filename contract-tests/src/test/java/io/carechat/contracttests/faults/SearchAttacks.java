package io.carechat.contracttests.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Searches of one caller that are made to be expensive. Each attack goes on until it is told to
 * stop, and then returns how often it got each status.
 */
final class SearchAttacks {
  /** As many as a browser opens, and some more. */
  private static final int CONNECTIONS = 8;

  /** The status of a request that got no answer. */
  private static final int NO_ANSWER = 0;

  private static final Duration TIMEOUT = Duration.ofSeconds(40);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(20);

  /** How many messages of near-misses an attacker writes. */
  private static final int NEAR_MISSES = 250;

  private static final int MAX_MESSAGE = 9_900;

  private SearchAttacks() {}

  /**
   * An attacker.
   *
   * @param node the address of a node, without a slash at its end
   * @param chat the path of the messages of the attacker's own chat
   * @param header the name of the header of the credential
   * @param credential its value
   */
  record Attacker(URI node, String chat, String header, String credential) {
    /** A patient with a bearer token. */
    static Attacker withToken(URI node, String instance, UUID patient, String token) {
      return new Attacker(node, path(instance, patient), "Authorization", "Bearer " + token);
    }

    /** A partner with an API key. */
    static Attacker withKey(URI node, String instance, UUID patient, String key) {
      return new Attacker(node, path(instance, patient), "X-API-KEY", key);
    }

    private static String path(String instance, UUID patient) {
      return "/api/v1/" + instance + "/patients/" + patient + "/messages";
    }

    private HttpRequest post(String path, String json) {
      return HttpRequest.newBuilder(URI.create(node + path))
          .timeout(TIMEOUT)
          .header(header, credential)
          .header("Content-Type", "application/json")
          .POST(BodyPublishers.ofString(json))
          .build();
    }

    private HttpRequest search(String query) {
      return post(
          chat + "/search", "{\"query\":\"" + query + "\",\"highlight\":true,\"pageSize\":200}");
    }

    private HttpRequest message(String text) {
      return post(chat, "{\"message\":\"" + text + "\"}");
    }
  }

  /**
   * Searches in a loop, on 8 connections, for 83 words of five letters that nobody wrote. The chat
   * may be empty. Each of these queries once needed 22 MB of Elasticsearch's heap.
   *
   * @param stop says when to stop
   * @return how often each status came; 0 stands for no answer
   */
  static Map<Integer, Integer> expensiveQueries(Attacker attacker, BooleanSupplier stop) {
    return inLoops(stop, (random, http) -> send(http, attacker.search(words(random, 83, 5))));
  }

  /**
   * Writes 250 long messages of words that are nearly those of a query. Then searches for all of
   * the words in a loop, on 8 connections. Each message once took 10 ms of a processor.
   *
   * @param stop says when to stop, also while the messages are being written
   * @return how often a search got each status; 0 stands for no answer
   */
  static Map<Integer, Integer> nearMisses(Attacker attacker, BooleanSupplier stop) {
    String[] wanted = words(new Random(4), 49, 9).split(" ");
    writeNearMisses(attacker, wanted, stop);
    return inLoops(stop, (random, http) -> send(http, attacker.search(String.join(" ", wanted))));
  }

  private static void writeNearMisses(Attacker attacker, String[] wanted, BooleanSupplier stop) {
    try (HttpClient http = client()) {
      for (int i = 0; i < NEAR_MISSES && !stop.getAsBoolean(); ) {
        if (send(http, attacker.message(nearMiss(wanted, i))) == 201) {
          i++;
        } else {
          LockSupport.parkNanos(PAUSE_AFTER_FAILURE.toNanos());
        }
      }
    }
  }

  /** A message of words with three errors each, and then all of the words but one. */
  private static String nearMiss(String[] wanted, int number) {
    String found = Stream.of(wanted).limit(wanted.length - 1L).collect(Collectors.joining(" "));
    var text = new StringBuilder();
    for (int i = number; text.length() + 10 + found.length() < MAX_MESSAGE; i++) {
      var word = new StringBuilder(wanted[i % wanted.length]);
      for (int at = 2; at < word.length(); at += 3) {
        word.setCharAt(at, (char) ('a' + ('z' - word.charAt(at) + at) % 26));
      }
      text.append(word).append(' ');
    }
    return text.append(found).toString();
  }

  /** One request of an attack. */
  @FunctionalInterface
  private interface Step {
    /** Returns the status of the answer. */
    int run(Random random, HttpClient http);
  }

  private static Map<Integer, Integer> inLoops(BooleanSupplier stop, Step step) {
    var statuses = new StatusCounts();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var loops =
          IntStream.range(0, CONNECTIONS)
              .<Future<?>>mapToObj(i -> threads.submit(() -> loop(i, stop, step, statuses)))
              .toList();
      for (Future<?> loop : loops) {
        var _ = loop.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new AssertionError("An attack did not end well: " + e.getCause(), e);
    }
    return statuses.all();
  }

  /**
   * Each loop has a client and so a connection of its own. Beside attackers that open thousands of
   * connections from the same process, there may be no file handle for a client at first.
   */
  private static void loop(int seed, BooleanSupplier stop, Step step, StatusCounts statuses) {
    while (!stop.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
      try {
        loopWithClient(seed, stop, step, statuses);
      } catch (UncheckedIOException noHandle) {
        statuses.add(NO_ANSWER);
        LockSupport.parkNanos(PAUSE_AFTER_FAILURE.toNanos());
      }
    }
  }

  private static void loopWithClient(
      int seed, BooleanSupplier stop, Step step, StatusCounts statuses) {
    var random = new Random(seed);
    try (HttpClient http = client()) {
      while (!stop.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
        int status = step.run(random, http);
        statuses.add(status);
        if (status == NO_ANSWER) {
          LockSupport.parkNanos(PAUSE_AFTER_FAILURE.toNanos());
        }
      }
    }
  }

  private static final class StatusCounts {
    private final Map<Integer, Integer> counts = new TreeMap<>();

    synchronized void add(int status) {
      int _ = counts.merge(status, 1, Integer::sum);
    }

    synchronized Map<Integer, Integer> all() {
      return new TreeMap<>(counts);
    }
  }

  private static HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(10))
        .build();
  }

  private static int send(HttpClient http, HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException noAnswer) {
      return NO_ANSWER;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return NO_ANSWER;
    }
  }

  /** Words of random letters, so that nobody wrote them. */
  private static String words(Random random, int count, int length) {
    return IntStream.range(0, count)
        .mapToObj(i ->
            random
                .ints(length, 'a', 'z' + 1)
                .mapToObj(Character::toString)
                .collect(Collectors.joining()))
        .collect(Collectors.joining(" "));
  }
}
