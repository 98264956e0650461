package io.carechat.domain.search;

import static io.carechat.domain.access.AccessAssertions.assertDenied;
import static io.carechat.domain.chat.Samples.NOON;
import static io.carechat.domain.chat.Samples.THIS_INSTANCE;
import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.stored;
import static io.carechat.domain.chat.Samples.strangersTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.RandomTexts;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.chat.Violation;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.messages.NewMessage;
import io.carechat.domain.messages.PagedMessage;
import io.carechat.domain.messages.PatientChats;
import io.carechat.domain.paging.PageRequest;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.index.DelegatingIndex;
import io.carechat.domain.search.index.InMemoryMessageIndex;
import io.carechat.domain.search.index.IndexFollower;
import io.carechat.domain.search.index.MessageIndex;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ChatSearchTest {
  private static final Caller PARTNER =
      new Caller.Partner("partner", THIS_INSTANCE, EnumSet.allOf(Scope.class));

  private final ManualClock clock = new ManualClock(NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final InMemoryMessageIndex index = new InMemoryMessageIndex();
  private final Map<ChatId, ChatWords> remembered = new HashMap<>();
  private ChatSearch search = searchWith(log, index, List.of());

  /**
   * @param readFirst how many messages a search reads before it asks the index
   */
  private ChatSearch searchWith(MessageLog log, MessageIndex index, List<Integer> readFirst) {
    return new ChatSearch(
        log,
        index,
        new ChatWordsCache() {
          @Override
          public Optional<ChatWords> get(ChatId chat) {
            return Optional.ofNullable(remembered.get(chat));
          }

          @Override
          public void put(ChatId chat, ChatWords words) {
            remembered.put(chat, words);
          }
        },
        Runnable::run,
        System::nanoTime,
        readFirst);
  }

  private final ChatId chat = newChat();

  private Message send(String text) {
    clock.move(Duration.ofSeconds(1));
    return stored(log, chat, text);
  }

  private void follow(int events) {
    new IndexFollower(log, index, events).step();
  }

  private SearchPage<Instant> page(
      SearchQuery query, @Nullable SearchToken<Instant> token, PageSize size) {
    return search.search(
        PARTNER, chat, new SearchRequest<>(query, token, size, Samples.ALL_MESSAGES, false));
  }

  private static List<Message> messages(SearchPage<Instant> page) {
    return page.hits().newestFirst().stream().map(PagedMessage::message).toList();
  }

  private List<Message> hits(String query) {
    return messages(page(SearchQuery.parse(query), null, new PageSize(200)));
  }

  private List<Message> expected(SearchQuery query) {
    return log.read(chat, new Window.Newest<>(), 10_000).newestFirst().stream()
        .filter(message -> query.matches(message.text()))
        .toList();
  }

  /** What the index does while somebody pages. */
  enum Index {
    UP_TO_DATE,
    BEHIND,
    AHEAD_OF_ITS_WATERMARK,
    EMPTY,
    AWAY,
    GOES_AWAY_MIDWAY,
    LOSES_ITS_DATA_MIDWAY
  }

  @ParameterizedTest
  @EnumSource
  void givesEveryHitOnceInOrderInBothDirections(Index kind) {
    var random = new Random(kind.name().length());
    int pages = 0;
    for (int round = 0; round < 60; round++) {
      var world = new ChatSearchTest();
      if (random.nextBoolean()) {
        world.search = world.searchWith(world.log, world.index, List.of(1 + random.nextInt(3), 4));
      }
      pages += world.pageThrough(kind, random);
    }
    assertThat(pages).isGreaterThan(200);
  }

  private int pageThrough(Index kind, Random random) {
    int count = random.nextInt(60);
    List<String> texts = List.of("knee", "kneel", "ankle", "knee pain", "pain", "none", "knaves");
    for (int i = 0; i < count; i++) {
      clock.move(Duration.ofMillis(random.nextInt(3)));
      stored(log, chat, texts.get(random.nextInt(texts.size())));
    }
    int indexed = count == 0 ? 0 : random.nextInt(count);
    // So that one page needs several answers of the index.
    index.answerWithAtMost(1 + random.nextInt(12));
    switch (kind) {
      case UP_TO_DATE -> follow(count + 1);
      case BEHIND -> follow(indexed + 1);
      case AHEAD_OF_ITS_WATERMARK -> {
        follow(indexed + 1);
        index.addBeyondWatermark(
            log.read(chat, new Window.Newest<>(), count + 1).newestFirst().stream()
                .filter(message -> random.nextBoolean())
                .toList());
      }
      case EMPTY -> {}
      case AWAY -> index.goAwayAfter(0);
      case GOES_AWAY_MIDWAY -> {
        follow(indexed + 1);
        index.goAwayAfter(random.nextInt(10));
      }
      case LOSES_ITS_DATA_MIDWAY -> follow(count + 1);
    }
    SearchQuery query =
        SearchQuery.parse(
            List.of("kne", "knee -pain", "-knee", "\"knee pain\"", "kneel", "ankel", "knave knee")
                .get(random.nextInt(7)));
    List<Message> expected = expected(query);
    var size = new PageSize(1 + random.nextInt(7));
    int pages = 0;

    var older = new ArrayList<Message>();
    SearchToken<Instant> token = null;
    SearchPage<Instant> page;
    do {
      page = page(query, token, size);
      older.addAll(messages(page));
      token = page.older();
      if (kind == Index.LOSES_ITS_DATA_MIDWAY && random.nextInt(4) == 0) {
        index.loseEverything();
        if (random.nextBoolean()) {
          index.indexedUpTo();
        }
      }
      pages++;
    } while (token != null);
    assertThat(older).isEqualTo(expected);

    // Back to the newest hit, and further to what arrived meanwhile.
    int read = older.size() - messages(page).size();
    Message later = send("knee pain");
    List<Message> newest = new ArrayList<>(expected.subList(0, read));
    if (query.matches(later.text())) {
      newest.addFirst(later);
    }
    var newer = new ArrayList<Message>();
    while (true) {
      page = page(query, page.newer(), size);
      if (messages(page).isEmpty()) {
        break;
      }
      newer.addAll(0, messages(page));
      pages++;
    }
    assertThat(newer).isEqualTo(newest);
    return pages;
  }

  @Test
  void givesTheSamePagesWithAndWithoutTheIndex() {
    var random = new Random(8);
    var texts = new RandomTexts(random);
    for (int i = 0; i < 150; i++) {
      send(texts.message().value());
    }
    follow(100);
    for (int i = 0; i < 300; i++) {
      SearchQuery query = texts.query();
      var size = new PageSize(1 + random.nextInt(10));
      Instant border = NOON.plusSeconds(random.nextInt(152));
      SearchToken<Instant> token =
          random.nextInt(3) == 0
              ? null
              : new SearchToken<>(
                  new PageToken<>(size, border, random.nextBoolean()), query.text());

      SearchPage<Instant> with = page(query, token, size);
      index.goAwayAfter(0);
      SearchPage<Instant> without = page(query, token, size);
      index.goAwayAfter(Integer.MAX_VALUE);

      assertThat(with).as(query.text()).isEqualTo(without);
    }
  }

  @Test
  void readsAnyNumberOfMessagesThatTheIndexHasNotSeen() {
    Message first = send("knee");
    for (int i = 0; i < 1_700; i++) {
      send("ankle");
    }
    Message last = send("knee");

    assertThat(hits("knee")).containsExactly(last, first);
    assertThat(
            messages(
                page(
                    SearchQuery.parse("knee"),
                    new SearchToken<>(new PageToken<>(new PageSize(1), NOON, false), "knee"),
                    new PageSize(1))))
        .containsExactly(first);
  }

  @Test
  void findsWhatWasAcknowledgedJustNow() {
    follow(10);
    Message message = send("knee");

    assertThat(hits("knee")).containsExactly(message);
  }

  @Test
  void treatsAnIndexThatStepsBackMidwayAsUnavailable() {
    var sent = new ArrayList<Message>();
    for (int i = 0; i < 20; i++) {
      sent.add(send(i % 10 == 0 ? "knee" : "knob"));
    }
    follow(100);
    MessageIndex losesItsDataAfterTheFirstAnswer =
        new DelegatingIndex(index) {
          @Override
          public Proposals propose(
              ChatId chat,
              SearchQuery query,
              SearchFilter filter,
              Window<Instant> window,
              int limit) {
            Proposals proposals = super.propose(chat, query, filter, window, 6);
            index.loseEverything();
            index.indexedUpTo();
            return proposals;
          }
        };

    SearchPage<Instant> page =
        new ChatSearch(log, losesItsDataAfterTheFirstAnswer)
            .search(
                PARTNER,
                chat,
                new SearchRequest<>(
                    SearchQuery.parse("knee"), null, new PageSize(5), Samples.ALL_MESSAGES, false));

    assertThat(messages(page)).containsExactly(sent.get(10), sent.getFirst());
  }

  /** The index proposes all of these messages: each has words that begin with k and with p. */
  private Message sendOneHitAmongManyThatOnlyLookLikeIt(int others) {
    Message hit = send("knee pain");
    for (int i = 0; i < others; i++) {
      send("knob pane");
    }
    follow(2 * others);
    return hit;
  }

  @Test
  void needsFewStepsForManyProposalsHoweverSmallThePage() {
    int others = 5_000;
    Message hit = sendOneHitAmongManyThatOnlyLookLikeIt(others);
    var countedLog = Counted.of(MessageLog.class, log);
    var countedIndex = Counted.of(MessageIndex.class, index);
    var counted = new ChatSearch(countedLog.port(), countedIndex.port());
    var request =
        new SearchRequest<Instant>(
            SearchQuery.parse("knee pain"), null, new PageSize(1), Samples.ALL_MESSAGES, false);

    assertThat(messages(counted.search(PARTNER, chat, request))).containsExactly(hit);
    assertThat(countedIndex.calls("propose")).hasSizeLessThan(10);
    assertThat(countedLog.calls("findAll")).hasSizeLessThan(30);

    // The way back from the hit finds nothing newer, and looks for older hits too.
    countedIndex.all().clear();
    countedLog.all().clear();
    var newer =
        new SearchToken<>(new PageToken<>(new PageSize(1), hit.createdAt(), false), "knee pain");
    assertThat(messages(counted.search(PARTNER, chat, request(null, newer)))).isEmpty();
    assertThat(countedIndex.calls("propose")).hasSizeLessThan(15);
    assertThat(countedLog.calls("findAll")).hasSizeLessThan(40);
  }

  /** If every proposal is a hit, a small page reads only one message more than it shows. */
  @Test
  void readsNoMoreThanItNeedsOfWhatWasProposed() {
    for (int i = 0; i < 100; i++) {
      send("knee");
    }
    follow(200);
    var counted = Counted.of(MessageLog.class, log);
    new ChatSearch(counted.port(), index)
        .search(
            PARTNER,
            chat,
            new SearchRequest<>(
                SearchQuery.parse("knee"), null, new PageSize(3), Samples.ALL_MESSAGES, false));
    assertThat(counted.calls("findAll"))
        .singleElement()
        .satisfies(call -> assertThat((List<?>) call.arguments().get(1)).hasSize(4));
  }

  @Test
  void givesUpWhenItTakesTooLong() {
    sendOneHitAmongManyThatOnlyLookLikeIt(2_000);
    var request = request(SearchQuery.parse("knee pain"), null);
    for (boolean withIndex : List.of(true, false)) {
      index.goAwayAfter(withIndex ? Integer.MAX_VALUE : 0);
      var time = new AtomicLong(Long.MAX_VALUE - 1);
      var slow =
          new ChatSearch(
              log,
              index,
              ChatWordsCache.NONE,
              Runnable::run,
              () -> time.addAndGet(Duration.ofSeconds(3).toNanos()),
              List.of());
      assertThatExceptionOfType(Unavailable.class)
          .isThrownBy(() -> slow.search(PARTNER, chat, request))
          .satisfies(unavailable -> assertThat(unavailable.retryAfter()).isPositive());
      var fast =
          new ChatSearch(
              log,
              index,
              ChatWordsCache.NONE,
              Runnable::run,
              () -> time.addAndGet(Duration.ofMillis(1).toNanos()),
              List.of());
      assertThat(messages(fast.search(PARTNER, chat, request))).hasSize(1);
    }
  }

  /** Without the index, only the times that pass the filter are read, not the whole chat. */
  @Test
  void readsOnlyWhatPassesTheTimeFilterWithoutTheIndex() {
    var sent = new ArrayList<Message>();
    for (int i = 0; i < 4_000; i++) {
      sent.add(send("knee"));
    }
    index.goAwayAfter(0);
    Message from = sent.get(3_990);
    Message to = sent.get(10);
    assertThat(readWith(new SearchFilter(from.createdAt(), null, null), "pain", null)).isEqualTo(1);
    assertThat(readWith(new SearchFilter(null, to.createdAt(), null), "pain", null)).isEqualTo(1);
    var first =
        new SearchToken<>(
            new PageToken<>(new PageSize(1), sent.getFirst().createdAt(), false), "pain");
    // One read forward, and one more for what is older than the page.
    assertThat(readWith(new SearchFilter(null, to.createdAt(), null), null, first)).isEqualTo(2);
    assertThat(readWith(new SearchFilter(from.createdAt(), null, null), null, first)).isEqualTo(2);
    assertThat(readWith(Samples.ALL_MESSAGES, "pain", null)).isEqualTo(9);

    // Messages at the bounds are found in both directions.
    var filter = new SearchFilter(from.createdAt(), sent.get(3_992).createdAt(), null);
    assertThat(filtered(filter)).containsExactly(sent.get(3_991), from);
    var forward =
        new SearchToken<>(new PageToken<>(new PageSize(9), sent.get(5).createdAt(), false), "knee");
    assertThat(
            messages(
                search.search(
                    PARTNER, chat, new SearchRequest<>(null, forward, null, filter, false))))
        .containsExactly(sent.get(3_991), from);
  }

  private int readWith(
      SearchFilter filter, @Nullable String query, @Nullable SearchToken<Instant> token) {
    var counted = Counted.of(MessageLog.class, log);
    var request =
        new SearchRequest<Instant>(
            query == null ? null : SearchQuery.parse(query), token, null, filter, false);
    assertThat(messages(new ChatSearch(counted.port(), index).search(PARTNER, chat, request)))
        .isEmpty();
    return counted.calls("readLoggedAfter").size();
  }

  @Test
  void readsAFewMessagesIfTheIndexRefusesTheQuery() {
    Message oldest = send("knee");
    for (int i = 0; i < ChatSearch.MAX_READ_AFTER_REFUSAL - 2; i++) {
      send("ankle");
    }
    Message newest = send("my knee");
    var counted = Counted.of(MessageLog.class, log);
    var refused = new ChatSearch(counted.port(), DelegatingIndex.refusing(index));
    var all = request(SearchQuery.parse("knee"), null);

    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> refused.search(PARTNER, chat, all))
        .satisfies(e -> assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(7)));
    assertThat(counted.calls("readLoggedAfter")).hasSize(4);

    // What is found nearby needs no more messages.
    var first =
        new SearchRequest<Instant>(
            SearchQuery.parse("ankle"), null, new PageSize(5), Samples.ALL_MESSAGES, false);
    assertThat(messages(refused.search(PARTNER, chat, first))).hasSize(5);
    var since = new SearchFilter(newest.createdAt().minusSeconds(100), null, null);
    assertThat(
            messages(
                refused.search(
                    PARTNER,
                    chat,
                    new SearchRequest<>(SearchQuery.parse("knee"), null, null, since, false))))
        .containsExactly(newest);

    ChatId small = newChat();
    Message own = stored(log, small, "knee");
    assertThat(messages(refused.search(PARTNER, small, all))).containsExactly(own);
    assertThat(oldest.createdAt()).isBefore(newest.createdAt());
  }

  @Test
  void stopsAtTheNextMessageWhenItTakesTooLong() {
    for (int i = 0; i < 400; i++) {
      send("knee");
    }
    index.goAwayAfter(0);
    var time = new AtomicLong();
    var judged = new AtomicInteger();
    // Each message costs a tenth of a second.
    var slow =
        new ChatSearch(
            log,
            index,
            ChatWordsCache.NONE,
            Runnable::run,
            () -> {
              judged.incrementAndGet();
              return time.addAndGet(Duration.ofMillis(100).toNanos());
            },
            List.of());

    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> slow.search(PARTNER, chat, request(SearchQuery.parse("nothing"), null)));
    assertThat(judged.get()).isBetween(95, 110);
  }

  @Test
  void judgesLongTextsElsewhereAndShortOnesAtOnce() {
    var turns = new AtomicInteger();
    Executor elsewhere =
        task -> {
          turns.incrementAndGet();
          task.run();
        };
    var search =
        new ChatSearch(log, index, ChatWordsCache.NONE, elsewhere, System::nanoTime, List.of());
    for (int i = 0; i < 20; i++) {
      send("knee");
    }
    follow(100);
    assertThat(messages(search.search(PARTNER, chat, request(SearchQuery.parse("knee"), null))))
        .isNotEmpty();
    assertThat(turns).hasValue(0);

    for (int i = 0; i < 30; i++) {
      send("knee " + "pain ".repeat(1_900));
    }
    follow(100);
    SearchRequest<Instant> highlighted =
        new SearchRequest<>(
            SearchQuery.parse("knee"), null, new PageSize(30), Samples.ALL_MESSAGES, true);
    SearchPage<Instant> page = search.search(PARTNER, chat, highlighted);
    assertThat(page.hits().newestFirst())
        .hasSize(30)
        .allSatisfy(hit -> assertThat(hit.highlights()).hasSize(1));
    // 300 KB are judged and highlighted, 64 KB at a time.
    assertThat(turns.get()).isBetween(8, 14);
  }

  @Test
  void waitsNoLongerThanItMayForItsTurn() {
    for (int i = 0; i < 3; i++) {
      send("knee " + "pain ".repeat(1_900));
    }
    index.goAwayAfter(0);
    var time = new AtomicLong();
    var never =
        new ChatSearch(
            log,
            index,
            ChatWordsCache.NONE,
            task -> {},
            () -> time.addAndGet(Duration.ofMillis(2_400).toNanos()),
            List.of());

    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> never.search(PARTNER, chat, request(SearchQuery.parse("knee"), null)));

    var stopping =
        new ChatSearch(
            log,
            index,
            ChatWordsCache.NONE,
            task -> {
              throw new RejectedExecutionException();
            });
    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> stopping.search(PARTNER, chat, request(SearchQuery.parse("knee"), null)));
  }

  @Test
  void readsAShortChatAndAsksNoIndex() {
    Message hit = send("my knee");
    for (int i = 0; i < 6; i++) {
      send("pain");
    }
    follow(100);
    var counted = Counted.of(MessageIndex.class, index);
    ChatSearch search = searchWith(log, counted.port(), List.of(3, 5));

    assertThat(messages(search.search(PARTNER, chat, request(SearchQuery.parse("kneee"), null))))
        .containsExactly(hit);
    assertThat(counted.all()).isEmpty();
  }

  @Test
  void readsNoMoreThanTheNearestMessagesIfTheyHaveEnoughHits() {
    for (int i = 0; i < 40; i++) {
      send("knee");
    }
    var countedIndex = Counted.of(MessageIndex.class, index);
    var countedLog = Counted.of(MessageLog.class, log);
    ChatSearch search = searchWith(countedLog.port(), countedIndex.port(), List.of(5, 5));
    var request =
        new SearchRequest<Instant>(
            SearchQuery.parse("knee"), null, new PageSize(4), Samples.ALL_MESSAGES, false);

    assertThat(messages(search.search(PARTNER, chat, request))).hasSize(4);
    assertThat(countedIndex.all()).isEmpty();
    assertThat(countedLog.calls("read")).hasSize(1);
  }

  @Test
  void doesNotReadManyLongTextsBeforeItAsksTheIndex() {
    for (int i = 0; i < 20; i++) {
      send("pain ".repeat(1_900));
    }
    follow(100);
    var countedLog = Counted.of(MessageLog.class, log);
    ChatSearch search = searchWith(countedLog.port(), index, List.of(10, 10));

    assertThat(messages(search.search(PARTNER, chat, request(SearchQuery.parse("knee"), null))))
        .isEmpty();
    assertThat(countedLog.calls("read")).hasSize(1);
  }

  /** The words are read once. Later searches read only what was logged since. */
  @Test
  void toleratesErrorsInALongChatWithoutReadingItAgain() {
    Message old = send("metfromin at noon");
    for (int i = 0; i < 30; i++) {
      send("knee");
    }
    follow(100);
    var countedLog = Counted.of(MessageLog.class, log);
    ChatSearch search = searchWith(countedLog.port(), index, List.of(2));
    SearchRequest<Instant> request = request(SearchQuery.parse("metformin"), null);
    assertThat(messages(search.search(PARTNER, chat, request))).containsExactly(old);
    assertThat(remembered.get(chat)).isInstanceOf(ChatWords.Known.class);

    countedLog.all().clear();
    assertThat(messages(search.search(PARTNER, chat, request))).containsExactly(old);
    assertThat(countedLog.calls("read")).isEmpty();

    Message unindexed = send("metformn");
    assertThat(messages(search.search(PARTNER, chat, request))).containsExactly(unindexed, old);
    follow(1);
    assertThat(messages(search.search(PARTNER, chat, request))).containsExactly(unindexed, old);
    assertThat(countedLog.calls("read")).isEmpty();
  }

  /** The index is asked only how far it is, when the words of many new messages are added. */
  @Test
  void asksNoIndexWhileTheWordsOfALongChatAreKnown() {
    Message old = send("metfromin at noon");
    for (int i = 0; i < 30; i++) {
      send("knee");
    }
    follow(100);
    ChatSearch first = searchWith(log, index, List.of(2));
    assertThat(messages(first.search(PARTNER, chat, request(SearchQuery.parse("metformin"), null))))
        .containsExactly(old);

    var countedIndex = Counted.of(MessageIndex.class, index);
    var countedLog = Counted.of(MessageLog.class, log);
    ChatSearch search = searchWith(countedLog.port(), countedIndex.port(), List.of(2));
    for (String query : List.of("metformin", "noon", "\"at noon\"", "metf*", "knee -noon", "on")) {
      assertThat(messages(search.search(PARTNER, chat, request(SearchQuery.parse(query), null))))
          .as(query)
          .isEqualTo(messages(searchIndexed(query)));
    }
    assertThat(countedIndex.all()).isEmpty();

    for (int i = 0; i < 60; i++) {
      send("ankle");
    }
    follow(100);
    SearchRequest<Instant> request = request(SearchQuery.parse("metformin"), null);
    assertThat(messages(search.search(PARTNER, chat, request))).containsExactly(old);
    assertThat(countedIndex.all()).hasSize(1);
    assertThat(remembered.get(chat))
        .isInstanceOfSatisfying(
            ChatWords.Known.class, known -> assertThat(known.words().messages()).isEqualTo(91));
    countedIndex.all().clear();
    countedLog.all().clear();
    assertThat(messages(search.search(PARTNER, chat, request))).containsExactly(old);
    assertThat(countedIndex.all()).isEmpty();
    assertThat(countedLog.all()).hasSize(2);
  }

  private SearchPage<Instant> searchIndexed(String query) {
    return new ChatSearch(log, index)
        .search(PARTNER, chat, request(SearchQuery.parse(query), null));
  }

  @Test
  void knowsTheWordsOfALongChatWhileTheIndexIsUnavailable() {
    Message old = send("metfromin at noon");
    for (int i = 0; i < 30; i++) {
      send("knee");
    }
    follow(100);
    ChatSearch search = searchWith(log, index, List.of(2));
    SearchRequest<Instant> request = request(SearchQuery.parse("metformin"), null);
    assertThat(messages(search.search(PARTNER, chat, request))).containsExactly(old);
    index.goAwayAfter(0);
    Message later = send("metformin");
    for (int i = 0; i < 60; i++) {
      send("ankle");
    }
    assertThat(messages(search.search(PARTNER, chat, request))).containsExactly(later, old);
  }

  /** A word that another node's index knows, and that was not there when the words were read. */
  @Test
  void findsAWordThatWasIndexedAfterTheWordsWereRead() {
    for (int i = 0; i < 10; i++) {
      send("knee");
    }
    follow(100);
    ChatSearch search = searchWith(log, index, List.of(2));
    SearchRequest<Instant> request = request(SearchQuery.parse("metformin"), null);
    assertThat(messages(search.search(PARTNER, chat, request))).isEmpty();

    Message later = send("metfromin");
    send("other");
    follow(2);

    assertThat(messages(search.search(PARTNER, chat, request))).containsExactly(later);
  }

  @Test
  void readsTheWordsAgainAfterManyMessages() {
    for (int i = 0; i < 10; i++) {
      send("knee");
    }
    follow(100);
    ChatSearch search = searchWith(log, index, List.of(2));
    SearchRequest<Instant> request = request(SearchQuery.parse("metformin"), null);
    assertThat(messages(search.search(PARTNER, chat, request))).isEmpty();

    Message first = send("metfromin");
    for (int i = 0; i < 600; i++) {
      send("pain");
    }
    follow(1_000);
    for (int i = 0; i < 3; i++) {
      assertThat(messages(search.search(PARTNER, chat, request))).containsExactly(first);
    }
    assertThat(remembered.get(chat)).isInstanceOf(ChatWords.Known.class);
  }

  @Test
  void leavesToleranceInVeryLongChatsToTheIndex() {
    Message hit = send("metfromin");
    for (int i = 0; i < ChatSearch.MAX_MESSAGES_FOR_WORDS; i++) {
      send("pain");
    }
    follow(2 * ChatSearch.MAX_MESSAGES_FOR_WORDS);
    ChatSearch search = searchWith(log, index, List.of(2));

    for (int i = 0; i < 2; i++) {
      assertThat(
              messages(search.search(PARTNER, chat, request(SearchQuery.parse("metformin"), null))))
          .containsExactly(hit);
    }
    assertThat(remembered.get(chat)).isInstanceOf(ChatWords.TooMany.class);
  }

  @Test
  void leadsFromAHitToItsSurroundings() {
    send("before");
    send("knee");
    send("after");
    PagedMessage hit =
        page(SearchQuery.parse("knee"), null, new PageSize(1)).hits().newestFirst().getFirst();
    var chats = new PatientChats(log, new TimeOrderedIds(clock, new Random(1)));

    assertThat(chats.find(PARTNER, chat, new PageRequest<>(hit.older(), null)).newestFirst())
        .extracting(found -> found.message().text().value())
        .containsExactly("before");
    assertThat(chats.find(PARTNER, chat, new PageRequest<>(hit.newer(), null)).newestFirst())
        .extracting(found -> found.message().text().value())
        .containsExactly("after");
  }

  @Test
  void filtersByTimeAndSide() {
    Message patient = send("knee");
    clock.move(Duration.ofSeconds(1));
    Message nurse =
        stored(
            log,
            new NewMessage(
                chat,
                new ExternalId(Samples.newUuid()),
                new Sender.CareTeamMember(Samples.newUuid(), "Nurse"),
                new MessageText("Which knee?"),
                null));
    for (boolean withIndex : List.of(true, false)) {
      index.goAwayAfter(withIndex ? Integer.MAX_VALUE : 0);

      assertThat(filtered(new SearchFilter(null, null, ClientType.PATIENT)))
          .containsExactly(patient);
      assertThat(filtered(new SearchFilter(null, null, ClientType.CARE_TEAM)))
          .containsExactly(nurse);
      assertThat(filtered(new SearchFilter(nurse.createdAt(), null, null))).containsExactly(nurse);
      assertThat(filtered(new SearchFilter(null, nurse.createdAt(), null)))
          .containsExactly(patient);
      assertThat(
              filtered(
                  new SearchFilter(patient.createdAt(), nurse.createdAt(), ClientType.CARE_TEAM)))
          .isEmpty();
    }
  }

  private List<Message> filtered(SearchFilter filter) {
    return messages(
        search.search(
            PARTNER,
            chat,
            new SearchRequest<>(SearchQuery.parse("knee"), null, null, filter, false)));
  }

  @Test
  void findsNothingInOtherChats() {
    Message own = send("knee");
    follow(10);

    for (ChatId stranger : strangersTo(chat)) {
      Caller theirs = new Caller.Partner("other", stranger.instance(), EnumSet.allOf(Scope.class));
      for (boolean withIndex : List.of(true, false)) {
        index.goAwayAfter(withIndex ? Integer.MAX_VALUE : 0);
        assertThat(
                messages(search.search(theirs, stranger, request(SearchQuery.parse("knee"), null))))
            .isEmpty();
      }
    }
    assertThat(hits("knee")).containsExactly(own);
  }

  private static SearchRequest<Instant> request(
      @Nullable SearchQuery query, @Nullable SearchToken<Instant> token) {
    return new SearchRequest<>(query, token, null, Samples.ALL_MESSAGES, false);
  }

  @Test
  void isDeniedToWhoeverMayNotReadTheChatAndReadsNothing() {
    var counted = Counted.of(MessageLog.class, log);
    var search = new ChatSearch(counted.port(), index);
    SearchRequest<Instant> request = request(SearchQuery.parse("knee"), null);
    Caller mayOnlySend = new Caller.Partner("sender", THIS_INSTANCE, Set.of(Scope.SEND_MESSAGES));
    Caller otherPatient =
        new Caller.PatientUser(
            "other", THIS_INSTANCE, EnumSet.allOf(Scope.class), new PatientId(Samples.newUuid()));
    Caller own =
        new Caller.PatientUser("own", THIS_INSTANCE, EnumSet.allOf(Scope.class), chat.patient());

    assertDenied(Scope.READ_MESSAGES, () -> search.search(mayOnlySend, chat, request));
    assertDenied(Scope.READ_MESSAGES, () -> search.search(otherPatient, chat, request));
    for (ChatId stranger : strangersTo(chat)) {
      assertDenied(Scope.READ_MESSAGES, () -> search.search(own, stranger, request));
    }
    assertThat(counted.all()).isEmpty();
    assertThat(search.search(own, chat, request).hits().newestFirst()).isEmpty();
  }

  private static void assertInvalidQuery(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            invalid ->
                assertThat(invalid.violations())
                    .extracting(Violation::member)
                    .containsExactly("query"));
  }

  @Test
  void takesTheQueryFromTheTokenAndAcceptsNoOther() {
    Message message = send("knee");
    var token = new SearchToken<>(new PageToken<>(new PageSize(7), NOON, false), "knee");

    SearchPage<Instant> page = search.search(PARTNER, chat, request(null, token));
    assertThat(messages(page)).containsExactly(message);
    assertThat(page.newer())
        .isEqualTo(
            new SearchToken<>(
                new PageToken<>(new PageSize(7), message.createdAt(), false), "knee"));
    assertThat(search.search(PARTNER, chat, request(SearchQuery.parse("knee"), token)))
        .isEqualTo(page);
    assertInvalidQuery(
        () -> search.search(PARTNER, chat, request(SearchQuery.parse("Knee"), token)));
    assertInvalidQuery(() -> search.search(PARTNER, chat, request(null, null)));
  }

  @Test
  void findsNothingForAQueryWithoutWords() {
    send("!");

    assertThat(hits("!")).isEmpty();
  }

  @Test
  void highlightsOnlyWhenAsked() {
    send("my knee");
    SearchQuery query = SearchQuery.parse("knee");
    SearchPage<Instant> plain = page(query, null, PageSize.DEFAULT);
    SearchPage<Instant> highlighted =
        search.search(
            PARTNER, chat, new SearchRequest<>(query, null, null, Samples.ALL_MESSAGES, true));

    assertThat(plain.hits().newestFirst().getFirst().highlights()).isEmpty();
    assertThat(highlighted.hits().newestFirst().getFirst().highlights())
        .containsExactly("my <em>knee</em>");
  }

  @Test
  void showsWhetherThereIsMoreOnEitherSide() {
    Message first = send("knee");
    send("ankle");
    Message second = send("knee");
    var one = new PageSize(1);
    SearchQuery query = SearchQuery.parse("knee");

    SearchPage<Instant> newest = page(query, null, one);
    assertThat(messages(newest)).containsExactly(second);
    SearchPage<Instant> last = page(query, newest.older(), one);
    assertThat(messages(last)).containsExactly(first);
    assertThat(last.older()).isNull();
    SearchPage<Instant> again = page(query, last.newer(), one);
    assertThat(messages(again)).containsExactly(second);
    SearchPage<Instant> end = page(query, again.newer(), one);
    assertThat(messages(end)).isEmpty();
    assertThat(end.newer()).isEqualTo(again.newer());
    assertThat(messages(page(query, Objects.requireNonNull(end.older()), one)))
        .containsExactly(second);
  }
}
