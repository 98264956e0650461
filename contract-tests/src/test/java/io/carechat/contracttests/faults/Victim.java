package io.carechat.contracttests.faults;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Somebody who reads a page and searches, again and again, in a process of its own. In the process
 * of the attackers, what they do would delay the victim too, and the service would be blamed for
 * it.
 *
 * <p>It also measures for how long its own process could not run. Nothing that the service does
 * appears in that time, but it is part of the times of pages and searches.
 */
final class Victim implements AutoCloseable {
  private static final String BEGIN = "begin";

  /** The process ends by itself if nobody ends a measurement, because its parent was killed. */
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** The time between two looks at the clock. */
  private static final Duration TICK = Duration.ofMillis(5);

  private static final Duration BETWEEN_REQUESTS = Duration.ofMillis(10);

  private final Process process;
  private final BufferedWriter commands;
  private final BufferedReader results;

  /**
   * The worst of some time.
   *
   * @param page the longest time for a page
   * @param search the longest time for a search
   * @param stall the longest time for which the victim's own process could not run
   * @param requests how many requests there were
   * @param refused how many of them were not answered as they should be
   * @param refusal the first of these answers; empty if there is none
   */
  record Worst(
      Duration page, Duration search, Duration stall, int requests, int refused, String refusal) {
    private String line() {
      return page.toNanos()
          + " "
          + search.toNanos()
          + " "
          + stall.toNanos()
          + " "
          + requests
          + " "
          + refused
          + " "
          + refusal.replaceAll("\\s+", " ");
    }

    private static Worst parse(String line) {
      String[] parts = line.split(" ", 6);
      return new Worst(
          Duration.ofNanos(Long.parseLong(parts[0])),
          Duration.ofNanos(Long.parseLong(parts[1])),
          Duration.ofNanos(Long.parseLong(parts[2])),
          Integer.parseInt(parts[3]),
          Integer.parseInt(parts[4]),
          parts[5]);
    }
  }

  /**
   * Starts the process.
   *
   * @param service the address of a node
   * @param chat the victim's chat, whose newest page has {@link Load#WORD}
   * @param answerWithin how long it waits for an answer
   */
  Victim(URI service, Chat chat, Duration answerWithin) {
    try {
      process =
          new ProcessBuilder(
                  List.of(
                      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                      "-Xmx64m",
                      "-XX:+UseSerialGC",
                      "-XX:TieredStopAtLevel=1",
                      "-cp",
                      Objects.requireNonNull(System.getProperty("java.class.path")),
                      Victim.class.getName(),
                      service + chat.path(),
                      Long.toString(answerWithin.toMillis())))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      commands =
          new BufferedWriter(
              new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
      results =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      // Not an argument, which everybody on the machine could read.
      command(chat.apiKey());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Begins a new measurement. */
  void begin() throws IOException {
    command(BEGIN);
  }

  /** Ends the measurement. It includes the request that is under way. */
  Worst end() throws IOException {
    command("end");
    String line = results.readLine();
    if (line == null) {
      throw new AssertionError("The victim's process has ended");
    }
    return Worst.parse(line);
  }

  private void command(String text) throws IOException {
    commands.write(text);
    commands.newLine();
    commands.flush();
  }

  @Override
  public void close() {
    try {
      commands.close();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        Process _ = process.destroyForcibly();
      }
    } catch (IOException e) {
      Process _ = process.destroyForcibly();
    } catch (InterruptedException e) {
      Process _ = process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The process.
   *
   * @param args the address of the chat's messages, and for how many milliseconds to wait for an
   *     answer
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String apiKey = Objects.requireNonNull(in.readLine());
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      var requests =
          new Requests(http, args[0], apiKey, Duration.ofMillis(Long.parseLong(args[1])));
      while (BEGIN.equals(in.readLine())) {
        System.out.println(requests.untilAsked(in).line());
      }
    }
  }

  /** What the process does. Used by one thread. */
  private static final class Requests {
    private final HttpClient http;
    private final String messages;
    private final String apiKey;
    private final Duration answerWithin;
    private int count;
    private int refused;
    private String refusal = "";

    Requests(HttpClient http, String messages, String apiKey, Duration answerWithin) {
      this.http = http;
      this.messages = messages;
      this.apiKey = apiKey;
      this.answerWithin = answerWithin;
    }

    /** Reads pages and searches until there is a command, and at least once. */
    Worst untilAsked(BufferedReader commands) throws IOException, InterruptedException {
      count = 0;
      refused = 0;
      refusal = "";
      long page = 0;
      long search = 0;
      var stall = new AtomicLong();
      Thread clock = Thread.ofPlatform().daemon().start(() -> measureStalls(stall));
      long latest = System.nanoTime() + LONGEST.toNanos();
      do {
        page = Math.max(page, get("?pageSize=50"));
        search = Math.max(search, get("/search?query=" + Load.WORD));
        Thread.sleep(BETWEEN_REQUESTS);
      } while (!commands.ready() && System.nanoTime() < latest);
      clock.interrupt();
      String _ = commands.readLine();
      return new Worst(
          Duration.ofNanos(page),
          Duration.ofNanos(search),
          Duration.ofNanos(stall.get()),
          count,
          refused,
          refusal);
    }

    private static void measureStalls(AtomicLong longest) {
      try {
        while (true) {
          long begun = System.nanoTime();
          Thread.sleep(TICK);
          longest.accumulateAndGet(System.nanoTime() - begun - TICK.toNanos(), Math::max);
        }
      } catch (InterruptedException e) {
        // The measurement is over.
      }
    }

    private long get(String rest) throws InterruptedException {
      long begun = System.nanoTime();
      count++;
      try {
        HttpResponse<String> answer =
            http.send(
                HttpRequest.newBuilder(URI.create(messages + rest))
                    .timeout(answerWithin)
                    .header("X-API-KEY", apiKey)
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200 || !answer.body().contains(Load.WORD)) {
          refuse(answer.statusCode() + " " + answer.body());
        }
      } catch (IOException e) {
        refuse(e.toString());
      }
      return System.nanoTime() - begun;
    }

    private void refuse(String why) {
      refused++;
      refusal = refusal.isEmpty() ? why : refusal;
    }
  }
}
