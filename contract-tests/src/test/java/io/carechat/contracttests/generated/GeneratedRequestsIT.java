package io.carechat.contracttests.generated;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.api.checked.DescribedOperation;
import io.carechat.api.checked.Document;
import io.carechat.api.checked.Exchange;
import io.carechat.api.checked.ExchangeCheck;
import io.carechat.api.checked.RequestDraft;
import io.carechat.api.runtime.Json;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import io.carechat.contracttests.running.TestIssuer;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Whatever is sent to any operation of the contract, the service answers as the contract describes.
 * It blames nobody but the caller, says nothing about others, and keeps working.
 *
 * <p>Requests are made from the contract's examples, with a few random changes. A run of all tests
 * makes the same requests each time: {@link #REQUESTS_OF_A_SEED} for each of {@link #SEEDS}. The
 * command {@code ./carechat fuzz} makes other requests, for a limited time. {@code
 * -Dcarechat.generated.seed=N} sets the seed. {@code -Dcarechat.generated.seconds=N} sets the time;
 * the default is 60.
 *
 * <p>A failure is reduced to the changes that it needs. It is printed with its case: {@code
 * -Dcarechat.generated.case=N} makes only that request.
 */
@ExtendWith(RunningService.Parameter.class)
final class GeneratedRequestsIT {
  private static final int MOST_CHANGES = 3;
  private static final int FAILURES_TO_TELL = 10;

  /** Not all examples fit together. A token does not fit another query, for example. */
  private static final int TRIES_TO_BE_GRANTED = 20;

  /** The seeds that a run of all tests uses. */
  private static final List<Long> SEEDS = List.of(1L, 2L, 3L);

  /** For all seeds together, a machine of two cores needs about half a minute. */
  private static final int REQUESTS_OF_A_SEED = 700;

  /** At least this many are made in a limited time, however slow the machine is. */
  private static final int FEWEST = 300;

  private static final int SECONDS_BY_DEFAULT = 60;

  /**
   * If a request is longer, the server may close the connection while the caller still writes. Then
   * the answer may be lost.
   */
  private static final int MORE_THAN_IS_READ = 16_384;

  private static final Pattern OF_THE_INSIDE =
      Pattern.compile("Exception|\\bat io\\.|\\bat java\\.|org\\.|postgres|elastic|SELECT |jooq");

  private final RunningService service;
  private final UUID patient = named("the patient");
  private final String planted = "planted" + named("the word").toString().replace("-", "");
  private final List<List<String>> credentials;
  private final Existing existing;

  GeneratedRequestsIT(RunningService service) {
    this.service = service;
    existing = new Existing(service, patient);
    String stranger =
        service
            .issuer()
            .sign(
                TestIssuer.patient(
                    RunningService.INSTANCE, named("a stranger"), RunningService.ALL_SCOPES));
    credentials =
        List.of(
            List.of(),
            List.of("X-API-KEY", "unknown"),
            List.of("X-API-KEY", "\u00ff\u0001"),
            List.of("X-API-KEY", "x".repeat(2_000)),
            List.of("X-API-KEY", service.apiKey(ApiKey.EXPIRED)),
            List.of("X-API-KEY", service.apiKey(ApiKey.READER)),
            List.of("X-API-KEY", service.apiKey(ApiKey.SENDER)),
            List.of("X-API-KEY", service.apiKey(ApiKey.PARTNER), "Authorization", "Bearer x"),
            List.of("Authorization", "Bearer " + stranger),
            List.of("Authorization", "Bearer " + stranger.substring(0, stranger.length() - 3)),
            List.of("Authorization", "Bearer eyJhbGciOiJub25lIn0.e30."),
            List.of("Authorization", "Bearer ...."),
            List.of("Authorization", "Basic dXNlcjpwYXNz"));
  }

  /**
   * A request that was made.
   *
   * @param seed the seed of its random choices
   */
  private record Made(
      DescribedOperation operation, long seed, RequestDraft good, List<Change> changes) {
    WireRequest request(List<Change> some) {
      var request = new WireRequest(good);
      some.forEach(change -> change.to().accept(request));
      return request;
    }
  }

  @AfterEach
  void cleanUp() {
    existing.close();
  }

  /** The good requests must be granted. If a request is always refused, it tests nothing. */
  @Test
  void everyOperationIsGrantedWhatTheContractShows() {
    var seeds = new Random(1);
    var refused = new ArrayList<String>();
    for (DescribedOperation operation : Document.served().operations()) {
      Map<String, Integer> seen = new TreeMap<>();
      String last = "";
      for (int i = 0; i < TRIES_TO_BE_GRANTED && !isGranted(seen); i++) {
        Made good = unchanged(seeds.nextLong(), operation);
        last = failure(good, List.of(), seen).orElse("") + "\n" + good.request(List.of());
      }
      if (!isGranted(seen)) {
        refused.add(operation.id() + " " + seen + " " + last);
      }
    }
    assertThat(refused).isEmpty();
  }

  private static boolean isGranted(Map<String, Integer> seen) {
    return seen.keySet().stream().anyMatch(status -> status.matches("[23].."));
  }

  @Test
  void whateverIsAskedIsAnsweredAsDescribed() {
    // The same patient's chats in other instances, which no caller of this test may see.
    for (ApiKey other : List.of(ApiKey.OTHER_INSTANCE, ApiKey.OTHER_TENANT)) {
      String instance = other == ApiKey.OTHER_TENANT ? "other-den/chat2" : "test-den/chat3";
      HttpResponse<String> sent =
          service.exchange(
              service
                  .request("/api/v1/" + instance + "/patients/" + patient + "/messages")
                  .header("X-API-KEY", service.apiKey(other))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"" + planted + "\"}")));
      assertThat(sent.statusCode()).isEqualTo(201);
    }
    Long only = Long.getLong("carechat.generated.case");
    Long given = Long.getLong("carechat.generated.seed");
    Map<String, Integer> seen = new TreeMap<>();
    if (only != null) {
      assertThat(failures(only, List.of(only).iterator(), seen)).isEmpty();
    } else if (given != null) {
      assertThat(failures(given, forATime(given), seen)).as("of the seed " + given).isEmpty();
    } else {
      for (long seed : SEEDS) {
        assertThat(failures(seed, new Random(seed).longs(REQUESTS_OF_A_SEED).iterator(), seen))
            .as("of the seed " + seed)
            .isEmpty();
      }
    }
    assertThat(service.exchange(service.request("/health/ready")).statusCode()).isEqualTo(200);
    service.exchange(
        service
            .partnerRequest(RunningService.messagesOf(patient))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"still here\"}")));
    assertThat(
            service
                .exchange(
                    service.partnerRequest(
                        RunningService.messagesOf(patient) + "/search?query=%22still%20here%22"))
                .body())
        .contains("still here");
    if (only == null) {
      // Most requests are refused, but not all. Requests that are always refused early test
      // nothing.
      assertThat(seen).containsKeys("200", "400", "401", "404");
    }
  }

  private static UUID named(String name) {
    return UUID.nameUUIDFromBytes(("generated requests: " + name).getBytes(StandardCharsets.UTF_8));
  }

  /** Returns cases until the time is over that the properties set. */
  private static Iterator<Long> forATime(long seed) {
    int seconds = Integer.getInteger("carechat.generated.seconds", SECONDS_BY_DEFAULT);
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    var made = new AtomicInteger();
    return new Random(seed)
        .longs()
        .takeWhile(_ -> made.getAndIncrement() < FEWEST || System.nanoTime() - end < 0)
        .iterator();
  }

  /**
   * What was wrong with the answers, each with its request. Stops early if there are many failures.
   *
   * @param seed the seed of the cases, which the report names
   */
  private List<String> failures(long seed, Iterator<Long> cases, Map<String, Integer> seen) {
    var failures = new ArrayList<String>();
    int made = 0;
    while (cases.hasNext() && failures.size() < FAILURES_TO_TELL) {
      Made next = make(cases.next());
      failure(next, next.changes(), seen).ifPresent(why -> failures.add(told(next, why)));
      made++;
    }
    System.out.println(
        "Generated requests of the seed " + seed + ": " + made + ", answered so far with " + seen);
    return failures;
  }

  private Made make(long seed) {
    var random = new Random(seed);
    Made good = good(seed, random, operation(random));
    var changes = new Changes(random, good.operation(), credentials);
    var made = new ArrayList<Change>();
    for (int i = random.nextInt(1, MOST_CHANGES + 1); i > 0; i--) {
      made.add(changes.next());
    }
    return new Made(good.operation(), seed, good.good(), made);
  }

  private Made unchanged(long seed, DescribedOperation operation) {
    return good(seed, new Random(seed), operation);
  }

  private Made good(long seed, Random random, DescribedOperation described) {
    DescribedOperation operation = existing.in(described);
    RequestDraft good = Changes.good(random, operation);
    if (operation.secured()) {
      good = good.header("X-API-KEY", service.apiKey(ApiKey.PARTNER));
    }
    return new Made(operation, seed, good, List.of());
  }

  /** Returns an operation. It is mostly one that does something. */
  private static DescribedOperation operation(Random random) {
    while (true) {
      DescribedOperation operation = Texts.one(random, Document.served().operations());
      if (operation.secured() || random.nextInt(10) == 0) {
        return operation;
      }
    }
  }

  /** What is wrong with the answer to a request; empty if nothing is. */
  private Optional<String> failure(Made made, List<Change> changes, Map<String, Integer> seen) {
    WireRequest request = made.request(changes);
    try {
      Optional<WireClient.Answer> got = WireClient.exchange(service.url().getPort(), request);
      seen.merge(got.map(answer -> String.valueOf(answer.status)).orElse("none"), 1, Integer::sum);
      if (got.isEmpty()) {
        return request.leavesEarly || request.bytes().length > MORE_THAN_IS_READ
            ? Optional.empty()
            : Optional.of("there was no answer");
      }
      return wrong(request, got.get());
    } catch (IOException | RuntimeException e) {
      return Optional.of(String.valueOf(e));
    } finally {
      existing.restoreAfter(request);
    }
  }

  private Optional<String> wrong(WireRequest request, WireClient.Answer answer) {
    if (answer.status >= 500) {
      return Optional.of("the status " + answer.status);
    }
    String text = new String(answer.body, StandardCharsets.UTF_8);
    if (text.contains(planted)) {
      return Optional.of("what is another tenant's");
    }
    if (answer.status >= 400 && OF_THE_INSIDE.matcher(text).find()) {
      return Optional.of("what is of the inside: " + text);
    }
    try {
      ExchangeCheck.check(
          Exchange.answered(
                  // Helidon accepts a method in any case, and does not say how it was written.
                  request.method.toUpperCase(Locale.ROOT),
                  request.target(),
                  answer.status,
                  answer.headers,
                  answer.body)
              .to(request.headersByName(), request.body));
      if (answer.isStream()) {
        ExchangeCheck.checkSchema("Event", Json.read(answer.firstData()));
      }
      return Optional.empty();
    } catch (AssertionError e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Describes a failure with the smallest number of changes that still fail. */
  private String told(Made made, String why) {
    List<Change> needed = new ArrayList<>(made.changes());
    String reason = why;
    for (Change change : made.changes()) {
      List<Change> fewer = new ArrayList<>(needed);
      fewer.remove(change);
      Optional<String> still = failure(made, fewer, new TreeMap<>());
      if (still.isPresent()) {
        needed = fewer;
        reason = still.get();
      }
    }
    return "\nAlone again: ./carechat fuzz --case "
        + made.seed()
        + "\n"
        + needed
        + "\n"
        + made.request(needed)
        + "\n=> "
        + reason
        + "\n";
  }
}
