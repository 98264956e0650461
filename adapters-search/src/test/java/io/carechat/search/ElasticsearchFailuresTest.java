package io.carechat.search;

import static io.carechat.domain.chat.Samples.newChat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.index.MessageIndex.InstanceProposals;
import io.carechat.domain.search.index.MessageIndex.Proposals;
import io.carechat.domain.search.index.MessageIndexContract;
import io.carechat.domain.search.index.QueryRefused;
import io.carechat.domain.search.query.SearchQuery;
import io.carechat.domain.search.query.Words;
import io.carechat.search.ElasticsearchIndex.Login;
import io.carechat.search.ElasticsearchIndex.Settings;
import io.carechat.search.FakeElasticsearch.Answer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the index does with an Elasticsearch that does not work as it should. */
final class ElasticsearchFailuresTest {
  private static final String SECRET = "abscess";
  private static final LogPosition THERE = new LogPosition(7, 7);
  private static final LogPosition NEXT = new LogPosition(8, 8);

  private final FakeElasticsearch fake;
  private final ElasticsearchIndex index;
  private final ChatId chat = newChat();

  ElasticsearchFailuresTest() throws IOException {
    fake = new FakeElasticsearch();
    index = open(Settings.of(fake.url(), "chats"));
  }

  @AfterEach
  void end() {
    index.close();
    fake.close();
  }

  private static ElasticsearchIndex open(Settings settings) {
    return ElasticsearchIndex.open(settings, Elasticsearch.IDS);
  }

  private static Settings with(Settings base, @Nullable Login login) {
    return new Settings(
        base.url(),
        base.prefix(),
        login,
        base.connecting(),
        base.answering(),
        base.indexing(),
        base.connections(),
        base.shards(),
        base.replicas());
  }

  private Proposals propose(ElasticsearchIndex from) {
    return from.propose(
        chat, SearchQuery.parse(SECRET), Samples.ALL_MESSAGES, new Window.Newest<>(), 10);
  }

  private @Nullable Unavailable failure(ElasticsearchIndex from) {
    return catchThrowableOfType(Unavailable.class, () -> propose(from));
  }

  private static void assertSaysNothing(@Nullable Unavailable failure) {
    Unavailable thrown = Objects.requireNonNull(failure, "nothing was thrown");
    var printed = new StringWriter();
    thrown.printStackTrace(new PrintWriter(printed, true));
    assertThat(printed.toString()).doesNotContain(SECRET);
    assertThat(thrown.retryAfter()).isPositive();
  }

  @Test
  void worksWhereElasticsearchDoes() {
    assertThat(propose(index)).isEqualTo(new Proposals(THERE, List.of(), false));
  }

  private static Answer error(int status, String type) {
    return Answer.of(
        status,
        """
        {"error":{"type":"%2$s","reason":"failed on [abscess]",
         "root_cause":[{"type":"%2$s","reason":"abscess"}]},"status":%1$d}\
        """
            .formatted(status, type));
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 404, 407, 502, 503, 504})
  void takesErrorsOfTheWholeForAbsenceWithoutRepeatingThem(int status) {
    fake.search = error(status, "some_exception");

    assertSaysNothing(failure(index));
    assertThat(failure(index)).hasMessageContaining("a moment ago");
  }

  @Test
  void takesAMissingRightForAbsence() {
    fake.search = error(403, "security_exception");

    assertSaysNothing(failure(index));
  }

  /** The next search of somebody else is sent, and its answer counts. */
  private void assertRefusesOnlyThis(ElasticsearchIndex refusing) {
    for (int i = 0; i < 3; i++) {
      QueryRefused refused =
          Objects.requireNonNull(catchThrowableOfType(QueryRefused.class, () -> propose(refusing)));
      var printed = new StringWriter();
      refused.printStackTrace(new PrintWriter(printed, true));
      assertThat(printed.toString()).doesNotContain(SECRET);
      assertThat(refused.retryAfter()).isPositive();
    }
    fake.search = FakeElasticsearch.NO_HITS;
    assertThat(propose(refusing)).isEqualTo(new Proposals(THERE, List.of(), false));
    assertThat(
            refusing.proposeInInstance(
                chat.instance(),
                SearchQuery.parse(SECRET),
                Samples.ALL_MESSAGES,
                new Window.Newest<>(),
                10))
        .isEqualTo(new InstanceProposals(THERE, List.of(), false));
  }

  @ParameterizedTest
  @CsvSource({
    "400, search_phase_execution_exception",
    "400, too_many_clauses",
    "403, forbidden_by_a_filter",
    "408, some_exception",
    "413, content_too_long",
    "429, circuit_breaking_exception",
    "429, es_rejected_execution_exception",
    "429, search_timeout_exception",
    "500, too_complex_to_determinize_exception"
  })
  void doesNotTakeTheRefusalOfOneQueryForAbsence(int status, String type) {
    fake.search = error(status, type);

    assertRefusesOnlyThis(index);
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 413, 429})
  void doesNotTakeTheRefusalOfAProxyForAbsence(int status) {
    fake.search = new Answer(status, "<html>abscess</html>", false);

    assertRefusesOnlyThis(index);
  }

  @Test
  void doesNotTakeAQueryThatTakesTooLongForAbsence() {
    fake.search =
        Answer.of(
            200,
            "{\"took\":1,\"timed_out\":true,\"_shards\":{\"total\":1,\"successful\":1,\"failed\":0},"
                + "\"hits\":{\"hits\":[]}}");

    assertRefusesOnlyThis(index);
  }

  @Test
  void doesNotTakeItsOwnLackOfConnectionsForAbsence() throws Exception {
    Settings base = Settings.of(fake.url(), "chats");
    var one =
        new Settings(
            base.url(),
            base.prefix(),
            null,
            base.connecting(),
            Duration.ofSeconds(4),
            base.indexing(),
            1,
            1,
            0);
    try (var narrow = open(one);
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      fake.searchable = new CountDownLatch(1);
      Future<Proposals> first = executor.submit(() -> propose(narrow));
      await(() -> fake.timesAsked("POST", "/_search") == 1 || first.isDone());
      Future<Proposals> second = executor.submit(() -> propose(narrow));
      // The client notices that it has waited too long when it gets a connection.
      long tooLong = System.nanoTime() + one.answering().dividedBy(2).toNanos();
      await(() -> System.nanoTime() > tooLong);
      fake.searchable.countDown();

      assertThat(first.get().upTo()).isEqualTo(THERE);
      assertThat(catchThrowable(second::get))
          .hasCauseInstanceOf(QueryRefused.class)
          .hasMessageContaining("in use");
      assertThat(propose(narrow).upTo()).isEqualTo(THERE);
    }
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** What follows the log tries again by itself, and knows only one kind of failure. */
  @Test
  void tellsTheFollowerOfARefusalAsOfAnAbsence() {
    fake.watermark = error(429, "circuit_breaking_exception");
    assertSaysNothing(catchThrowableOfType(Unavailable.class, index::indexedUpTo));
    // A search needs the watermark too.
    assertThat(catchThrowableOfType(QueryRefused.class, () -> propose(index))).isNotNull();

    fake.watermark = null;
    fake.bulk = error(429, "circuit_breaking_exception");
    assertSaysNothing(
        catchThrowableOfType(
            Unavailable.class, () -> index.index(THERE, messages(1, "text"), NEXT)));
  }

  @Test
  void sendsFewConditionsThatCostMuch() {
    String longWords = "abcdefghijklmnopqrstuvwxyzab";
    propose(
        longWords + "a " + longWords + "b " + longWords + "c " + longWords + "d " + longWords
            + "e x");
    assertThat(occurrences("\"fuzzy\"")).isEqualTo(4);
    assertThat(occurrences("\"prefix\"")).isEqualTo(1);

    propose(
        "headache wounds wounded painful ankles knees fingers bandage shoulder elbows stomach ");
    assertThat(occurrences("\"fuzzy\"")).isEqualTo(8);

    propose("a* b* c* d* e* f* g* h* i* j* kn* left-kne* -l* -m* -n* -o* -p* -q* -r* -s* -t* -u*");
    assertThat(occurrences("\"prefix\"")).isEqualTo(16);
    assertThat(fake.lastSearch).contains("\"kn\"", "\"kne\"", "\"left\"").doesNotContain("\"j\"");

    propose("\"a b\" c \"d e\" f -g -\"h i\" -j k");
    assertThat(fake.lastSearch)
        .contains("\"a\"", "\"b\"", "\"c\"", "\"d\"", "\"e\"", "\"f\"", "\"g\"", "\"j\"")
        .doesNotContain("\"h\"", "\"i\"", "match_phrase");
  }

  private void propose(String query) {
    Proposals _ =
        index.propose(
            chat, SearchQuery.parse(query), Samples.ALL_MESSAGES, new Window.Newest<>(), 10);
  }

  private int occurrences(String of) {
    return fake.lastSearch.split(of, -1).length - 1;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "null",
        "abscess",
        "{\"abscess\":",
        "<html>abscess</html>",
        "{\"took\":\"abscess\"}",
        "{\"hits\":{\"hits\":[]}}",
        "{\"took\":1,\"timed_out\":false,\"hits\":{\"hits\":[]}}",
        "{\"took\":1,\"timed_out\":false,\"_shards\":{\"total\":2,\"successful\":1,\"failed\":1},"
            + "\"hits\":{\"hits\":[]}}",
        "{\"took\":1,\"timed_out\":false,\"_shards\":{\"total\":1,\"successful\":1,\"failed\":0},"
            + "\"hits\":{\"hits\":[{\"_index\":\"x\",\"_id\":\"abscess\",\"sort\":[1]}]}}",
        "{\"took\":1,\"timed_out\":false,\"_shards\":{\"total\":1,\"successful\":1,\"failed\":0},"
            + "\"hits\":{\"hits\":[{\"_index\":\"x\",\"_id\":\"IM0123456789abcdef0123456789abcdef\"}]}}",
      })
  void takesAnswersThatAreNoneForAbsence(String body) {
    fake.search = Answer.of(200, body);

    assertSaysNothing(failure(index));
  }

  @Test
  void takesSomethingThatIsNotElasticsearchForAbsence() {
    fake.search = new Answer(200, FakeElasticsearch.NO_HITS.body(), false);

    assertSaysNothing(failure(index));
  }

  @Test
  void doesNotAskAgainRightAfterAFailure() {
    fake.search = Answer.of(503, "{}");
    assertSaysNothing(failure(index));
    fake.search = FakeElasticsearch.NO_HITS;

    assertThat(failure(index)).hasMessageContaining("a moment ago");
    assertThat(fake.timesAsked("POST", "/_search")).isEqualTo(1);

    // The follower does ask, and what it learns counts.
    assertThat(index.indexedUpTo()).isEqualTo(THERE);
    assertThat(propose(index).upTo()).isEqualTo(THERE);
  }

  /** An index that is being deleted cannot be searched any more, and then is not found. */
  @ParameterizedTest
  @ValueSource(ints = {404, 503})
  void searchesInTheIndexThatTookTheOthersPlace(int status) {
    assertThat(propose(index).upTo()).isEqualTo(THERE);
    fake.name = "another";
    fake.searchElsewhere = Answer.of(status, "{}");

    assertThat(propose(index)).isEqualTo(new Proposals(THERE, List.of(), false));
  }

  @Test
  void asksAgainByItselfAfterAWhile() {
    fake.search = Answer.of(503, "{}");
    assertThat(failure(index)).isNotNull();
    fake.search = FakeElasticsearch.NO_HITS;

    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (failure(index) != null) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      LockSupport.parkNanos(20_000_000);
    }
  }

  @Test
  void waitsNoLongerThanItIsToldForAnAnswer() throws IOException {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var hanging =
            open(
                Settings.of(URI.create("http://127.0.0.1:" + silent.getLocalPort()), "chats")
                    .waiting(
                        Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofMillis(300)))) {
      long start = System.nanoTime();

      assertSaysNothing(failure(hanging));
      assertSaysNothing(catchThrowableOfType(Unavailable.class, hanging::indexedUpTo));

      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(600), Duration.ofSeconds(60));
    }
  }

  @Test
  void failsAtOnceWhereNobodyListens() throws IOException {
    int port;
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
    }
    try (var nobody = open(Settings.of(URI.create("http://127.0.0.1:" + port), "chats"))) {
      assertSaysNothing(failure(nobody));
      assertSaysNothing(catchThrowableOfType(Unavailable.class, nobody::indexedUpTo));
    }
  }

  private List<Message> messages(int count, String text) {
    return IntStream.range(0, count)
        .mapToObj(i -> MessageIndexContract.message(chat, Samples.NOON.plusSeconds(i), text))
        .toList();
  }

  private long watermarksWritten() {
    return fake.timesAsked("PUT", "/_doc/watermark") + fake.timesAsked("POST", "/_doc/watermark");
  }

  @Test
  void indexesInRequestsOfBoundedSize() {
    String differentWords =
        IntStream.range(0x20000, 0x20000 + 9_000)
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
    index.index(THERE, messages(120, differentWords), NEXT);

    List<Integer> sizes =
        fake.asked.stream()
            .filter(asked -> asked.path().endsWith("/_bulk"))
            .map(FakeElasticsearch.Asked::bytes)
            .toList();
    assertThat(sizes).hasSizeGreaterThan(2).allMatch(bytes -> bytes < 5_500_000);
    assertThat(sizes.stream().mapToInt(bytes -> bytes).sum()).isGreaterThan(120 * 9_000 * 4);
    assertThat(fake.timesAsked("POST", "/_refresh")).isEqualTo(1);
    assertThat(watermarksWritten()).isEqualTo(1);
  }

  @Test
  void doesNotMoveTheWatermarkOverAMessageThatWasRefused() {
    fake.bulk =
        Answer.of(
            200,
            """
            {"took":1,"errors":true,"items":[{"index":{"_index":"x","_id":"1","status":429,
             "error":{"type":"es_rejected_execution_exception","reason":"abscess"}}}]}\
            """);

    Unavailable failure =
        catchThrowableOfType(
            Unavailable.class, () -> index.index(THERE, messages(1, "text"), NEXT));

    assertSaysNothing(failure);
    assertThat(failure).hasMessageContaining("429 es_rejected_execution_exception");
    assertThat(watermarksWritten()).isZero();
  }

  @Test
  void doesNotMoveTheWatermarkOverAShardThatDoesNotShowItsMessages() {
    fake.refresh = Answer.of(200, "{\"_shards\":{\"total\":2,\"successful\":1,\"failed\":1}}");

    assertSaysNothing(
        catchThrowableOfType(
            Unavailable.class, () -> index.index(THERE, messages(1, "text"), NEXT)));
    assertThat(watermarksWritten()).isZero();
  }

  @Test
  void provesWhoItIs() {
    var key = new Login.ApiKey(new Secret("a2V5"));
    var password = new Login.Password("Zoë", new Secret("p:ß"));
    for (Login login : List.of(key, password)) {
      try (var known = open(with(Settings.of(fake.url(), "chats"), login))) {
        propose(known);
      }
    }

    assertThat(fake.asked)
        .flatExtracting(FakeElasticsearch.Asked::authorization)
        .containsExactly("ApiKey a2V5", "ApiKey a2V5", "Basic Wm/DqzpwOsOf", "Basic Wm/DqzpwOsOf");
    assertThat(key.toString() + password).doesNotContain("a2V5", "p:ß");
  }

  @Test
  void goesThroughAPath() {
    try (var behind = open(Settings.of(fake.url().resolve("/behind/a-proxy"), "chats"))) {
      propose(behind);
    }

    assertThat(fake.asked)
        .extracting(FakeElasticsearch.Asked::path)
        .containsExactly(
            "/behind/a-proxy/chats-v3-" + Words.fingerprint().substring(0, 8) + "/_doc/watermark",
            "/behind/a-proxy/" + FakeElasticsearch.NAME + "/_search");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Chats", "-chats", "chats*", "a,b", "_all", "../x"})
  void takesOnlyPrefixesThatNameNothingElse(String prefix) {
    assertThatIllegalArgumentException().isThrownBy(() -> Settings.of(fake.url(), prefix));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://host", "host:9200", "http:///path", "file:/x"})
  void takesOnlyAddressesOfServers(String url) {
    assertThatIllegalArgumentException().isThrownBy(() -> Settings.of(URI.create(url), "chats"));
  }

  @Test
  void takesOnlySettingsThatMakeSense() {
    Settings settings = Settings.of(fake.url(), "chats");
    Duration some = Duration.ofSeconds(1);
    Duration none = Duration.ZERO;

    assertThatIllegalArgumentException().isThrownBy(() -> settings.waiting(none, some, some));
    assertThatIllegalArgumentException().isThrownBy(() -> settings.waiting(some, none, some));
    assertThatIllegalArgumentException().isThrownBy(() -> settings.waiting(some, some, none));
    for (int[] counts : List.of(new int[] {0, 1, 0}, new int[] {1, 0, 0}, new int[] {1, 1, -1})) {
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              new Settings(
                  fake.url(), "chats", null, some, some, some, counts[0], counts[1], counts[2]));
    }
  }
}
